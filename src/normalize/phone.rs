//! Telephone numbers to E.164: the renumberings of 2017 and 2018, lost zeros, extensions, several in a cell.
//!
//! Numbers are given out again to other people: never a reason to take two persons for one.

use chrono::NaiveDate;
use phonenumber::country;

use super::reading::{Note, Reading, Rule};
use super::spreadsheet;
use super::text::{flat_words, plain_digits};
use crate::domain::Flag;
use crate::reference::phone::{MOBILE_SINCE, Renumbering, landline, mobile};

/// A number as digits with its trunk zero, or abroad with `+`; and the day on which it was written down, if known.
type Attempt = fn(&str, Option<NaiveDate>) -> Option<String>;

/// Ways to read a run of digits, in order; each gives the number in E.164.
pub static RULES: &[Rule<Attempt>] = &[
    Rule { name: "old_landline_by_date", apply: old_landline_by_date },
    Rule { name: "mobile", apply: today_mobile },
    Rule { name: "renumbered_2018", apply: renumbered_2018 },
    Rule { name: "national", apply: national },
    Rule { name: "renumbered_2017", apply: renumbered_2017 },
    Rule { name: "lost_zero", apply: lost_zero },
    Rule { name: "international", apply: international },
];

/// What follows an extension number (máy lẻ, nhánh) is no part of the number.
const EXTENSIONS: &[&str] =
    &["may le", "so le", "le", "ext", "ex", "nhanh", "noi bo", "so noi bo", "may nhanh", "extension", "x"];

/// Reads every number of a cell. `on` is the day of the record: before September 2018 a number of ten digits on 036
/// is a landline of Thái Bình, after it a mobile.
pub fn read(text: &str, on: Option<NaiveDate>) -> Reading<Vec<String>> {
    let text = plain_digits(text);
    let text = text.trim();
    let whole = spreadsheet::scientific(text).and_then(spreadsheet::all_digits);
    let text = whole.as_deref().unwrap_or_else(|| spreadsheet::without_decimals(text));
    if text.is_empty() {
        return Reading::empty();
    }
    if let Some(plain) = plain_mobile(text, on) {
        return Reading::plain(vec![plain]);
    }
    let mut numbers = Vec::new();
    let mut notes = Vec::new();
    for run in runs(text, &mut notes) {
        read_run(&run, on, &mut numbers, &mut notes);
    }
    if numbers.is_empty() {
        return Reading::failed(Flag::PhoneInvalid, "not_a_number");
    }
    if numbers.len() > 1 {
        notes.push(Note::repaired("several"));
    } else if notes.is_empty() {
        notes.push(Note::tidied("format"));
    }
    Reading { value: Some(numbers), notes }
}

/// The commonest writing: ten digits of a mobile, or the same in E.164.
fn plain_mobile(text: &str, on: Option<NaiveDate>) -> Option<String> {
    let is_old = on.is_some_and(|day| day < MOBILE_SINCE);
    if let Some(subscriber) = text.strip_prefix("+84") {
        return (is_mobile(subscriber)).then(|| text.to_owned());
    }
    let subscriber = text.strip_prefix('0').filter(|subscriber| is_mobile(subscriber))?;
    (!is_old || subscriber.starts_with('9')).then(|| format!("+84{subscriber}"))
}

/// Nine digits after the zero: the ranges given out to mobile networks.
fn is_mobile(subscriber: &str) -> bool {
    let bytes = subscriber.as_bytes();
    bytes.len() == 9
        && bytes.iter().all(u8::is_ascii_digit)
        && matches!(
            bytes,
            [b'3', b'2'..=b'9', ..]
                | [b'5', b'2' | b'5' | b'6' | b'8' | b'9', ..]
                | [b'7', b'0' | b'6'..=b'9', ..]
                | [b'8', b'1'..=b'9', ..]
                | [b'9', ..]
        )
}

/// The runs of digits and their separators in a cell, each with `+` where it is abroad.
fn runs(text: &str, notes: &mut Vec<Note>) -> Vec<String> {
    let mut runs = Vec::new();
    let mut words = String::new();
    let mut run = String::new();
    let mut after_extension = false;
    let mut finish = |run: &mut String, after_extension: &mut bool| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        if digits > 0 && !*after_extension {
            runs.push(std::mem::take(run));
        } else if digits > 0 {
            notes.push(Note::repaired("extension"));
        }
        if digits > 0 {
            *after_extension = false;
        }
        run.clear();
    };
    for c in text.chars() {
        match c {
            '0'..='9' | '+' => {
                after_extension |= is_extension(&words);
                words.clear();
                // a second number begins here
                if c == '+' && run.bytes().any(|byte| byte.is_ascii_digit()) {
                    finish(&mut run, &mut after_extension);
                }
                run.push(c);
            }
            ' ' | '.' | '-' | '(' | ')' | '\u{A0}' | '–' | '\'' | '\t' => {
                run.push(' ');
                words.push(' ');
            }
            _ => {
                finish(&mut run, &mut after_extension);
                words.push(if c.is_alphabetic() { c } else { ' ' });
            }
        }
    }
    finish(&mut run, &mut after_extension);
    runs
}

fn is_extension(words: &str) -> bool {
    if words.is_empty() {
        return false;
    }
    let flat = flat_words(words);
    EXTENSIONS.iter().any(|word| flat == *word || flat.strip_suffix(word).is_some_and(|before| before.ends_with(' ')))
}

/// One run: a number, or several with nothing but blanks between.
fn read_run(run: &str, on: Option<NaiveDate>, numbers: &mut Vec<String>, notes: &mut Vec<Note>) {
    let whole = compact(run);
    if let Some((number, rule)) = one(&whole, on) {
        push(number, rule, numbers, notes);
        return;
    }
    let before = numbers.len();
    let mut gathered = String::new();
    for group in run.split(' ').filter(|group| !group.is_empty()) {
        gathered.push_str(group);
        if gathered.len() >= 9
            && let Some((number, rule)) = one(&gathered, on)
        {
            push(number, rule, numbers, notes);
            gathered.clear();
        }
    }
    if numbers.len() == before || !gathered.is_empty() {
        notes.push(Note::doubt(Flag::PhoneInvalid, "not_a_number"));
    }
}

fn push(number: String, rule: &'static str, numbers: &mut Vec<String>, notes: &mut Vec<Note>) {
    if matches!(rule, "renumbered_2018" | "renumbered_2017" | "old_landline_by_date" | "lost_zero") {
        notes.push(Note::repaired(rule));
    }
    if !numbers.contains(&number) {
        numbers.push(number);
    }
}

fn compact(run: &str) -> String {
    run.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

/// Reads one number by the rules, its country code made a trunk zero first.
fn one(digits: &str, on: Option<NaiveDate>) -> Option<(String, &'static str)> {
    if digits.len() > 18 || digits.len() < 7 {
        return None;
    }
    let rest = ["+84", "0084"]
        .into_iter()
        .find_map(|code| digits.strip_prefix(code))
        .or_else(|| digits.strip_prefix("84").filter(|rest| matches!(rest.len(), 9 | 10) && !rest.starts_with('0')));
    // service numbers have no trunk zero
    let is_service = |rest: &str| ["1800", "1900"].iter().any(|lead| rest.starts_with(lead));
    let national = rest.map_or_else(
        || digits.to_owned(),
        |rest| if is_service(rest) { rest.to_owned() } else { format!("0{}", rest.trim_start_matches('0')) },
    );
    RULES.iter().find_map(|rule| (rule.apply)(&national, on).map(|number| (number, rule.name)))
}

/// Ten digits of a mobile network (numbering plan of Circular 22/2014/TT-BTTTT as amended).
fn today_mobile(digits: &str, _: Option<NaiveDate>) -> Option<String> {
    digits.strip_prefix('0').filter(|subscriber| is_mobile(subscriber)).map(|subscriber| format!("+84{subscriber}"))
}

/// Eleven digits from before 2018-09-15: `0162` became `032` and so on, the last seven digits stayed.
fn renumbered_2018(digits: &str, _: Option<NaiveDate>) -> Option<String> {
    if digits.len() != 11 {
        return None;
    }
    replaced(digits, mobile()).map(|number| international_form(&number))
}

/// Area codes from before 2017: `0511 382…` became `0236 382…`, `04 3825…` became `024 3825…`.
fn renumbered_2017(digits: &str, _: Option<NaiveDate>) -> Option<String> {
    let subscriber = |row: &Renumbering| digits.len().checked_sub(row.old.len());
    let row = landline().iter().find(|row| {
        digits.starts_with(row.old) && subscriber(row) == Some(if matches!(row.old, "04" | "08") { 8 } else { 7 })
    })?;
    let number = digits.strip_prefix(row.old).map(|rest| format!("{}{rest}", row.new))?;
    valid(&international_form(&number))
}

/// Ten digits of a record from before the mobile numbers had ten: a landline, where there was such an area code.
fn old_landline_by_date(digits: &str, on: Option<NaiveDate>) -> Option<String> {
    let is_old = on.is_some_and(|day| day < MOBILE_SINCE);
    // 086, 088, 089 and 09 were mobiles of ten digits before
    let was_mobile = ["086", "088", "089", "09"].iter().any(|prefix| digits.starts_with(prefix));
    if !is_old || digits.len() != 10 || was_mobile {
        return None;
    }
    renumbered_2017(digits, on)
}

fn replaced(digits: &str, table: &[Renumbering]) -> Option<String> {
    table.iter().find_map(|row| digits.strip_prefix(row.old).map(|rest| format!("{}{rest}", row.new)))
}

/// Landlines and service numbers as they are.
fn national(digits: &str, _: Option<NaiveDate>) -> Option<String> {
    let begins = ["02", "1800", "1900"].iter().any(|lead| digits.starts_with(lead));
    if !begins || digits.len() < 8 {
        return None;
    }
    valid(&international_form(digits))
}

/// A spreadsheet took the zero off.
fn lost_zero(digits: &str, on: Option<NaiveDate>) -> Option<String> {
    if digits.starts_with(['0', '+']) {
        return None;
    }
    let whole = format!("0{digits}");
    match digits.len() {
        9 => today_mobile(&whole, on),
        10 if digits.starts_with('1') => renumbered_2018(&whole, on),
        10 if digits.starts_with('2') => national(&whole, on),
        _ => None,
    }
}

/// Numbers of other countries, with their code.
fn international(digits: &str, _: Option<NaiveDate>) -> Option<String> {
    let rest = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"))?;
    valid(&format!("+{rest}"))
}

fn international_form(national: &str) -> String {
    format!("+84{}", national.strip_prefix('0').unwrap_or(national))
}

/// What the numbering plans of libphonenumber accept.
fn valid(number: &str) -> Option<String> {
    let parsed = phonenumber::parse(Some(country::VN), number).ok()?;
    parsed.is_valid().then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, on: Option<&str>, wanted: &str) {
        let reading = read(text, on.map(|day| day.parse().unwrap()));
        let rules: Vec<&str> = reading.notes.iter().map(|note| note.rule).collect();
        let shown = format!("{} [{}]", reading.value.unwrap_or_default().join(" "), rules.join(" "));
        assert_eq!(shown, wanted, "{text:?} {on:?}");
    }

    #[test]
    fn numbers() {
        for (text, wanted) in [
            ("0912345678", "+84912345678 []"),
            ("+84912345678", "+84912345678 []"),
            ("0912 345 678", "+84912345678 [format]"),
            ("0912.345.678", "+84912345678 [format]"),
            ("(+84) 912-345-678", "+84912345678 [format]"),
            ("+84 (0)912 345 678", "+84912345678 [format]"),
            ("0084912345678", "+84912345678 [format]"),
            ("84912345678", "+84912345678 [format]"),
            ("'0912345678", "+84912345678 [format]"),
            ("SĐT: 0912345678", "+84912345678 [format]"),
            ("01621234567", "+84321234567 [renumbered_2018]"),
            ("0123 456 7890", "+84834567890 [renumbered_2018]"),
            ("+84 168 1234567", "+84381234567 [renumbered_2018]"),
            ("01991234567", "+84591234567 [renumbered_2018]"),
            ("912345678", "+84912345678 [lost_zero]"),
            ("912345678.0", "+84912345678 [lost_zero]"),
            ("1681234567", "+84381234567 [lost_zero]"),
            ("2438258888", "+842438258888 [lost_zero]"),
            ("024 3825 8888", "+842438258888 [format]"),
            ("(04) 38258888", "+842438258888 [renumbered_2017]"),
            ("0511 3822222", "+842363822222 [renumbered_2017]"),
            ("031 3842222", "+842253842222 [renumbered_2017]"),
            ("0363 823 456", "+84363823456 [format]"),
            ("024.38258888 máy lẻ 123", "+842438258888 [extension]"),
            ("024 38258888 (ext: 12)", "+842438258888 [extension]"),
            ("0912345678, 0987654321", "+84912345678 +84987654321 [several]"),
            ("0912345678/0987654321", "+84912345678 +84987654321 [several]"),
            ("0912345678 - 0987654321", "+84912345678 +84987654321 [several]"),
            ("0912345678 hoặc 01621234567", "+84912345678 +84321234567 [renumbered_2018 several]"),
            ("0912 345 678 0987 654 321", "+84912345678 +84987654321 [several]"),
            ("0912345678; 0912345678", "+84912345678 [format]"),
            ("19001234", "+8419001234 [format]"),
            ("+1 650 253 0000", "+16502530000 [format]"),
            ("0012345", " [not_a_number]"),
            ("0912345", " [not_a_number]"),
            ("09123456789", " [not_a_number]"),
            ("không có", " [not_a_number]"),
            ("0000000000", " [not_a_number]"),
            ("0912345678, 12", "+84912345678 [not_a_number]"),
            ("912345678,0", "+84912345678 [lost_zero]"),
            ("912345678.00", "+84912345678 [lost_zero]"),
            ("9.12345678E+8", "+84912345678 [lost_zero]"),
            ("9.12E+08", " [not_a_number]"),
            ("O912345678", "+84912345678 [lost_zero]"),
            ("0912 345 67l", " [not_a_number]"),
            ("0912345678;;0987654321", "+84912345678 +84987654321 [several]"),
            ("+84.0912345678", "+84912345678 [format]"),
            ("0123.456.789", " [not_a_number]"),
            ("1111111111", " [not_a_number]"),
            ("069.123456", " [not_a_number]"),
            ("+8419001234", "+8419001234 [format]"),
            ("19912345", " [not_a_number]"),
            ("+841800599920", "+841800599920 [format]"),
            ("", " []"),
        ] {
            check(text, None, wanted);
        }
    }

    #[test]
    fn the_date_decides() {
        check("0363823456", Some("2016-05-01"), "+842273823456 [old_landline_by_date]");
        check("0363823456", Some("2020-05-01"), "+84363823456 []");
        check("0838258888", Some("2015-05-01"), "+842838258888 [old_landline_by_date]");
        check("0912345678", Some("2015-05-01"), "+84912345678 []");
        check("0888123456", Some("2017-05-01"), "+84888123456 [format]");
    }

    #[test]
    fn every_old_mobile_becomes_one_of_today() {
        for row in mobile() {
            let old = format!("{}1234567", row.old);
            let read = read(&old, None).value.unwrap();
            assert_eq!(read, [format!("+84{}1234567", row.new.strip_prefix('0').unwrap())]);
            assert_eq!(super::read(&read[0], None).value.unwrap(), read);
        }
    }

    proptest::proptest! {
        #[test]
        fn twice_is_once(text in "(\\PC|[0-9+ ./-]){0,30}") {
            for number in read(&text, None).value.unwrap_or_default() {
                assert_eq!(read(&number, None).value, Some(vec![number.clone()]));
            }
        }
    }
}
