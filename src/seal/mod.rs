//! What of a record is sealed, and with what: authenticated encryption for payloads and contents, keyed hashes
//! for everything that is compared without being shown.
//!
//! Owns: the key file ([`KeyRing`]), the ciphertext format ([`KeyRing::seal`]), keyed hashes ([`KeyRing::hash`] and
//! what is built on it), names of records behind a veil
//! ([`KeyRing::veil`]).
//! Must not know: tables, queues, where ciphertexts are kept.
//! To seal another kind of thing: a variant in [`Purpose`]; a ciphertext made for one purpose never opens as another.
//!
//! Sealing keys rotate: every ciphertext names its key, a new key goes above the old ones, and the old ones stay in the
//! file. The index key does not rotate, because the hashes made with it are compared with those of years ago; it is
//! kept apart so that neither key gives away anything about the other.

mod cipher;
mod hash;
mod keyring;
mod veil;

pub use cipher::{OpenError, Purpose};
pub use keyring::{KeyConfig, KeyError, KeyRing};
