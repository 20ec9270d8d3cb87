//! A stream of bytes in a declared encoding as a stream of UTF-8.

use std::io::{self, Read};
use std::rc::Rc;

use super::encoding::Utf16;
use super::stream::Meter;
use super::{Encoding, ReadError};
use crate::normalize::encoding::seen_as_1252;

/// Bytes taken from the source at once.
const CHUNK: usize = 64 << 10;

/// How bytes become characters. The old Vietnamese encodings come as CP1252 shows them: which of them a text is in is
/// judged by words and fields, after the records have been told apart (`recode.rs`).
enum Mode {
    Utf8,
    Utf16(Utf16),
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
            Some(Mode::Utf16(utf16)) => self.utf16(utf16),
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

    fn utf16(&mut self, utf16: Utf16) -> io::Result<()> {
        let text = &mut self.text;
        let read = utf16.read(&self.rest, |c| text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()));
        let (Ok(bytes) | Err(bytes)) = read;
        self.consume(bytes);
        if read.is_err() || (self.ended && !self.rest.is_empty()) { Err(self.not_text()) } else { Ok(()) }
    }

    fn not_text(&self) -> io::Error {
        let encoding = if matches!(self.mode, Some(Mode::Utf16(_))) { Encoding::Utf16 } else { self.encoding };
        self.meter.fail(ReadError::NotText { encoding, at: self.offset })
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
    if let Some(utf16) = Utf16::found(encoding, head) {
        return (Mode::Utf16(utf16), utf16.mark);
    }
    let utf8_mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    match encoding {
        Encoding::Auto => (Mode::Lenient, utf8_mark),
        // UTF-16 is found above, whatever it begins with
        Encoding::Utf8 | Encoding::Utf16 => (Mode::Utf8, utf8_mark),
        Encoding::Windows1258 | Encoding::Tcvn3 | Encoding::Vni | Encoding::Viqr => (Mode::Seen, 0),
    }
}
