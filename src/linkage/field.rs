//! What stands in one field of a Vietnamese record, as it is compared.

use crate::normalize::text;

/// An identity number by its kind, for numbers of two kinds say nothing for or against each other: the number of twelve
/// digits (số định danh, CCCD), the card of nine (CMND), any other document. All are empty for what nobody's number is, and
/// for twelve digits that begin with no place of registration and no country (001 to 096, 101 to 3..): a spreadsheet took
/// their zero.
pub fn id_number(number: &str) -> [&str; 3] {
    let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    match number.len() {
        _ if is_placeholder(number) => [""; 3],
        12 if is_digits && number.starts_with(['0', '1', '2', '3']) => [number, "", ""],
        12 if is_digits => [""; 3],
        9 if is_digits => ["", number, ""],
        _ => ["", "", number],
    }
}

/// Numbers that are typed to get past a required field and are well-formed all the same: one digit again and again, or
/// digits in a row, up or down.
fn is_placeholder(number: &str) -> bool {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    let run = |step: u8| {
        let is_step = |two: &&[u8]| matches!(two, [a, b] if (a - b'0' + step) % 10 == b - b'0');
        digits.windows(2).filter(is_step).count()
    };
    digits.len() >= 6 && [0, 1, 9].into_iter().any(|step| run(step) + 3 >= digits.len())
}

/// Is the telephone number (E.164) somebody's own? A landline is a house's or an office's, whose number is entered where a
/// citizen left none.
pub fn is_own_phone(phone: &str) -> bool {
    let digits = phone.trim_start_matches('+');
    let national = digits.strip_prefix("84").unwrap_or(digits);
    let is_landline = national.len() < digits.len() && national.starts_with('2');
    !national.is_empty() && !is_landline && !is_placeholder(national)
}

/// A birth date of eight digits, or the year alone: the first of January is what registrars wrote who did not know the
/// day.
pub fn birth(date: &str) -> &str {
    date.strip_suffix("0101").filter(|year| year.len() == 4).unwrap_or(date)
}

/// Words that stand around the name of a street and say nothing.
const AROUND: &[&str] = &["so", "nha", "duong", "d", "pho", "ngo", "ngach", "hem", "kiet", "lo"];

/// The part of an address under the commune: numbers (of house and lane, or of the hamlet), and words without marks.
pub fn address(street: &str) -> (String, String) {
    let flat = text::flat_words(street).replace("to dan pho", "tdp").replace("khu pho", "kp");
    let (mut house, mut words) = (Vec::new(), Vec::new());
    for word in flat.split(' ').filter(|word| !AROUND.contains(word)) {
        if word.bytes().any(|byte| byte.is_ascii_digit()) { &mut house } else { &mut words }.push(word);
    }
    (house.join("/"), words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_nobody_are_none() {
        for (number, wanted) in [
            ("001065123987", ["001065123987", "", ""]),
            ("012345679", ["", "", ""]),
            ("123456789", ["", "", ""]),
            ("987654321", ["", "", ""]),
            ("000000000000", ["", "", ""]),
            ("013765429", ["", "013765429", ""]),
            ("B1234568", ["", "", ""]),
            ("B1937264", ["", "", "B1937264"]),
            ("0100109106", ["", "", "0100109106"]),
        ] {
            assert_eq!(id_number(number), wanted, "{number}");
        }
        for (phone, wanted) in [
            ("+84912537684", true),
            ("+842438000000", false),
            ("+84999999999", false),
            ("+84123456789", false),
            ("+33612537684", true),
            ("", false),
        ] {
            assert_eq!(is_own_phone(phone), wanted, "{phone}");
        }
    }

    #[test]
    fn days_and_addresses() {
        assert_eq!([birth("19650101"), birth("19650312"), birth("1965"), birth("")], ["1965", "19650312", "1965", ""]);
        for (street, house, words) in [
            ("số 12/3 đường Trần Phú", "12/3", "tran phu"),
            ("12/3 Trần Phú", "12/3", "tran phu"),
            ("Tổ dân phố 5", "5", "tdp"),
            ("TDP 5", "5", "tdp"),
            ("thôn Đoài", "", "thon doai"),
            ("Đ. Lê Lợi", "", "le loi"),
            ("", "", ""),
        ] {
            assert_eq!(address(street), (house.to_owned(), words.to_owned()), "{street}");
        }
    }
}
