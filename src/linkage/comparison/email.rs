//! Addresses of electronic mail: the same before the @, or nearly the same, or no more than the same provider.

use super::similarity::{is_similar, within_edits};

pub const LEVELS: &[&str] = &["different", "provider", "near", "user", "same"];

pub fn level(a: &str, b: &str) -> u8 {
    let (user_a, provider_a) = a.split_once('@').unwrap_or((a, ""));
    let (user_b, provider_b) = b.split_once('@').unwrap_or((b, ""));
    if user_a == user_b {
        return 3;
    }
    if within_edits(a, b, 2) || (is_similar(user_a, user_b, 0.9) && is_similar(provider_a, provider_b, 0.9)) {
        return 2;
    }
    u8::from(!provider_a.is_empty() && provider_a == provider_b)
}
