//! Text line by line, each of bounded length.

use std::io::{BufRead, BufReader, Read};
use std::rc::Rc;

use super::stream::Metered;
use super::transcode::Transcoded;
use super::{Encoding, Exit, ReadError};

/// Hands each line that is not blank to `take`, with its number from 1.
pub(in crate::sources) fn each_line(
    encoding: Encoding,
    stream: Metered<&mut dyn Read>,
    exit: &mut Exit<'_>,
    take: &mut dyn FnMut(u64, &str, &mut Exit<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let meter = Rc::clone(stream.meter());
    let mut reader = BufReader::new(Transcoded::new(stream, Rc::clone(&meter), encoding));
    let mut line = String::new();
    let mut number = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line).map_err(|_| meter.cause("text"))? == 0 {
            return Ok(());
        }
        number += 1;
        let text = line.trim();
        if !text.is_empty() {
            take(number, text, exit)?;
        }
        meter.next(number);
    }
}
