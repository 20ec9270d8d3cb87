//! `.gz` and `.zip`, told by their first bytes: what is inside, as streams. Names in an archive are never paths.

use std::io::{Cursor, Read, SeekFrom};
use std::rc::Rc;

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::stream::{Meter, Metered, of_io};
use super::{Bounds, Exit, Format, Input, ReadError};

/// Entries of one archive.
const ENTRIES: usize = 1000;

/// What a file is packed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packed {
    Plain,
    Gzip,
    Zip,
}

fn packed(input: &mut dyn Input) -> Result<Packed, ReadError> {
    let mut head = Vec::new();
    let read = (&mut *input).take(4).read_to_end(&mut head);
    read.and_then(|_| input.seek(SeekFrom::Start(0))).map_err(|error| of_io(&error, "file"))?;
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Packed::Gzip,
        [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => Packed::Zip,
        _ => Packed::Plain,
    })
}

/// The beginning of a file, for whoever wants to know what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// After unpacking; of an archive the first file in it that may hold records.
    pub bytes: Vec<u8>,
    /// The name of that file in its archive.
    pub name: Option<String>,
    /// Whether it is an Excel book that is an archive itself.
    pub is_book: bool,
}

/// Unpacks the first bytes of a file, `most` at most; the input stands at its beginning again.
pub(in crate::sources) fn head(input: &mut dyn Input, most: u64) -> Result<Head, ReadError> {
    let of_io = |error: std::io::Error| of_io(&error, "file");
    let mut head = Head { bytes: Vec::new(), name: None, is_book: false };
    match packed(input)? {
        Packed::Plain => drop((&mut *input).take(most).read_to_end(&mut head.bytes).map_err(of_io)?),
        Packed::Gzip => {
            let stream = flate2::read::MultiGzDecoder::new(std::io::BufReader::new(&mut *input));
            let read = stream.take(most).read_to_end(&mut head.bytes);
            // the beginning is enough where the end is missing
            read.map(drop).or_else(|error| if head.bytes.is_empty() { Err(of_io(error)) } else { Ok(()) })?;
        }
        Packed::Zip => {
            head.is_book = is_book(input)?;
            if !head.is_book {
                first_entry(input, most, &mut head)?;
            }
        }
    }
    input.seek(SeekFrom::Start(0)).map_err(of_io)?;
    Ok(head)
}

fn first_entry(input: &mut dyn Input, most: u64, head: &mut Head) -> Result<(), ReadError> {
    let mut archive = ZipArchive::new(input).map_err(|error| of_zip(&error))?;
    for number in 0..archive.len().min(ENTRIES) {
        let entry = archive.by_index_raw(number).map_err(|error| of_zip(&error))?;
        let Some(name) = name_of(&entry) else { continue };
        drop(entry);
        let entry = archive.by_index(number).map_err(|error| of_zip(&error))?;
        entry.take(most).read_to_end(&mut head.bytes).map_err(|error| of_io(&error, "zip"))?;
        head.name = Some(name);
        return Ok(());
    }
    Err(ReadError::NothingInside)
}

/// The last part of an entry's name, in small letters; `None` for folders and what systems leave behind.
fn name_of(entry: &ZipFile<'_, &mut dyn Input>) -> Option<String> {
    let name = String::from_utf8_lossy(entry.name_raw()).to_lowercase();
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_file = !entry.is_dir() && !file.is_empty() && !file.starts_with('.') && !name.starts_with("__macosx/");
    is_file.then(|| file.to_owned())
}

/// Reads one stream to its end.
pub(in crate::sources) type ReadStream<'r> =
    dyn FnMut(Metered<&mut dyn Read>, &mut Exit<'_>) -> Result<(), ReadError> + 'r;

/// Hands each stream of a file to `read`: the file itself, what a `.gz` holds, or each entry of an archive that is of
/// this format.
pub(in crate::sources) fn each_stream(
    format: &Format,
    input: &mut dyn Input,
    bounds: &Bounds,
    exit: &mut Exit<'_>,
    read: &mut ReadStream<'_>,
) -> Result<(), ReadError> {
    let meter = Meter::new(bounds);
    match packed(input)? {
        Packed::Plain => {
            let mut stream: &mut dyn Input = input;
            read(Metered::new(&mut stream, meter, "file"), exit)?;
        }
        Packed::Gzip => {
            let mut stream = flate2::read::MultiGzDecoder::new(std::io::BufReader::new(input));
            read(Metered::new(&mut stream, meter, "gzip"), exit)?;
        }
        Packed::Zip => {
            let mut entries = Entries::open(format, input, exit)?;
            while let Some(number) = entries.next(exit) {
                entries.stream(number, &meter, |stream| read(stream, exit))?;
                exit.flush()?;
            }
            return Ok(());
        }
    }
    exit.flush()
}

/// The files of an archive that are of one format.
struct Entries<'i> {
    archive: ZipArchive<&'i mut dyn Input>,
    chosen: std::vec::IntoIter<usize>,
}

impl<'i> Entries<'i> {
    /// Reads the archive's directory; entries of other formats are counted at the exit.
    fn open(format: &Format, input: &'i mut dyn Input, exit: &mut Exit<'_>) -> Result<Self, ReadError> {
        let mut archive = ZipArchive::new(input).map_err(|error| of_zip(&error))?;
        if archive.len() > ENTRIES {
            return Err(ReadError::TooManyEntries { limit: ENTRIES });
        }
        let mut chosen = Vec::new();
        for number in 0..archive.len() {
            let entry = archive.by_index_raw(number).map_err(|error| of_zip(&error))?;
            let Some(file) = name_of(&entry) else { continue };
            let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
            if format.extensions().contains(&extension) {
                chosen.push(number);
            } else {
                exit.leave_out();
            }
        }
        if chosen.is_empty() {
            return Err(ReadError::NothingInside);
        }
        Ok(Self { archive, chosen: chosen.into_iter() })
    }

    /// The next entry, announced at the exit.
    fn next(&mut self, exit: &mut Exit<'_>) -> Option<usize> {
        let number = self.chosen.next()?;
        exit.enter(u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1));
        Some(number)
    }

    fn stream(
        &mut self,
        number: usize,
        meter: &Rc<Meter>,
        read: impl FnOnce(Metered<&mut dyn Read>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut entry = self.archive.by_index(number).map_err(|error| of_zip(&error))?;
        meter.next(0);
        read(Metered::new(&mut entry, Rc::clone(meter), "zip"))
    }
}

/// Hands each book of a file to `read`: the file itself, or what a `.gz` or an archive of books holds, in memory.
pub(super) fn each_book(
    format: &Format,
    input: &mut dyn Input,
    bounds: &Bounds,
    exit: &mut Exit<'_>,
    read: &mut dyn FnMut(&mut dyn Input, &mut Exit<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let plain = match packed(input)? {
        Packed::Plain => true,
        Packed::Gzip => false,
        Packed::Zip => is_book(input)?,
    };
    if plain {
        read(input, exit)?;
        return exit.flush();
    }
    let whole = Bounds { bytes: bounds.whole as u64, record: bounds.whole, ..*bounds };
    each_stream(format, input, &whole, exit, &mut |mut stream, exit| {
        let meter = Rc::clone(stream.meter());
        let mut book = Vec::new();
        stream.read_to_end(&mut book).map_err(|_| match meter.cause("zip") {
            ReadError::TooLarge { .. } | ReadError::RecordTooLarge { .. } => {
                ReadError::TooLargeForMemory { limit: bounds.whole }
            }
            other => other,
        })?;
        read(&mut Cursor::new(book), exit)
    })
}

/// Whether an archive is itself an Excel book.
fn is_book(input: &mut dyn Input) -> Result<bool, ReadError> {
    let archive = ZipArchive::new(&mut *input).map_err(|error| of_zip(&error))?;
    let is_book = archive.file_names_raw().any(|name| name.eq_ignore_ascii_case(b"xl/workbook.xml"));
    drop(archive);
    input.seek(SeekFrom::Start(0)).map_err(|error| of_io(&error, "zip"))?;
    Ok(is_book)
}

/// Inflates every entry of an Excel book and throws it away: what its directory says of sizes may be a lie, and a reader
/// of books believes it.
pub(super) fn weigh(input: &mut dyn Input, bounds: &Bounds) -> Result<(), ReadError> {
    let mut archive = ZipArchive::new(&mut *input).map_err(|error| of_zip(&error))?;
    if archive.len() > ENTRIES {
        return Err(ReadError::TooManyEntries { limit: ENTRIES });
    }
    let mut left = bounds.whole as u64;
    for number in 0..archive.len() {
        let entry = archive.by_index(number).map_err(|error| of_zip(&error))?;
        let size =
            std::io::copy(&mut entry.take(left + 1), &mut std::io::sink()).map_err(|error| of_io(&error, "XLSX"))?;
        left = left.checked_sub(size).ok_or(ReadError::TooLargeForMemory { limit: bounds.whole })?;
    }
    drop(archive);
    input.seek(SeekFrom::Start(0)).map_err(|error| of_io(&error, "XLSX"))?;
    Ok(())
}

fn of_zip(error: &ZipError) -> ReadError {
    match error {
        ZipError::Io(error) => of_io(error, "zip"),
        ZipError::UnsupportedArchive(reason) if *reason == ZipError::PASSWORD_REQUIRED => ReadError::Encrypted,
        _ => ReadError::Broken { what: "zip", number: 0 },
    }
}
