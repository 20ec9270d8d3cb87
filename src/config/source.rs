//! `sources.d/<id>.toml`: one source.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::document::{self, Table, Value};
use super::mark::Marks;
use super::problem::{Place, Problem, Problems};
use super::section::{Check, Placed, Section, nearest};
use super::{amqp, decoding, files, http, sql};
use crate::domain::{SourceId, Tier};
use crate::reference::agency;
use crate::sources::format::Format;
use crate::sources::http::{Mode, Pagination};
use crate::sources::mapping::Decoder;
use crate::sources::schedule::{Schedule, Window};
use crate::sources::{KindConfig, Limits, SourceConfig};

/// The keys of the file itself.
pub const KEYS: &[&str] = &[
    "id",
    "name",
    "tier",
    "agency",
    "enabled",
    "schedule",
    "windows",
    "reconcile",
    "http",
    "sql",
    "files",
    "amqp",
    "inbox",
    "format",
    "map",
    "codes",
    "limits",
];
/// The kinds of source.
pub const KINDS: &[&str] = &["http", "sql", "files", "amqp", "inbox"];
/// The kinds whose records come by themselves, when the source likes.
const UNASKED: &[&str] = &["amqp", "inbox"];
/// The keys of `[limits]`.
pub const LIMITS: &[&str] = &[
    "response_bytes",
    "decompressed_bytes",
    "file_bytes",
    "records",
    "record_bytes",
    "json_depth",
    "pages",
    "mapping_time",
];

/// One file of `sources.d` and what came of it.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub path: PathBuf,
    /// The name of the file without `.toml`: the id of the source, even where the file cannot be read.
    pub stem: String,
    /// `None` where the file has errors.
    pub source: Option<SourceConfig>,
    pub problems: Problems,
}

/// Reads and checks one file. `stems` are the names of all files beside it, itself included.
pub fn load(dir: &Path, path: &Path, stems: &[String], credentials: Option<&Path>) -> SourceFile {
    let name = path.display().to_string();
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut problems = Problems::default();
    let read = match document::bytes(path) {
        Ok(bytes) => document::read(&name, bytes, &mut problems),
        Err((message, advice)) => {
            problems.add(Problem::error(&Place::Path(name), &message).advise(advice));
            None
        }
    };
    let source = read.and_then(|(text, table)| {
        let check = Check::new(dir, credentials);
        let source = self::check(&check, &Place::new(&text, 0..0), &table, &stem, stems);
        problems.append(Marks::of(&table).said_once(check.into_problems()));
        source
    });
    let problems = problems.sorted();
    let source = source.filter(|_| !problems.has_errors());
    SourceFile { path: path.to_owned(), stem, source, problems }
}

fn check(check: &Check, file: &Place, table: &Table, stem: &str, stems: &[String]) -> Option<SourceConfig> {
    let root = Section::new(check, "", file, table, KEYS);
    let id = id(&root, stem, stems);
    let name = root.required_text("name", "the name of the source, for people");
    let (tier, agency) = (tier(&root), agency(&root));
    tier_fits(&root, tier, agency.as_deref());
    let enabled = root.boolean("enabled").unwrap_or(true);
    let limits = limits(&root);
    let kind = kind(&root);
    let pulled = KINDS.iter().any(|kind| !UNASKED.contains(kind) && root.has(kind));
    let (schedule, windows) = times(&root, pulled);
    let reconcile = reconcile(&root, kind.as_ref());
    if let (Some(schedule), Some(KindConfig::Http(http))) = (&schedule, &kind) {
        overlap_makes_sense(&root, schedule, &http.mode);
    }
    // The decoder wants an id; a wrong one is reported already and must not hide what is wrong with the mapping.
    let stand_in = id.clone().or_else(|| SourceId::parse("unnamed").ok())?;
    let decoder = decoding::check(&root, stand_in, limits.clone());
    if let (Some(KindConfig::Http(http)), Some(decoder)) = (&kind, &decoder) {
        pages_can_be_asked(&root, &http.pagination, &decoder.format);
    }
    Some(SourceConfig {
        id: id?,
        name: name?.value.to_owned(),
        tier: tier?,
        agency: agency?,
        enabled,
        schedule,
        windows,
        reconcile,
        kind: kind?,
        decoder: Arc::new(Decoder::new(decoder?)),
        limits,
    })
}

fn id(root: &Section<'_>, stem: &str, stems: &[String]) -> Option<SourceId> {
    let text = root.required_text(
        "id",
        "the name of the source in queues and keys, the same as the file's: 2 to 41 of a-z, 0-9, `-`",
    )?;
    let id = match SourceId::parse(text.value) {
        Ok(id) => id,
        Err(reason) => {
            root.check.error(&text.place, reason);
            return None;
        }
    };
    if id.as_str() == stem {
        return Some(id);
    }
    if stems.iter().any(|other| other == id.as_str()) {
        let message = format!("the id {:?} belongs to the file {id}.toml beside this one", id.as_str());
        root.check.fault(
            &text.place,
            message,
            "an id names one source for ever: choose another, and name this file after it",
        );
    } else {
        let message = format!("the id {:?} is not the name of the file, which is {stem}.toml", id.as_str());
        root.check.fault(&text.place, message, format!("rename the file to {id}.toml, or correct the id"));
    }
    None
}

fn tier(root: &Section<'_>) -> Option<Tier> {
    let codes = || Tier::ALL.iter().map(|tier| tier.as_str());
    let all = codes().collect::<Vec<_>>().join(", ");
    let text = root.required_text("tier", &format!("one of: {all}"))?;
    let tier = Tier::parse(text.value);
    if tier.is_none() {
        let advice = match nearest(text.value, codes()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("one of: {all}"),
        };
        root.check.fault(&text.place, format!("{:?} is no tier", text.value), advice);
    }
    tier
}

fn agency(root: &Section<'_>) -> Option<String> {
    let text = root.required_text("agency", "the agency's identity code, as in \"G17\" or \"H26.14.3\"")?;
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.';
    if (1..=35).contains(&text.value.len()) && text.value.chars().all(plain) {
        if agency::first_level(text.value).is_none() {
            doubt_agency(root, &text);
        }
        return Some(text.value.to_owned());
    }
    let message = format!("{:?} is no agency code: 1 to 35 of A-Z, 0-9 and `.`, as in \"H26.14.3\"", text.value);
    root.check.error(&text.place, message);
    None
}

/// A province is no ministry and a ministry not local: one of the two was copied from another file.
fn tier_fits(root: &Section<'_>, tier: Option<Tier>, code: Option<&str>) {
    let level = code.and_then(|code| agency::first_level(code.split('.').next()?)).map(|agency| agency.level);
    let (said, fitting) = match (tier, level) {
        (Some(Tier::Local), Some("ministry")) => ("local", "ministry, or branch"),
        (Some(Tier::Ministry | Tier::Branch), Some("province")) => ("of the central level", "local"),
        _ => return,
    };
    let Some(text) = root.text("agency") else { return };
    let message = format!("the tier is {said}, and {:?} is not", text.value);
    root.check.doubt(&text.place, message, format!("the tier of this agency is {fitting}; or the code is another one"));
}

/// A code that no table has is kept, for the tables are never complete; but it is hardly meant. The name of the source
/// tells the right one more often than the characters of a short code do.
fn doubt_agency(root: &Section<'_>, code: &Placed<&str>) {
    let flat = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let name = root.entry("name").map(|entry| match &entry.node.value {
        Value::Text(name) => flat(name),
        _ => String::new(),
    });
    let (first, rest) = code.value.split_once('.').map_or((code.value, None), |(first, rest)| (first, Some(rest)));
    let standing = || agency::all().iter().filter(|row| row.valid_to.is_none());
    let named: Vec<_> = standing().filter(|row| Some(flat(row.name)) == name).collect();
    let near = || standing().filter(|row| strsim::osa_distance(row.code, first) == 1).take(3).collect();
    let meant: Vec<_> = if named.is_empty() { near() } else { named };
    let whole = |code: &str| rest.map_or_else(|| code.to_owned(), |rest| format!("{code}.{rest}"));
    let said: Vec<String> = meant.iter().map(|row| format!("{:?} ({})", whole(row.code), row.name)).collect();
    let advice = if said.is_empty() {
        "`SELECT code, name FROM national_v1.agency` lists them, once the database is migrated".to_owned()
    } else {
        format!("did you mean {}?", said.join(" or "))
    };
    let message = format!("the agency {first:?} is not in the table of agencies");
    root.check.doubt(&code.place, message, advice);
}

/// `schedule` and `windows`, which only a source that is pulled has.
fn times(root: &Section<'_>, pulled: bool) -> (Option<Schedule>, Vec<Window>) {
    if let Some(kind) = UNASKED.iter().find(|kind| !pulled && root.has(kind)) {
        let advice = match *kind {
            "inbox" => "an inbox is filled by the source itself: remove this line",
            _ => "messages are taken as they come: remove this line",
        };
        for key in ["schedule", "windows"].into_iter().filter(|key| root.has(key)) {
            let place = root.entry(key).map_or(&root.place, |entry| &entry.key_place);
            root.check.fault(place, format!("`{key}` beside [{kind}]"), advice);
        }
        return (None, Vec::new());
    }
    if pulled && !root.has("schedule") {
        root.missing("schedule", "when to pull: \"every 5m\", or a cron expression like \"30 2 * * *\"");
    }
    let schedule = root
        .text("schedule")
        .and_then(|text| Schedule::parse(text.value).map_err(|reason| root.check.error(&text.place, reason)).ok());
    let windows = root
        .texts("windows")
        .into_iter()
        .filter_map(|text| Window::parse(text.value).map_err(|reason| root.check.error(&text.place, reason)).ok());
    (schedule, windows.collect())
}

/// `reconcile`, which only a source has that gives all it holds when it is asked.
fn reconcile(root: &Section<'_>, kind: Option<&KindConfig>) -> Option<Schedule> {
    let text = root.text("reconcile")?;
    if let Err(why) = kind?.reads_all() {
        root.check.fault(&text.place, format!("this source cannot be reconciled: {why}"), "remove this line");
        return None;
    }
    Schedule::parse(text.value).map_err(|reason| root.check.error(&text.place, reason)).ok()
}

/// Every pull reads the overlap again: much more of it than of news is hardly meant.
fn overlap_makes_sense(root: &Section<'_>, schedule: &Schedule, mode: &Mode) {
    let (Schedule::Every(interval), Mode::Incremental { overlap, .. }) = (schedule, mode) else { return };
    if *overlap > interval.saturating_mul(100) {
        let times = overlap.as_secs() / interval.as_secs().max(1);
        let message =
            format!("every record is fetched about {times} times: `overlap` is that much longer than the schedule");
        let http = root.child("http", http::KEYS);
        let place =
            http.and_then(|http| http.child("incremental", http::INCREMENTAL)).map(|table| table.place_of("overlap"));
        root.check.doubt(
            &place.unwrap_or_else(|| root.place.clone()),
            message,
            "shorten the overlap, or pull less often",
        );
    }
}

/// What says where the next page is stands in a page of JSON.
fn pages_can_be_asked(root: &Section<'_>, pagination: &Pagination, format: &Format) {
    let asks = match pagination {
        Pagination::Cursor { .. } => Some("pagination.cursor"),
        Pagination::Page { total_pages: Some(_), .. } => Some("pagination.page.total_pages"),
        _ => None,
    };
    let Some(asks) = asks.filter(|_| !format.is_json()) else { return };
    let message = format!("`http.{asks}` looks into pages of JSON, and these are {}", format.as_str());
    let place = root.child("http", http::KEYS).map_or_else(|| root.place.clone(), |http| http.place_of("pagination"));
    root.check.fault(&place, message, "use `pagination.page` without `total_pages`, `offset`, `link_header` or `none`");
}

fn kind(root: &Section<'_>) -> Option<KindConfig> {
    match root.exactly_one(KINDS)? {
        "http" => http::check(&root.child("http", http::KEYS)?).map(|http| KindConfig::Http(Box::new(http))),
        "sql" => sql::check(&root.child("sql", sql::KEYS)?).map(|sql| KindConfig::Sql(Box::new(sql))),
        "files" => files::check(&root.child("files", files::KEYS)?).map(|files| KindConfig::Files(Box::new(files))),
        "amqp" => amqp::check(&root.child("amqp", amqp::KEYS)?).map(|amqp| KindConfig::Amqp(Box::new(amqp))),
        _ => root.bare("inbox").then_some(KindConfig::Inbox),
    }
}

fn limits(root: &Section<'_>) -> Limits {
    let default = Limits::default();
    let Some(section) = root.child("limits", LIMITS) else { return default };
    let bytes = |key: &str, otherwise: usize| section.size(key).unwrap_or(otherwise);
    let limits = Limits {
        response_bytes: bytes("response_bytes", default.response_bytes),
        decompressed_bytes: bytes("decompressed_bytes", default.decompressed_bytes),
        file_bytes: section.size("file_bytes").map_or(default.file_bytes, |bytes| bytes as u64),
        records: section.integer("records", 1..=100_000_000_usize).unwrap_or(default.records),
        record_bytes: bytes("record_bytes", default.record_bytes),
        json_depth: section.integer("json_depth", 2..=512_usize).unwrap_or(default.json_depth),
        pages: section.integer("pages", 1..=100_000_000_u32).unwrap_or(default.pages),
        mapping_time: section
            .duration("mapping_time", Duration::from_millis(1), Duration::from_mins(1))
            .unwrap_or(default.mapping_time),
    };
    for key in ["record_bytes", "response_bytes"] {
        let bytes = if key == "record_bytes" { limits.record_bytes } else { limits.response_bytes };
        if section.has(key) && bytes > limits.decompressed_bytes {
            let message = format!("`limits.{key}` is beyond `limits.decompressed_bytes`, which is reached first");
            section.check.doubt(&section.place_of(key), message, "raise `decompressed_bytes` too");
        }
    }
    limits
}
