//! `petitiond source new`: a first configuration of a source, guessed from a sample.

use std::fs::{File, OpenOptions};
use std::io::{Cursor, ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::Outcome;
use super::context::{Context, block_on};
use super::output::{bytes, say};
use crate::clock::Clock;
use crate::config;
use crate::domain::SourceId;
use crate::normalize::text;
use crate::sources::format::Input;
use crate::sources::http::{Url, fetch_once};
use crate::sources::sample::{MARK, Origin, Sample, draft};

/// Write a first configuration, guessed from a sample of what the source sends.
///
/// Format, encoding, where the records are, which field is which and what codes mean are guessed from names and values,
/// each with the reason beside it. What nobody could guess stands as "???", which `check` refuses. What looks like
/// a value of a person is left out, as far as that can be told: read the file before you pass it on.
#[derive(Debug, Args)]
pub struct Options {
    /// A file (CSV, Excel, XML, JSON; also in .gz or .zip), or an address that is fetched once.
    #[arg(long, value_name = "FILE|URL")]
    from_sample: String,
    /// The name of the source in queues and keys, never to be changed; the file is called after it.
    #[arg(long, value_parser = SourceId::parse)]
    id: SourceId,
    /// Print the file instead of writing it.
    #[arg(long)]
    print: bool,
}

/// Guesses and writes.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let folder = context.origin.dir.join("sources.d");
    let path = folder.join(format!("{}.toml", options.id));
    if !options.print {
        may_be_written(&path, &options.id)?;
    }
    let (sample, origin) = sample(&options.from_sample)?;
    let text = draft(&sample, &options.id, &origin);
    if options.print {
        return Ok(bytes(text.as_bytes())?);
    }
    write(&path, &text)?;
    let mark = format!("\"{MARK}\"");
    let marks: usize = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.matches(&mark).count()).sum();
    say!("{}: {} records of {} were looked at", path.display(), sample.records(), sample.format())?;
    say!("  1. decide the {marks} places that say \"{MARK}\", and read the reasons beside the guesses")?;
    let folder = context.named_folder().map_or_else(String::new, |dir| format!(" --config {}", dir.display()));
    say!("  2. petitiond check{folder}")?;
    say!("  3. petitiond source preview {}{folder}", options.id)?;
    Ok(())
}

fn may_be_written(path: &Path, id: &SourceId) -> anyhow::Result<()> {
    if path.symlink_metadata().is_ok() {
        bail!(
            "there is a source {id} already: {} is not overwritten; choose another id, or use --print",
            path.display()
        );
    }
    let folder = path.parent().unwrap_or(path);
    if !folder.is_dir() {
        bail!(
            "there is no folder {}; make it, or name the folder of the configuration with --config",
            folder.display()
        );
    }
    Ok(())
}

/// Reads what was named, and says where such records will come from.
fn sample(named: &str) -> anyhow::Result<(Sample, Origin)> {
    let today = Clock::System.today();
    if named.starts_with("http://") || named.starts_with("https://") {
        let url = address(named)?;
        let body = block_on(async { Ok(fetch_once(&url).await?) });
        let body = body.map_err(|failure| match failure {
            super::Failure::Failed(error) => error.context(
                "the sample cannot be fetched (of an interface with credentials save one answer, and give that file)",
            ),
            super::Failure::Configuration(text) => anyhow::anyhow!(text),
        })?;
        let name = url.path().to_owned();
        let sample = Sample::read(&mut Cursor::new(body.bytes), &name, today).context("the answer is no sample")?;
        return Ok((sample, Origin::Http { url, has_link: body.has_link }));
    }
    let path = PathBuf::from(named);
    let mut file = open(&path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let sample = Sample::read(&mut file, &name, today).with_context(|| format!("{} is no sample", path.display()))?;
    let pattern = pattern(&name, &sample);
    Ok((sample, Origin::Files { pattern }))
}

/// An address without a secret in it, for it will stand in the file.
fn address(named: &str) -> anyhow::Result<Url> {
    let url = Url::parse(named)
        .context("the sample has no address that can be read; give it as in https://kntc.example.vn/api/don-thu")?;
    if config::holds_a_secret(named) {
        bail!(
            "the address holds a user, a password or a key, and it would stand in the file; save one answer, as with curl, and give that file"
        );
    }
    if let Some((name, _)) = url.query_pairs().find(|(name, value)| may_be_secret(name, value)) {
        bail!(
            "the parameter {name:?} of the address may be a secret or tell of a person, and it would stand in the file; save one answer, as with curl, and give that file"
        );
    }
    Ok(url)
}

/// Whether a parameter is called as secrets and people are, or has a value that pages and sizes do not have.
fn may_be_secret(name: &str, value: &str) -> bool {
    const CALLED: &[&str] = &[
        "matkhau",
        "xacthuc",
        "khoa",
        "chuky",
        "taikhoan",
        "nguoidung",
        "user",
        "cccd",
        "cmnd",
        "hoten",
        "sdt",
        "dienthoai",
    ];
    let flat = text::flat_key(name).replace(' ', "");
    let is_numbered = value.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 9);
    CALLED.iter().any(|called| flat.contains(called)) || is_numbered || value.len() > 32 || !value.is_ascii()
}

fn open(path: &Path) -> anyhow::Result<impl Input + use<>> {
    let failed = || format!("the sample {} cannot be read; give a file, or an address with https://", path.display());
    let file = File::open(path).with_context(failed)?;
    let about = file.metadata().with_context(failed)?;
    if about.is_dir() {
        bail!("the sample {} is a folder; give one file of it", path.display());
    }
    if !about.is_file() {
        bail!("the sample {} is no file that can be read twice; save it to one and give that", path.display());
    }
    Ok(file)
}

/// The files that end as the sample does; packed ones too.
fn pattern(name: &str, sample: &Sample) -> String {
    let name = name.to_lowercase();
    let ends = |ending: &&&str| name.contains(**ending);
    let usual = [".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".xml", ".ndjson", ".jsonl", ".json", ".txt"];
    match usual.iter().find(ends) {
        Some(ending) => format!("*{ending}*"),
        None if sample.format() == "record" => "*.json*".to_owned(),
        None => format!("*.{}*", sample.format()),
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let failed =
        || format!("{} cannot be written; run this as a user who may write there, or use --print", path.display());
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path);
    if let Err(error) = &opened
        && error.kind() == ErrorKind::AlreadyExists
    {
        bail!("{} has just been written by somebody else; it is not overwritten", path.display());
    }
    let mut file = opened.with_context(failed)?;
    file.write_all(text.as_bytes()).with_context(failed)?;
    // whatever the mask of this shell is, the daemon has to read it
    file.set_permissions(std::fs::Permissions::from_mode(0o644)).with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_nobody() {
        let of = |query: &str| address(&format!("https://kntc.example.vn/api?{query}"));
        for query in ["page=1&size=50", "since=2026-01-01T00:00:00%2B07:00", "tinh=01", "status=all", "sort=-ngayNhan"]
        {
            assert!(of(query).is_ok(), "{query}");
        }
        for query in
            ["cccd=1", "hoTen=Tran", "q=Tr%E1%BA%A7n", "matKhau=abc", "ma_xac_thuc=abcd", "id=001085012345", "token=x"]
        {
            let said = of(query).unwrap_err().to_string();
            assert!(said.contains("it would stand in the file") && !said.contains("Tran"), "{said}");
        }
        assert!(address("http://").unwrap_err().to_string().contains("kntc.example.vn"));
    }
}
