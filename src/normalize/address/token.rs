//! The words of an address with their keys and what stands between them.

use super::super::letter::letter;
use super::super::text::push_word_keys;

/// What stands before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// A blank or nothing.
    Word,
    /// A dash, a full stop, a slash: may stand inside a name.
    Soft,
    /// The start, a comma, a semicolon, a bracket: never inside a name.
    Hard,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    /// Where the word stands in the text.
    from: usize,
    to: usize,
    /// Where its keys begin in the joined keys.
    flat: usize,
    toned: usize,
    gap: Gap,
}

/// An address taken apart: keys of any run of its words are slices.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    pub(super) text: &'a str,
    words: Vec<Token>,
    flat: String,
    toned: String,
    /// Whether anything in it has a diacritic, so that one left out means that there is none.
    pub(super) marked: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut tokens = Self { text, words: Vec::new(), flat: String::new(), toned: String::new(), marked: false };
        let mut gap = Gap::Hard;
        let mut from = None;
        let mut last = ' ';
        for (at, c) in text.char_indices() {
            let inside = letter(c).is_some() || (from.is_some() && is_joint(c));
            if inside {
                // P5, Q1: a short word and its number
                let number_begins =
                    c.is_ascii_digit() && last.is_alphabetic() && is_short_unit(text.get(from.unwrap_or(at)..at));
                if number_begins && let Some(start) = from {
                    tokens.push(start, at, gap);
                    gap = Gap::Word;
                    from = Some(at);
                }
                from = from.or(Some(at));
            } else {
                if let Some(start) = from.take() {
                    tokens.push(start, at, gap);
                    gap = Gap::Word;
                }
                gap = gap.max(match c {
                    ',' | ';' | '(' | ')' | '|' | '\n' | ':' => Gap::Hard,
                    ' ' => Gap::Word,
                    _ => Gap::Soft,
                });
            }
            last = c;
        }
        if let Some(start) = from {
            tokens.push(start, text.len(), gap);
        }
        tokens
    }

    fn push(&mut self, from: usize, to: usize, gap: Gap) {
        let word = self.text.get(from..to).unwrap_or_default();
        self.words.push(Token { from, to, flat: self.flat.len(), toned: self.toned.len(), gap });
        if let Some(number) = number(word) {
            self.flat.push_str(number);
            self.toned.push_str(number);
        } else {
            push_word_keys(word, &mut self.toned, &mut self.flat);
        }
        self.marked |= !word.is_ascii();
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// The flat key of a run of words, without blanks.
    pub(super) fn flat(&self, from: usize, to: usize) -> &str {
        let start = self.words.get(from).map_or(self.flat.len(), |token| token.flat);
        let end = self.words.get(to).map_or(self.flat.len(), |token| token.flat);
        self.flat.get(start..end).unwrap_or_default()
    }

    /// The toned key of a run of words, without blanks.
    pub(super) fn toned(&self, from: usize, to: usize) -> &str {
        let start = self.words.get(from).map_or(self.toned.len(), |token| token.toned);
        let end = self.words.get(to).map_or(self.toned.len(), |token| token.toned);
        self.toned.get(start..end).unwrap_or_default()
    }

    /// What stands before a word.
    pub(super) fn gap(&self, at: usize) -> Gap {
        self.words.get(at).map_or(Gap::Hard, |token| token.gap)
    }

    /// The text before a word, without separators at its end.
    pub(super) fn before(&self, at: usize) -> &'a str {
        let end = match at.checked_sub(1) {
            Some(last) => self.words.get(last).map_or(0, |token| token.to),
            None => 0,
        };
        let open = self.words.get(at).map_or(self.text.len(), |token| token.from);
        // a closing bracket belongs to the word before it
        let tail = self.text.get(end..open).unwrap_or_default();
        let closing = tail.find(')').map_or(0, |at| at + 1);
        self.text.get(..end + closing).unwrap_or_default().trim_matches([' ', ',', ';', '-', '–', '.'])
    }
}

const fn is_joint(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | 'ʼ')
}

fn is_short_unit(word: Option<&str>) -> bool {
    word.is_some_and(|word| matches!(word.to_ascii_lowercase().as_str(), "p" | "q" | "f" | "x" | "h" | "tx" | "tp"))
}

/// A number in one form: `01` is 1, and the Roman numbers of wards (Mỹ Đình II) are digits.
fn number(word: &str) -> Option<&str> {
    let digit = match word {
        "I" | "i" => "1",
        "II" | "ii" => "2",
        "III" | "iii" => "3",
        "IV" | "iv" => "4",
        _ => {
            let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
            let short = word.trim_start_matches('0');
            return digits.then_some(if short.is_empty() { "0" } else { short });
        }
    };
    Some(digit)
}
