//! A stream under measure: how much of it has been read, and how much since the last record.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use super::{Bounds, ReadError};

/// What parsers read ahead of the record they are at.
const READ_AHEAD: u64 = 512 << 10;

/// The account of one file: parsers wrap the errors of their stream in their own words, so what really happened is
/// kept here, where [`Meter::cause`] finds it again.
#[derive(Debug)]
pub struct Meter {
    bounds: Bounds,
    /// Of all streams of the file together.
    total: Cell<u64>,
    /// Since the last record.
    piece: Cell<u64>,
    /// The line, row or record that was handed out last.
    number: Cell<u64>,
    fault: RefCell<Option<ReadError>>,
}

impl Meter {
    pub fn new(bounds: &Bounds) -> Rc<Self> {
        Rc::new(Self {
            bounds: *bounds,
            total: Cell::default(),
            piece: Cell::default(),
            number: Cell::default(),
            fault: RefCell::default(),
        })
    }

    /// A record is complete; the next may be as large again.
    pub fn next(&self, number: u64) {
        self.piece.set(0);
        self.number.set(number);
    }

    /// What stopped the stream, or that the parser says it is no whole `what`.
    pub fn cause(&self, what: &'static str) -> ReadError {
        let fault = self.fault.borrow_mut().take();
        fault.unwrap_or(ReadError::Broken { what, number: self.number.get() })
    }

    /// Keeps the first reason and gives an error for the parser to pass on.
    pub fn fail(&self, fault: ReadError) -> io::Error {
        self.fault.borrow_mut().get_or_insert(fault);
        io::Error::other("see the meter")
    }

    fn count(&self, read: usize) -> Result<(), ReadError> {
        let total = self.total.get().saturating_add(read as u64);
        let piece = self.piece.get().saturating_add(read as u64);
        self.total.set(total);
        self.piece.set(piece);
        let record = self.bounds.record;
        if total > self.bounds.bytes {
            Err(ReadError::TooLarge { limit: self.bounds.bytes })
        } else if piece > (record as u64).saturating_add(READ_AHEAD) {
            Err(ReadError::RecordTooLarge { number: self.number.get(), limit: record })
        } else {
            Ok(())
        }
    }
}

/// A stream that counts what passes.
pub struct Metered<R> {
    inner: R,
    meter: Rc<Meter>,
    /// What the stream is unpacked from: an error that is not the system's is its.
    packing: &'static str,
}

impl<R: Read> Metered<R> {
    pub const fn new(inner: R, meter: Rc<Meter>, packing: &'static str) -> Self {
        Self { inner, meter, packing }
    }

    pub const fn meter(&self) -> &Rc<Meter> {
        &self.meter
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(read) => match self.meter.count(read) {
                Ok(()) => Ok(read),
                Err(fault) => Err(self.meter.fail(fault)),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.meter.fail(of_io(&error, self.packing))),
        }
    }
}

/// What an error of a stream means: the system's own are of the surroundings, the others of what was unpacked.
pub fn of_io(error: &io::Error, packing: &'static str) -> ReadError {
    match error.raw_os_error() {
        Some(_) => ReadError::Io(error.kind().to_string()),
        None => ReadError::Broken { what: packing, number: 0 },
    }
}
