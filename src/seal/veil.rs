//! Names of records behind a veil: whoever has the index key can read them, everybody else sees only that two veiled
//! names at one place are the same.
//!
//! A row that says that a record has a key would let a reader of the tables, or of a dump, walk from a sealed record to
//! an open one of the same person that has the key too. Veiled, the row says that *some* record has it. The veil of one
//! record differs from place to place (a place is a link key, say), so no two rows can be seen to be of one record.
//!
//! The same name at the same place must give the same bytes, for it is looked for and deleted by them. The nonce is
//! therefore derived from what is encrypted (synthetic nonce; Rogaway & Shrimpton 2006, "Deterministic
//! Authenticated-Encryption"), and the key from the index key, which does not rotate.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use super::cipher::OpenError;
use super::keyring::KeyRing;
use crate::domain::{RecordKey, SourceId};

const NONCE: usize = 24;
/// Names are filled up to a multiple of this, so that the length tells no source.
const STEP: usize = 32;

impl KeyRing {
    /// The name of a record as it is kept at a place.
    ///
    /// # Panics
    /// Never: in-memory encryption fails only on an absurd length.
    #[expect(clippy::expect_used, reason = "in-memory encryption has no other failure than an absurd length")]
    pub fn veil(&self, place: &[u8], key: &RecordKey) -> Vec<u8> {
        let mut name = [key.source_id.as_str().as_bytes(), b"\0", key.record_id.as_bytes()].concat();
        name.resize(name.len().next_multiple_of(STEP), 0);
        let nonce = self.nonce(place, &name);
        let encrypted = self
            .veiling()
            .encrypt(&XNonce::from(nonce), Payload { msg: &name, aad: place })
            .expect("length within the cipher's bound");
        [nonce.as_slice(), &encrypted].concat()
    }

    /// Reads what [`KeyRing::veil`] wrote for the same place.
    ///
    /// # Errors
    /// [`OpenError`]: damaged, of another place, or written with another key file.
    pub fn unveil(&self, place: &[u8], veiled: &[u8]) -> Result<RecordKey, OpenError> {
        let (nonce, encrypted) = veiled.split_first_chunk::<NONCE>().ok_or(OpenError::Malformed)?;
        let opened = self.veiling().decrypt(&XNonce::from(*nonce), Payload { msg: encrypted, aad: place });
        let name = opened.map_err(|_| OpenError::Forged)?;
        let name = String::from_utf8(name).map_err(|_| OpenError::Malformed)?;
        let (source_id, record_id) = name.split_once('\0').ok_or(OpenError::Malformed)?;
        let source_id = SourceId::parse(source_id).map_err(|_| OpenError::Malformed)?;
        Ok(RecordKey { source_id, record_id: record_id.trim_end_matches('\0').to_owned() })
    }

    fn veiling(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.hash("veil", &[])))
    }

    fn nonce(&self, place: &[u8], name: &[u8]) -> [u8; NONCE] {
        let mut of = (place.len() as u64).to_le_bytes().to_vec();
        of.extend_from_slice(place);
        of.extend_from_slice(name);
        let mut nonce = [0; NONCE];
        nonce.iter_mut().zip(self.hash_bytes("veil nonce", &of)).for_each(|(to, from)| *to = from);
        nonce
    }
}

#[cfg(test)]
mod tests {
    use super::super::cipher::tests::ring;
    use super::*;

    fn key(source: &str, record_id: &str) -> RecordKey {
        RecordKey { source_id: SourceId::parse(source).unwrap(), record_id: record_id.to_owned() }
    }

    #[test]
    fn a_veiled_name_is_read_at_its_place_alone() {
        let ring = ring();
        for record_id in ["1", "ĐƠN 12/TCD", &"x".repeat(200)] {
            let key = key("tinh-01", record_id);
            let veiled = ring.veil(b"a", &key);
            assert_eq!(ring.unveil(b"a", &veiled).unwrap(), key);
            assert_eq!(ring.veil(b"a", &key), veiled, "it is looked for by its bytes");
            assert_eq!(ring.unveil(b"b", &veiled), Err(OpenError::Forged));
            let elsewhere = ring.veil(b"b", &key);
            assert!(elsewhere.iter().zip(&veiled).filter(|(a, b)| a == b).count() < veiled.len() / 8);
        }
    }

    #[test]
    fn the_length_tells_no_source() {
        let ring = ring();
        assert_eq!(ring.veil(b"a", &key("bxd", "1")).len(), ring.veil(b"a", &key("tinh-danang", "2026/000123")).len());
    }

    #[test]
    fn what_was_changed_is_noticed() {
        let ring = ring();
        let veiled = ring.veil(b"a", &key("bxd", "1"));
        for position in 0..veiled.len() {
            let mut changed = veiled.clone();
            changed[position] ^= 1;
            assert!(ring.unveil(b"a", &changed).is_err(), "byte {position}");
            assert!(ring.unveil(b"a", &veiled[..position]).is_err(), "cut at {position}");
        }
    }
}
