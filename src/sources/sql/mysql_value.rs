//! A value of MySQL's binary protocol as JSON.
//!
//! | column | JSON |
//! |---|---|
//! | whole numbers, `YEAR` | number; `bigint unsigned` exactly |
//! | `tinyint(1)`, `bit(1)` | boolean where it is 0 or 1, else the number |
//! | longer `bit` | number |
//! | `decimal` | text, with every digit |
//! | `float`, `double` | number, the shortest that reads back the same |
//! | `date` | text; `0000-00-00` as it is |
//! | `datetime` | RFC 3339 text, with the zone of the source where one is declared |
//! | `timestamp` | RFC 3339 text in UTC |
//! | `time` | text, `-838:59:59` to `838:59:59` |
//! | text, `enum`, `set`, `uuid`, MariaDB's `json` | text |
//! | `json` of MySQL | as it is |
//! | `binary`, `blob`, `geometry` | base64 |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::FixedOffset;
use serde_json::Value;

/// How the bytes of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Integer { unsigned: bool },
    Boolean,
    Bits { one: bool },
    Decimal,
    Float,
    Double,
    Date,
    DateTime,
    Timestamp,
    Time,
    Json,
    Bytes,
    Text,
}

/// A column: its name as JSON text, and its form.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) name: String,
    pub(super) form: Form,
}

impl Reading {
    pub(super) fn new(name: &str, kind: &str, one_bit: bool) -> Self {
        let form = match kind {
            "BOOLEAN" => Form::Boolean,
            "BIT" => Form::Bits { one: one_bit },
            "DECIMAL" => Form::Decimal,
            "FLOAT" => Form::Float,
            "DOUBLE" => Form::Double,
            "DATE" => Form::Date,
            "DATETIME" => Form::DateTime,
            "TIMESTAMP" => Form::Timestamp,
            "TIME" => Form::Time,
            "JSON" => Form::Json,
            "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "GEOMETRY" => Form::Bytes,
            "YEAR" => Form::Integer { unsigned: true },
            kind if kind.ends_with(" UNSIGNED") => Form::Integer { unsigned: true },
            "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Form::Integer { unsigned: false },
            _ => Form::Text,
        };
        Self { name: Value::from(name).to_string(), form }
    }
}

/// The value as JSON text; `None`: these bytes are not of that form.
pub(super) fn fragment(form: Form, bytes: &[u8], zone: Option<FixedOffset>) -> Option<String> {
    let text = |text: String| Value::String(text).to_string();
    Some(match form {
        Form::Integer { unsigned } => integer(bytes, unsigned)?,
        Form::Boolean => boolean(integer(bytes, false)?),
        Form::Bits { one } => {
            let number = bits(bytes)?.to_string();
            if one { boolean(number) } else { number }
        }
        Form::Float => Some(f32::from_le_bytes(bytes.try_into().ok()?)).filter(|float| float.is_finite())?.to_string(),
        Form::Double => serde_json::Number::from_f64(f64::from_le_bytes(bytes.try_into().ok()?))?.to_string(),
        Form::Date => text(Moment::read(bytes)?.date()),
        Form::DateTime => {
            let moment = Moment::read(bytes)?;
            let zone = zone.filter(|_| moment.is_real()).map(|zone| zone.to_string()).unwrap_or_default();
            text(format!("{}T{}{zone}", moment.date(), moment.time()))
        }
        Form::Timestamp => {
            let moment = Moment::read(bytes)?;
            let zone = if moment.is_real() { "Z" } else { "" };
            text(format!("{}T{}{zone}", moment.date(), moment.time()))
        }
        Form::Time => text(span(bytes)?),
        Form::Json => serde_json::from_slice::<&serde_json::value::RawValue>(bytes).ok()?.get().to_owned(),
        Form::Bytes => text(STANDARD.encode(bytes)),
        Form::Decimal | Form::Text => text(String::from_utf8_lossy(bytes).into_owned()),
    })
}

/// The value as the text of a cursor.
pub(super) fn key_text(form: Form, bytes: &[u8]) -> Option<String> {
    Some(match form {
        Form::Integer { unsigned } => integer(bytes, unsigned)?,
        Form::Boolean => integer(bytes, false)?,
        Form::Date => Moment::read(bytes)?.date(),
        Form::DateTime | Form::Timestamp => {
            let moment = Moment::read(bytes)?;
            format!("{} {}", moment.date(), moment.time())
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    })
}

fn boolean(number: String) -> String {
    match number.as_str() {
        "0" => "false".to_owned(),
        "1" => "true".to_owned(),
        _ => number,
    }
}

/// A whole number of one, two, four or eight bytes.
fn integer(bytes: &[u8], unsigned: bool) -> Option<String> {
    let mut wide = [0; 8];
    wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
    let number = u64::from_le_bytes(wide);
    if unsigned {
        return Some(number.to_string());
    }
    let unused = 64_u32.checked_sub(8 * u32::try_from(bytes.len()).ok()?)?;
    // up and down again: the sign fills what the value left free
    let shifted = number.checked_shl(unused)?;
    Some((shifted.cast_signed() >> unused).to_string())
}

/// Up to 64 bits, the greatest first.
fn bits(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A date and a time; any part may be zero.
struct Moment {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    micros: u32,
}

impl Moment {
    /// A length, and then as many of the parts as are not zero.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (length, parts) = bytes.split_first()?;
        let at = |place: usize| parts.get(place).copied().unwrap_or(0);
        (parts.len() == usize::from(*length) && matches!(length, 0 | 4 | 7 | 11)).then(|| Self {
            year: u16::from_le_bytes([at(0), at(1)]),
            month: at(2),
            day: at(3),
            hour: at(4),
            minute: at(5),
            second: at(6),
            micros: u32::from_le_bytes([at(7), at(8), at(9), at(10)]),
        })
    }

    /// MySQL lets a date be `0000-00-00` or `2024-05-00`.
    const fn is_real(&self) -> bool {
        self.month != 0 && self.day != 0
    }

    fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn time(&self) -> String {
        format!("{:02}:{:02}:{:02}{}", self.hour, self.minute, self.second, fraction(self.micros))
    }
}

fn fraction(micros: u32) -> String {
    if micros == 0 { String::new() } else { format!(".{micros:06}") }
}

/// A `TIME`: a length, the sign, days, hours, minutes, seconds, microseconds.
fn span(bytes: &[u8]) -> Option<String> {
    let (length, parts) = bytes.split_first()?;
    if parts.len() != usize::from(*length) || !matches!(length, 0 | 8 | 12) {
        return None;
    }
    let at = |place: usize| parts.get(place).copied().unwrap_or(0);
    let word = |place: usize| u32::from_le_bytes([at(place), at(place + 1), at(place + 2), at(place + 3)]);
    let sign = if at(0) == 1 { "-" } else { "" };
    let hours = u64::from(word(1)) * 24 + u64::from(at(5));
    Some(format!("{sign}{hours:02}:{:02}:{:02}{}", at(6), at(7), fraction(word(8))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HANOI;

    fn read(kind: &str, bytes: &[u8]) -> Option<String> {
        fragment(Reading::new("x", kind, true).form, bytes, Some(HANOI))
    }

    #[test]
    fn values_are_read() {
        for (kind, bytes, expected) in [
            ("TINYINT", &[0xff][..], "-1"),
            ("TINYINT UNSIGNED", &[0xff], "255"),
            ("BIGINT", &[0, 0, 0, 0, 0, 0, 0, 0x80], "-9223372036854775808"),
            ("BIGINT UNSIGNED", &[0xff; 8], "18446744073709551615"),
            ("BOOLEAN", &[1], "true"),
            ("BOOLEAN", &[7], "7"),
            ("BIT", &[0], "false"),
            ("DECIMAL", b"12345678901234567890.1234567890", "\"12345678901234567890.1234567890\""),
            ("FLOAT", &[0xcd, 0xcc, 0xcc, 0x3d], "0.1"),
            ("DATE", &[4, 0xe8, 0x07, 3, 5], "\"2024-03-05\""),
            ("DATE", &[0], "\"0000-00-00\""),
            ("DATETIME", &[7, 0xe8, 0x07, 3, 5, 10, 0, 0], "\"2024-03-05T10:00:00+07:00\""),
            ("DATETIME", &[0], "\"0000-00-00T00:00:00\""),
            ("TIMESTAMP", &[11, 0xe8, 0x07, 3, 5, 10, 0, 0, 1, 0, 0, 0], "\"2024-03-05T10:00:00.000001Z\""),
            ("TIME", &[8, 1, 34, 0, 0, 0, 22, 59, 59], "\"-838:59:59\""),
            ("TIME", &[0], "\"00:00:00\""),
            ("BLOB", &[0, 255], "\"AP8=\""),
            ("JSON", b"{\"a\": 1.10}", "{\"a\": 1.10}"),
            ("VARCHAR", "Nguyễn \"Hoa\"".as_bytes(), "\"Nguyễn \\\"Hoa\\\"\""),
        ] {
            assert_eq!(read(kind, bytes).as_deref(), Some(expected), "{kind}");
        }
        assert_eq!(fragment(Reading::new("x", "BIT", false).form, &[1, 1], None).as_deref(), Some("257"));
        assert_eq!(fragment(Form::DateTime, &[4, 0xe8, 0x07, 3, 5], None).as_deref(), Some("\"2024-03-05T00:00:00\""));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_fail(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..20)) {
            for kind in ["BIGINT", "BOOLEAN", "BIT", "DECIMAL", "FLOAT", "DOUBLE", "DATE", "DATETIME", "TIMESTAMP", "TIME", "JSON", "BLOB", "TEXT"] {
                if let Some(text) = read(kind, &bytes) {
                    proptest::prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{kind}: {text}");
                }
            }
        }
    }
}
