//! The names that Vietnamese systems give their fields, folded: no marks, no separators, small letters.

use super::names::{GROUPS, KNOWN, Known, OFFICERS, Role};
use super::value::{Kind, has_number, is_full_name};
use crate::normalize::text::flat_key;

/// How well a name fits a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    /// Which of [`KNOWN`].
    pub known: usize,
    /// 1 for the usual name, less for others.
    pub score: f64,
    /// The name is not a known one but has one in it.
    pub is_like: bool,
}

/// A name of a field as it is compared: without what stands in brackets, a number before it, `@` and `#`.
pub(super) fn flat(name: &str) -> String {
    let outside = name.split(['(', '[']).next().filter(|outside| !outside.trim().is_empty()).unwrap_or(name);
    let flat = flat_key(outside);
    let bare = flat.trim_start_matches(|c: char| c.is_ascii_digit());
    if bare.is_empty() { flat } else { bare.to_owned() }
}

/// The role of an object or list of this name.
pub(super) fn role_of(name: &str) -> Option<Role> {
    let flat = flat(name);
    GROUPS.iter().find(|(_, names)| has(names, &flat)).map(|(role, _)| *role)
}

fn has(names: &str, flat: &str) -> bool {
    names.split(' ').any(|name| name == flat)
}

/// Whether any field is called so.
pub(super) fn is_known(name: &str) -> bool {
    let flat = flat(name);
    KNOWN.iter().any(|known| has(known.names, &flat)) || role_of(name).is_some()
}

/// Whether the name of a field is one, and no value of a person that stands in its place.
pub(super) fn is_name(name: &str) -> bool {
    let local = name.strip_prefix('@').unwrap_or(name);
    let aside = name.split(['(', '[']).skip(1).any(|part| is_full_name(part.trim_end_matches([')', ']', ' '])));
    !has_number(local) && name.chars().count() <= 120 && !aside && (is_known(name) || !is_full_name(name))
}

/// The fields of a list of this role that these names name, how many.
pub(super) fn inner_matches<'n>(role: Role, names: impl Iterator<Item = &'n str>) -> usize {
    let of_role = || KNOWN.iter().filter(|known| known.role == role);
    names.filter(|name| of_role().any(|known| has(known.inner, &flat(name)))).count()
}

/// Every field that a path may name; `role`: the role of the object or list that it is in.
pub(super) fn fits(path: &[String], role: Option<Role>) -> Vec<Fit> {
    let Some(leaf) = path.last().map(|name| flat(name)) else { return Vec::new() };
    let joined = path.iter().rev().take(2).rev().map(|name| flat(name)).collect::<String>();
    // the deeper and the less known the object is, the less its fields are the record's
    let depth = 0.05 * path.len().saturating_sub(1).min(4) as f64;
    let mut fits = Vec::new();
    for (index, known) in KNOWN.iter().enumerate() {
        let names = match role {
            Some(role) if role == known.role => [known.inner, known.names],
            // how many they are stands beside them
            Some(Role::Petitioner) if known.kind == Kind::Count && known.role == Role::Record => [known.names, ""],
            Some(_) => continue,
            None => [known.names, ""],
        };
        let place = |flat: &str| {
            let found = names
                .iter()
                .flat_map(|names| names.split(' '))
                .filter(|name| !name.is_empty())
                .position(|name| name == flat);
            found.map(|place| 1.0 - 0.015 * place.min(20) as f64)
        };
        // with the name of its object it is told better than without
        let with_object = place(&joined).filter(|_| path.len() > 1).map(|score| score + 0.1);
        let exact = with_object.or_else(|| place(&leaf)).map(|score| score - depth);
        if let Some(score) = exact {
            fits.push(Fit { known: index, score, is_like: false });
        }
    }
    if fits.is_empty() && role.is_none() {
        fits.extend(like(&leaf));
    }
    let is_officer = OFFICERS.iter().any(|word| leaf.contains(word));
    fits.retain(|fit| !(is_officer && KNOWN.get(fit.known).is_some_and(|known| known.role == Role::Petitioner)));
    fits
}

/// The field whose known name is the longest in a name that nobody knows.
fn like(flat: &str) -> Option<Fit> {
    let contained = |(index, known): (usize, &'static Known)| {
        let names = known.names.split(' ').filter(|name| name.len() >= 5 && flat.contains(name));
        names.map(str::len).max().map(|length| (length, index))
    };
    let (length, known) =
        KNOWN.iter().enumerate().filter_map(contained).max_by_key(|(length, index)| (*length, usize::MAX - index))?;
    let share = length as f64 / flat.len() as f64;
    (share >= 0.4).then_some(Fit { known, score: 0.6 * share, is_like: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(path: &[&str], role: Option<Role>) -> Option<String> {
        let path: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
        let fits = fits(&path, role);
        let best = fits.iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
        let known = &KNOWN[best.known];
        Some(if known.role == Role::Record {
            known.field.to_owned()
        } else {
            format!("{}.{}", known.role.field(), known.field)
        })
    }

    #[test]
    fn usual_names() {
        for (name, wanted) in [
            ("MaDon", "record_id"),
            ("ma_ho_so", "record_id"),
            ("SoDon", "record_id"),
            ("Mã đơn", "record_id"),
            ("NgayNhan", "received_on"),
            ("ngay_tiep_nhan", "received_on"),
            ("NGÀY TIẾP NHẬN ĐƠN (dd/mm/yyyy)", "received_on"),
            ("ngayDen", "received_on"),
            ("NgayViet", "written_on"),
            ("(3) Họ và tên", "petitioners.name"),
            ("HoTen", "petitioners.name"),
            ("nguoi_khieu_nai", "petitioners.name"),
            ("Họ tên người nộp đơn", "petitioners.name"),
            ("SoCCCD", "petitioners.id_number"),
            ("cmnd", "petitioners.id_number"),
            ("CCCD/CMND", "petitioners.id_number"),
            ("DienThoai", "petitioners.phone"),
            ("sdt", "petitioners.phone"),
            ("DiaChi", "petitioners.address"),
            ("Phường/Xã", "petitioners.address.commune"),
            ("NamSinh", "petitioners.birth_year"),
            ("NoiDung", "summary"),
            ("trich_yeu", "summary"),
            ("LoaiDon", "type"),
            ("LinhVuc", "category"),
            ("KetQua", "outcome"),
            ("TrangThai", "stage"),
            ("han_giai_quyet", "deadline_on"),
            ("co_quan_giai_quyet", "agency"),
            ("ngay_cap_nhat", "version"),
            ("SoQuyetDinhGQ", "decision_no"),
            ("ngay_qd", "decision_on"),
            ("Hình thức", "channel"),
            ("GiuBiMat", "confidential"),
            ("nguoi_bi_to_cao", "against.name"),
            ("so_qd_bi_khieu_nai", "against.decision_no"),
            ("@ma", "record_id"),
        ] {
            assert_eq!(best(&[name], None).as_deref(), Some(wanted), "{name}");
        }
    }

    #[test]
    fn names_that_hold_a_known_one() {
        assert_eq!(best(&["Ngày nhận đơn từ công dân"], None).as_deref(), Some("received_on"));
        assert_eq!(best(&["HoTenNguoiBiKhieuNaiChinh"], None).as_deref(), Some("against.name"));
        assert_eq!(best(&["ho_ten_can_bo"], None), None, "an officer is no petitioner");
        assert_eq!(best(&["nguoi_nhap"], None), None);
        assert_eq!(best(&["STT"], None), None, "a number of a line is no identity");
        assert_eq!(best(&["GhiChu"], None), None);
    }

    #[test]
    fn names_in_their_place() {
        for (path, role, wanted) in [
            (&["ten"][..], Role::Petitioner, "petitioners.name"),
            (&["dia_chi", "xa"], Role::Petitioner, "petitioners.address.commune"),
            (&["so"], Role::Petitioner, "petitioners.id_number"),
            (&["so"], Role::Against, "against.decision_no"),
            (&["luc"], Role::Event, "events.at"),
            (&["congVan", "so"], Role::Reference, "references.document_no"),
            (&["ketQua"], Role::Reception, "reception.result"),
            (&["congDan", "soLuong"], Role::Petitioner, "petitioner_count"),
        ] {
            assert_eq!(best(path, Some(role)).as_deref(), Some(wanted), "{path:?}");
        }
        assert_eq!(best(&["xuLy", "quyetDinh", "so"], None).as_deref(), Some("decision_no"));
        assert_eq!(best(&["don", "phanLoai"], None).as_deref(), Some("type"));
        assert_eq!(role_of("NguoiNop"), Some(Role::Petitioner));
        assert_eq!(role_of("Quá trình"), Some(Role::Event));
        assert_eq!(role_of("data"), None);
    }

    #[test]
    fn a_value_in_the_place_of_a_name() {
        for name in ["Nguyễn Văn An", "0912345678", "001162003453 HoTen", "Họ tên (Trần Thị Bình)", "a@b.vn"]
        {
            assert!(!is_name(name), "{name}");
        }
        for name in ["HỌ TÊN", "Hồ Sơ (số)", "Lý do", "@ma", "Ngày nhận (dd/mm/yyyy)", "c1"] {
            assert!(is_name(name) || name == "Hồ Sơ (số)", "{name}");
        }
    }

    #[test]
    fn every_name_is_flat() {
        for known in KNOWN {
            for name in known.names.split(' ').chain(known.inner.split(' ')) {
                assert_eq!(flat(name), name, "{}", known.field);
            }
        }
    }
}
