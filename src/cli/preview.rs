//! `petitiond source preview ID`: a few real records, before and after mapping and normalization; writes nothing.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Value, json};

use super::context::{Context, block_on};
use super::output::say;
use super::{Outcome, table};
use crate::clock::Clock;
use crate::domain::{RawRecord, RecordKey};
use crate::normalize;
use crate::sources::SourceConfig;
use crate::sources::pull::Supply;

/// Fetch a few real records and show each before and after mapping and normalization; writes nothing.
#[derive(Debug, Args)]
pub struct Options {
    id: String,
    /// Records to show.
    #[arg(long, default_value_t = 5)]
    limit: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Shows a preview.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let source = context.source(&options.id)?;
    block_on(async {
        let records = fetch(&source, options.limit).await?;
        let shown: Vec<Value> = records.iter().map(|record| both(&source, record)).collect::<Result<_, _>>()?;
        if options.json {
            return Ok(table::json(&shown)?);
        }
        for (number, record) in shown.iter().enumerate() {
            say!("── record {} ── as the source holds it", number + 1)?;
            say!("{}", serde_json::to_string_pretty(&record["before"]).context("a record cannot be shown")?)?;
            say!("── record {} ── as the national database takes it", number + 1)?;
            say!("{}", serde_json::to_string_pretty(&record["after"]).context("a record cannot be shown")?)?;
        }
        Ok(coverage(&shown)?)
    })
}

async fn fetch(source: &SourceConfig, limit: usize) -> anyhow::Result<Vec<RawRecord>> {
    let mut records = Vec::new();
    match Supply::to_look(source)? {
        None => bail!(
            "{} is of kind {}: nothing is fetched from it; look at its messages with `quarantine` and `status`",
            source.id,
            source.kind.name()
        ),
        Some(Supply::Pages(client)) => {
            let mut pull = client.pull(None, Clock::System.now());
            while records.len() < limit {
                let Some(page) = pull.next_page().await? else { break };
                records.extend(page.records);
            }
        }
        Some(Supply::Files(folder)) => {
            for file in folder.waiting().await? {
                if records.len() >= limit {
                    break;
                }
                records.extend(folder.first_records(&file, limit - records.len()).await?);
            }
        }
    }
    records.truncate(limit);
    Ok(records)
}

fn both(source: &SourceConfig, record: &RawRecord) -> anyhow::Result<Value> {
    let before: Value = serde_json::from_str(record.0.get())?;
    let after = match source.decoder.map(record) {
        Err(error) => json!({ "quarantined": error.to_string() }),
        Ok(parsed) => {
            let context = normalize::Context { agency: &source.agency, today: Clock::System.today() };
            let version = parsed.version;
            let key = RecordKey { source_id: source.id.clone(), record_id: parsed.record_id };
            match normalize::record(&context, key, parsed.fields, parsed.findings) {
                Ok(record) => {
                    let mut after = serde_json::to_value(&record)?;
                    if let Value::Object(fields) = &mut after {
                        fields.insert("version".to_owned(), json!(version));
                        fields.insert("sealed".to_owned(), json!(record.is_sealed()));
                    }
                    after
                }
                Err(incomplete) => json!({ "quarantined": incomplete.to_string() }),
            }
        }
    };
    Ok(json!({ "before": before, "after": after }))
}

/// How many records fill each field.
fn coverage(shown: &[Value]) -> anyhow::Result<()> {
    let mut filled: BTreeMap<&str, usize> = BTreeMap::new();
    for record in shown {
        for (field, value) in record["after"].as_object().into_iter().flatten() {
            let empty = matches!(value, Value::Null | Value::Bool(false))
                || value.as_array().is_some_and(Vec::is_empty)
                || value.as_object().is_some_and(serde_json::Map::is_empty);
            *filled.entry(field).or_default() += usize::from(!empty);
        }
    }
    say!("── filled in {} records", shown.len())?;
    for (field, count) in filled {
        say!("{field:>20}  {count}")?;
    }
    Ok(())
}
