//! How much of what is written comes out right, counted over every unit and many sentences.
//!
//! Owns: the sentences, the ways to damage them, the ways to write an address, the tables of what became of them.
//! Must not know: how anything is read; it calls the rules as everybody does. The unit tests bind the shares with it
//! and the bench prints them, so `crate` is the library in the one and the bench in the other.
//! To add a way to damage a text or to write an address: a line in `WAYS` of its file.

pub mod addresses;
pub mod round_trip;
pub mod sentence;
