//! Legacy Vietnamese encodings: decoding bytes, telling which one it is, and repairing a text that was read in the
//! wrong one.
//!
//! Owns: TCVN3, VNI, VIQR, windows-1258, double-encoded UTF-8; the judgement by Vietnamese syllables.
//! Must not know: files and columns; who calls decides what is one text (a cell, a column), because files mix.
//! To add one: a file with its `decode`, a line in [`Legacy`] and in [`decoded`].
//!
//! A decoding is taken only when nearly all the words that it changes become Vietnamese syllables, clearly more than
//! before and than in every other decoding; otherwise the text stays as it came.

mod double;
mod tcvn3;
mod viqr;
mod vni;
mod windows;

use std::borrow::Cow;

use super::syllable::is_syllable;

/// One legacy encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Legacy {
    Tcvn3,
    Vni,
    Viqr,
    Windows1258,
    /// UTF-8 read as CP1252 and written as UTF-8 again, once or more often.
    DoubleUtf8,
}

impl Legacy {
    /// Every encoding, in the order in which they are tried.
    pub const ALL: &'static [Self] = &[Self::DoubleUtf8, Self::Tcvn3, Self::Vni, Self::Windows1258, Self::Viqr];

    /// As it stands in configuration and findings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcvn3 => "tcvn3",
            Self::Vni => "vni",
            Self::Viqr => "viqr",
            Self::Windows1258 => "windows-1258",
            Self::DoubleUtf8 => "double_utf8",
        }
    }

    /// The name of the rule that repairs a text in this encoding.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Tcvn3 => "decoded_tcvn3",
            Self::Vni => "decoded_vni",
            Self::Viqr => "decoded_viqr",
            Self::Windows1258 => "decoded_windows_1258",
            Self::DoubleUtf8 => "decoded_double_utf8",
        }
    }
}

/// Bytes of unknown encoding as text: UTF-8 where they are, else what CP1252 shows, which `text::clean` repairs.
pub fn as_text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| Cow::Owned(windows::seen_as_1252(bytes)), Cow::Borrowed)
}

/// Bytes as CP1252 shows them, which is what [`decode_seen`] and [`detect_seen`] take.
pub fn seen_as_1252(bytes: &[u8]) -> String {
    windows::seen_as_1252(bytes)
}

/// A text that was read as CP1252, decoded, in NFC; one with letters that only Unicode has is left as it is. Total: a
/// byte that the encoding does not have stays what CP1252 shows.
pub fn decode_seen(seen: &str, encoding: Legacy) -> String {
    if has_modern_letters(seen) { seen.to_owned() } else { decoded(seen, encoding) }
}

/// A text that was read as CP1252, decoded.
fn decoded(seen: &str, encoding: Legacy) -> String {
    match encoding {
        Legacy::Tcvn3 => tcvn3::decode(seen),
        Legacy::Vni => vni::decode(seen),
        Legacy::Viqr => viqr::decode(seen),
        Legacy::Windows1258 => windows::decode_1258(seen),
        Legacy::DoubleUtf8 => double::decode(seen).unwrap_or_else(|| seen.to_owned()),
    }
}

/// What encoding a piece of bytes is in, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// `None`: UTF-8 as it should be, or ASCII.
    pub encoding: Option<Legacy>,
    /// 0 to 1: the share of Vietnamese syllables among the words that tell. Under 0.8 nobody should trust it.
    pub confidence: f64,
}

/// Tells the encoding of a piece of text that was read as CP1252, best of one column or one cell: files mix encodings.
pub fn detect_seen(seen: &str) -> Detection {
    match judge(seen) {
        Judgement::Right(confidence) | Judgement::Doubtful(confidence) | Judgement::Unclear(confidence) => {
            Detection { encoding: None, confidence }
        }
        Judgement::Legacy { encoding, confidence, .. } => Detection { encoding: Some(encoding), confidence },
    }
}

/// What [`repair`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Nothing to repair.
    None,
    /// The text in its right encoding.
    Decoded(String, Legacy),
    /// It looks like a wrong encoding, but no decoding is clearly right.
    Unclear,
}

/// Repairs a text that was read in a wrong encoding.
pub fn repair(text: &str) -> Repair {
    match judge(text) {
        Judgement::Legacy { encoding, text, .. } => Repair::Decoded(text, encoding),
        Judgement::Doubtful(_) => Repair::Unclear,
        Judgement::Unclear(_) if looks_broken(text) => Repair::Unclear,
        Judgement::Right(_) | Judgement::Unclear(_) => Repair::None,
    }
}

enum Judgement {
    Right(f64),
    Legacy {
        encoding: Legacy,
        text: String,
        confidence: f64,
    },
    /// Some decoding would make syllables of all of it, but it is too little to be sure.
    Doubtful(f64),
    Unclear(f64),
}

/// Share of changed words that must be syllables, how much more than before, and than in the next best decoding.
const ENOUGH: f64 = 0.8;
const CLEARLY: f64 = 0.2;
const APART: f64 = 0.1;

fn judge(text: &str) -> Judgement {
    if let Some(decoded) = double::decode(text) {
        // what was doubly encoded may have been legacy before
        return match judge(&decoded) {
            Judgement::Legacy { encoding, text, confidence } => Judgement::Legacy { encoding, text, confidence },
            _ => Judgement::Legacy { encoding: Legacy::DoubleUtf8, text: decoded, confidence: 1.0 },
        };
    }
    if has_modern_letters(text) {
        return word_by_word(text);
    }
    let now = syllable_share(text, text);
    if now.told == 0 && !viqr::has_signs(text) {
        return Judgement::Right(1.0);
    }
    if now.told > 0 && now.good == now.told {
        return windows::among_syllables(text).map_or(Judgement::Right(1.0), |text| Judgement::Legacy {
            encoding: Legacy::Windows1258,
            text,
            confidence: 0.9,
        });
    }
    best_decoding(text, now)
}

/// A decoding of a text and what it makes of its words.
struct Candidate {
    encoding: Legacy,
    text: String,
    share: Share,
}

fn best_decoding(text: &str, now: Share) -> Judgement {
    let candidates =
        [Legacy::Tcvn3, Legacy::Vni, Legacy::Windows1258, Legacy::Viqr].into_iter().filter_map(|encoding| {
            if encoding == Legacy::Viqr && !viqr::has_signs(text) {
                return None;
            }
            let candidate = decoded(text, encoding);
            let share = syllable_share(text, &candidate);
            (candidate != text).then_some(Candidate { encoding, text: candidate, share })
        });
    let mut best: Option<Candidate> = None;
    let mut second: Option<Share> = None;
    for candidate in candidates {
        if best.as_ref().is_none_or(|best| candidate.share.ratio() > best.share.ratio()) {
            second = best.replace(candidate).map(|before| before.share);
        } else if second.is_none_or(|second| candidate.share.ratio() > second.ratio()) {
            second = Some(candidate.share);
        }
    }
    let Some(Candidate { encoding, text: candidate, share }) = best else { return Judgement::Unclear(now.ratio()) };
    // ð and a tone by itself stand together in windows-1258 alone
    let has_eth = encoding == Legacy::Windows1258 && text.contains(['ð', 'Ð']) && share.is_flawless();
    if has_eth || is_clear(share, second) {
        Judgement::Legacy { encoding, text: candidate, confidence: share.ratio() }
    } else if share.is_flawless() {
        Judgement::Doubtful(now.ratio())
    } else {
        Judgement::Unclear(now.ratio())
    }
}

/// Whether the best decoding is right beyond doubt, before the text as it came and the next best.
fn is_clear(share: Share, second: Option<Share>) -> bool {
    let all_of_few = share.told > 3 || share.good == share.told;
    let before = share.good_before as f64 / share.told.max(1) as f64;
    let lead = share.ratio() - second.map_or(0.0, Share::ratio);
    let better = share.ratio() - before >= CLEARLY || share.is_flawless();
    // names that are no Vietnamese words stand among the others: fewer are enough where nothing else comes near
    let beyond_doubt = share.good >= 3 && share.ratio() >= 0.6 && before <= 0.25 && lead >= 0.3;
    let enough = share.ratio() >= ENOUGH || beyond_doubt;
    // a sign or two between a few letters may be anything
    let enough = enough && share.longest >= 3;
    // where most words are the same in all encodings, what counts is that no other makes any word better
    let alone = share.is_flawless() && second.is_none_or(|second| second.good <= second.good_before);
    share.told > 0 && enough && all_of_few && better && (lead >= APART || alone)
}

/// A text that has letters only Unicode has, and words that are none beside them: only those words are decoded.
fn word_by_word(text: &str) -> Judgement {
    let strange = |word: &str| word.chars().any(is_telling) && !has_modern_letters(word) && !is_good(word);
    if !text.split(is_gap).any(strange) {
        return Judgement::Right(1.0);
    }
    for encoding in [Legacy::Tcvn3, Legacy::Vni] {
        let mut whole = String::with_capacity(text.len() + 16);
        let (mut found, mut failed) = (0_u32, 0_u32);
        for piece in text.split_inclusive(is_gap) {
            let word = piece.trim_end_matches(is_gap);
            if strange(word) {
                let candidate = decoded(word, encoding);
                if word.chars().count() > 1 && is_good(&candidate) {
                    found += 1;
                    whole.push_str(&candidate);
                    whole.push_str(piece.get(word.len()..).unwrap_or_default());
                    continue;
                }
                failed += 1;
            }
            whole.push_str(piece);
        }
        if found >= 2 && failed == 0 {
            return Judgement::Legacy { encoding, text: whole, confidence: 0.9 };
        }
    }
    let any =
        |word: &str| [Legacy::Tcvn3, Legacy::Vni, Legacy::Windows1258].iter().any(|one| is_good(&decoded(word, *one)));
    if text.split(is_gap).any(|word| strange(word) && word.chars().count() > 2 && any(word)) {
        return Judgement::Doubtful(0.5);
    }
    Judgement::Unclear(0.5)
}

/// How many words tell something, how many of those are syllables, and how many were before the decoding.
#[derive(Debug, Clone, Copy)]
struct Share {
    told: usize,
    good: usize,
    good_before: usize,
    /// Signs of the longest of those that only the decoding makes good, as it came.
    longest: usize,
}

impl Share {
    /// Every word is right after, and some were not before.
    const fn is_flawless(self) -> bool {
        self.good == self.told && self.good_before < self.told
    }

    fn ratio(self) -> f64 {
        if self.told == 0 { 1.0 } else { self.good as f64 / self.told as f64 }
    }
}

/// Among the words that are not ASCII or that the decoding changes, those that are Vietnamese syllables.
fn syllable_share(text: &str, candidate: &str) -> Share {
    let same = std::ptr::eq(text, candidate);
    let mut share = Share { told: 0, good: 0, good_before: 0, longest: 0 };
    let mut originals = text.split(is_gap);
    for word in candidate.split(is_gap) {
        let original = originals.next().unwrap_or_default();
        if word.is_empty() || !(word != original || original.chars().any(is_telling)) {
            continue;
        }
        let signs = original.chars().count();
        // Q§-UBND, QÑ-UBND: the Đ of TCVN3 and of VNI
        let shortened = is_abbreviation(word);
        let with_sign = shortened && signs > 1 && original.contains(['§', 'Ñ']);
        // one sign alone (½, §) proves nothing
        let is_sign = signs == 1 && !original.chars().all(char::is_alphabetic);
        if is_sign || (shortened && !with_sign) || is_highland_name(original) {
            continue;
        }
        let before = is_good(original);
        share.told += 1;
        share.good_before += usize::from(before);
        let good = if same { before } else { is_good(word) || with_sign };
        share.good += usize::from(good);
        // signs that nobody writes behind or before a letter
        let odd = with_sign || (signs > 1 && original.contains(['§', '·', '®', '©', '«', '¬', '¨', '\u{AD}']));
        share.longest = share.longest.max(if good && !before { signs + usize::from(odd) } else { 0 });
    }
    share
}

/// Where words end: blanks, and the ASCII signs that no legacy encoding but VIQR writes letters with.
const fn is_gap(c: char) -> bool {
    matches!(
        c,
        ' ' | '\n'
            | '\t'
            | '\r'
            | ','
            | ';'
            | ':'
            | '/'
            | '"'
            | '!'
            | '-'
            | '_'
            | '\u{2013}'
            | '\u{2014}'
            | '…'
            | '“'
            | '”'
            | '['
            | ']'
            | '='
            | '0'..='9'
    )
}

/// Beyond ASCII, as letters of every legacy encoding are.
const fn is_telling(c: char) -> bool {
    !c.is_ascii()
        && !matches!(c, '\u{A0}' | '“' | '”' | '‘' | '’' | '…' | '\u{2013}' | '\u{2014}' | '•' | '²' | '³' | '°')
}

/// Letters that only Unicode has: ă đ ĩ ũ ơ ư and the block of Vietnamese.
fn has_modern_letters(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{102}'..='\u{111}' | '\u{128}' | '\u{129}' | '\u{168}' | '\u{169}' | '\u{1A0}'..='\u{1B0}' | '\u{1EA0}'..='\u{1EF9}'))
}

fn is_good(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| matches!(c, '.' | '(' | ')' | '?' | '«' | '»' | '\'' | '’' | '‘'));
    // K'Nàng, M'Đrắk: letters of the highlands before an apostrophe
    let short = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_syllable(bare) || bare.split_once(['\'', '’']).is_some_and(|(before, name)| short(before) && is_syllable(name))
}

/// RTô, BHốk, KNớ: two capitals and small letters to the end. No syllables in any encoding, so they say nothing.
fn is_highland_name(word: &str) -> bool {
    let mut chars = word.chars();
    let capitals = chars.by_ref().take(2).filter(char::is_ascii_uppercase).count();
    let mut rest = chars.peekable();
    capitals == 2 && rest.peek().is_some() && rest.all(char::is_lowercase)
}

/// QĐ, HĐND, GCNQSDĐ: capitals without a vowel say nothing about the encoding.
pub(super) fn is_abbreviation(word: &str) -> bool {
    let vowel = |c: char| {
        !c.is_uppercase()
            || matches!(super::text::flat_key(c.encode_utf8(&mut [0; 4])).as_str(), "a" | "e" | "i" | "o" | "u" | "y")
    };
    let bare = word.trim_matches(|c: char| matches!(c, '.' | '(' | ')'));
    !bare.is_empty() && bare.chars().count() <= 9 && !bare.chars().any(vowel)
}

/// Signs that no language writes inside words: replacement characters, C1 controls, symbols between letters.
fn looks_broken(text: &str) -> bool {
    let odd = |c: char| matches!(c, '\u{FFFD}' | '\u{80}'..='\u{9F}' | '¡'..='¦' | '¨'..='¯' | '´'..='¶' | '¸'..='¿' | '×' | '÷' | 'ƒ' | '†' | '‡' | '‰' | '™');
    let half_decoded = text.contains("á»") || text.contains("áº");
    text.contains('\u{FFFD}')
        || half_decoded
        || text.split(is_gap).filter(|word| word.chars().any(odd) && word.chars().any(char::is_alphabetic)).count() >= 2
}

#[cfg(test)]
mod tests;
