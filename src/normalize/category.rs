//! Categories (lĩnh vực): a code of the reference table, or a name of one.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reading::{Note, Reading, Rule};
use super::text::{clean_line, flat_key};
use crate::domain::Flag;
use crate::reference::category::{self, Category};

/// Flat names, with and without the words before them.
static NAMES: LazyLock<HashMap<String, &'static Category>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for row in category::all() {
        let flat = flat_key(row.name);
        if let Some(bare) = flat.strip_prefix("linhvuc") {
            names.insert(bare.to_owned(), row);
        }
        names.insert(flat, row);
    }
    for (name, code) in SPELLINGS {
        names.extend(category::get(code).map(|row| ((*name).to_owned(), row)));
    }
    names
});

/// Usual names that are not the table's.
const SPELLINGS: &[(&str, &str)] = &[
    ("datdai", "01.2"),
    ("nhadat", "01.2"),
    ("nhacua", "01.2"),
    ("nhaodatdai", "01.2"),
    ("datdainhao", "01.2"),
    ("chinhsach", "01.1"),
    ("chinhsachxahoi", "01.1"),
    ("chedochinhsach", "01.1"),
    ("congchuc", "01.3"),
    ("congvu", "01.3"),
    ("xaydungcoban", "01.4"),
    ("dautuxaydung", "01.4"),
    ("taichinh", "01.5"),
    ("ngansach", "01.5"),
    ("dang", "03"),
    ("doanthe", "03"),
    ("thamnhungtieucuc", "04"),
    ("phongchongthamnhung", "04"),
    ("khac", "09"),
    ("thuhoidat", "01.2.1"),
    ("boithuonggiaiphongmatbang", "01.2.1"),
    ("giaiphongmatbang", "01.2.1"),
    ("gpmb", "01.2.1"),
    ("boithuong", "01.2.1"),
    ("boithuonghotrotaidinhcu", "01.2.1"),
    ("taidinhcu", "01.2.1"),
    ("capgiaychungnhanquyensudungdat", "01.2.2"),
    ("capgcnqsdd", "01.2.2"),
    ("capgcn", "01.2.2"),
    ("sodo", "01.2.2"),
    ("giaodat", "01.2.3"),
    ("chothuedat", "01.2.3"),
    ("tranhchapdatdai", "01.2.4"),
    ("tranhchapdat", "01.2.4"),
    ("doilaidat", "01.2.5"),
    ("doidat", "01.2.5"),
    ("nhao", "01.2.6"),
    ("chungcu", "01.2.6"),
    ("trattuxaydung", "01.2.6"),
    ("quyhoach", "01.2.6"),
    ("nguoicocong", "01.1.1"),
    ("baohiemxahoi", "01.1.3"),
    ("laodong", "01.1.4"),
    ("moitruong", "01.9.1"),
    ("giaoduc", "01.9.2"),
    ("yte", "01.9.2"),
    ("giaothong", "01.9.3"),
    ("hotich", "01.9.4"),
    ("thihanhan", "02.2"),
    ("thihanhandansu", "02.2"),
];

/// One way to read a category.
type Attempt = fn(&str) -> Option<&'static Category>;

/// The ways, in order.
pub static RULES: &[Rule<Attempt>] = &[
    Rule { name: "code", apply: category::get },
    Rule { name: "name", apply: by_name },
    Rule { name: "code_and_name", apply: by_code_and_name },
];

/// The code of the category that a text names.
pub fn read(text: &str) -> Reading<&'static str> {
    let clean = clean_line(text);
    if clean.is_empty() {
        return Reading::empty();
    }
    for rule in RULES.iter().filter(|_| clean.len() <= LONGEST) {
        if let Some(found) = (rule.apply)(&clean) {
            let reading = Reading::plain(found.code);
            return if found.code == text { reading } else { reading.with(Note::repaired(rule.name)) };
        }
    }
    Reading::failed(Flag::CategoryUnmapped, "category_unmapped")
}

/// Longest text that may name one, in bytes.
const LONGEST: usize = 200;

/// By a name of the table or a usual one, with "lĩnh vực" before it or not.
fn by_name(text: &str) -> Option<&'static Category> {
    let flat = flat_key(text);
    let bare = flat.strip_prefix("linhvuc").or_else(|| flat.strip_prefix("ve"));
    NAMES.get(&flat).or_else(|| NAMES.get(bare?)).copied()
}

/// "01.2 - Đất đai, nhà cửa", "01.2. Đất đai": only where the name does not say another category.
fn by_code_and_name(text: &str) -> Option<&'static Category> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (code, name) = text.split_at_checked(end)?;
    let found = category::get(code.trim_end_matches('.'))?;
    by_name(name).is_some_and(|named| named.code == found.code).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads() {
        for (text, wanted) in [
            ("01.2", Some("01.2")),
            ("01.2.1", Some("01.2.1")),
            ("Đất đai, nhà cửa", Some("01.2")),
            ("đất đai", Some("01.2")),
            ("Lĩnh vực tư pháp", Some("02")),
            ("tư pháp", Some("02")),
            ("THAM NHŨNG", Some("04")),
            ("Thu hồi đất, bồi thường, hỗ trợ, tái định cư", Some("01.2.1")),
            ("Lĩnh vực đất đai", Some("01.2")),
            ("về đất đai", Some("01.2")),
            ("§Êt ®ai", Some("01.2")),
            ("Ñaát ñai, nhaø cöûa", Some("01.2")),
            ("DAT DAI, NHA CUA", Some("01.2")),
            ("Đất đai & nhà cửa", Some("01.2")),
            ("Đất đai/nhà cửa", Some("01.2")),
            ("01.2 - Đất đai, nhà cửa", Some("01.2")),
            ("01.2. Đất đai", Some("01.2")),
            ("01.2 Tham nhũng", None),
            ("01.2 - ", None),
            ("01.2.", None),
            ("99", None),
            ("1.2", None),
            ("Chế độ chính sách", Some("01.1")),
            ("Tham nhũng, tiêu cực", Some("04")),
            ("Đảng", Some("03")),
            ("Lĩnh vực khác", Some("09")),
            ("Lĩnh vực", None),
            ("đất", None),
            ("đất đai và môi trường", None),
            ("xyz", None),
            ("", None),
            (" \u{200B}", None),
        ] {
            assert_eq!(read(text).value, wanted, "{text:?}");
        }
        assert!(SPELLINGS.iter().all(|(_, code)| category::get(code).is_some()));
    }
}
