//! What a person sees whose configuration is wrong, in full, and what comes of one that is right.

mod example;
mod loading;
#[expect(clippy::needless_raw_string_hashes, reason = "expect_test writes them")]
mod settings;
#[expect(clippy::needless_raw_string_hashes, reason = "expect_test writes them")]
mod source;
mod support;
mod total;
