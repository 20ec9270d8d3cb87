//! `[format.xlsx]`: an Excel book, new or old, cell by cell.

use std::io::{BufReader, Read, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Reader, Xls, XlsError, Xlsx, XlsxError};
use serde_json::{Number, Value};

use super::exit::Exit;
use super::sheet::{Merged, SheetLayout, SheetRows};
use super::stream::of_io;
use super::unpack::{each_book, weigh};
use super::{Bounds, Format, Input, ReadError};

/// Merged regions that are looked at.
const REGIONS: usize = 100_000;

/// Reads one sheet and hands out its records.
pub(super) fn read(
    format: &Format,
    layout: &SheetLayout,
    input: &mut dyn Input,
    bounds: &Bounds,
    exit: &mut Exit<'_>,
) -> Result<(), ReadError> {
    each_book(format, input, bounds, exit, &mut |book, exit| {
        // the library that reads books believes much of what they say
        catch_unwind(AssertUnwindSafe(|| read_book(layout, book, bounds, exit))).unwrap_or(Err(ReadError::Panicked))
    })
}

fn read_book(
    layout: &SheetLayout,
    input: &mut dyn Input,
    bounds: &Bounds,
    exit: &mut Exit<'_>,
) -> Result<(), ReadError> {
    let mut head = Vec::new();
    let read = (&mut *input).take(4).read_to_end(&mut head);
    let size = read.and_then(|_| input.seek(SeekFrom::End(0)));
    let size = size.and_then(|size| input.seek(SeekFrom::Start(0)).map(|_| size));
    let size = size.map_err(|error| of_io(&error, "XLSX"))?;
    if size > bounds.whole as u64 {
        return Err(ReadError::TooLargeForMemory { limit: bounds.whole });
    }
    match head.as_slice() {
        [b'P', b'K', ..] => {
            weigh(input, bounds)?;
            read_xlsx(layout, input, bounds, exit)
        }
        // the container of old books, and of new ones with a password
        [0xd0, 0xcf, 0x11, 0xe0] => read_xls(layout, input, bounds, exit),
        _ => Err(ReadError::Broken { what: "XLSX", number: 0 }),
    }
}

fn read_xlsx(
    layout: &SheetLayout,
    input: &mut dyn Input,
    bounds: &Bounds,
    exit: &mut Exit<'_>,
) -> Result<(), ReadError> {
    let mut book = Xlsx::new(BufReader::new(input)).map_err(|error| of_xlsx(&error, 0))?;
    let sheet = layout.sheet.choose(&book.sheet_names()).ok_or(ReadError::NoSheet)?;
    let regions = book.merge_cells_by_sheet_name(&sheet).map_err(|error| of_xlsx(&error, 0))?;
    let mut rows = SheetRows::new(layout, merged(regions));
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|error| of_xlsx(&error, 0))?;
    let mut row: (u32, Vec<(u32, Value)>) = (0, Vec::new());
    let mut weight = 0;
    loop {
        let cell = cells.next_cell().map_err(|error| of_xlsx(&error, u64::from(row.0)))?;
        let Some(cell) = cell else { break };
        let (at, column) = cell.get_position();
        if at != row.0 {
            let (done, filled) = std::mem::replace(&mut row, (at, Vec::new()));
            rows.row(done, filled, exit)?;
            weight = 0;
        }
        let value = of_cell_ref(cell.get_value());
        weight += value.as_str().map_or(8, str::len);
        if weight > bounds.record {
            return Err(ReadError::RecordTooLarge { number: u64::from(row.0), limit: bounds.record });
        }
        row.1.push((column, value));
    }
    rows.row(row.0, row.1, exit)?;
    rows.end(exit)
}

fn read_xls(
    layout: &SheetLayout,
    input: &mut dyn Input,
    bounds: &Bounds,
    exit: &mut Exit<'_>,
) -> Result<(), ReadError> {
    let mut book = Xls::new(BufReader::new(input)).map_err(|error| of_xls(&error))?;
    let sheet = layout.sheet.choose(&book.sheet_names()).ok_or(ReadError::NoSheet)?;
    let regions = book.merge_cells_by_sheet_name(&sheet).unwrap_or_default();
    let range = book.worksheet_range(&sheet).map_err(|error| of_xls(&error))?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut rows = SheetRows::new(layout, merged(regions));
    for (row, cells) in (first_row..).zip(range.rows()) {
        let cells: Vec<(u32, Value)> = (first_column..).zip(cells.iter().map(of_cell)).collect();
        if cells.iter().map(|(_, value)| value.as_str().map_or(8, str::len)).sum::<usize>() > bounds.record {
            return Err(ReadError::RecordTooLarge { number: u64::from(row), limit: bounds.record });
        }
        rows.row(row, cells, exit)?;
    }
    rows.end(exit)
}

fn merged(regions: Vec<Dimensions>) -> Vec<Merged> {
    let region = |it: Dimensions| Merged { rows: (it.start.0, it.end.0), columns: (it.start.1, it.end.1) };
    regions.into_iter().take(REGIONS).map(region).collect()
}

fn of_cell_ref(cell: &DataRef<'_>) -> Value {
    match cell {
        DataRef::Empty => Value::Null,
        DataRef::Int(number) => (*number).into(),
        DataRef::Float(number) => of_number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => of_text(text),
        DataRef::SharedString(text) => of_text(text),
        DataRef::Bool(flag) => (*flag).into(),
        DataRef::DateTime(moment) => of_moment(*moment),
        DataRef::Error(error) => error.to_string().into(),
    }
}

fn of_cell(cell: &Data) -> Value {
    match cell {
        Data::Empty => Value::Null,
        Data::Int(number) => (*number).into(),
        Data::Float(number) => of_number(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => of_text(text),
        Data::Bool(flag) => (*flag).into(),
        Data::DateTime(moment) => of_moment(*moment),
        Data::Error(error) => error.to_string().into(),
    }
}

fn of_text(text: &str) -> Value {
    if text.trim().is_empty() { Value::Null } else { text.into() }
}

/// Every number of a book is a float; what is whole is written so, for ids are numbers too.
fn of_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        return (number as i64).into();
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// What a cell that is formatted as a date or time shows.
fn of_moment(moment: ExcelDateTime) -> Value {
    let serial = moment.as_f64();
    // no day of either calendar of Excel: a number with a wrong format
    if !(0.0..2_958_466.0).contains(&serial) {
        return of_number(serial);
    }
    // half a second more: a time is a fraction that is seldom exact
    let nudged = (serial * 86_400.0).round() / 86_400.0 + 1.0e-9;
    let rounded = ExcelDateTime::new(nudged, calamine::ExcelDateTimeType::DateTime, is_1904(moment));
    let (year, month, day, hour, minute, second, _) = rounded.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if moment.is_duration() {
        let hours = (nudged * 24.0).floor();
        return format!("{hours:02}:{minute:02}:{second:02}").into();
    }
    if serial < 1.0 {
        return time.into();
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date.into() } else { format!("{date}T{time}").into() }
}

/// Whether the calendar of a moment begins in 1904.
fn is_1904(moment: ExcelDateTime) -> bool {
    let plain = ExcelDateTime::new(moment.as_f64(), calamine::ExcelDateTimeType::DateTime, false);
    plain.to_ymd_hms_milli() != moment.to_ymd_hms_milli()
}

fn of_xlsx(error: &XlsxError, number: u64) -> ReadError {
    match error {
        XlsxError::Password => ReadError::Encrypted,
        XlsxError::WorksheetNotFound(_) => ReadError::NoSheet,
        XlsxError::Io(error) => of_io(error, "XLSX"),
        _ => ReadError::Broken { what: "XLSX", number },
    }
}

fn of_xls(error: &XlsError) -> ReadError {
    match error {
        XlsError::Password => ReadError::Encrypted,
        XlsError::WorksheetNotFound(_) => ReadError::NoSheet,
        XlsError::Io(error) => of_io(error, "XLS"),
        _ => ReadError::Broken { what: "XLS", number: 0 },
    }
}
