//! The words of a text as they are compared: flat syllables, abbreviations spelled out, and numbers in one form each,
//! however they were written.
//!
//! Flat, because half of the texts that differ do so in their marks alone: some agencies type none. Two or more flat
//! syllables in a row are seldom two things.

use chrono::NaiveDate;

use super::super::hash;
use super::phrase;
use crate::normalize::text;

/// What a word is, beside its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Letters,
    /// A whole number.
    Number(u64),
    /// A number with something behind a comma, as it is written.
    Decimal,
    Date(NaiveDate),
    Document(Document),
    /// Part of what the word before it says.
    Taken,
}

/// The number of a decision, conclusion, letter or judgement (số, ký hiệu văn bản).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Document {
    pub number: u32,
    /// Hash of the signs behind it (`QĐ-UBND`); 0 where they are not told.
    pub sign: u32,
    /// The day of which it is.
    pub on: Option<NaiveDate>,
}

impl Document {
    /// Of a field or a word that holds the number of one document.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let key = crate::normalize::document::number_key(text)?;
        Self::of_key(&key)
    }

    /// Of a key as `normalize::document::number_key` gives it.
    fn of_key(key: &str) -> Option<Self> {
        let digits = key.bytes().take_while(u8::is_ascii_digit).count();
        let number = key.get(..digits)?.parse().ok().filter(|number| *number > 0)?;
        let sign = key.get(digits..)?.trim_matches(['/', '-']);
        let sign = sign.replace("UYBANNHANDAN", "UBND");
        Some(Self { number, sign: if sign.is_empty() { 0 } else { hash::text(&sign) as u32 }, on: None })
    }

    /// Whether both may be the number of one document, of whatever day.
    pub(super) const fn may_be(self, other: Self) -> bool {
        self.number == other.number && (self.sign == other.sign || self.sign == 0 || other.sign == 0)
    }

    /// Whether both are of one day; `None` where one of them is of none.
    pub(super) fn same_day(self, other: Self) -> Option<bool> {
        Some(self.on? == other.on?)
    }
}

/// One word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    start: u32,
    end: u32,
    pub(super) meaning: Meaning,
    /// Whether it begins with a capital.
    pub(super) is_capital: bool,
}

impl Word {
    /// Whether it counts among the words of a text; documents and dates are compared in their own right.
    pub(super) const fn is_said(&self) -> bool {
        !matches!(self.meaning, Meaning::Document(_) | Meaning::Date(_))
    }
}

/// The words of one text in their order.
#[derive(Default)]
pub(super) struct Words {
    letters: String,
    list: Vec<Word>,
}

/// What stands between words.
const fn separates(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, ':' | ';' | '(' | ')' | '"' | '“' | '”' | '!' | '?' | '…' | '[' | ']' | '*' | '=' | '«' | '»')
}

const fn is_edge(c: char) -> bool {
    matches!(c, '.' | ',' | '-' | '–' | '—' | '/' | '\'' | '’' | '+' | '>' | '<')
}

impl Words {
    pub(super) fn read(text: &str) -> Self {
        let mut words = Self { letters: String::with_capacity(text.len()), list: Vec::with_capacity(text.len() / 5) };
        let closed = close_up(text);
        let text = closed.as_deref().unwrap_or(text);
        // the last word of a text that was cut off may be half a word
        let text = match text.trim_end().strip_suffix("...").or_else(|| text.trim_end().strip_suffix('…')) {
            Some(cut) => cut.rsplit_once(char::is_whitespace).map_or("", |(kept, _)| kept),
            None => text,
        };
        for raw in text.split(separates) {
            let raw = raw.trim_matches(is_edge);
            match raw.bytes().next() {
                None => {}
                Some(b'0'..=b'9') => words.number(raw),
                Some(_) => words.syllables(raw),
            }
        }
        words.spelled_dates();
        words
    }

    pub(super) fn list(&self) -> &[Word] {
        &self.list
    }

    pub(super) fn get(&self, at: usize) -> Option<(&str, Meaning)> {
        let word = self.list.get(at)?;
        Some((self.letters_of(word), word.meaning))
    }

    pub(super) fn letters_of(&self, word: &Word) -> &str {
        self.letters.get(word.start as usize..word.end as usize).unwrap_or("")
    }

    fn push(&mut self, write: impl FnOnce(&mut String), meaning: Meaning) {
        let start = self.letters.len();
        write(&mut self.letters);
        if self.letters.len() > start {
            let end = self.letters.len() as u32;
            self.list.push(Word { start: start as u32, end, meaning, is_capital: false });
        }
    }

    fn syllables(&mut self, raw: &str) {
        let between = |c: char| matches!(c, ',' | '.' | '/' | '-' | '–' | '—' | '+' | '&' | '_' | '<' | '>');
        for part in raw.split(between) {
            let start = self.letters.len();
            text::push_flat(part, &mut self.letters);
            let written = self.letters.get(start..).unwrap_or("");
            match phrase::spelled_out(written) {
                Some(full) => {
                    self.letters.truncate(start);
                    full.iter().for_each(|word| self.push(|letters| letters.push_str(word), Meaning::Letters));
                }
                None if written.is_empty() => {}
                None => {
                    let end = self.letters.len() as u32;
                    let is_capital = part.starts_with(char::is_uppercase);
                    self.list.push(Word { start: start as u32, end, meaning: Meaning::Letters, is_capital });
                }
            }
        }
    }

    /// A word that begins with a digit.
    fn number(&mut self, raw: &str) {
        let digits = raw.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
        // 120,5m2 is two words
        if !digits.is_empty() && !digits.contains('/') && !digits.contains('-') {
            self.number(raw.get(..raw.len() - digits.len()).unwrap_or("").trim_matches(is_edge));
            return self.syllables(digits);
        }
        if let Some(date) = date(raw) {
            return self.push(|letters| letters.push_str(&date.format("%Y%m%d").to_string()), Meaning::Date(date));
        }
        if let Some(value) = whole(raw) {
            return self.push(|letters| letters.push_str(&value.to_string()), Meaning::Number(value));
        }
        if raw.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
            let decimal = |letters: &mut String| {
                letters.extend(raw.chars().map(|c| if matches!(c, '.' | ',') { 'c' } else { c }));
            };
            return self.push(decimal, Meaning::Decimal);
        }
        let has_sign = raw.contains('/') && raw.chars().any(char::is_alphabetic);
        let document = if has_sign { Document::parse(raw) } else { None };
        let meaning = match document {
            // what a matter rests on is not what is complained of: several may complain that one judgement is not enforced
            Some(_) if is_judgement(raw) => Meaning::Decimal,
            // what everybody quotes says nothing
            Some(document) if !is_norm(raw) => Meaning::Document(document),
            _ => Meaning::Letters,
        };
        let written = |letters: &mut String| match document {
            Some(_) => text::push_flat(raw.trim_start_matches('0'), letters),
            None => text::push_flat(raw, letters),
        };
        self.push(written, meaning);
    }

    /// `ngày 5 tháng 3 năm 2024` is one date.
    fn spelled_dates(&mut self) {
        for at in 0..self.list.len().saturating_sub(5) {
            let number = |offset: usize| match self.list.get(at + offset).map(|word| word.meaning) {
                Some(Meaning::Number(value)) => u32::try_from(value).ok(),
                _ => None,
            };
            let is = |offset: usize, letters: &str| self.get(at + offset).is_some_and(|(word, _)| word == letters);
            if !(is(0, "ngay") && is(2, "thang") && is(4, "nam")) {
                continue;
            }
            let (Some(day), Some(month), Some(year)) = (number(1), number(3), number(5)) else { continue };
            let Some(date) = NaiveDate::from_ymd_opt(year as i32, month, day) else { continue };
            let start = self.letters.len() as u32;
            self.letters.push_str(&date.format("%Y%m%d").to_string());
            let end = self.letters.len() as u32;
            if let Some(word) = self.list.get_mut(at + 1) {
                *word = Word { start, end, meaning: Meaning::Date(date), is_capital: false };
            }
            if let Some(rest) = self.list.get_mut(at + 2..at + 6) {
                rest.iter_mut().for_each(|word| word.meaning = Meaning::Taken);
            }
        }
        self.list.retain(|word| word.meaning != Meaning::Taken);
    }
}

/// Documents with blanks around their strokes: `123 / QĐ - UBND`. `None` where there are none.
fn close_up(text: &str) -> Option<String> {
    const APART: [&str; 6] = ["/ ", " /", "QĐ -", "QĐ- ", "-Ủy ban nhân dân", "-Uy ban nhan dan"];
    if !APART.iter().any(|apart| text.contains(apart)) {
        return None;
    }
    let closed = text.replace(" / ", "/").replace("/ ", "/").replace(" /", "/");
    let closed = closed.replace("QĐ - ", "QĐ-").replace("QĐ- ", "QĐ-").replace("QĐ -", "QĐ-");
    Some(closed.replace("-Ủy ban nhân dân", "-UBND").replace("-Uy ban nhan dan", "-UBND"))
}

/// Laws, decrees and circulars (văn bản quy phạm pháp luật) by their signs: a thousand petitions quote the same one.
fn is_norm(raw: &str) -> bool {
    let mut parts = raw.splitn(3, '/');
    let year = parts.nth(1).unwrap_or("");
    let signs = text::flat_key(parts.next().unwrap_or(""));
    year.len() == 4
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && ["qh", "ubtvqh", "nd", "nq", "tt", "ttlt", "qdttg", "ctttg", "lenh"]
            .iter()
            .any(|sign| signs.starts_with(sign))
}

/// Judgements (bản án), of the first instance or on appeal: `12/2020/DS-ST`, `5/2021/HC-PT`.
fn is_judgement(raw: &str) -> bool {
    let mut parts = raw.splitn(3, '/');
    let year = parts.nth(1).unwrap_or("");
    let signs = text::flat_key(parts.next().unwrap_or(""));
    year.len() == 4 && (signs.ends_with("st") || signs.ends_with("pt"))
}

/// `5/3/2024`, `05-03-24`, `5.3.2024`.
fn date(raw: &str) -> Option<NaiveDate> {
    if raw.len() > 10 {
        return None;
    }
    let mut parts = raw.split(['/', '-', '.']);
    let mut part = |longest: usize| {
        let part = parts.next().filter(|part| (1..=longest).contains(&part.len()))?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten()
    };
    let (day, month, year) = (part(2)?, part(2)?, part(4)?);
    let year = match year {
        0..50 => 2000 + year,
        50..100 => 1900 + year,
        1900..2100 => year,
        _ => return None,
    };
    parts.next().is_none().then(|| NaiveDate::from_ymd_opt(year as i32, month, day)).flatten()
}

/// A whole number, its thousands set apart or not.
fn whole(raw: &str) -> Option<u64> {
    if raw.len() > 19 {
        return None;
    }
    let mut groups = raw.split(['.', ',']);
    let first = groups.next()?;
    let mut rest = groups.peekable();
    let is_grouped = rest.peek().is_some();
    if is_grouped && first.len() > 3 || !rest.all(|group| group.len() == 3) {
        return None;
    }
    let mut value: u64 = 0;
    for byte in raw.bytes() {
        match byte {
            b'0'..=b'9' => value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?,
            b'.' | b',' => {}
            _ => return None,
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> String {
        let words = Words::read(text);
        words.list.iter().map(|word| words.letters_of(word)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn one_form_for_each() {
        for (text, wanted) in [
            ("", ""),
            ("Thửa đất số 0123, tờ bản đồ số 45.", "thua dat so 123 to ban do so 45"),
            ("thua dat so 123; to ban do so 45", "thua dat so 123 to ban do so 45"),
            ("ngày 5 tháng 3 năm 2024 nhận", "ngay 20240305 nhan"),
            ("ngày 05/03/2024 nhận", "ngay 20240305 nhan"),
            ("125.000.000 đồng", "125000000 dong"),
            ("Quyết định số 12 / QĐ - UBND", "quyet dinh so 12qdubnd"),
            ("QĐ số 0012/QĐ-UBND", "quyet dinh so 12qdubnd"),
            ("UBND xã", "uy ban nhan dan xa"),
            ("diện tích 120,5 m²...", "dien tich 120c5"),
            ("khu đất bị thu h…", "khu dat bi thu"),
            ("Khu dân cư, đường/phố", "khu dan cu duong pho"),
            ("120,5m2 và 43%", "120c5 m va 43"),
            ("số 12/QĐ-Ủy ban nhân dân", "so 12qdubnd"),
        ] {
            assert_eq!(letters(text), wanted, "{text}");
        }
    }

    #[test]
    fn meanings() {
        let of = |text: &str| {
            let words = Words::read(text);
            words.list.last().unwrap().meaning
        };
        let document = |text: &str| Document::parse(text).unwrap();
        assert_eq!(of("5/3/2024"), Meaning::Date(NaiveDate::from_ymd_opt(2024, 3, 5).unwrap()));
        assert_eq!(of("12/QĐ-UBND"), Meaning::Document(document("12/QĐ-UBND")));
        assert_eq!(of("số 012/QD-UBND"), Meaning::Document(document("12/QĐ-UBND")));
        assert_eq!(of("12/2020/DS-ST"), Meaning::Decimal);
        assert_eq!(of("12A"), Meaning::Letters);
        for quoted in ["43/2014/NĐ-CP", "02/2011/QH13", "05/2021/TT-TTCP"] {
            assert_eq!(of(quoted), Meaning::Letters, "{quoted}");
        }
        assert_eq!(of("45/12"), Meaning::Letters);
        assert_eq!(of("1.250.000"), Meaning::Number(1_250_000));
        assert_eq!(of("30.5"), Meaning::Decimal);
        assert!(document("12/QĐ-UBND").may_be(document("12")) && !document("12/QĐ-UBND").may_be(document("12/KL")));
    }

    proptest::proptest! {
        #[test]
        fn reads_anything(text in "(\\PC|[0-9/. -]|QĐ|ngày 5 tháng 3 năm 2024){0,60}") {
            let words = Words::read(&text);
            proptest::prop_assert!(words.list.iter().all(|word| !words.letters_of(word).is_empty()));
        }
    }
}
