//! Agencies: codes in both forms of the document exchange, names and their abbreviations.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reading::{Note, Reading, Rule};
use super::text::flat_key;
use crate::domain::Flag;
use crate::reference::agency;

/// Longest code (Decision 20/2020/QĐ-TTg, article 5).
const LONGEST: usize = 35;

/// One way to read an agency.
type Attempt = fn(&str) -> Option<Reading<String>>;

/// The ways, in order.
pub static RULES: &[Rule<Attempt>] =
    &[Rule { name: "code_form", apply: by_code }, Rule { name: "name", apply: by_name }];

/// Reads the code of an agency: `H29.12.3`, the older `000.00.12.H29` of QCVN 102:2016/BTTTT, or the name of an
/// agency of the first level. A well-formed code under no known agency is kept and flagged; a text that is neither
/// gives nothing.
pub fn read(text: &str) -> Reading<String> {
    let text = text.trim();
    if text.is_empty() {
        return Reading::empty();
    }
    RULES
        .iter()
        .find_map(|rule| (rule.apply)(text))
        .unwrap_or_else(|| Reading::failed(Flag::AgencyUnknown, "agency_unknown"))
}

fn by_code(text: &str) -> Option<Reading<String>> {
    let code = code(text)?;
    let note = (code != text).then_some(Note::tidied("code_form"));
    let known = agency::first_level(&code).is_some();
    let mut reading = Reading::plain(code);
    reading.notes.extend(note);
    reading.notes.extend((!known).then_some(Note::doubt(Flag::AgencyUnknown, "code_unknown")));
    Some(reading)
}

/// A code, first level first, in capitals.
fn code(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > LONGEST || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') {
        return None;
    }
    let is_root = |group: &str| {
        matches!(group.as_bytes(), [letter, rest @ ..]
            if letter.is_ascii_alphabetic() && rest.len() == 2 && rest.iter().all(u8::is_ascii_digit))
    };
    let all_digits = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = text.split('.').collect();
    match groups.as_slice() {
        [root, rest @ ..] if is_root(root) && rest.iter().all(all_digits) => Some(text.to_ascii_uppercase()),
        [rest @ .., root] if is_root(root) && rest.iter().all(all_digits) => {
            let mut code = root.to_ascii_uppercase();
            for group in rest.iter().rev().map(|group| group.trim_start_matches('0')).filter(|group| !group.is_empty())
            {
                code.push('.');
                code.push_str(group);
            }
            Some(code)
        }
        _ => None,
    }
}

/// Flat names and their usual short forms.
static NAMES: LazyLock<HashMap<String, &'static agency::Agency>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for row in agency::all() {
        let flat = flat_key(row.name);
        if let Some(province) = flat.strip_prefix("uybannhandan") {
            for lead in ["ubnd", "ub", "uybannhandan"] {
                names.insert(format!("{lead}{province}"), row);
            }
            if let Some(city) = province.strip_prefix("thanhpho") {
                names.insert(format!("ubndtp{city}"), row);
                names.insert(format!("ubnd{city}"), row);
            }
            if let Some(bare) = province.strip_prefix("tinh") {
                names.insert(format!("ubnd{bare}"), row);
            }
        }
        names.insert(flat, row);
    }
    // its name until 2024-12-31
    if let Some(hue) = agency::first_level("H57") {
        for name in ["uybannhandantinhthuathienhue", "ubndtinhthuathienhue", "ubndthuathienhue"] {
            names.insert(name.to_owned(), hue);
        }
    }
    names
});

fn by_name(text: &str) -> Option<Reading<String>> {
    if text.len() > 200 {
        return None;
    }
    let found = NAMES.get(&flat_key(text))?;
    Some(Reading::plain(found.code.to_owned()).with(Note::repaired("name")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads() {
        for (text, wanted) in [
            ("G17", Some("G17")),
            ("h26.14.3", Some("H26.14.3")),
            ("000.00.12.H29", Some("H29.12")),
            ("000.03.12.H29", Some("H29.12.3")),
            ("000.00.00.G20", Some("G20")),
            ("Z99.1", Some("Z99.1")),
            ("Bộ Xây dựng", Some("G17")),
            ("BỘ XÂY DỰNG", Some("G17")),
            ("UBND TP Hà Nội", Some("H26")),
            ("UBND tỉnh Bắc Giang", Some("H02")),
            ("Ủy ban nhân dân thành phố Hồ Chí Minh", Some("H29")),
            ("phòng họp", None),
            ("", None),
        ] {
            assert_eq!(read(text).value.as_deref(), wanted, "{text:?}");
        }
        assert_eq!(read("Z99.1").notes.len(), 1);
    }
}
