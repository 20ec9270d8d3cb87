//! `gzip` and `zstd` bodies, inflated under a limit so that a small body cannot become a large one.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Read;

/// How a body is compressed, as in `content-encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

/// Why a body could not be inflated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("content-encoding {0:?} is not known; use gzip, zstd or none")]
    UnknownEncoding(String),
    #[error(
        "the body grows beyond {limit} bytes when decompressed; raise the limit if the source really sends that much"
    )]
    TooLarge { limit: usize },
    #[error("the body is no valid {encoding:?} stream: {reason}")]
    Broken { encoding: Encoding, reason: String },
}

impl Encoding {
    /// Reads a `content-encoding` value; absent or empty is identity.
    ///
    /// # Errors
    /// [`Error::UnknownEncoding`] for anything else than gzip and zstd.
    pub fn parse(header: Option<&str>) -> Result<Self, Error> {
        match header.map(|h| h.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Ok(Self::Identity),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip),
            Some("zstd") => Ok(Self::Zstd),
            // a header may hold anything, and this is shown
            Some(other) if is_token(other) => Err(Error::UnknownEncoding(other.to_owned())),
            Some(_) => Err(Error::UnknownEncoding("(not shown)".to_owned())),
        }
    }
}

/// Whether a text is like the name of an encoding.
fn is_token(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Inflates `body`, giving up as soon as more than `limit` bytes have come out.
///
/// # Errors
/// [`Error::TooLarge`] or [`Error::Broken`].
pub fn inflate(encoding: Encoding, body: &[u8], limit: usize) -> Result<Cow<'_, [u8]>, Error> {
    let broken = |reason: std::io::Error| Error::Broken { encoding, reason: reason.to_string() };
    let reader: Box<dyn Read + '_> = match encoding {
        Encoding::Identity if body.len() > limit => return Err(Error::TooLarge { limit }),
        Encoding::Identity => return Ok(Cow::Borrowed(body)),
        Encoding::Gzip => Box::new(flate2::read::MultiGzDecoder::new(body)),
        Encoding::Zstd => Box::new(zstd::stream::read::Decoder::new(body).map_err(broken)?),
    };
    let mut inflated = Vec::with_capacity(body.len().saturating_mul(4).min(limit));
    reader.take(limit as u64 + 1).read_to_end(&mut inflated).map_err(broken)?;
    if inflated.len() > limit {
        return Err(Error::TooLarge { limit });
    }
    Ok(Cow::Owned(inflated))
}

thread_local! {
    /// One compressor a thread: making one costs more than compressing a record with it.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses with zstd at its fastest ordinary level.
///
/// # Panics
/// Never: zstd fails only on a destination that is too small, and this one is sized by its own bound.
#[expect(clippy::expect_used, reason = "a lost payload must not pass for an empty one")]
pub fn deflate(plain: &[u8]) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept.take() {
            Some(compressor) => compressor,
            None => zstd::bulk::Compressor::new(1).expect("zstd knows level 1"),
        };
        kept.insert(compressor).compress(plain).expect("zstd into memory of its own bound")
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn both_encodings_come_back() {
        let plain = "đơn khiếu nại".repeat(100).into_bytes();
        assert_eq!(inflate(Encoding::Gzip, &gzip(&plain), 10_000).unwrap(), plain);
        assert_eq!(inflate(Encoding::Zstd, &deflate(&plain), 10_000).unwrap(), plain);
        assert_eq!(inflate(Encoding::Identity, &plain, 10_000).unwrap(), plain);
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let bomb = vec![0_u8; 50_000_000];
        for (encoding, body) in [(Encoding::Gzip, gzip(&bomb)), (Encoding::Zstd, deflate(&bomb))] {
            assert!(matches!(inflate(encoding, &body, 1_000_000), Err(Error::TooLarge { limit: 1_000_000 })));
        }
    }

    #[test]
    fn garbage_is_named_as_such() {
        assert!(matches!(inflate(Encoding::Gzip, b"not gzip", 100), Err(Error::Broken { .. })));
        assert!(matches!(inflate(Encoding::Zstd, b"not zstd", 100), Err(Error::Broken { .. })));
        assert!(Encoding::parse(Some("br")).unwrap_err().to_string().contains("\"br\""));
        assert!(!Encoding::parse(Some("nguyen thi hoa")).unwrap_err().to_string().contains("nguyen"));
    }
}
