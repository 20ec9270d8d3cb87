//! `petitiond link corpus`: records with known truth, as files.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::Value;

use crate::cli::Outcome;
use crate::cli::output::say;
use crate::demo::generate::corpus::{Corpus, Entry, bureaus};
use crate::domain::{Gender, IdKind, NormalizedRecord, Petitioner};
use crate::linkage::person::{Features, of_record};
use crate::normalize::name::parts;

/// Write an invented national corpus whose truth is known, to judge linkage by: records.ndjson (interchange records,
/// each with its source_id), persons.csv (petitioners as intake reads them, the true person in the column cluster),
/// truth.csv (petition, case and relations of each record) and sources.d (the sources, for a daemon that is to take the
/// records in).
#[derive(Debug, Args)]
pub struct Options {
    /// How many records.
    #[arg(long, default_value_t = 10_000)]
    records: usize,
    /// The same seed makes the same records.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// The folder for the files.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// The columns of persons.csv; `link train` and `link evaluate` know their kinds by these headings.
const PERSONS: [&str; 18] = [
    "id",
    "family_name",
    "middle_name",
    "given_name",
    "organization",
    "sex",
    "birth_date",
    "id_number",
    "id_kind",
    "phone",
    "email",
    "street",
    "commune",
    "province",
    "company",
    "received_on",
    "sealed",
    "cluster",
];
const TRUTH: [&str; 11] = [
    "source_id",
    "record_id",
    "kind",
    "sealed",
    "petition",
    "case",
    "filing",
    "follows",
    "following",
    "form",
    "persons",
];

/// The files under way.
struct Files {
    records: BufWriter<File>,
    persons: csv::Writer<File>,
    truth: csv::Writer<File>,
    petitioners: usize,
}

/// Makes and writes.
pub fn run(options: &Options) -> Outcome {
    let folder = &options.out;
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let mut files = Files {
        records: BufWriter::new(create(&folder.join("records.ndjson"))?),
        persons: csv::Writer::from_writer(create(&folder.join("persons.csv"))?),
        truth: csv::Writer::from_writer(create(&folder.join("truth.csv"))?),
        petitioners: 0,
    };
    files.persons.write_record(PERSONS).context("write persons.csv")?;
    files.truth.write_record(TRUTH).context("write truth.csv")?;
    for entry in Corpus::new(options.seed, options.records) {
        files.write(&entry).with_context(|| format!("write into {}", folder.display()))?;
    }
    files.records.flush().context("write records.ndjson")?;
    files.persons.flush().context("write persons.csv")?;
    files.truth.flush().context("write truth.csv")?;
    write_sources(&folder.join("sources.d"))?;
    say!("{} records with {} petitioners are in {}", options.records, files.petitioners, folder.display())?;
    Ok(())
}

/// One file a source, each with an inbox.
fn write_sources(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    for bureau in bureaus() {
        let mut file = create(&folder.join(format!("{}.toml", bureau.source_id)))?;
        let (id, name, tier, agency) = (&bureau.source_id, &bureau.name, bureau.tier.as_str(), bureau.code);
        write!(
            file,
            "id = \"{id}\"\nname = \"{name}\"\ntier = \"{tier}\"\nagency = \"{agency}\"\nenabled = true\n[inbox]\n\n[format.record]\n"
        )?;
    }
    Ok(())
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("write {}", path.display()))
}

impl Files {
    fn write(&mut self, entry: &Entry) -> anyhow::Result<()> {
        let mut told = serde_json::Map::with_capacity(entry.record.len() + 1);
        told.insert("source_id".to_owned(), Value::from(entry.bureau.source_id.as_str()));
        told.extend(entry.record.clone());
        serde_json::to_writer(&mut self.records, &told)?;
        self.records.write_all(b"\n")?;
        let record = entry.normalized()?;
        let told = of_record(&record);
        let petitioners = record.petitioners.iter().zip(&told).zip(&entry.truth.persons).enumerate();
        for (position, ((petitioner, told), person)) in petitioners {
            self.petitioners += 1;
            self.persons.write_record(person_row(entry, &record, position, petitioner, told.as_ref(), *person))?;
        }
        self.truth.write_record(truth_row(entry, &record)?)?;
        Ok(())
    }
}

fn person_row(
    entry: &Entry,
    record: &NormalizedRecord,
    position: usize,
    petitioner: &Petitioner,
    told: Option<&Features>,
    person: u32,
) -> [String; PERSONS.len()] {
    let parts = petitioner.name.as_deref().map(parts);
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    [
        format!("{}/{}/{position}", entry.bureau.source_id, entry.record_id),
        text(parts.as_ref().and_then(|parts| parts.family)),
        text(parts.as_ref().and_then(|parts| parts.middle)),
        text(parts.as_ref().map(|parts| parts.given)),
        text(petitioner.organization.as_deref()),
        text(told.and_then(Features::sex).map(Gender::as_str)),
        told.map(|features| features.born().to_owned()).unwrap_or_default(),
        text(petitioner.id_number.as_deref()),
        text(petitioner.id_kind.map(IdKind::as_str)),
        text(petitioner.phones.first().map(String::as_str)),
        text(petitioner.email.as_deref()),
        text(petitioner.place.street.as_deref()),
        told.map(|features| features.communes().to_owned()).unwrap_or_default(),
        text(petitioner.place.province_code.as_deref()),
        told.map(|features| features.company().to_owned()).unwrap_or_default(),
        record.received_on.to_string(),
        record.is_sealed().to_string(),
        person.to_string(),
    ]
}

fn truth_row(entry: &Entry, record: &NormalizedRecord) -> anyhow::Result<[String; TRUTH.len()]> {
    let truth = &entry.truth;
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let code = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let persons: Vec<String> = truth.persons.iter().map(u32::to_string).collect();
    Ok([
        entry.bureau.source_id.to_string(),
        entry.record_id.clone(),
        record.kind.as_str().to_owned(),
        record.is_sealed().to_string(),
        number(truth.petition),
        truth.case.to_string(),
        code(serde_json::to_value(truth.filing)?),
        number(truth.follows.map(|follows| follows.petition)),
        code(serde_json::to_value(truth.follows.map(|follows| follows.how))?),
        number(truth.form),
        persons.join(" "),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkage::columns::guess;

    fn written(folder: &Path, seed: u64) -> [String; 3] {
        run(&Options { records: 300, seed, out: folder.to_owned() }).map_err(|failure| format!("{failure:?}")).unwrap();
        ["records.ndjson", "persons.csv", "truth.csv"].map(|name| std::fs::read_to_string(folder.join(name)).unwrap())
    }

    #[test]
    fn the_files_belong_together_and_are_the_same_again() {
        let folder = tempfile::tempdir().unwrap();
        let files = written(folder.path(), 3);
        let [records, persons, truth] = &files;
        assert_eq!(records.lines().count(), 300);
        let row = |row: Result<csv::StringRecord, csv::Error>| row.unwrap();
        let truth: Vec<csv::StringRecord> = csv::Reader::from_reader(truth.as_bytes()).records().map(row).collect();
        let listed: Vec<String> = truth.iter().flat_map(|row| row[10].split_whitespace()).map(str::to_owned).collect();
        let persons: Vec<csv::StringRecord> = csv::Reader::from_reader(persons.as_bytes()).records().map(row).collect();
        let cluster = PERSONS.iter().position(|header| *header == "cluster").unwrap();
        assert_eq!(persons.iter().map(|row| row[cluster].to_owned()).collect::<Vec<_>>(), listed);
        for (line, row) in records.lines().zip(&truth) {
            let record: Value = serde_json::from_str(line).unwrap();
            assert_eq!((&record["source_id"], &record["record_id"]), (&Value::from(&row[0]), &Value::from(&row[1])));
        }
        assert_eq!(written(folder.path(), 3), files);
        let source = std::fs::read_to_string(folder.path().join("sources.d/tinh-hanoi.toml")).unwrap();
        let source: toml_edit::DocumentMut = source.parse().unwrap();
        assert_eq!((source["agency"].as_str(), source["tier"].as_str()), (Some("H26"), Some("local")));
        assert_ne!(written(folder.path(), 4), files);
    }

    #[test]
    fn the_engine_knows_the_columns_of_persons_by_their_headings() {
        let known: Vec<&str> = PERSONS.into_iter().filter(|header| guess(header).is_some()).collect();
        let compared =
            &["family_name", "middle_name", "given_name", "sex", "birth_date", "id_number", "phone", "email"];
        assert_eq!(known, [&compared[..], &["street", "commune", "province"]].concat());
    }
}
