use super::*;

fn repaired(text: &str) -> String {
    match repair(text) {
        Repair::None => text.to_owned(),
        Repair::Decoded(text, encoding) => format!("{text} <{}>", encoding.as_str()),
        Repair::Unclear => "?".to_owned(),
    }
}

#[test]
fn repairs() {
    for (text, wanted) in [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam <tcvn3>"),
        ("NguyÔn V¨n A", "Nguyễn Văn A <tcvn3>"),
        ("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM <tcvn3>"),
        ("®¬n khiÕu n¹i cña ng\u{AD}êi d©n", "đơn khiếu nại của người dân <tcvn3>"),
        ("tr\u{AD}íc ®©y ®\u{AD}îc cÊp", "trước đây được cấp <tcvn3>"),
        ("tríc ®©y ®îc cÊp nhng kh«ng", "trước đây được cấp nhưng không <tcvn3>"),
        ("Ñôn khieáu naïi cuûa oâng Nguyeãn Vaên A", "Đơn khiếu nại của ông Nguyễn Văn A <vni>"),
        ("TRAÀN VAÊN BÌNH", "TRẦN VĂN BÌNH <vni>"),
        ("Nguyá»…n VÄƒn A", "Nguyễn Văn A <double_utf8>"),
        ("Ä\u{90}Æ¡n khiáº¿u náº¡i", "Đơn khiếu nại <double_utf8>"),
        ("ÄÆ¡n khiáº¿u náº¡i", "Đơn khiếu nại <double_utf8>"),
        ("Ddo+n khie^'u na.i cu?a o^ng Nguye^~n Va(n A", "Đơn khiếu nại của ông Nguyễn Văn A <viqr>"),
        ("Viêòt Nam thýõÌng xuyên", "Việt Nam thường xuyên <windows-1258>"),
        ("Nguyễn Văn A", "Nguyễn Văn A"),
        ("Hà Nam", "Hà Nam"),
        ("ông Hà, bà Tân", "ông Hà, bà Tân"),
        ("Đơn của NguyÔn V¨n An", "Đơn của Nguyễn Văn An <tcvn3>"),
        ("diện tích 120 m², nhiệt độ 30°C", "diện tích 120 m², nhiệt độ 30°C"),
        ("Müller François", "Müller François"),
        ("café", "café"),
        ("Plêi Ku, Kôn Tum", "Plêi Ku, Kôn Tum"),
        ("Ê Đê, H’Bìa Niê", "Ê Đê, H’Bìa Niê"),
        ("a+b, dd/mm/yyyy, x^2", "a+b, dd/mm/yyyy, x^2"),
        ("x\u{FFFD}y", "?"),
    ] {
        assert_eq!(repaired(text), wanted, "{text:?}");
    }
}

#[test]
fn repairs_what_was_damaged_twice() {
    let original = "Khiếu nại quyết định thu hồi đất của Ủy ban nhân dân";
    let once = windows::seen_as_1252(original.as_bytes());
    let twice = windows::seen_as_1252(once.as_bytes());
    assert_eq!(repair(&once), Repair::Decoded(original.to_owned(), Legacy::DoubleUtf8));
    assert_eq!(repair(&twice), Repair::Decoded(original.to_owned(), Legacy::DoubleUtf8));
}

#[test]
fn detects_bytes() {
    let text = "C\u{e9}ng h\u{df}a x\u{b7} h\u{e9}i";
    let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
    assert_eq!(detect_seen(&as_text(&bytes)).encoding, Some(Legacy::Tcvn3));
    assert_eq!(detect_seen(&as_text("Cộng hòa".as_bytes())).encoding, None);
    assert_eq!(decode_seen(&seen_as_1252(&bytes), Legacy::Tcvn3), "Cộng hòa xã hội");
}

proptest::proptest! {
    #[test]
    fn total(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
        for encoding in Legacy::ALL {
            let text = decode_seen(&seen_as_1252(&bytes), *encoding);
            assert!(text.len() <= bytes.len() * 4);
        }
        let text = windows::seen_as_1252(&bytes);
        if let Repair::Decoded(once, _) = repair(&text) {
            assert!(unicode_normalization::is_nfc(&once) || !unicode_normalization::is_nfc(&text));
        }
        assert!((0.0..=1.0).contains(&detect_seen(&as_text(&bytes)).confidence));
    }
}

/// Sentences of all lengths through every encoding and back, as `cargo bench --bench normalize` does with more.
#[test]
fn decodes_what_was_encoded() {
    use super::super::measure::round_trip;
    use super::super::text;
    let rows = round_trip::measure(2_100, |came| {
        let mut is_flagged = false;
        let text = text::clean_noting(came, |note| is_flagged |= note.flag.is_some()).into_owned();
        (text, is_flagged)
    });
    println!("{}", round_trip::table(&rows));
    for row in &rows {
        row.examples.iter().for_each(|example| println!("{} {example:?}", row.encoding));
    }
    let long = round_trip::shares(&rows, |row| row.words >= round_trip::LONG);
    let all = round_trip::shares(&rows, |_| true);
    assert!(long.right >= 0.995, "{long:?}");
    assert!(long.wrong + long.unnoticed <= 0.0005, "{long:?}");
    assert!(all.wrong <= 0.0005, "{all:?}");
}
