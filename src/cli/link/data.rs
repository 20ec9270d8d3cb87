//! CSV files of records, of true pairs, and models.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::cli::Failure;
use crate::linkage::columns::{self, Declared};
use crate::linkage::model::Model;
use crate::linkage::table::{Interner, Rows, Table};

/// The files of records, and how they name a record.
#[derive(Debug, Args)]
pub struct Files {
    /// Records, as CSV with a heading.
    #[arg(value_name = "DATA.csv")]
    pub data: PathBuf,
    /// A second file: only pairs between the two are compared.
    #[arg(long, value_name = "OTHER.csv")]
    pub between: Option<PathBuf>,
    /// The column that names a record [default: unique_id, rec_id, record_id or id, else the first].
    #[arg(long, value_name = "COLUMN")]
    pub id: Option<String>,
}

/// Records, and of each what stands in one more column.
#[derive(Debug)]
pub struct Read {
    pub table: Table,
    /// By record of the table: the number of its value in the column asked for.
    pub labels: Vec<u32>,
}

fn open(path: &Path) -> anyhow::Result<csv::Reader<std::fs::File>> {
    csv::ReaderBuilder::new().from_path(path).with_context(|| format!("read {}", path.display()))
}

fn headers(reader: &mut csv::Reader<std::fs::File>, path: &Path) -> anyhow::Result<Vec<String>> {
    let headers = reader.headers().with_context(|| format!("read the heading of {}", path.display()))?;
    Ok(headers.iter().map(|header| header.trim_start_matches('\u{feff}').to_owned()).collect())
}

fn position(headers: &[String], wanted: &str, path: &Path) -> anyhow::Result<usize> {
    headers
        .iter()
        .position(|header| header == wanted)
        .with_context(|| format!("{} has no column {wanted:?}; its columns are {}", path.display(), headers.join(", ")))
}

/// The columns of a file that are compared, from their declaration or by their headings.
pub fn declared(files: &Files, spec: Option<&str>) -> anyhow::Result<Vec<Declared>> {
    if let Some(spec) = spec {
        return columns::declaration(spec).map_err(|problem| anyhow::anyhow!("--columns: {problem}"));
    }
    let headers = headers(&mut open(&files.data)?, &files.data)?;
    let guess = |header: &String| {
        let reading = columns::guess(header)?;
        Some(Declared { header: header.clone(), reading })
    };
    let mut declared: Vec<Declared> = headers.iter().filter_map(guess).collect();
    if columns::check(&declared).is_err() {
        // one name is enough
        declared.retain(|column| !matches!(column.reading, columns::Reading::Name));
    }
    columns::check(&declared).map_err(|problem| {
        let path = files.data.display();
        anyhow::anyhow!("{path}: {problem}; say with --columns what its columns hold ({})", headers.join(", "))
    })?;
    Ok(declared)
}

/// Reads the records. `label` names one more column, whose values are kept apart.
pub fn read(files: &Files, declared: &[Declared], label: Option<&str>) -> anyhow::Result<Read> {
    let derived: Vec<_> = declared.iter().flat_map(Declared::derived).collect();
    let mut rows = Rows::new(derived);
    let mut labels = Interner::default();
    let mut of_row: Vec<u32> = Vec::new();
    for (number, path) in [Some(&files.data), files.between.as_ref()].into_iter().flatten().enumerate() {
        if number == 1 {
            rows.second_file();
        }
        let mut reader = open(path)?;
        let headers = headers(&mut reader, path)?;
        let id = id_column(&headers, files.id.as_deref(), path)?;
        let label = label.map(|label| position(&headers, label, path)).transpose()?;
        let at = |column: &Declared| position(&headers, &column.header, path);
        let columns = declared.iter().map(at).collect::<anyhow::Result<Vec<usize>>>()?;
        let mut row = csv::StringRecord::new();
        let mut values = Vec::new();
        while reader.read_record(&mut row).with_context(|| format!("read {}", path.display()))? {
            values.clear();
            for (column, at) in declared.iter().zip(&columns) {
                column.values(row.get(*at).unwrap_or_default(), &mut values);
            }
            rows.push(row.get(id).unwrap_or_default(), values.iter().map(String::as_str));
            of_row.extend(label.map(|label| labels.number(row.get(label).unwrap_or_default())));
        }
    }
    let (table, order) = rows.into_table()?;
    let labels = if of_row.is_empty() {
        Vec::new()
    } else {
        order.iter().filter_map(|row| of_row.get(*row as usize).copied()).collect()
    };
    Ok(Read { table, labels })
}

fn id_column(headers: &[String], wanted: Option<&str>, path: &Path) -> anyhow::Result<usize> {
    if let Some(wanted) = wanted {
        return position(headers, wanted, path);
    }
    let usual = ["unique_id", "rec_id", "record_id", "id"];
    Ok(usual.iter().find_map(|id| headers.iter().position(|header| header == id)).unwrap_or(0))
}

/// True pairs: the first two columns of a CSV file with a heading (`id_l,id_r`).
pub fn true_pairs(path: &Path, table: &Table) -> anyhow::Result<Vec<(u32, u32)>> {
    let mut reader = open(path)?;
    let mut pairs = Vec::new();
    for (number, row) in reader.records().enumerate() {
        let row = row.with_context(|| format!("read {}", path.display()))?;
        let find = |at: usize| {
            let id = row.get(at).unwrap_or_default();
            table
                .find(id)
                .with_context(|| format!("{}, row {}: no record has the id {id:?}", path.display(), number + 1))
        };
        pairs.push((find(0)?, find(1)?));
    }
    if pairs.is_empty() {
        bail!("{} holds no pairs", path.display());
    }
    Ok(pairs)
}

/// Reads a model; one that is wrong is a wrong configuration.
pub fn model(path: &Path) -> Result<Model, Failure> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read the model {}", path.display()))?;
    Model::parse(&text).map_err(|unusable| {
        let lines =
            unusable.0.iter().map(|problem| format!("{}:{}: {}\n", path.display(), problem.line, problem.message));
        Failure::Configuration(lines.collect())
    })
}
