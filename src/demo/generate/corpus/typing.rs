//! The same words typed by another hand: slips, missing diacritics, abbreviations, numbers a spreadsheet spoiled.

use unicode_normalization::UnicodeNormalization as _;

use super::super::chance::Dice;

/// Without diacritics: `Đỗ Thị Huệ` is `Do Thi Hue`.
pub fn bare(text: &str) -> String {
    let plain = text.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c));
    plain
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        })
        .collect()
}

/// What offices abbreviate, and how.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("giấy chứng nhận quyền sử dụng đất", "GCNQSDĐ"),
    ("quyền sử dụng đất", "QSDĐ"),
    ("Ủy ban nhân dân", "UBND"),
    ("UBND", "Ủy ban nhân dân"),
    ("bảo hiểm xã hội", "BHXH"),
    ("bảo hiểm y tế", "BHYT"),
    ("giải phóng mặt bằng", "GPMB"),
    ("tái định cư", "TĐC"),
    ("Quyết định số", "QĐ số"),
    ("quyết định", "QĐ"),
    ("thi hành án", "THA"),
    ("vi phạm hành chính", "VPHC"),
    ("kỷ luật", "KL"),
    ("khiếu nại", "KN"),
    ("tố cáo", "TC"),
    ("kiến nghị", "KN"),
    ("phản ánh", "PA"),
    ("thành phố", "TP"),
    ("thị trấn", "TT"),
    ("Công ty cổ phần", "Công ty CP"),
    ("đồng chí", "đ/c"),
    ("ngày", "ng."),
    ("không", "ko"),
    ("được", "đc"),
    ("diện tích", "DT"),
    ("tờ bản đồ", "TBĐ"),
    ("m²", "m2"),
];

/// Each of the words that offices abbreviate is abbreviated in `percent` of 100 texts.
pub fn abbreviated(dice: &mut Dice, text: &str, percent: u32) -> String {
    let mut text = text.to_owned();
    for (long, short) in ABBREVIATIONS {
        if dice.chance(percent) && text.contains(long) {
            text = text.replace(long, short);
        }
    }
    text
}

/// The text with one slip in about every `letters` letters. Digits stay as they are: what a number suffers is told
/// apart, by [`number`].
pub fn slips(dice: &mut Dice, text: &str, letters: u32) -> String {
    if letters == 0 {
        return text.to_owned();
    }
    let mut typed = String::with_capacity(text.len() + 8);
    for word in text.split_inclusive(' ') {
        let length = word.chars().count() as u32;
        if length > 3 && dice.below(letters) < length && !word.contains(|c: char| c.is_ascii_digit()) {
            typed.push_str(&slip(dice, word));
        } else {
            typed.push_str(word);
        }
    }
    typed
}

/// One slip in a word.
pub fn slip(dice: &mut Dice, word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let length = letters.iter().filter(|c| c.is_alphabetic()).count() as u32;
    if length < 2 {
        return word.to_owned();
    }
    let at = dice.below(length - 1) as usize;
    let swapped = |to: usize| {
        let mut letters = letters.clone();
        letters.swap(at, to);
        letters.into_iter().collect()
    };
    match dice.below(100) {
        // the mark was not typed
        0..40 => bare(word),
        40..60 => other_tone(word),
        60..72 => swapped(at + 1),
        72..84 => letters.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, c)| *c).collect(),
        84..94 => letters
            .iter()
            .enumerate()
            .flat_map(|(place, c)| std::iter::repeat_n(*c, 1 + usize::from(place == at)))
            .collect(),
        _ => word.trim_end().to_owned(),
    }
}

/// Hỏi for ngã and the other way round, which the half of the country does not tell apart.
fn other_tone(word: &str) -> String {
    let other = word.nfd().map(|c| match c {
        '\u{309}' => '\u{303}',
        '\u{303}' => '\u{309}',
        '\u{301}' => '\u{300}',
        '\u{300}' => '\u{301}',
        other => other,
    });
    other.nfc().collect()
}

/// Another way to write the same syllables: `hoà` for `hòa`, `thuý` for `thúy`, `Lí` for `Lý`.
pub fn respelled(text: &str) -> String {
    const PAIRS: &[(&str, &str)] = &[
        ("òa", "oà"),
        ("óa", "oá"),
        ("ỏa", "oả"),
        ("õa", "oã"),
        ("ọa", "oạ"),
        ("òe", "oè"),
        ("óe", "oé"),
        ("ùy", "uỳ"),
        ("úy", "uý"),
        ("ủy", "uỷ"),
        ("ũy", "uỹ"),
        ("ụy", "uỵ"),
        ("Lý", "Lí"),
        ("Mỹ", "Mĩ"),
    ];
    PAIRS.iter().fold(text.to_owned(), |text, (one, other)| text.replace(one, other))
}

/// A number as another clerk types it: with one digit wrong or two swapped.
pub fn number(dice: &mut Dice, number: &str) -> String {
    let mut digits: Vec<char> = number.chars().collect();
    let at = dice.below(digits.len().saturating_sub(1) as u32) as usize;
    if dice.chance(30) {
        let next = (at + 1).min(digits.len() - 1);
        digits.swap(at, next);
    } else if let Some(digit) = digits.get_mut(at) {
        let value = digit.to_digit(10).unwrap_or(0);
        *digit = char::from_digit((value + dice.between(1, 9)) % 10, 10).unwrap_or('0');
    }
    digits.into_iter().collect()
}

/// What a spreadsheet makes of an id number: zeros lost, a decimal point, an exponent.
pub fn spoiled(dice: &mut Dice, number: &str) -> String {
    let lost = number.trim_start_matches('0');
    match dice.below(100) {
        0..70 => lost.to_owned(),
        70..88 => format!("{lost}.0"),
        88..94 => {
            let head = lost.get(1..4).unwrap_or("0");
            format!("{}.{head}E+{:02}", lost.get(..1).unwrap_or("1"), lost.len().saturating_sub(1))
        }
        _ => format!("'{number}"),
    }
}

/// Blanks and points in a number: `001 075 000 001`.
pub fn spaced(dice: &mut Dice, number: &str) -> String {
    let gap = if dice.chance(70) { ' ' } else { '.' };
    let mut text = String::with_capacity(number.len() * 4 / 3);
    for (place, digit) in number.chars().enumerate() {
        if place > 0 && place % 3 == 0 {
            text.push(gap);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lose_what_they_should() {
        assert_eq!(bare("Đỗ Thị Huệ, Ủy ban phường Ngô Mây"), "Do Thi Hue, Uy ban phuong Ngo May");
        assert_eq!(respelled("Hòa Thúy Lý"), "Hoà Thuý Lí");
        assert_eq!(other_tone("sửa chữa"), "sữa chửa");
        let mut dice = Dice::new(3);
        assert_eq!(abbreviated(&mut dice, "bảo hiểm xã hội", 100), "BHXH");
        assert_eq!(spaced(&mut dice, "001075000001").replace([' ', '.'], ""), "001075000001");
    }

    #[test]
    fn slips_are_as_rare_as_asked_and_spare_numbers() {
        let mut dice = Dice::new(4);
        let text = "Gia đình tôi đang sử dụng thửa đất số 1234, tờ bản đồ số 56 ổn định từ năm 1993 ".repeat(50);
        let typed = slips(&mut dice, &text, 100);
        let words: std::collections::BTreeSet<&str> = text.split(' ').collect();
        let wrong = typed.split(' ').filter(|word| !words.contains(word)).count();
        assert!((20..70).contains(&wrong), "{wrong}");
        assert_eq!(typed.matches("1234,").count(), 50);
        assert_eq!(slips(&mut dice, &text, 0), text);
    }

    #[test]
    fn a_mistyped_number_differs_and_is_as_long() {
        let mut dice = Dice::new(5);
        let typed: Vec<String> = (0..200).map(|_| number(&mut dice, "001075123456")).collect();
        assert!(typed.iter().all(|typed| typed.len() == 12));
        assert!(typed.iter().filter(|typed| *typed != "001075123456").count() > 180);
    }
}
