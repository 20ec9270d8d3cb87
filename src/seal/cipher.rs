//! Authenticated encryption: XChaCha20-Poly1305 with random 24-byte nonces
//! (draft-irtf-cfrg-xchacha-03, <https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03>).
//!
//! A ciphertext is `version (1 byte) | key id (4 bytes, big endian) | nonce (24) | encrypted, with tag (16)`, and what is
//! encrypted is `content | zeros | length of the content (4 bytes, big endian)`. What it
//! was made for and whose it is go in as associated data, with the version, so that rows cannot be exchanged in the
//! database unnoticed.

use std::borrow::Cow;

use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use super::keyring::{KeyRing, SealingKey};

/// The first byte: whether what is inside is compressed with zstd. It is padded in both.
const COMPRESSED: u8 = 3;
const PLAIN: u8 = 4;
/// What is shorter than this only grows when it is compressed.
const WORTH_COMPRESSING: usize = 128;
const KEY_ID: std::ops::Range<usize> = 1..5;
const NONCE: std::ops::Range<usize> = 5..29;

/// What a ciphertext is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What was received, as it was received.
    Archive,
    /// The normalized content of one source record.
    Content,
    /// The mapped content of one part of a source record.
    Part,
    /// A record that could not be taken in.
    Quarantine,
    /// The link keys of one source record.
    Links,
    /// What is compared of a filing or a person.
    Node,
    /// Whom somebody decided about, and why.
    Decision,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Content => "content",
            Self::Part => "part",
            Self::Quarantine => "quarantine",
            Self::Links => "links",
            Self::Node => "node",
            Self::Decision => "decision",
        }
    }
}

/// Why a ciphertext does not open.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OpenError {
    #[error("the ciphertext is cut short or of an unknown version; the row was damaged")]
    Malformed,
    #[error("key {0} is not in the key file; restore the file that has it")]
    UnknownKey(u32),
    #[error("the ciphertext was changed, or belongs to another row")]
    Forged,
}

impl KeyRing {
    /// Compresses and encrypts. `owner` names the row it belongs to and must be given again to open it.
    ///
    /// # Panics
    /// Where the operating system gives no random bytes: nothing may be written then.
    #[expect(clippy::expect_used, reason = "in-memory encryption has no other failure than an absurd length")]
    pub fn seal(&self, purpose: Purpose, owner: &str, plain: &[u8]) -> Vec<u8> {
        let key = self.active();
        let nonce = XNonce::generate();
        // nodes are opened by the dozen while everybody waits: making a decompressor costs more than what they would save
        let (version, packed) = if plain.len() < WORTH_COMPRESSING || purpose == Purpose::Node {
            (PLAIN, Cow::Borrowed(plain))
        } else {
            (COMPRESSED, Cow::Owned(crate::compression::deflate(plain)))
        };
        let aad = associated(version, purpose, owner);
        let padded = padded(packed.into_owned());
        let encrypted =
            cipher(key).encrypt(&nonce, Payload { msg: &padded, aad: &aad }).expect("length within the cipher's bound");
        let mut sealed = Vec::with_capacity(NONCE.end + encrypted.len());
        sealed.push(version);
        sealed.extend_from_slice(&key.id.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&encrypted);
        sealed
    }

    /// Opens what [`KeyRing::seal`] made for the same purpose and owner.
    ///
    /// # Errors
    /// [`OpenError`]: damaged, sealed with a key that is not here, or not of this row.
    pub fn open(&self, purpose: Purpose, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (version, key_id, nonce, encrypted) = split(sealed).ok_or(OpenError::Malformed)?;
        let key = self.sealing.iter().find(|key| key.id == key_id).ok_or(OpenError::UnknownKey(key_id))?;
        let aad = associated(version, purpose, owner);
        let padded =
            cipher(key).decrypt(&nonce, Payload { msg: encrypted, aad: &aad }).map_err(|_| OpenError::Forged)?;
        let packed = unpadded(padded).ok_or(OpenError::Malformed)?;
        if version == PLAIN {
            return Ok(packed);
        }
        // what was sealed here was bounded when it came in; the limit only guards against damage
        let plain = crate::compression::inflate(crate::compression::Encoding::Zstd, &packed, 1 << 30);
        plain.map(Cow::into_owned).map_err(|_| OpenError::Malformed)
    }

    #[expect(clippy::indexing_slicing, reason = "a ring without a sealing key is not constructed")]
    fn active(&self) -> &SealingKey {
        &self.sealing[0]
    }
}

/// Bytes at the end that say how many before them are not padding.
const LENGTH: usize = 4;
/// Lengths are multiples of this at least.
const STEP: usize = 64;

/// Padded to a length that many others have, too: otherwise two copies of one text would be told by theirs. The lengths
/// are those of Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
/// PoPETs 2019), 12 % more at most, but no finer than [`STEP`].
fn padded(mut packed: Vec<u8>) -> Vec<u8> {
    let length = packed.len();
    let whole = length + LENGTH;
    let exponent = whole.ilog2();
    let coarse = 1_usize << (exponent - (exponent.max(1).ilog2() + 1).min(exponent));
    packed.resize(whole.next_multiple_of(coarse.max(STEP)) - LENGTH, 0);
    packed.extend_from_slice(&(length as u32).to_be_bytes());
    packed
}

fn unpadded(mut padded: Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::from_be_bytes(*padded.last_chunk::<LENGTH>()?) as usize;
    (length + LENGTH <= padded.len()).then(|| {
        padded.truncate(length);
        padded
    })
}

fn split(sealed: &[u8]) -> Option<(u8, u32, XNonce, &[u8])> {
    let version = *sealed.first()?;
    let key_id = u32::from_be_bytes(sealed.get(KEY_ID)?.try_into().ok()?);
    let nonce: [u8; 24] = sealed.get(NONCE)?.try_into().ok()?;
    [COMPRESSED, PLAIN].contains(&version).then_some((version, key_id, nonce.into(), sealed.get(NONCE.end..)?))
}

fn cipher(key: &SealingKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(key.secret))
}

fn associated(version: u8, purpose: Purpose, owner: &str) -> Vec<u8> {
    [&[version], purpose.as_str().as_bytes(), b"\0", owner.as_bytes()].concat()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn ring() -> KeyRing {
        KeyRing { sealing: vec![SealingKey { id: 7, secret: [1; 32] }], index: [2; 32] }
    }

    #[test]
    fn what_is_sealed_opens_only_for_its_purpose_and_owner() {
        let ring = ring();
        let sealed = ring.seal(Purpose::Content, "bxd/1", "Nguyễn Thị Hoa".as_bytes());
        assert_eq!(ring.open(Purpose::Content, "bxd/1", &sealed).unwrap(), "Nguyễn Thị Hoa".as_bytes());
        assert_eq!(ring.open(Purpose::Archive, "bxd/1", &sealed), Err(OpenError::Forged));
        assert_eq!(ring.open(Purpose::Content, "bxd/2", &sealed), Err(OpenError::Forged));
    }

    #[test]
    fn lengths_tell_little() {
        let lengths: std::collections::BTreeSet<usize> =
            (0..20_000).map(|length| padded(vec![7; length]).len()).collect();
        assert!(lengths.len() < 90, "{}", lengths.len());
        let ring = ring();
        for length in [0, 1, 59, 60, 61, 700, 5_000, 100_000] {
            let text = vec![7; length];
            let sealed = ring.seal(Purpose::Node, "bxd/1", &text);
            assert_eq!(ring.open(Purpose::Node, "bxd/1", &sealed).unwrap(), text);
            assert!(sealed.len() <= length + 49 + STEP.max(length * 12 / 100), "{length}: {}", sealed.len());
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let ring = ring();
        for text in ["text", &"compressed ".repeat(50)] {
            changed(&ring, text);
        }
    }

    fn changed(ring: &KeyRing, text: &str) {
        let sealed = ring.seal(Purpose::Content, "bxd/1", text.as_bytes());
        assert_eq!(ring.open(Purpose::Content, "bxd/1", &sealed).unwrap(), text.as_bytes());
        assert_eq!(sealed.len() > text.len(), text == "text", "what is long is compressed");
        let versions = [COMPRESSED, PLAIN].map(|version| [&[version], &sealed[1..]].concat());
        let open = versions.iter().filter(|sealed| ring.open(Purpose::Content, "bxd/1", sealed).is_ok());
        assert_eq!(open.count(), 1, "the version is part of what is sealed");
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(ring.open(Purpose::Content, "bxd/1", &changed).is_err(), "byte {position}");
            assert!(ring.open(Purpose::Content, "bxd/1", &sealed[..position]).is_err(), "cut at {position}");
        }
    }

    #[test]
    fn the_key_id_is_in_the_ciphertext() {
        let sealed = ring().seal(Purpose::Content, "bxd/1", b"text");
        let other = KeyRing { sealing: vec![SealingKey { id: 8, secret: [1; 32] }], index: [2; 32] };
        assert_eq!(other.open(Purpose::Content, "bxd/1", &sealed), Err(OpenError::UnknownKey(7)));
    }
}
