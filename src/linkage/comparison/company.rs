//! What a record says beside the person, as words with blanks between: who signed with them, which decision they complain
//! of. One in common, or all.

pub const LEVELS: &[&str] = &["different", "shared", "same"];

pub fn level(a: &str, b: &str) -> u8 {
    u8::from(a.split(' ').any(|word| b.split(' ').any(|other| other == word)))
}
