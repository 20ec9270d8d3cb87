//! `[files]`: the folder where files are dropped.

use std::path::Path;
use std::time::Duration;

use super::problem::because;
use super::section::{Section, nearest};
use crate::sources::files::{Done, FilesConfig, Pattern, probe};

/// The keys of `[files]`.
pub const KEYS: &[&str] = &["path", "pattern", "settle", "done"];
const DONE: &[&str] = &["move", "leave"];

/// Checks `[files]`. A folder that is away is a doubt and no error: it may be a mount that comes later, and the source
/// waits for it.
pub fn check(section: &Section<'_>) -> Option<FilesConfig> {
    let path =
        section.required_text("path", "the folder where files are dropped, as in \"/srv/petitiond/drop/tinh-27\"");
    let pattern = if section.has("pattern") {
        section.parsed("pattern", Pattern::parse).map(|pattern| pattern.value)
    } else {
        section.missing("pattern", "which files are taken, as in \"*.xlsx\"");
        None
    };
    let settle = if section.has("settle") {
        section.duration("settle", Duration::from_secs(1), Duration::from_hours(1))
    } else {
        Some(Duration::from_secs(10))
    };
    let done = done(section);
    let path = path?;
    let folder = section.check.dir.join(path.value);
    doubt_folder(section, &folder, done)?;
    Some(FilesConfig { path: folder, pattern: pattern?, settle: settle?, done: done? })
}

fn done(section: &Section<'_>) -> Option<Done> {
    if !section.has("done") {
        return Some(Done::Move);
    }
    let text = section.text("done")?;
    let done = match text.value {
        "move" => Some(Done::Move),
        "leave" => Some(Done::Leave),
        _ => None,
    };
    if done.is_none() {
        let all = "\"move\" (to done/ or failed/ beside it) or \"leave\"";
        let near = nearest(text.value, DONE.iter().copied());
        let advice = near.map_or_else(|| format!("one of: {all}"), |near| format!("did you mean {near:?}?"));
        section.check.fault(&text.place, format!("`files.done` is {:?}", text.value), advice);
    }
    done
}

/// `None`: it can never be a folder of files.
fn doubt_folder(section: &Section<'_>, folder: &Path, done: Option<Done>) -> Option<()> {
    let place = section.place_of("path");
    let shown = folder.display();
    match std::fs::metadata(folder) {
        Ok(metadata) if !metadata.is_dir() => {
            section.check.fault(&place, format!("{shown} is no folder"), "name the folder, and the files in `pattern`");
            return None;
        }
        Ok(_) => {}
        Err(error) => {
            let message = format!("the folder {shown} cannot be looked into: {}", because(&error));
            section.check.doubt(&place, message, "make it, or mount it; nothing is taken until then");
            return Some(());
        }
    }
    if let Err(error) = std::fs::read_dir(folder) {
        let message = format!("the folder {shown} cannot be read: {}", because(&error));
        section.check.doubt(&place, message, "let the user of petitiond read it; nothing is taken until then");
    } else if done == Some(Done::Move) && !probe::is_writable(folder) {
        let message = format!("nothing can be moved in the folder {shown}: it cannot be written to");
        let advice = "let the user of petitiond write to it, or set `done = \"leave\"`";
        section.check.doubt(&place, message, advice);
    }
    Some(())
}
