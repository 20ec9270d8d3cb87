//! Vietnamese letters taken apart: base letter with its quality (ă â ê ô ơ ư đ), tone, plain ASCII letter.

use std::sync::LazyLock;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// The six tones (thanh); `mark` writes them as VIQR does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Tone {
    #[default]
    Level,
    Grave,
    Acute,
    Hook,
    Tilde,
    Dot,
}

impl Tone {
    /// The tone of a combining mark.
    pub(super) const fn of_mark(mark: char) -> Option<Self> {
        match mark {
            '\u{300}' => Some(Self::Grave),
            '\u{301}' => Some(Self::Acute),
            '\u{303}' => Some(Self::Tilde),
            '\u{309}' => Some(Self::Hook),
            '\u{323}' => Some(Self::Dot),
            _ => None,
        }
    }

    /// One ASCII character for a key; none for the level tone.
    pub(super) const fn mark(self) -> Option<char> {
        match self {
            Self::Level => None,
            Self::Grave => Some('`'),
            Self::Acute => Some('\''),
            Self::Hook => Some('?'),
            Self::Tilde => Some('~'),
            Self::Dot => Some('.'),
        }
    }
}

/// One letter or digit taken apart; `None` for what is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    /// Lower case, with its quality and without its tone.
    pub(super) quality: char,
    pub(super) tone: Tone,
    /// `[a-z0-9]`, where there is one.
    pub(super) flat: Option<u8>,
}

const TABLE_FROM: u32 = 0x80;
const LATIN_TO: u32 = 0x250;
const VIET_FROM: u32 = 0x1EA0;
const VIET_TO: u32 = 0x1F00;

/// Latin-1 to Latin Extended-B, then the Vietnamese block, taken apart once.
static TABLE: LazyLock<Vec<Option<Letter>>> = LazyLock::new(|| {
    (TABLE_FROM..LATIN_TO).chain(VIET_FROM..VIET_TO).map(|code| char::from_u32(code).and_then(take_apart)).collect()
});

/// Takes one character apart.
pub(super) fn letter(c: char) -> Option<Letter> {
    if c.is_ascii() {
        let lower = c.to_ascii_lowercase();
        return c.is_ascii_alphanumeric().then_some(Letter {
            quality: lower,
            tone: Tone::Level,
            flat: Some(lower as u8),
        });
    }
    let code = u32::from(c);
    let slot = match code {
        TABLE_FROM..LATIN_TO => code - TABLE_FROM,
        VIET_FROM..VIET_TO => code - VIET_FROM + (LATIN_TO - TABLE_FROM),
        _ => return take_apart(c),
    };
    TABLE.get(slot as usize).copied().flatten()
}

fn take_apart(c: char) -> Option<Letter> {
    if !c.is_alphanumeric() {
        return None;
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    // the look-alikes of đ belong to it even where the text was not cleaned
    if matches!(lower, 'đ' | 'ð' | 'ɖ') {
        return Some(Letter { quality: 'đ', tone: Tone::Level, flat: Some(b'd') });
    }
    let mut base = lower;
    let mut shape = None;
    let mut tone = Tone::Level;
    let mut first = true;
    decompose_canonical(lower, |part| {
        if first {
            base = part;
            first = false;
        } else if let Some(found) = Tone::of_mark(part) {
            tone = found;
        } else if is_combining_mark(part) {
            shape = Some(part);
        }
    });
    let flat = base.is_ascii_alphanumeric().then(|| base.to_ascii_lowercase() as u8);
    let quality = shape.and_then(|mark| unicode_normalization::char::compose(base, mark)).unwrap_or(base);
    Some(Letter { quality, tone, flat })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_vietnamese_letters_apart() {
        for (c, quality, tone, flat) in [
            ('Ế', 'ê', Tone::Acute, b'e'),
            ('ự', 'ư', Tone::Dot, b'u'),
            ('Đ', 'đ', Tone::Level, b'd'),
            ('Ð', 'đ', Tone::Level, b'd'),
            ('ỹ', 'y', Tone::Tilde, b'y'),
            ('Ẳ', 'ă', Tone::Hook, b'a'),
            ('ì', 'i', Tone::Grave, b'i'),
            ('Q', 'q', Tone::Level, b'q'),
            ('7', '7', Tone::Level, b'7'),
        ] {
            assert_eq!(letter(c), Some(Letter { quality, tone, flat: Some(flat) }), "{c}");
        }
        assert_eq!(letter('-'), None);
        assert_eq!(letter('’'), None);
    }
}
