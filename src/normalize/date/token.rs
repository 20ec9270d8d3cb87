//! The words and numbers of a date, with the time of day taken out and filler left away.

use chrono::NaiveTime;

use super::super::text::flat_words;

/// What a date is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    /// What follows a decimal point after five digits: the time in a spreadsheet's serial.
    Fraction(u32),
    /// A month by its English name.
    Month(u32),
    /// A word that has no place in a date.
    Stranger,
}

/// A value in tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) date: Vec<Token>,
    pub(super) time: Option<NaiveTime>,
}

/// Words that stand in a date and say nothing: ngày, tháng, năm, weekdays, sinh, the place before the date.
const FILLER: &[&str] = &[
    "ngay", "thang", "nam", "thg", "t", "mung", "mong", "sinh", "sn", "ns", "khoang", "lap", "ky", "luc", "vao", "hoi",
    "thu", "cn", "chu", "nhat", "d", "m", "y", "so", "date", "duong", "lich",
];

/// Numbers of months in words, after tháng.
const MONTH_WORDS: &[(&str, u32)] = &[
    ("mot", 1),
    ("hai", 2),
    ("ba", 3),
    ("tu", 4),
    ("bon", 4),
    ("nam", 5),
    ("sau", 6),
    ("bay", 7),
    ("tam", 8),
    ("chin", 9),
    ("muoi", 10),
];

const ENGLISH: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Takes a text apart.
pub(super) fn tokens(text: &str) -> Tokens {
    let mut result = Tokens::default();
    let lower = flat_with_points(text);
    let pieces = pieces(&lower);
    let mut at = 0;
    let mut after = "";
    while let Some(piece) = pieces.get(at) {
        let rest = pieces.get(at..).unwrap_or_default();
        if let Some((time, used)) = time_of_day(rest) {
            result.time = result.time.or(time);
            result.date.extend(time.is_none().then_some(Token::Stranger));
            at += used;
            continue;
        }
        // a place stands before the date: "Hà Nội, ngày …"
        if *piece == "ngay" && result.date.iter().all(|token| *token == Token::Stranger) {
            result.date.clear();
        }
        let read = token(piece, after, result.date.last());
        result.date.extend(read);
        after = piece;
        at += 1;
    }
    if let [number @ Token::Number(_, 4), Token::Fraction(0)] = result.date.as_slice() {
        result.date = vec![*number];
    }
    result
}

/// Lower case without marks; only what separates numbers from each other is kept.
fn flat_with_points(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    for part in text.split_inclusive(['/', '.', ':', '-', ',', ';', '(', ')']) {
        let separator = part.chars().next_back().filter(|c| matches!(c, '.' | ':'));
        flat.push_str(&flat_words(part));
        flat.push(separator.unwrap_or(' '));
    }
    flat
}

/// Runs of digits, runs of letters, colons and points.
fn pieces(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        '0'..='9' => 1,
        'a'..='z' => 2,
        ' ' => 0,
        _ => 3,
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last = 0;
    for (at, c) in text.char_indices() {
        let now = class(c);
        if now != last || now == 3 {
            if last != 0 {
                pieces.extend(text.get(start..at));
            }
            start = at;
        }
        last = now;
    }
    if last != 0 {
        pieces.extend(text.get(start..));
    }
    pieces
}

fn token(piece: &str, after: &str, before: Option<&Token>) -> Option<Token> {
    if let Ok(number) = piece.parse::<u32>() {
        let is_plain = after != ".";
        return Some(if is_plain {
            Token::Number(number, piece.len())
        } else {
            fraction_or_number(piece, number, before)
        });
    }
    if matches!(piece, "." | ":") {
        return None;
    }
    if matches!(after, "thang" | "thu") {
        let named = MONTH_WORDS.iter().find(|(word, _)| *word == piece).map(|(_, number)| *number);
        if let Some(number) = named {
            return (after == "thang").then_some(Token::Number(number, 1));
        }
    }
    if FILLER.contains(&piece) {
        return None;
    }
    // xx/xx/1950: what is not known
    if matches!(piece, "x" | "xx") {
        return Some(Token::Number(0, piece.len()));
    }
    let month = piece.get(..3).and_then(|head| ENGLISH.iter().position(|name| *name == head));
    match month {
        Some(index) if piece.len() == 3 || piece.len() > 4 || matches!(piece, "june" | "july" | "sept") => {
            Some(Token::Month(index as u32 + 1))
        }
        _ => Some(Token::Stranger),
    }
}

/// After a point: the fraction of a serial, unless it is a part of `5.3.2024`.
fn fraction_or_number(piece: &str, number: u32, before: Option<&Token>) -> Token {
    match before {
        Some(Token::Number(_, 5)) => Token::Fraction(number),
        Some(Token::Number(_, 4)) if number == 0 => Token::Fraction(0),
        _ => Token::Number(number, piece.len()),
    }
}

/// `14:30`, `14:30:15.5`, `2:30 PM`, `14h30`, `14 giờ 30 phút`: the time and how many pieces it took; the time is
/// `None` where the clock has none such.
fn time_of_day(pieces: &[&str]) -> Option<(Option<NaiveTime>, usize)> {
    let hour: u32 = pieces.first()?.parse().ok()?;
    let number = |at: usize| pieces.get(at).and_then(|piece| piece.parse::<u32>().ok());
    let (minute, second, mut used) = match *pieces.get(1)? {
        ":" => {
            let minute = number(2)?;
            match (pieces.get(3), number(4)) {
                (Some(&":"), Some(second)) => (minute, second, 5),
                _ => (minute, 0, 3),
            }
        }
        "h" | "g" | "gio" => match number(2).filter(|minute| *minute < 60) {
            Some(minute) if pieces.get(2).is_some_and(|piece| piece.len() == 2) => (minute, 0, 3),
            _ => (0, 0, 2),
        },
        _ => return None,
    };
    while matches!(pieces.get(used), Some(&("phut" | "p" | "giay"))) {
        used += 1;
    }
    if pieces.get(used) == Some(&".") && number(used + 1).is_some() && pieces.get(1) == Some(&":") {
        used += 2;
    }
    let (hour, used) = match pieces.get(used) {
        Some(&("pm" | "ch")) => (if hour < 12 { hour + 12 } else { hour }, used + 1),
        Some(&("am" | "sa")) => (if hour == 12 { 0 } else { hour }, used + 1),
        _ => (hour, used),
    };
    Some((NaiveTime::from_hms_opt(hour, minute, second), used))
}
