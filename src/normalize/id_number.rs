//! Identity numbers: personal numbers (CCCD) by their structure, identity cards (CMND), passports, tax codes of
//! organizations; what a spreadsheet did to them.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::reading::{Note, Reading, Rule};
use super::spreadsheet;
use super::text::{flat_words, plain_digits};
use crate::domain::{Flag, Gender, IdKind};
use crate::reference::province;

/// An identity number as understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdNumber {
    pub kind: IdKind,
    /// Digits and capitals only.
    pub number: String,
    /// Only a personal number tells it.
    pub birth_year: Option<i32>,
    pub gender: Option<Gender>,
    /// The number was not written so; it was mended and agrees with the fields beside it.
    pub repaired: bool,
}

/// What stands beside the number and can confirm or contradict it.
#[derive(Debug, Clone, Copy)]
pub struct Evidence {
    pub birth_year: Option<i32>,
    pub gender: Option<Gender>,
    pub kind: Option<IdKind>,
    /// Nobody is born after it.
    pub today: NaiveDate,
}

impl Evidence {
    /// Nothing but the number.
    pub const fn none(today: NaiveDate) -> Self {
        Self { birth_year: None, gender: None, kind: None, today }
    }
}

/// A way to read a number that was freed of blanks and labels.
type Attempt = fn(&str, &Evidence) -> Option<Reading<IdNumber>>;

/// The ways, in order; the first that speaks decides.
pub static RULES: &[Rule<Attempt>] = &[
    Rule { name: "placeholder", apply: placeholder },
    Rule { name: "personal_number", apply: personal_number },
    Rule { name: "identity_card", apply: identity_card },
    Rule { name: "lost_zeros", apply: lost_zeros },
    Rule { name: "tax_code", apply: tax_code },
    Rule { name: "letter_for_digit", apply: letter_for_digit },
    Rule { name: "passport", apply: passport },
];

/// Reads an identity number. An empty text gives nothing and no flag; one that breaks the rules gives nothing, flagged
/// `id_number_invalid`; one that contradicts the evidence is given, flagged `id_number_conflict`.
pub fn read(text: &str, evidence: &Evidence) -> Reading<IdNumber> {
    let typed = text;
    let text = plain_digits(text);
    let text = text.trim();
    if text.is_empty() {
        return Reading::empty();
    }
    if let Some(number) = spreadsheet::scientific(text) {
        return spreadsheet::all_digits(number)
            .and_then(|digits| spreadsheet_number(&digits, evidence))
            .unwrap_or_else(|| Reading::failed(Flag::IdNumberInvalid, "scientific_notation"));
    }
    let mut candidates = candidates(text);
    // of a card and a personal number in one cell the personal number names the person
    candidates.sort_by_key(|candidate| usize::from(candidate.len() != 12));
    let Some(first) = candidates.first() else { return Reading::failed(Flag::IdNumberInvalid, "not_a_number") };
    let mut reading = candidates
        .iter()
        .find_map(|candidate| one(candidate, evidence).filter(|reading| reading.value.is_some()))
        .or_else(|| one(first, evidence))
        .unwrap_or_else(|| Reading::failed(Flag::IdNumberInvalid, why_not(first, evidence.today)));
    if let Some(found) = &reading.value {
        let several = candidates.iter().filter(|candidate| candidate.len() >= 8).count() > 1;
        if several {
            reading.notes.push(Note::repaired("several"));
        } else if reading.notes.is_empty() && found.number != typed {
            reading.notes.push(Note::tidied("format"));
        }
    }
    reading
}

fn one(candidate: &str, evidence: &Evidence) -> Option<Reading<IdNumber>> {
    RULES.iter().find_map(|rule| (rule.apply)(candidate, evidence))
}

/// A whole number out of a spreadsheet's cell: a card where the record says that it is one, a personal number where what
/// stands beside it agrees.
fn spreadsheet_number(digits: &str, evidence: &Evidence) -> Option<Reading<IdNumber>> {
    if matches!(digits.len(), 8..=11) && !(digits.len() == 9 && evidence.kind == Some(IdKind::Cmnd)) {
        return lost_zeros(digits, evidence);
    }
    let mut reading = match digits.len() {
        9 => plain(IdKind::Cmnd, digits),
        12 => agreeing(digits, evidence)?,
        _ => return None,
    };
    reading.value.as_mut()?.repaired = true;
    Some(reading.with(Note::repaired("scientific_notation")))
}

/// Why a number that no rule reads is none: the zeros that it lost may be the whole fault, but nothing proves it.
fn why_not(number: &str, today: NaiveDate) -> &'static str {
    let padded = || structure(&format!("{number:0>12}"), today).is_ok();
    if digits_only(number) && matches!(number.len(), 10 | 11) && padded() { "zeros_unproven" } else { "not_a_number" }
}

/// The runs of letters and digits in a cell that hold digits, labels ("CCCD số:") and what follows ("cấp ngày …") left
/// away; groups of digits with blanks, points or dashes between are one number.
fn candidates(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut stopped = false;
    let text = spreadsheet::without_decimals(text);
    for word in text.split([' ', '\u{A0}', '.', '-', '–', '\'', '’', '‘', '`', '"', '=', '\t', '\n']) {
        for (index, part) in word.split([',', ';', ':', '/', '(', ')', '|']).enumerate() {
            if index > 0 {
                finish(&mut current, &mut found);
                stopped = false;
            }
            let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
            let part_is_plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if part_is_plain && has_digit && !stopped {
                let digits_only = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                if is_series(&current) && !(7..=8).contains(&part.len()) {
                    current.clear();
                }
                // a full number is not continued, and letters begin a new one
                if !current.is_empty() && (!digits_only(part) || current.len() + part.len() > 13 || complete(&current))
                {
                    finish(&mut current, &mut found);
                }
                current.push_str(&part.to_ascii_uppercase());
            } else if !part.is_empty() {
                finish(&mut current, &mut found);
                let flat = flat_words(part);
                stopped |= matches!(flat.as_str(), "cap" | "ngay" | "do" | "tai" | "noi" | "n") && !found.is_empty();
                stopped &= !matches!(flat.as_str(), "cmnd" | "cccd" | "cmt" | "cc" | "va" | "so");
                if is_series(part) {
                    current.push_str(part);
                }
            }
        }
    }
    finish(&mut current, &mut found);
    found
}

/// A passport's series standing before its digits: "B 1234567", "EH 1234567".
fn is_series(part: &str) -> bool {
    matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_uppercase()) && !matches!(part, "CC" | "SO")
}

fn complete(number: &str) -> bool {
    number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn finish(current: &mut String, found: &mut Vec<String>) {
    let number = std::mem::take(current);
    if number.bytes().filter(u8::is_ascii_digit).count() >= 2 {
        found.push(number);
    }
}

fn digits_only(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit())
}

/// What people type to get past a required field: it would tie strangers together.
fn placeholder(number: &str, _: &Evidence) -> Option<Reading<IdNumber>> {
    let bytes = number.as_bytes();
    let (first, rest) = bytes.split_first()?;
    let same = rest.iter().all(|byte| byte == first);
    (digits_only(number) && bytes.len() >= 5 && same).then(|| Reading::failed(Flag::IdNumberInvalid, "placeholder"))
}

/// Số định danh cá nhân, twelve digits: place of birth registration (3), century and sex (1), year (2), and six at
/// random (Decree 137/2015/NĐ-CP, article 13; Circular 59/2021/TT-BCA, article 4).
fn personal_number(number: &str, evidence: &Evidence) -> Option<Reading<IdNumber>> {
    if number.len() != 12 || !digits_only(number) {
        return None;
    }
    Some(match structure(number, evidence.today) {
        Ok((birth_year, gender)) => judged(number, birth_year, gender, evidence, false),
        Err(rule) => Reading::failed(Flag::IdNumberInvalid, rule),
    })
}

/// Birth year and gender in a personal number, or the rule that it breaks.
fn structure(number: &str, today: NaiveDate) -> Result<(i32, Gender), &'static str> {
    let digit = |at: usize| number.as_bytes().get(at).map_or(0, |byte| i32::from(byte - b'0'));
    let place = number.get(..3).unwrap_or_default();
    // codes from 100 are of other countries
    if province::of_personal_number(place).is_none() && place.starts_with('0') {
        return Err("place_unknown");
    }
    let century = digit(3);
    let year = 1900 + century / 2 * 100 + digit(4) * 10 + digit(5);
    if year > today.year() {
        return Err("born_in_future");
    }
    Ok((year, if century % 2 == 0 { Gender::Male } else { Gender::Female }))
}

fn judged(number: &str, birth_year: i32, gender: Gender, evidence: &Evidence, repaired: bool) -> Reading<IdNumber> {
    let mut notes = Vec::new();
    if evidence.birth_year.is_some_and(|year| year != birth_year) {
        notes.push(Note::doubt(Flag::IdNumberConflict, "other_birth_year"));
    }
    if evidence.gender.is_some_and(|said| said != Gender::Other && said != gender) {
        notes.push(Note::doubt(Flag::IdNumberConflict, "other_gender"));
    }
    let value = IdNumber {
        kind: IdKind::Cccd,
        number: number.to_owned(),
        birth_year: Some(birth_year),
        gender: Some(gender),
        repaired,
    };
    Reading { value: Some(value), notes }
}

fn plain(kind: IdKind, number: &str) -> Reading<IdNumber> {
    Reading::plain(IdNumber { kind, number: number.to_owned(), birth_year: None, gender: None, repaired: false })
}

/// Chứng minh nhân dân, nine digits; invalid since 2025-01-01 and alive in old files.
fn identity_card(number: &str, _: &Evidence) -> Option<Reading<IdNumber>> {
    (number.len() == 9 && digits_only(number)).then(|| plain(IdKind::Cmnd, number))
}

/// A spreadsheet took the leading zeros off. Ten or eleven digits become a personal number only where that passes
/// every check and agrees with the birth year or the gender beside it and contradicts neither; eight become a card
/// only where the record says that it is one.
fn lost_zeros(number: &str, evidence: &Evidence) -> Option<Reading<IdNumber>> {
    if !digits_only(number) {
        return None;
    }
    if number.len() == 8 && evidence.kind == Some(IdKind::Cmnd) {
        let mut reading = plain(IdKind::Cmnd, &format!("0{number}"));
        if let Some(value) = &mut reading.value {
            value.repaired = true;
        }
        return Some(reading.with(Note::repaired("lost_zeros")));
    }
    if !matches!(number.len(), 10 | 11) {
        return None;
    }
    // digits that a spreadsheet rounded away come back as zeros
    if number.ends_with("00000") {
        return None;
    }
    agreeing(&format!("{number:0>12}"), evidence).map(|reading| reading.with(Note::repaired("lost_zeros")))
}

/// A personal number that was mended: only where it passes every check, agrees with the birth year or the gender beside it
/// and contradicts neither.
fn agreeing(number: &str, evidence: &Evidence) -> Option<Reading<IdNumber>> {
    let (birth_year, gender) = structure(number, evidence.today).ok()?;
    let year_agrees = evidence.birth_year.map(|year| year == birth_year);
    let gender_agrees = evidence.gender.filter(|said| *said != Gender::Other).map(|said| said == gender);
    let agrees =
        [year_agrees, gender_agrees].contains(&Some(true)) && ![year_agrees, gender_agrees].contains(&Some(false));
    agrees.then(|| judged(number, birth_year, gender, evidence, true))
}

/// Tax code of an organization (Circular 105/2020/TT-BTC, article 5): ten digits, the last a check digit, or thirteen
/// with a branch.
fn tax_code(number: &str, _: &Evidence) -> Option<Reading<IdNumber>> {
    const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];
    if !digits_only(number) || !matches!(number.len(), 10 | 13) {
        return None;
    }
    let digits: Vec<u32> = number.bytes().map(|byte| u32::from(byte - b'0')).collect();
    let sum: u32 = WEIGHTS.iter().zip(&digits).map(|(weight, digit)| weight * digit).sum();
    let check = 10_u32.checked_sub(sum % 11)?;
    (digits.get(9) == Some(&check)).then(|| plain(IdKind::Other, number).with(Note::tidied("tax_code")))
}

/// O for 0 and l or I for 1 in a personal number, where the result agrees with what stands beside it.
fn letter_for_digit(number: &str, evidence: &Evidence) -> Option<Reading<IdNumber>> {
    if number.len() != 12 || digits_only(number) {
        return None;
    }
    let mended: String = number
        .chars()
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let reading = digits_only(&mended).then(|| agreeing(&mended, evidence)).flatten()?;
    Some(reading.with(Note::repaired("letter_for_digit")))
}

/// Passports: Vietnam's are a letter and seven digits, newer ones one or two letters and seven or eight; others are 5
/// to 15 letters and digits.
fn passport(number: &str, evidence: &Evidence) -> Option<Reading<IdNumber>> {
    let letters = number.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let vietnamese = matches!(letters, 1 | 2) && letters + digits == number.len() && matches!(digits, 7 | 8);
    let foreign = (5..=15).contains(&number.len()) && letters < number.len() && digits >= 4 && digits < number.len();
    // twelve places of which a few are letters: a personal number misread
    let mistyped = number.len() == 12 && digits >= 9;
    let foreign = foreign && !mistyped;
    let said = evidence.kind == Some(IdKind::Passport) && (5..=15).contains(&number.len());
    (vietnamese || foreign || said).then(|| plain(IdKind::Passport, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MALE: Option<Gender> = Some(Gender::Male);

    fn shown(text: &str, birth_year: Option<i32>, gender: Option<Gender>, kind: Option<IdKind>) -> String {
        let today = "2026-11-24".parse().unwrap();
        let reading = read(text, &Evidence { birth_year, gender, kind, today });
        let rules: Vec<&str> = reading.notes.iter().map(|note| note.rule).collect();
        let value = reading.value.map_or("-".to_owned(), |id| {
            let year = id.birth_year.map_or(String::new(), |year| format!(" {year}"));
            let gender = id.gender.map_or(String::new(), |gender| format!(" {gender}"));
            format!("{} {}{year}{gender}{}", id.kind, id.number, if id.repaired { " repaired" } else { "" })
        });
        format!("{value} [{}]", rules.join(" "))
    }

    #[test]
    fn numbers() {
        for (text, wanted) in [
            ("001075000001", "cccd 001075000001 1975 male []"),
            ("079190000002", "cccd 079190000002 1990 female []"),
            ("040204000003", "cccd 040204000003 2004 male []"),
            ("092312000004", "cccd 092312000004 2012 female []"),
            ("003075000001", "- [place_unknown]"),
            ("001375000001", "- [born_in_future]"),
            ("001475000001", "- [born_in_future]"),
            ("001 075 000 001", "cccd 001075000001 1975 male [format]"),
            ("001.075.000.001", "cccd 001075000001 1975 male [format]"),
            ("001-075-000001", "cccd 001075000001 1975 male [format]"),
            ("'001075000001", "cccd 001075000001 1975 male [format]"),
            ("CCCD: 001075000001", "cccd 001075000001 1975 male [format]"),
            ("Số CCCD 001075000001 cấp ngày 12/03/2021", "cccd 001075000001 1975 male [format]"),
            ("001075000001 do Cục CSQLHC về TTXH cấp ngày 10/07/2021", "cccd 001075000001 1975 male [format]"),
            ("CMND 012345679, CCCD 001075000001", "cccd 001075000001 1975 male [several]"),
            ("012345679/001075000001", "cccd 001075000001 1975 male [several]"),
            ("1075000001", "- [zeros_unproven]"),
            ("1075000001.0", "- [zeros_unproven]"),
            ("40204000003", "- [zeros_unproven]"),
            ("1.075E+09", "- [scientific_notation]"),
            ("1,075E+9", "- [scientific_notation]"),
            ("012345679", "cmnd 012345679 []"),
            ("012 345 679", "cmnd 012345679 [format]"),
            ("12345679", "- [not_a_number]"),
            ("B1234567", "passport B1234567 []"),
            ("B 1234567", "passport B1234567 [format]"),
            ("c1234567", "passport C1234567 [format]"),
            ("EH 1234567", "passport EH1234567 [format]"),
            ("CC 001075000001", "cccd 001075000001 1975 male [format]"),
            ("EH 001075000001", "cccd 001075000001 1975 male [format]"),
            ("=\"001075000001\"", "cccd 001075000001 1975 male [format]"),
            ("CMTND số 012345678", "cmnd 012345678 [format]"),
            ("001075000001 001075000002", "cccd 001075000001 1975 male [several]"),
            ("001075000001(bản sao)", "cccd 001075000001 1975 male [format]"),
            ("012345678901", "- [born_in_future]"),
            ("0123456789012345", "- [not_a_number]"),
            ("Ø01075000001", "- [not_a_number]"),
            ("PA1234567", "passport PA1234567 []"),
            ("X1234567A", "passport X1234567A []"),
            ("0100109106", "other 0100109106 [tax_code]"),
            ("0100109106-001", "other 0100109106001 [tax_code]"),
            ("0100109107", "- [not_a_number]"),
            ("111111111", "- [placeholder]"),
            ("123456789", "cmnd 123456789 []"),
            ("\u{FEFF}001075000001", "cccd 001075000001 1975 male [format]"),
            ("００１０７５０００００１", "cccd 001075000001 1975 male [format]"),
            ("0O1075000001", "- [not_a_number]"),
            ("000000000000", "- [placeholder]"),
            ("00107500000", "- [not_a_number]"),
            ("0010750000012", "- [not_a_number]"),
            ("không có", "- [not_a_number]"),
            ("", "- []"),
        ] {
            assert_eq!(shown(text, None, None, None), wanted, "{text:?}");
        }
    }

    #[test]
    fn evidence_confirms_and_contradicts() {
        for (text, year, gender, kind, wanted) in [
            ("1075000001", Some(1975), None, None, "cccd 001075000001 1975 male repaired [lost_zeros]"),
            ("1075000001.0", None, MALE, None, "cccd 001075000001 1975 male repaired [lost_zeros]"),
            ("1075000001,00", None, MALE, None, "cccd 001075000001 1975 male repaired [lost_zeros]"),
            ("'1075000001", Some(1975), None, None, "cccd 001075000001 1975 male repaired [lost_zeros]"),
            ("1.075.000.001", Some(1975), None, None, "cccd 001075000001 1975 male repaired [lost_zeros]"),
            ("79190000002.0", None, Some(Gender::Female), None, "cccd 079190000002 1990 female repaired [lost_zeros]"),
            ("79190000002.0", None, MALE, None, "- [zeros_unproven]"),
            ("79190000002.0", None, Some(Gender::Other), None, "- [zeros_unproven]"),
            ("1.075000001E+09", Some(1975), None, None, "cccd 001075000001 1975 male repaired [lost_zeros]"),
            ("1,075000001e9", None, MALE, None, "cccd 001075000001 1975 male repaired [lost_zeros]"),
            ("1.075000001E+09", None, None, None, "- [scientific_notation]"),
            ("1.075000001E+09", Some(1976), None, None, "- [scientific_notation]"),
            ("7.9190000002E+10", Some(1990), None, None, "cccd 079190000002 1990 female repaired [lost_zeros]"),
            ("7.919E+10", Some(1990), None, None, "- [scientific_notation]"),
            ("1.075E+09", Some(1975), MALE, None, "- [scientific_notation]"),
            ("1075000000", Some(1975), MALE, None, "- [zeros_unproven]"),
            ("79190000000.0", Some(1990), None, None, "- [zeros_unproven]"),
            ("1.36075123456E+11", Some(1975), MALE, None, "cccd 136075123456 1975 male repaired [scientific_notation]"),
            ("1.36075123456E+11", Some(1976), None, None, "- [scientific_notation]"),
            ("2.45678912E+08", None, None, Some(IdKind::Cmnd), "cmnd 245678912 repaired [scientific_notation]"),
            ("2.45678912E+08", None, None, None, "- [scientific_notation]"),
            ("2.4567891E+08", None, None, Some(IdKind::Cmnd), "- [scientific_notation]"),
            ("1.2345679E+07", None, None, Some(IdKind::Cmnd), "cmnd 012345679 repaired [lost_zeros]"),
            ("1075000001", Some(1975), Some(Gender::Female), None, "- [zeros_unproven]"),
            ("1075000001", Some(1976), MALE, None, "- [zeros_unproven]"),
            ("40204000003", Some(2004), MALE, None, "cccd 040204000003 2004 male repaired [lost_zeros]"),
            ("3075000001", Some(1975), None, None, "- [not_a_number]"),
            ("OO1O75000001", Some(1975), None, None, "cccd 001075000001 1975 male repaired [letter_for_digit]"),
            ("12345679", None, None, Some(IdKind::Cmnd), "cmnd 012345679 repaired [lost_zeros]"),
            ("001075000001", Some(1980), None, None, "cccd 001075000001 1975 male [other_birth_year]"),
            ("001075000001", Some(1975), Some(Gender::Female), None, "cccd 001075000001 1975 male [other_gender]"),
            ("AB12345", None, None, Some(IdKind::Passport), "passport AB12345 []"),
        ] {
            assert_eq!(shown(text, year, gender, kind), wanted, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn twice_is_once(text in "(\\PC|[0-9A-Z .-]){0,24}", digits in "[0-9]{8,13}") {
            let evidence = Evidence::none("2026-11-24".parse().unwrap());
            for text in [text, digits] {
                if let Some(once) = read(&text, &evidence).value {
                    let number = once.number.clone();
                    assert_eq!(read(&number, &evidence).value, Some(once), "{text:?} {number}");
                }
            }
        }

        #[test]
        fn every_sound_number_is_read(place in 0_usize..63, sex in 0_u32..2, year in 1900_i32..2026, serial in 0_u32..1_000_000) {
            let old: Vec<&str> = province::all().iter().filter(|row| row.valid_to.is_some_and(|day| day < province::MERGER))
                .map(|row| row.code).collect();
            let mut codes = old; codes.dedup();
            let century = ((year - 1900) / 100) as u32 * 2 + sex;
            let number = format!("0{}{century}{:02}{serial:06}", codes[place], year % 100);
            let read = read(&number, &Evidence::none("2026-11-24".parse().unwrap())).value.unwrap();
            assert_eq!((read.birth_year, read.kind), (Some(year), IdKind::Cccd));
        }
    }
}
