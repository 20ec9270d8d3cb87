//! Listings: a table for people, JSON for programs.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use super::output::say;

/// Prints one JSON array.
///
/// # Errors
/// What cannot be written as JSON.
pub fn json<T: Serialize>(rows: &T) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string_pretty(rows)?)
}

/// Prints a table with a heading; rows are already texts.
///
/// # Errors
/// Standard output cannot be written.
pub fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(heading.to_vec());
    for row in rows {
        table.add_row(row);
    }
    say!("{table}")
}

/// A time as people in Vietnam read it, with its zone, or a dash.
pub fn time(at: Option<chrono::DateTime<chrono::Utc>>) -> String {
    at.map_or_else(
        || "–".to_owned(),
        |at| at.with_timezone(&crate::clock::HANOI).format("%Y-%m-%d %H:%M:%S %:z").to_string(),
    )
}
