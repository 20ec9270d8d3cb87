//! From the bytes of a body to text.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::normalize::encoding::{as_text, seen_as_1252};

/// `encoding = "…"`: how the characters of a text body are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    #[default]
    Utf8,
    /// Big or little endian as its byte order mark says; without one, as its first character tells.
    Utf16,
    Windows1258,
    /// TCVN 5712:1993, what ABC fonts (`.VnTime`) use.
    Tcvn3,
    /// VNI for Windows.
    Vni,
    /// RFC 1456: letters and marks in ASCII.
    Viqr,
    /// Judged from the text itself, field by field: files mix encodings.
    Auto,
}

/// The bytes are not in this encoding; `at` is the first byte that is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotText {
    pub encoding: Encoding,
    pub at: usize,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: &'static [Self] =
        &[Self::Utf8, Self::Utf16, Self::Windows1258, Self::Tcvn3, Self::Vni, Self::Viqr, Self::Auto];

    /// The name as the configuration spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Windows1258 => "windows-1258",
            Self::Tcvn3 => "tcvn3",
            Self::Vni => "vni",
            Self::Viqr => "viqr",
            Self::Auto => "auto",
        }
    }

    /// Whether the text of a record has still to be decoded, word by word, once its fields are known.
    pub const fn is_told_by_words(self) -> bool {
        matches!(self, Self::Tcvn3 | Self::Vni | Self::Viqr | Self::Auto)
    }

    /// The encoding of this name, exactly as [`Self::as_str`] spells it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|encoding| encoding.as_str() == name)
    }

    /// The text of a body, without its byte order mark. What [`Self::is_told_by_words`] comes as CP1252 shows it: good
    /// for ASCII, which is what names and cursors are made of.
    ///
    /// # Errors
    /// At the first byte that is not in this encoding.
    pub fn decode(self, body: &[u8]) -> Result<Cow<'_, str>, NotText> {
        if let Some(utf16) = Utf16::found(self, body) {
            return utf16.whole(body).map(Cow::Owned);
        }
        match self {
            Self::Tcvn3 | Self::Vni | Self::Viqr => Ok(Cow::Owned(seen_as_1252(body))),
            Self::Auto => Ok(as_text(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))),
            // UTF-16 is found above, whatever it begins with
            Self::Utf8 | Self::Utf16 => {
                let mark = if body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
                let text = std::str::from_utf8(body.get(mark..).unwrap_or_default());
                text.map(Cow::Borrowed).map_err(|e| NotText { encoding: self, at: mark + e.valid_up_to() })
            }
            // the code page writes tone marks as characters of their own: composed again, so that field names and
            // values compare with those of every other source
            Self::Windows1258 => {
                let (text, _) = encoding_rs::WINDOWS_1258.decode_without_bom_handling(body);
                Ok(Cow::Owned(text.nfc().collect()))
            }
        }
    }
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a text in UTF-16 is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Utf16 {
    big: bool,
    /// Bytes of the byte order mark.
    pub mark: usize,
}

impl Utf16 {
    /// Whether a text that begins so, and of which this much is known, is in UTF-16.
    pub fn found(encoding: Encoding, head: &[u8]) -> Option<Self> {
        let (big, mark) = match (encoding, head) {
            (Encoding::Utf16 | Encoding::Auto, [0xfe, 0xff, ..]) => (true, 2),
            (Encoding::Utf16 | Encoding::Auto, [0xff, 0xfe, ..]) => (false, 2),
            // text begins with an ASCII character nearly always, whose other byte is zero
            (Encoding::Utf16, _) => (head.first() == Some(&0), 0),
            (Encoding::Auto, [0, second, ..]) if *second != 0 => (true, 0),
            (Encoding::Auto, [first, 0, ..]) if *first != 0 => (false, 0),
            _ => return None,
        };
        Some(Self { big, mark })
    }

    /// Gives out the characters of bytes behind the mark; how many bytes were read. Half a character at the end waits
    /// for its other half.
    ///
    /// # Errors
    /// How many bytes were read before what is no character.
    pub fn read(self, bytes: &[u8], mut give: impl FnMut(char)) -> Result<usize, usize> {
        let (pairs, _) = bytes.as_chunks::<2>();
        let unit = |pair: &[u8; 2]| if self.big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
        let is_half = pairs.last().is_some_and(|pair| (0xD800..0xDC00).contains(&unit(pair)));
        let whole = pairs.len() - usize::from(is_half);
        let mut read = 0;
        for c in char::decode_utf16(pairs.iter().take(whole).map(unit)) {
            let c = c.map_err(|_| read)?;
            give(c);
            read += 2 * c.len_utf16();
        }
        Ok(read)
    }

    fn whole(self, body: &[u8]) -> Result<String, NotText> {
        let bytes = body.get(self.mark..).unwrap_or_default();
        let mut text = String::with_capacity(bytes.len() / 2);
        match self.read(bytes, |c| text.push(c)) {
            Ok(read) if read == bytes.len() => Ok(text),
            Ok(read) | Err(read) => Err(NotText { encoding: Encoding::Utf16, at: self.mark + read }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_reads_vietnamese() {
        let text = r#"{"Tên":"Nguyễn Thị Huệ"}"#;
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked: Vec<u8> = [b"\xff\xfe".to_vec(), le.clone()].concat();
        let utf8: Vec<u8> = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for (encoding, body) in [
            (Encoding::Utf8, text.as_bytes().to_vec()),
            (Encoding::Utf8, utf8),
            (Encoding::Utf16, be.clone()),
            (Encoding::Utf16, le.clone()),
            (Encoding::Utf16, marked.clone()),
            // as files are read: also without a mark
            (Encoding::Auto, be),
            (Encoding::Auto, le),
            (Encoding::Auto, marked),
        ] {
            assert_eq!(encoding.decode(&body).unwrap(), text, "{encoding}");
        }
        // "Huệ" of code page 1258: e with circumflex, then the dot below
        assert_eq!(Encoding::Windows1258.decode(b"Hu\xea\xf2").unwrap(), "Huệ");
    }

    #[test]
    fn a_broken_text_says_where() {
        let at = |encoding: Encoding, body: &[u8]| encoding.decode(body).unwrap_err().at;
        assert_eq!(at(Encoding::Utf8, b"ab\xff"), 2);
        assert_eq!(at(Encoding::Utf8, b"\xef\xbb\xbfab\xff"), 5);
        assert_eq!(at(Encoding::Utf16, b"\xff\xfea\0\x00\xd8b\0"), 4);
        assert_eq!(at(Encoding::Utf16, b"a\0b"), 2);
        assert_eq!(at(Encoding::Utf16, b"a\0\x00\xd8"), 2, "half a character");
    }

    #[test]
    fn names_are_read_back() {
        for encoding in Encoding::ALL {
            assert_eq!(Encoding::parse(encoding.as_str()), Some(*encoding));
        }
        assert_eq!(Encoding::parse("UTF8"), None);
    }
}
