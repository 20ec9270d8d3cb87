//! What the readers of formats make of files, good, odd and hostile.
//!
//! Owns the examples; must not know the mapping. To add a format: a file here, and its line in `hostile.rs`, where any
//! bytes at all must do no harm.

mod csv;
mod hostile;
mod json;
mod packed;
mod sheet;
pub(in crate::sources) mod support;
mod text;
mod xml;
