//! A stream of bytes in a declared encoding as a stream of UTF-8.

use std::io::{self, Read};
use std::rc::Rc;

use super::stream::Meter;
use super::{Encoding, ReadError};
use crate::normalize::encoding::seen_as_1252;

/// Bytes taken from the source at once.
const CHUNK: usize = 64 << 10;

/// How bytes become characters. The old Vietnamese encodings come as CP1252 shows them: which of them a text is in is
/// judged by words and fields, after the records have been told apart (`recode.rs`).
enum Mode {
    Utf8,
    Utf16 {
        big: bool,
    },
    Seen,
    /// UTF-8 where it is valid, the rest as CP1252 shows it: files mix encodings.
    Lenient,
}

/// UTF-8 from here on, without a byte order mark.
pub struct Transcoded<R> {
    inner: R,
    meter: Rc<Meter>,
    encoding: Encoding,
    mode: Option<Mode>,
    /// Read and not yet text: the bytes of a character that is not whole.
    rest: Vec<u8>,
    /// Bytes of the source before `rest`.
    offset: u64,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Transcoded<R> {
    pub fn new(inner: R, meter: Rc<Meter>, encoding: Encoding) -> Self {
        Self {
            inner,
            meter,
            encoding,
            mode: None,
            rest: Vec::new(),
            offset: 0,
            text: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    /// Reads on until there is text, or the end.
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() && !self.ended {
            let before = self.rest.len();
            self.rest.resize(before + CHUNK, 0);
            let read = loop {
                match self.inner.read(self.rest.get_mut(before..).unwrap_or_default()) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            self.rest.truncate(before + *read.as_ref().unwrap_or(&0));
            self.ended = read? == 0;
            // a mark may be three bytes
            if self.mode.is_none() && (self.rest.len() >= 4 || self.ended) {
                let (mode, mark) = mode(self.encoding, &self.rest);
                self.mode = Some(mode);
                self.consume(mark);
            }
            self.convert()?;
        }
        Ok(())
    }

    fn consume(&mut self, bytes: usize) {
        self.offset += bytes as u64;
        self.rest.drain(..bytes.min(self.rest.len()));
    }

    fn convert(&mut self) -> io::Result<()> {
        match self.mode {
            None => Ok(()),
            Some(Mode::Seen) => {
                self.text.extend_from_slice(seen_as_1252(&self.rest).as_bytes());
                self.consume(self.rest.len());
                Ok(())
            }
            Some(Mode::Utf16 { big }) => self.utf16(big),
            Some(Mode::Utf8) => self.utf8(false),
            Some(Mode::Lenient) => self.utf8(true),
        }
    }

    fn utf8(&mut self, lenient: bool) -> io::Result<()> {
        let mut at = 0;
        let mut whole = true;
        while at < self.rest.len() {
            let left = self.rest.get(at..).unwrap_or_default();
            let (valid, wrong) = match std::str::from_utf8(left) {
                Ok(_) => (left.len(), 0),
                Err(error) => {
                    let cut_off = if self.ended { left.len() - error.valid_up_to() } else { 0 };
                    (error.valid_up_to(), error.error_len().unwrap_or(cut_off))
                }
            };
            self.text.extend_from_slice(left.get(..valid).unwrap_or_default());
            if wrong > 0 && lenient {
                let seen = seen_as_1252(left.get(valid..valid + wrong).unwrap_or_default());
                self.text.extend_from_slice(seen.as_bytes());
                at += wrong;
            }
            at += valid;
            whole = wrong == 0 || lenient;
            if wrong == 0 || !lenient {
                break;
            }
        }
        self.consume(at);
        if whole { Ok(()) } else { Err(self.not_text()) }
    }

    fn utf16(&mut self, big: bool) -> io::Result<()> {
        let (pairs, _) = self.rest.as_chunks::<2>();
        let unit = |pair: &[u8; 2]| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
        let mut units: Vec<u16> = pairs.iter().map(unit).collect();
        let half = units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit));
        if half && !self.ended {
            units.pop();
        }
        let mut used = 0;
        let mut broken = false;
        for c in char::decode_utf16(units.iter().copied()) {
            let Ok(c) = c else {
                broken = true;
                break;
            };
            self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            used += 2 * c.len_utf16();
        }
        self.consume(used);
        if broken || (self.ended && !self.rest.is_empty()) { Err(self.not_text()) } else { Ok(()) }
    }

    fn not_text(&self) -> io::Error {
        self.meter.fail(ReadError::NotText { encoding: self.encoding, at: self.offset })
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.refill()?;
        }
        let ready = self.text.get(self.given..).unwrap_or_default();
        let count = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

/// The mode of a stream that begins so, and the bytes of its byte order mark.
fn mode(encoding: Encoding, head: &[u8]) -> (Mode, usize) {
    let utf8_mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    match (encoding, head) {
        (Encoding::Utf16 | Encoding::Auto, [0xfe, 0xff, ..]) => (Mode::Utf16 { big: true }, 2),
        (Encoding::Utf16 | Encoding::Auto, [0xff, 0xfe, ..]) => (Mode::Utf16 { big: false }, 2),
        // text begins with an ASCII character nearly always, whose other byte is zero
        (Encoding::Utf16, [0, ..]) => (Mode::Utf16 { big: true }, 0),
        (Encoding::Utf16, _) => (Mode::Utf16 { big: false }, 0),
        (Encoding::Auto, [0, second, ..]) if *second != 0 => (Mode::Utf16 { big: true }, 0),
        (Encoding::Auto, [first, 0, ..]) if *first != 0 => (Mode::Utf16 { big: false }, 0),
        (Encoding::Auto, _) => (Mode::Lenient, utf8_mark),
        (Encoding::Utf8, _) => (Mode::Utf8, utf8_mark),
        (Encoding::Windows1258 | Encoding::Tcvn3 | Encoding::Vni | Encoding::Viqr, _) => (Mode::Seen, 0),
    }
}
