//! What a person sees whose configuration is wrong, in full, and what comes of one that is right.
//!
//! Owns: the wording of every problem (`settings.rs`, `source.rs` and the files of its sections, `mark.rs`), the files
//! that the project brings (`example.rs`).
//! Must not know: how a value is read; everything goes through [`super::load`] and [`super::load_sources`].
//! To add a wrong configuration: a `check(…, &expect![[""]])` beside its like, then `UPDATE_EXPECT=1 cargo test`, and
//! read what it says as somebody who has never seen the code.

mod canary;
mod example;
mod files;
#[expect(clippy::needless_raw_string_hashes, reason = "expect_test writes them")]
mod http;
mod loading;
mod map;
mod mark;
mod secret;
#[expect(clippy::needless_raw_string_hashes, reason = "expect_test writes them")]
mod settings;
#[expect(clippy::needless_raw_string_hashes, reason = "expect_test writes them")]
mod source;
mod sql;
mod support;
#[expect(clippy::needless_raw_string_hashes, reason = "expect_test writes them")]
mod text;
mod total;
