//! Dates and times in every Vietnamese habit: `05/03/2024`, `ngày 5 tháng 3 năm 2024`, a year alone, a spreadsheet's
//! serial number. Always day first; dates of the lunar calendar are left alone.

mod token;

use std::borrow::Cow;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use serde::Serialize;

use super::reading::{Note, Reading, Rule};
use super::text::{clean_noting, flat_words, plain_digits};
use crate::clock::HANOI;
use crate::domain::Flag;
pub use token::Token;
use token::tokens;

/// How exactly a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    Year,
    Month,
    Day,
}

/// A date with its precision; where only month or year is known, `date` is the first day of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Dated {
    pub date: NaiveDate,
    pub precision: Precision,
    /// The year was written with two digits.
    #[serde(skip)]
    pub century_assumed: bool,
}

impl Dated {
    const fn on(date: NaiveDate, precision: Precision) -> Self {
        Self { date, precision, century_assumed: false }
    }
}

/// Dates outside these years are slips of the hand.
const YEARS: std::ops::RangeInclusive<i32> = 1850..=2150;
/// Days of a spreadsheet's 1900 system that are taken for dates: 1927-05-18 to 2100-01-01.
const SERIALS: std::ops::RangeInclusive<i64> = 10_000..=73_051;

/// One way to read a whole value.
pub type Reader = fn(&[Token]) -> Option<(Dated, Option<Note>)>;

/// The forms of a date, in the order in which they are tried.
pub static RULES: &[Rule<Reader>] = &[
    Rule { name: "day_month_year", apply: day_month_year },
    Rule { name: "year_month_day", apply: year_month_day },
    Rule { name: "zero_parts", apply: zero_parts },
    Rule { name: "month_first", apply: month_first },
    Rule { name: "month_name", apply: month_name },
    Rule { name: "month_year", apply: month_year },
    Rule { name: "year", apply: year_alone },
    Rule { name: "compact", apply: compact },
    Rule { name: "excel_serial", apply: excel_serial },
];

/// Reads a date; `None` where it is none, or one of the lunar calendar.
pub fn parse(text: &str) -> Option<Dated> {
    read(text).value
}

/// Reads a date, telling which rule did. An empty text gives nothing and no flag.
pub fn read(text: &str) -> Reading<Dated> {
    if let Some(date) = iso(text) {
        return Reading::plain(Dated::on(date, Precision::Day));
    }
    let text = text.trim();
    if text.is_empty() {
        return Reading::empty();
    }
    if !text.is_ascii() {
        let mut reading = read_clean(text);
        return match &mut reading {
            // nothing but blanks that show nothing
            Reading { value: None, notes } if notes.is_empty() => Reading::empty(),
            _ => reading,
        };
    }
    read_ascii(text)
}

/// A text with words: digits of full width made plain, legacy encodings decoded.
fn read_clean(text: &str) -> Reading<Dated> {
    let mut decoded = Vec::new();
    let clean = clean_noting(text, |note| decoded.extend(note.keeps_original.then_some(note)));
    let digits = plain_digits(&clean);
    let mut reading = read_ascii(digits.trim());
    if reading.value.is_some() {
        reading.notes.splice(0..0, decoded.into_iter().filter(|note| note.flag.is_none()));
    }
    reading
}

fn read_ascii(text: &str) -> Reading<Dated> {
    if let Some(date) = iso(text) {
        return Reading::plain(Dated::on(date, Precision::Day)).with(Note::tidied("format"));
    }
    if let Some(moment) = machine_time(text) {
        let date = moment.with_timezone(&HANOI).date_naive();
        return in_range(date).map_or_else(
            || Reading::failed(Flag::DateInvalid, "out_of_range"),
            |date| Reading::plain(Dated::on(date, Precision::Day)).with(Note::tidied("timestamp")),
        );
    }
    if text.len() > 120 {
        return Reading::failed(Flag::DateInvalid, "not_a_date");
    }
    if is_lunar(text) {
        return Reading::failed(Flag::DateInvalid, "lunar");
    }
    let tokens = tokens(&with_point(text));
    for rule in RULES {
        if let Some((dated, note)) = (rule.apply)(&tokens.date) {
            return Reading::plain(dated).with(note.unwrap_or(Note::tidied(rule.name)));
        }
    }
    Reading::failed(Flag::DateInvalid, "not_a_date")
}

/// A spreadsheet's serial with a decimal comma, with a point.
fn with_point(text: &str) -> Cow<'_, str> {
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once(',') {
        Some((days, share)) if days.len() == 5 && all_digits(days) && all_digits(share) => {
            Cow::Owned(format!("{days}.{share}"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Reads a moment. Without a zone it is meant in Vietnam; a date alone is its first minute there.
pub fn read_moment(text: &str) -> Reading<DateTime<Utc>> {
    let text = text.trim();
    if let Some(moment) = machine_time(text) {
        return Reading::plain(moment);
    }
    let dated = read(text);
    let time = if text.len() > 120 { None } else { tokens(text).time };
    let moment = dated.value.filter(|dated| dated.precision == Precision::Day).and_then(|dated| {
        let time = time.or_else(|| excel_time(text)).unwrap_or(NaiveTime::MIN);
        HANOI.from_local_datetime(&dated.date.and_time(time)).single().map(|at| at.with_timezone(&Utc))
    });
    match moment {
        Some(moment) => Reading { value: Some(moment), notes: dated.notes },
        None if text.is_empty() => Reading::empty(),
        None => Reading::failed(Flag::DateInvalid, "not_a_moment"),
    }
}

/// The one form that needs no rule: `2024-03-05`.
fn iso(text: &str) -> Option<NaiveDate> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let year = i32::try_from(number(&[y0, y1, y2, y3])?).ok()?;
    date(year, number(&[m0, m1])?, number(&[d0, d1])?)
}

fn date(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).and_then(in_range)
}

fn in_range(date: NaiveDate) -> Option<NaiveDate> {
    YEARS.contains(&chrono::Datelike::year(&date)).then_some(date)
}

fn on_day(year: i32, month: u32, day: u32) -> Option<(Dated, Option<Note>)> {
    date(year, month, day).map(|date| (Dated::on(date, Precision::Day), None))
}

/// What programs write: RFC 3339, the same without a zone (then Vietnam's), seconds or milliseconds since 1970,
/// ASP.NET's `/Date(1709596800000)/`.
fn machine_time(text: &str) -> Option<DateTime<Utc>> {
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        let milliseconds = inner.split_once('+').map_or(inner, |(before, _)| before);
        return DateTime::from_timestamp_millis(milliseconds.parse().ok()?);
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        let mail = text.is_ascii() && (20..=40).contains(&text.len()) && text.contains(':');
        let moment = mail.then(|| DateTime::parse_from_rfc2822(text).ok()).flatten()?;
        return Some(moment.with_timezone(&Utc));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = text.parse().ok()?;
        return match text.len() {
            10 => DateTime::from_timestamp_secs(number),
            13 => DateTime::from_timestamp_millis(number),
            _ => None,
        };
    }
    if text.len() < 16 || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.with_timezone(&Utc));
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"] {
        if let Ok(moment) = DateTime::<FixedOffset>::parse_from_str(text, format) {
            return Some(moment.with_timezone(&Utc));
        }
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, format) {
            return HANOI.from_local_datetime(&local).single().map(|at| at.with_timezone(&Utc));
        }
    }
    None
}

const STEMS: &[&str] = &["giap", "at", "binh", "dinh", "mau", "ky", "canh", "tan", "nham", "quy"];
const BRANCHES: &[&str] = &["ty", "suu", "dan", "mao", "meo", "thin", "ti", "ngo", "mui", "than", "dau", "tuat", "hoi"];

/// A date of the lunar calendar (âm lịch) is not converted: marked as such, a month called Giêng or Chạp, or a year
/// by stem and branch (năm Giáp Thìn).
fn is_lunar(text: &str) -> bool {
    if text.is_ascii() && text.bytes().all(|byte| !byte.is_ascii_alphabetic()) {
        return false;
    }
    let flat = flat_words(text);
    let words: Vec<&str> = flat.split(' ').collect();
    words.iter().any(|word| matches!(*word, "al" | "gieng" | "chap" | "nhuan"))
        || words.windows(2).any(|pair| {
            matches!(pair, ["am", "lich"])
                || matches!(pair, [stem, branch] if STEMS.contains(stem) && BRANCHES.contains(branch))
        })
}

/// A year of two digits lies in 1940 to 2039.
const fn full_year(number: u32, digits: usize) -> Option<i32> {
    match digits {
        4 => Some(number as i32),
        2 if number < 40 => Some(2000 + number as i32),
        2 => Some(1900 + number as i32),
        _ => None,
    }
}

/// `5/3/2024`, `05-03-24`, `5.3.2024`, `5 tháng 3 năm 2024`: day first, always.
fn day_month_year(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    let [Token::Number(day, 1..=2), Token::Number(month, 1..=2), Token::Number(year, digits)] = tokens else {
        return None;
    };
    let (dated, note) = on_day(full_year(*year, *digits)?, *month, *day)?;
    Some((Dated { century_assumed: *digits == 2, ..dated }, note))
}

/// `2024/3/5`, `2024 03 05`.
fn year_month_day(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    let [Token::Number(year, 4), Token::Number(month, 1..=2), Token::Number(day, 1..=2)] = tokens else {
        return None;
    };
    on_day(*year as i32, *month, *day)
}

/// `00/00/1950`, `1950-00-00`, `00/03/1950`: databases and forms write nought for what is not known.
fn zero_parts(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    let ([Token::Number(0, _), Token::Number(month, 1..=2), Token::Number(year, 4)]
    | [Token::Number(year, 4), Token::Number(month, 1..=2), Token::Number(0, _)]) = tokens
    else {
        return None;
    };
    if *month == 0 {
        date(*year as i32, 1, 1).map(|date| (Dated::on(date, Precision::Year), None))
    } else {
        first_of(*year as i32, *month)
    }
}

/// `3/25/2024` from a spreadsheet set to English: no day-first reading exists, so it is taken and flagged.
fn month_first(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    let [Token::Number(month, 1..=2), Token::Number(day @ 13.., 1..=2), Token::Number(year, 4)] = tokens else {
        return None;
    };
    let (dated, _) = on_day(*year as i32, *month, *day)?;
    Some((dated, Some(Note::doubt(Flag::DateInvalid, "month_first"))))
}

/// `5 Mar 2024`, `March 5, 2024`, `05-thg 3-2024`.
fn month_name(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    match tokens {
        [Token::Number(day, 1..=2), Token::Month(month), Token::Number(year, digits)]
        | [Token::Month(month), Token::Number(day, 1..=2), Token::Number(year, digits)] => {
            on_day(full_year(*year, *digits)?, *month, *day)
        }
        [Token::Month(month), Token::Number(year, 4)] => first_of(*year as i32, *month),
        _ => None,
    }
}

fn first_of(year: i32, month: u32) -> Option<(Dated, Option<Note>)> {
    date(year, month, 1).map(|date| (Dated::on(date, Precision::Month), None))
}

/// `03/2024`, `tháng 3 năm 2024`, `2024-03`.
fn month_year(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    match tokens {
        [Token::Number(month, 1..=2), Token::Number(year, 4)]
        | [Token::Number(year, 4), Token::Number(month, 1..=2)] => first_of(*year as i32, *month),
        _ => None,
    }
}

/// `1950`, `năm 1950`, `sinh năm 1950`.
fn year_alone(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    let [Token::Number(year, 4)] = tokens else { return None };
    date(*year as i32, 1, 1).map(|date| (Dated::on(date, Precision::Year), None))
}

/// `20240305`, or `05032024` where that is no date.
fn compact(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    match tokens {
        [Token::Number(number, 8)] => on_day((number / 10_000) as i32, number / 100 % 100, number % 100)
            .or_else(|| on_day((number % 10_000) as i32, number / 10_000 % 100, number / 1_000_000)),
        _ => None,
    }
}

/// Days since 1899-12-30, the 1900 system of spreadsheets with its day 60 that never was; a fraction is the time.
fn excel_serial(tokens: &[Token]) -> Option<(Dated, Option<Note>)> {
    let ([Token::Number(serial, 5)] | [Token::Number(serial, 5), Token::Fraction(_)]) = tokens else { return None };
    let serial = i64::from(*serial);
    let date = SERIALS.contains(&serial).then(|| excel_epoch().checked_add_days(Days::new(serial as u64))).flatten()?;
    Some((Dated::on(date, Precision::Day), Some(Note::repaired("excel_serial"))))
}

const fn excel_epoch() -> NaiveDate {
    match NaiveDate::from_ymd_opt(1899, 12, 30) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// The time of day in a serial's fraction, to the second.
fn excel_time(text: &str) -> Option<NaiveTime> {
    let (days, fraction) = text.split_once('.')?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if days.len() != 5 || !is_number(days) || !is_number(fraction) {
        return None;
    }
    let share: f64 = format!("0.{fraction}").parse().ok()?;
    NaiveTime::from_num_seconds_from_midnight_opt((share * 86_400.0).round() as u32, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let reading = read(text);
        let rules: Vec<String> = reading
            .notes
            .iter()
            .map(|note| note.flag.map_or(note.rule.to_owned(), |flag| format!("{}!{}", note.rule, flag.as_str())))
            .collect();
        let value = reading.value.map_or("-".to_owned(), |dated| format!("{} {:?}", dated.date, dated.precision));
        format!("{value} [{}]", rules.join(" "))
    }

    #[test]
    fn dates() {
        for (text, wanted) in [
            ("2024-03-05", "2024-03-05 Day []"),
            ("ngµy 5 th¸ng 3 n¨m 2024", "2024-03-05 Day [decoded_tcvn3 day_month_year]"),
            ("NgÃ y 5 thÃ¡ng 3 nÄƒm 2024", "2024-03-05 Day [decoded_double_utf8 day_month_year]"),
            ("５/３/２０２４", "2024-03-05 Day [day_month_year]"),
            ("\u{200B}2024-03-05", "2024-03-05 Day [format]"),
            ("\u{A0}", "- []"),
            ("45356,5", "2024-03-05 Day [excel_serial]"),
            ("xx/xx/1950", "1950-01-01 Year [zero_parts]"),
            ("XX/03/1950", "1950-03-01 Month [zero_parts]"),
            ("ngày ... tháng ... năm 2024", "2024-01-01 Year [year]"),
            ("~1950", "1950-01-01 Year [year]"),
            ("trước 1950", "- [not_a_date!date_invalid]"),
            ("05/03/2024 - 07/03/2024", "- [not_a_date!date_invalid]"),
            ("0001-01-01", "- [not_a_date!date_invalid]"),
            ("9999-12-31", "- [not_a_date!date_invalid]"),
            ("31/04/2024", "- [not_a_date!date_invalid]"),
            ("1/24", "- [not_a_date!date_invalid]"),
            ("60", "- [not_a_date!date_invalid]"),
            ("15 tháng 7 âm lịch năm 2023", "- [lunar!date_invalid]"),
            ("2024-03-05T23:30:00Z", "2024-03-06 Day [timestamp]"),
            ("2024-03-05 23:30:00+00", "2024-03-06 Day [timestamp]"),
            ("05/03/2024", "2024-03-05 Day [day_month_year]"),
            ("5/3/24", "2024-03-05 Day [day_month_year]"),
            ("5-3-2024", "2024-03-05 Day [day_month_year]"),
            ("05.03.2024", "2024-03-05 Day [day_month_year]"),
            ("05 03 2024", "2024-03-05 Day [day_month_year]"),
            (" 03/04/2024 ", "2024-04-03 Day [day_month_year]"),
            ("31/12/75", "1975-12-31 Day [day_month_year]"),
            ("ngày 5 tháng 3 năm 2024", "2024-03-05 Day [day_month_year]"),
            ("Ngày 05 tháng 03 năm 2024.", "2024-03-05 Day [day_month_year]"),
            ("Nga\u{300}y 5 tha\u{301}ng 3 na\u{306}m 2024", "2024-03-05 Day [day_month_year]"),
            ("Hà Nội, ngày 5 tháng 3 năm 2024", "2024-03-05 Day [day_month_year]"),
            ("Thứ ba, ngày 5/3/2024", "2024-03-05 Day [day_month_year]"),
            ("5 tháng Ba năm 2024", "2024-03-05 Day [day_month_year]"),
            ("mùng 5 tháng 3 năm 2024", "2024-03-05 Day [day_month_year]"),
            ("2024/3/5", "2024-03-05 Day [year_month_day]"),
            ("2024-3-5", "2024-03-05 Day [year_month_day]"),
            ("05/03/2024 14:30", "2024-03-05 Day [day_month_year]"),
            ("14h30 ngày 05/03/2024", "2024-03-05 Day [day_month_year]"),
            ("14 giờ 30 phút, ngày 5/3/2024", "2024-03-05 Day [day_month_year]"),
            ("3/5/2024 2:30:00 PM", "2024-05-03 Day [day_month_year]"),
            ("2024-03-05T20:00:00Z", "2024-03-06 Day [timestamp]"),
            ("2024-03-05T20:00:00+07:00", "2024-03-05 Day [timestamp]"),
            ("2024-03-05 20:00:00.123", "2024-03-05 Day [timestamp]"),
            ("2024-03-05T00:00:00", "2024-03-05 Day [timestamp]"),
            ("Tue, 05 Mar 2024 20:00:00 +0000", "2024-03-06 Day [timestamp]"),
            ("/Date(1709596800000)/", "2024-03-05 Day [timestamp]"),
            ("1709596800", "2024-03-05 Day [timestamp]"),
            ("1709596800000", "2024-03-05 Day [timestamp]"),
            ("3/25/2024", "2024-03-25 Day [month_first!date_invalid]"),
            ("5 Mar 2024", "2024-03-05 Day [month_name]"),
            ("05-Mar-24", "2024-03-05 Day [month_name]"),
            ("March 5, 2024", "2024-03-05 Day [month_name]"),
            ("03/2024", "2024-03-01 Month [month_year]"),
            ("tháng 3/2024", "2024-03-01 Month [month_year]"),
            ("tháng 3 năm 2024", "2024-03-01 Month [month_year]"),
            ("T3/2024", "2024-03-01 Month [month_year]"),
            ("2024-03", "2024-03-01 Month [month_year]"),
            ("1950", "1950-01-01 Year [year]"),
            ("năm 1950", "1950-01-01 Year [year]"),
            ("Sinh năm 1950", "1950-01-01 Year [year]"),
            ("SN 1950", "1950-01-01 Year [year]"),
            ("1950.0", "1950-01-01 Year [year]"),
            ("20240305", "2024-03-05 Day [compact]"),
            ("05032024", "2024-03-05 Day [compact]"),
            ("45356", "2024-03-05 Day [excel_serial]"),
            ("45356.5", "2024-03-05 Day [excel_serial]"),
            ("45356.0", "2024-03-05 Day [excel_serial]"),
            ("18264", "1950-01-01 Day [excel_serial]"),
            ("29/02/2023", "- [not_a_date!date_invalid]"),
            ("32/01/2024", "- [not_a_date!date_invalid]"),
            ("00/00/0000", "- [not_a_date!date_invalid]"),
            ("1950-00-00", "1950-01-01 Year [zero_parts]"),
            ("00/00/1950", "1950-01-01 Year [zero_parts]"),
            ("00/03/1950", "1950-03-01 Month [zero_parts]"),
            ("02/09/1945 dương lịch", "1945-09-02 Day [day_month_year]"),
            ("31/00/1950", "- [not_a_date!date_invalid]"),
            ("15/8 âm lịch", "- [lunar!date_invalid]"),
            ("15/8/2024 (ÂL)", "- [lunar!date_invalid]"),
            ("rằm tháng Giêng năm 2024", "- [lunar!date_invalid]"),
            ("ngày 10 tháng 3 năm Giáp Thìn", "- [lunar!date_invalid]"),
            ("không rõ", "- [not_a_date!date_invalid]"),
            ("5/3", "- [not_a_date!date_invalid]"),
            ("từ 5/3/2024 đến 7/3/2024", "- [not_a_date!date_invalid]"),
            ("99999", "- [not_a_date!date_invalid]"),
            ("2024-03-05x", "- [not_a_date!date_invalid]"),
            ("", "- []"),
            ("  ", "- []"),
        ] {
            assert_eq!(shown(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn moments() {
        for (text, wanted) in [
            ("2024-03-05T08:30:00Z", Some("2024-03-05T08:30:00Z")),
            ("2024-03-05", Some("2024-03-04T17:00:00Z")),
            ("05/03/2024 14:30", Some("2024-03-05T07:30:00Z")),
            ("05/03/2024 14:30:15", Some("2024-03-05T07:30:15Z")),
            ("14h30 ngày 5/3/2024", Some("2024-03-05T07:30:00Z")),
            ("14 giờ ngày 5/3/2024", Some("2024-03-05T07:00:00Z")),
            ("5/3/2024 2:30 PM", Some("2024-03-05T07:30:00Z")),
            ("5/3/2024 2:30 CH", Some("2024-03-05T07:30:00Z")),
            ("5/3/2024 12:05:00 SA", Some("2024-03-04T17:05:00Z")),
            ("45356.5", Some("2024-03-05T05:00:00Z")),
            ("2024-03-05 08:30", Some("2024-03-05T01:30:00Z")),
            ("2024-03", None),
            ("hôm qua", None),
        ] {
            let read = read_moment(text).value.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
            assert_eq!(read.as_deref(), wanted, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_reads_itself_back(text in "(\\PC|[0-9/.: -]|ngày|tháng){0,30}") {
            if let Some(dated) = parse(&text) {
                assert_eq!(parse(&dated.date.to_string()).map(|again| again.date), Some(dated.date));
            }
            let moment = read_moment(&text);
            assert!(moment.value.is_some() || moment.notes.iter().all(|note| note.flag.is_some()));
        }

        #[test]
        fn every_habit_gives_the_day(days in 0_u64..40_000) {
            let date = NaiveDate::from_ymd_opt(1940, 1, 1).unwrap() + Days::new(days);
            for format in ["%d/%m/%Y", "%-d/%-m/%Y", "%d-%m-%Y", "%d.%m.%Y", "ngày %d tháng %m năm %Y", "%Y%m%d", "%Y/%m/%d"] {
                let text = date.format(format).to_string();
                assert_eq!(parse(&text), Some(Dated::on(date, Precision::Day)), "{text}");
            }
        }
    }
}
