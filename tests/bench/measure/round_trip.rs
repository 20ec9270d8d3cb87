//! Texts in legacy encodings, as a program shows them that takes their bytes for CP1252; and how many sentences come
//! back as they were. The unit tests and the bench count with this one file.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::sentence::{Chance, sentence};
use crate::reference::legacy::{tcvn3, vni};

/// A way to damage a text.
pub type Encode = fn(&str) -> String;

/// The ways, by name.
pub const WAYS: [(&str, Encode); 6] = [
    ("tcvn3", to_tcvn3),
    ("vni", to_vni),
    ("viqr", to_viqr),
    ("windows-1258", to_1258),
    ("utf-8 twice", to_double),
    ("utf-8 thrice", to_triple),
];

/// Words of the sentences that are measured.
pub const LENGTHS: [usize; 7] = [1, 2, 3, 5, 10, 20, 40];

/// From how many words on nearly all must be right.
pub const LONG: usize = 10;

/// What became of the sentences of one length in one encoding.
#[derive(Debug, Clone)]
pub struct Row {
    pub encoding: &'static str,
    pub words: usize,
    pub all: u32,
    pub right: u32,
    /// Not right, and a quality flag says so.
    pub flagged: u32,
    /// Left as they came, without a flag.
    pub unnoticed: u32,
    /// Changed into something else than they were, without a flag.
    pub wrong: u32,
    /// Some of those that are neither right nor flagged: as it was, as it came, as it was read.
    pub examples: Vec<[String; 3]>,
}

/// Sentences of all lengths in turn through every encoding and back. `read` gives a text as it is understood, and
/// whether a flag doubts it.
pub fn measure(sentences: usize, read: impl Fn(&str) -> (String, bool)) -> Vec<Row> {
    let mut rows: Vec<Row> =
        WAYS.iter().flat_map(|(encoding, _)| LENGTHS.iter().map(|words| Row::new(encoding, *words))).collect();
    let mut chance = Chance(20_261_124);
    for index in 0..sentences {
        let at = index % LENGTHS.len();
        let sentence = sentence(&mut chance, LENGTHS.get(at).copied().unwrap_or(1));
        for (way, (_, encode)) in WAYS.iter().enumerate() {
            if let Some(row) = rows.get_mut(way * LENGTHS.len() + at) {
                let came = encode(&sentence);
                row.count(&sentence, came, &read);
            }
        }
    }
    rows
}

impl Row {
    const fn new(encoding: &'static str, words: usize) -> Self {
        Self { encoding, words, all: 0, right: 0, flagged: 0, unnoticed: 0, wrong: 0, examples: Vec::new() }
    }

    fn count(&mut self, sentence: &str, came: String, read: impl Fn(&str) -> (String, bool)) {
        let (text, is_flagged) = read(&came);
        self.all += 1;
        // ABC fonts have no capitals with tones: what was written with them, text alone cannot tell
        let same =
            if self.encoding == "tcvn3" { text.to_lowercase() == sentence.to_lowercase() } else { text == sentence };
        match (same, is_flagged) {
            (true, _) => self.right += 1,
            (false, true) => self.flagged += 1,
            (false, false) => {
                *(if text == came { &mut self.unnoticed } else { &mut self.wrong }) += 1;
                if self.examples.len() < 8 {
                    self.examples.push([sentence.to_owned(), came, text]);
                }
            }
        }
    }
}

/// Shares of all sentences of some rows.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    pub right: f64,
    pub flagged: f64,
    pub unnoticed: f64,
    pub wrong: f64,
}

/// The shares of all rows that are wanted.
pub fn shares(rows: &[Row], wanted: impl Fn(&Row) -> bool) -> Shares {
    let sum =
        |count: fn(&Row) -> u32| rows.iter().filter(|row| wanted(row)).map(|row| f64::from(count(row))).sum::<f64>();
    let all = sum(|row| row.all).max(1.0);
    Shares {
        right: sum(|row| row.right) / all,
        flagged: sum(|row| row.flagged) / all,
        unnoticed: sum(|row| row.unnoticed) / all,
        wrong: sum(|row| row.wrong) / all,
    }
}

/// For people: a line for each encoding, with the share right by length.
pub fn table(rows: &[Row]) -> String {
    let mut table = format!("{:<13}", "words");
    for words in LENGTHS {
        table.push_str(&format!("{words:>9}"));
    }
    table.push_str("    flagged  unnoticed  silently wrong\n");
    for (encoding, _) in WAYS {
        table.push_str(&format!("{encoding:<13}"));
        for words in LENGTHS {
            let right = shares(rows, |row| row.encoding == encoding && row.words == words).right;
            table.push_str(&format!("{:>7.2} %", right * 100.0));
        }
        table.push_str(&format!("  {}\n", doubts(shares(rows, |row| row.encoding == encoding))));
    }
    for (name, least) in [("all lengths", 1), ("10 and more", LONG)] {
        let shares = shares(rows, |row| row.words >= least);
        table.push_str(&format!("{name:<13}{:>62.3} %  {}\n", shares.right * 100.0, doubts(shares)));
    }
    table
}

fn doubts(shares: Shares) -> String {
    let [flagged, unnoticed, wrong] = [shares.flagged, shares.unnoticed, shares.wrong].map(|share| share * 100.0);
    format!("{flagged:>7.3} %  {unnoticed:>7.3} %       {wrong:>7.4} %")
}

/// TCVN3 as ABC fonts have it: capitals with tones become small letters.
pub fn to_tcvn3(text: &str) -> String {
    static BYTES: LazyLock<HashMap<char, u8>> = LazyLock::new(|| {
        let letters = tcvn3().abc.iter().zip(0_u8..=255);
        letters.filter_map(|(letter, byte)| Some(((*letter)?, byte))).collect()
    });
    let byte_of = |c: char| BYTES.get(&c).copied();
    text.chars()
        .flat_map(|c| {
            let byte = byte_of(c).or_else(|| c.to_lowercase().next().and_then(byte_of));
            byte.map_or(c.to_string(), |byte| seen_as_1252(&[byte])).chars().collect::<Vec<_>>()
        })
        .collect()
}

/// VNI for Windows.
pub fn to_vni(text: &str) -> String {
    static SIGNS: LazyLock<HashMap<char, &str>> =
        LazyLock::new(|| vni().iter().map(|(signs, letter)| (*letter, *signs)).collect());
    text.chars().map(|c| SIGNS.get(&c).map_or(c.to_string(), |signs| (*signs).to_owned())).collect()
}

/// VIQR, every sign that could be taken for a mark escaped.
pub fn to_viqr(text: &str) -> String {
    let mut result = String::new();
    for c in text.chars() {
        match c {
            'đ' => result.push_str("dd"),
            'Đ' => result.push_str("DD"),
            '.' | '?' | '\'' | '`' | '~' | '(' | '^' | '+' => {
                result.push('\\');
                result.push(c);
            }
            _ => result.extend(c.nfd().map(|part| match part {
                '\u{302}' => '^',
                '\u{306}' => '(',
                '\u{31B}' => '+',
                '\u{300}' => '`',
                '\u{301}' => '\'',
                '\u{309}' => '?',
                '\u{303}' => '~',
                '\u{323}' => '.',
                other => other,
            })),
        }
    }
    // the shape of a vowel stands before its tone
    for shape in ['^', '(', '+'] {
        for tone in ['`', '\'', '?', '~', '.'] {
            result = result.replace(&format!("{tone}{shape}"), &format!("{shape}{tone}"));
        }
    }
    result
}

/// windows-1258 read as CP1252.
pub fn to_1258(text: &str) -> String {
    static BYTES: LazyLock<HashMap<char, u8>> = LazyLock::new(|| {
        let letter = |byte: u8| encoding_rs::WINDOWS_1258.decode_without_bom_handling(&[byte]).0.chars().next();
        (0_u8..=255).rev().filter_map(|byte| Some((letter(byte)?, byte))).collect()
    });
    let one = |c: char| BYTES.get(&c).copied();
    let mut bytes = Vec::new();
    for c in text.chars() {
        if let Some(byte) = one(c) {
            bytes.push(byte);
            continue;
        }
        // base with its shape, then the tone
        let parts: Vec<char> = c.nfd().collect();
        let tone = parts
            .iter()
            .copied()
            .find(|part| matches!(part, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'));
        let base: String = parts.into_iter().filter(|part| Some(*part) != tone).collect::<String>().nfc().collect();
        bytes.extend(base.chars().chain(tone).filter_map(one));
    }
    seen_as_1252(&bytes)
}

/// UTF-8 read as CP1252.
pub fn to_double(text: &str) -> String {
    seen_as_1252(text.as_bytes())
}

/// The same twice over.
pub fn to_triple(text: &str) -> String {
    to_double(&to_double(text))
}

fn seen_as_1252(bytes: &[u8]) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}
