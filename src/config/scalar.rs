//! Values of a table that have a form of their own: durations, sizes, choices without settings.

use std::time::Duration;

use super::document::Value;
use super::section::Section;
use super::unit;
use crate::sources::schedule::{format_duration, parse_duration};

impl Section<'_> {
    /// A duration within bounds.
    pub fn duration(&self, key: &str, least: Duration, most: Duration) -> Option<Duration> {
        let found = self.parsed(key, parse_duration)?;
        if (least..=most).contains(&found.value) {
            return Some(found.value);
        }
        let (least, most) = (format_duration(least), format_duration(most));
        self.check.error(&found.place, format!("`{}` must be from {least} to {most}", self.full(key)));
        None
    }

    /// Whether a key holds an empty table or `true`: a choice without settings (`auth.none = true`).
    pub fn bare(&self, key: &str) -> bool {
        let Some(entry) = self.entry(key) else { return false };
        match &entry.node.value {
            Value::Boolean(true) => true,
            Value::Table(_) => self.child(key, &[]).is_some(),
            _ => {
                let full = self.full(key);
                self.check.error(&entry.node.place, format!("`{full}` has no settings: write `{full} = true`"));
                false
            }
        }
    }

    /// Bytes: `"64MB"`, or a whole number of them; at least a KiB, at most 4 GiB.
    pub fn size(&self, key: &str) -> Option<usize> {
        const RANGE: std::ops::RangeInclusive<usize> = 1 << 10..=4 << 30;
        let entry = self.entry(key)?;
        if let Value::Integer(_) = entry.node.value {
            return self.integer(key, RANGE);
        }
        let size = self.parsed(key, unit::size)?;
        if !RANGE.contains(&size.value) {
            self.check.error(&size.place, format!("`{}` must be from 1KiB to 4GiB", self.full(key)));
            return None;
        }
        Some(size.value)
    }
}
