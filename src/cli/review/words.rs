//! What linkage calls its comparisons and levels, in Vietnamese.

use crate::linkage::decision::Verdict;

/// In the words of linkage, and in Vietnamese.
const WORDS: &[(&str, &str)] = &[
    // comparisons of filings
    ("prior", "xác suất ban đầu"),
    ("petitioners", "người nộp đơn"),
    ("decision", "quyết định bị khiếu nại"),
    ("parcel", "thửa đất"),
    ("text", "nội dung"),
    ("numbers", "số liệu trong đơn"),
    ("matter", "lĩnh vực, đối tượng"),
    ("form", "loại đơn, lần"),
    ("time", "thời gian, nơi nhận"),
    ("course", "quá trình giải quyết"),
    ("dispute of a settlement", "không đồng ý kết quả giải quyết"),
    ("place", "địa chỉ"),
    ("rule", "quy tắc"),
    ("decision of a person", "quyết định của cán bộ"),
    // comparisons of petitioners
    ("name", "họ tên"),
    ("family_name rarity", "họ hiếm gặp"),
    ("family_name near rarity", "họ gần giống, hiếm gặp"),
    ("middle_name", "tên đệm"),
    ("middle_name rarity", "tên đệm hiếm gặp"),
    ("given_name rarity", "tên hiếm gặp"),
    ("given_name near rarity", "tên gần giống, hiếm gặp"),
    ("sex", "giới tính"),
    ("birth_date", "ngày sinh"),
    ("birth_date rarity", "ngày sinh hiếm gặp"),
    ("id_number personal", "số định danh cá nhân"),
    ("id_number personal rarity", "số định danh hiếm gặp"),
    ("id_number card", "số CMND"),
    ("id_number card rarity", "số CMND hiếm gặp"),
    ("id_number document", "số giấy tờ khác"),
    ("id_number document rarity", "số giấy tờ hiếm gặp"),
    ("phone", "điện thoại"),
    ("phone rarity", "số điện thoại hiếm gặp"),
    ("email", "thư điện tử"),
    ("email rarity", "địa chỉ thư hiếm gặp"),
    ("company", "người cùng đứng đơn"),
    ("company rarity", "người cùng đứng đơn, hiếm gặp"),
    ("household", "khả năng cùng hộ"),
    ("calibration", "hiệu chỉnh"),
    // levels
    ("unknown", "không rõ"),
    ("two records that share a key", "hai hồ sơ có điểm chung"),
    ("two records at random", "hai hồ sơ bất kỳ"),
    ("certain", "chắc chắn một người"),
    ("sure", "gần như chắc chắn"),
    ("likely", "nhiều khả năng"),
    ("namesakes", "trùng họ tên"),
    ("namesakes, hardly one", "trùng họ tên, khó là một người"),
    ("other name", "khác họ tên"),
    ("unlikely", "ít khả năng"),
    ("never", "không thể là một người"),
    ("most of both lists", "phần lớn danh sách trùng nhau"),
    ("some of both lists", "một phần danh sách trùng nhau"),
    ("none of both lists", "danh sách không trùng ai"),
    ("one side anonymous", "một bên nặc danh"),
    ("same number and day", "cùng số, cùng ngày"),
    ("same number", "cùng số"),
    ("same day, number mistyped", "cùng ngày, số gõ nhầm"),
    ("same number, no sign", "cùng số, thiếu ký hiệu"),
    ("settles the other", "giải quyết đơn kia"),
    ("one of several", "trùng một trong nhiều"),
    ("same number, other day", "cùng số, khác ngày"),
    ("different", "khác"),
    ("one side", "chỉ một bên có"),
    ("same", "giống hệt"),
    ("same plot", "cùng số thửa"),
    ("same sheet", "cùng tờ bản đồ"),
    ("near", "gần giống"),
    ("half", "giống một nửa"),
    ("contained", "bên này có trong bên kia"),
    ("part", "giống một phần"),
    ("touching", "ít điểm chung"),
    ("thin, same", "ngắn, giống"),
    ("thin, different", "ngắn, khác"),
    ("20 bits and all", "rất nhiều số trùng, gần đủ"),
    ("20 bits", "rất nhiều số trùng"),
    ("12 bits and all", "nhiều số trùng, gần đủ"),
    ("12 bits", "nhiều số trùng"),
    ("5 bits and all", "vài số trùng, gần đủ"),
    ("5 bits", "vài số trùng"),
    ("little", "ít số trùng"),
    ("none", "không số nào trùng"),
    ("none of many", "nhiều số, không số nào trùng"),
    ("same field", "cùng lĩnh vực"),
    ("same field, same opponent", "cùng lĩnh vực, cùng đối tượng"),
    ("same field, other opponent", "cùng lĩnh vực, khác đối tượng"),
    ("same group", "cùng nhóm lĩnh vực"),
    ("same group, same opponent", "cùng nhóm lĩnh vực, cùng đối tượng"),
    ("same group, other opponent", "cùng nhóm lĩnh vực, khác đối tượng"),
    ("other field", "khác lĩnh vực"),
    ("other field, same opponent", "khác lĩnh vực, cùng đối tượng"),
    ("other field, other opponent", "khác lĩnh vực, khác đối tượng"),
    ("same type, same instance", "cùng loại, cùng lần"),
    ("same type", "cùng loại"),
    ("same type, one next instance", "cùng loại, một bên lần sau"),
    ("same type, other instance", "cùng loại, khác lần"),
    ("near type, same instance", "loại gần, cùng lần"),
    ("near type", "loại gần"),
    ("near type, one next instance", "loại gần, một bên lần sau"),
    ("near type, other instance", "loại gần, khác lần"),
    ("complaint and denunciation", "khiếu nại và tố cáo"),
    ("other type", "khác loại"),
    ("written the same day", "viết cùng ngày"),
    ("within ten days, other agency", "trong 10 ngày, khác cơ quan"),
    ("within ten days", "trong 10 ngày"),
    ("within fifty days, other agency", "trong 50 ngày, khác cơ quan"),
    ("within fifty days", "trong 50 ngày"),
    ("within a year, other agency", "trong một năm, khác cơ quan"),
    ("within a year", "trong một năm"),
    ("later", "sau hơn một năm"),
    ("before the decision", "trước khi có quyết định"),
    ("soon after the decision", "ngay sau quyết định"),
    ("after the decision took effect", "sau khi quyết định có hiệu lực"),
    ("both", "cả hai"),
    ("one", "một bên"),
    ("neither", "không bên nào"),
    ("same commune", "cùng xã"),
    ("same province", "cùng tỉnh"),
    ("other province", "khác tỉnh"),
    ("similar", "hơi giống"),
    ("short", "viết tắt"),
    ("unmarked", "giống, thiếu dấu"),
    ("initial", "chữ cái đầu"),
    ("decade", "cùng thập niên"),
    ("year", "cùng năm"),
    ("two_parts", "hai phần giống"),
    ("swapped", "đảo ngày tháng"),
    ("two_digits", "khác hai chữ số"),
    ("province", "cùng tỉnh"),
    ("possible", "có thể cùng xã"),
    ("several", "nhiều người chung"),
    ("missing", "không có"),
    ("how likely kin would agree so", "người cùng hộ cũng giống như vậy"),
    ("what such a sum was worth where the truth is known", "theo kết quả đã kiểm chứng"),
    ("nothing but weak evidence: a person decides", "chỉ có dấu hiệu yếu: cán bộ quyết định"),
    ("who lodged them are never one person", "người nộp đơn không thể là một người"),
    ("two instances: two petitions of one case", "khác lần khiếu nại: hai đơn của một vụ việc"),
    ("a complaint and a denunciation", "một đơn khiếu nại, một đơn tố cáo"),
    ("other people, other parcels", "khác người, khác thửa đất"),
    ("two valid personal numbers: two people", "hai số định danh hợp lệ: hai người"),
    ("other sex and other birth year: two people", "khác giới tính, khác năm sinh: hai người"),
    ("one place, other birth dates, other given names: a household", "cùng địa chỉ, khác ngày sinh, khác tên: cùng hộ"),
    (
        "two personal numbers, perhaps by a slip: a person decides",
        "hai số định danh, có thể gõ nhầm: cán bộ quyết định",
    ),
    ("two given names: a person decides", "khác tên: cán bộ quyết định"),
    ("other birth date or other sex: a person decides", "khác ngày sinh hoặc giới tính: cán bộ quyết định"),
    ("nearly one name of a body: a person decides", "tên tổ chức gần giống: cán bộ quyết định"),
    ("one name of a body, which no other may have", "cùng tên tổ chức"),
    ("a body and a human being, or two bodies", "tổ chức và cá nhân, hoặc hai tổ chức"),
    ("the same, because somebody decided so", "trùng, do cán bộ quyết định"),
    ("different, because somebody decided so", "khác, do cán bộ quyết định"),
];

fn vietnamese(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(of_linkage, _)| *of_linkage == word).map(|(_, vietnamese)| *vietnamese)
}

/// In Vietnamese, and as linkage says it; what is put together of several (`given near, family same`) as it is.
pub fn both(word: &str) -> String {
    vietnamese(word).map_or_else(|| word.to_owned(), |vietnamese| format!("{vietnamese}\n({word})"))
}

pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Same => "trùng",
        Verdict::Different => "khác",
    }
}

/// Of a kind of what is decided about.
pub fn subject(kind: &str) -> &'static str {
    if kind == "person" { "người (person)" } else { "đơn (petition)" }
}

/// Of what comes out of a weight.
pub fn decision(decision: &str) -> &'static str {
    match decision {
        "link" => "trùng",
        "review" => "cần xét duyệt",
        _ => "không trùng",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::linkage::petition::COMPARISONS;

    #[test]
    fn every_comparison_of_filings_and_each_of_its_levels_has_a_word() {
        for comparison in &COMPARISONS {
            assert!(vietnamese(comparison.name).is_some(), "{}", comparison.name);
            for level in comparison.levels {
                assert!(vietnamese(level).is_some(), "{level} of {}", comparison.name);
            }
        }
        let known: BTreeSet<&str> = WORDS.iter().map(|(word, _)| *word).collect();
        assert_eq!(known.len(), WORDS.len(), "each once");
    }
}
