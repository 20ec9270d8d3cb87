//! Values that must not be printed: [`Secret`] for keys and passwords, [`Sensitive`] for what belongs to a person.

use std::fmt;

pub use secrecy::{ExposeSecret, SecretString as Secret};

/// A person's data, or text that may hold some: usable, but `Debug` and `Display` print `***`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: name this only where it goes to a sealed place.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_debug_nor_display_shows_the_value() {
        let name = Sensitive::new("Nguyễn Thị Hoa");
        assert_eq!(format!("{name:?} {name}"), "*** ***");
    }
}
