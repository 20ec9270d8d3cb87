//! `petitiond source quality ID`: how good a source's records are and what its agency has to mend.

use chrono::{Days, NaiveDate};
use clap::Args;
use serde::Serialize;

use super::context::{Context, block_on, database};
use super::output::say;
use super::{Outcome, source, table};
use crate::clock::Clock;
use crate::pipeline::quality::{self, CauseCount, Quality};
use crate::seal::KeyRing;
use crate::store;
use crate::store::source_quality::QualityDay;

/// Show how good a source's records are, day by day, and the top causes with masked examples.
///
/// Counted are the records by the day (in Vietnam) on which they first came, as they stand now. Examples come from open
/// records only; of them only the shape is shown: digits as 9, letters as x.
#[derive(Debug, Args)]
pub struct Options {
    id: String,
    /// How many days, today included.
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=3660))]
    days: u16,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    name: String,
    until: NaiveDate,
    #[serde(flatten)]
    quality: Quality,
}

/// Prints the report.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = database(&settings).await?;
        let mut conn = pool.acquire().await.map_err(store::Error::from)?;
        let name = source::find(&mut conn, &options.id).await?.name;
        let ring = KeyRing::load(&settings.identity.key_file)?;
        let until = Clock::System.today();
        let since = until.checked_sub_days(Days::new(u64::from(options.days) - 1)).unwrap_or(NaiveDate::MIN);
        let quality = quality::of_source(&mut conn, &ring, until, &options.id, since).await?;
        let report = Report { name, until, quality };
        if options.json {
            return Ok(table::json(&report)?);
        }
        Ok(print(&report)?)
    })
}

fn print(report: &Report) -> anyhow::Result<()> {
    let Quality { source_id, since, days, causes } = &report.quality;
    say!("Chất lượng dữ liệu của nguồn {source_id} ({}), từ {since} đến {}", report.name, report.until)?;
    if days.is_empty() {
        return say!("Không có bản ghi nào trong những ngày này (no records came in these days)");
    }
    let heading = [
        "ngày\nday",
        "bản ghi\nrecords",
        "đầy đủ\ncomplete",
        "hợp lệ\nvalid",
        "kịp thời\ntimely",
        "chưa ánh xạ\nunmapped",
        "cách ly\nquarantined",
    ];
    let total = total(days);
    let rows = days.iter().map(|day| row(day.day.to_string(), day));
    table::table(&heading, rows.chain([row("tổng / total".to_owned(), &total)]))?;
    if causes.is_empty() {
        return say!("Không có lỗi nào (nothing to mend)");
    }
    say!("Nguyên nhân chính (chữ số hiện là 9, chữ cái hiện là x; không lấy gì từ bản ghi được giữ bí mật)")?;
    say!("Top causes (digits shown as 9, letters as x; nothing from sealed records)")?;
    causes.iter().try_for_each(|cause| print_cause(cause, total.records))
}

fn print_cause(cause: &CauseCount, records: i64) -> anyhow::Result<()> {
    let share = percent(Some(cause.records as f64 / records.max(1) as f64));
    let (severity, code) = (cause.severity.title(), cause.code);
    say!("{:>8}  {share:>8}  {} [{severity}] ({code})", cause.records, cause.name)?;
    for example in &cause.examples {
        let value = example.value.as_deref().map_or_else(String::new, |value| format!(": {value:?}"));
        say!("{:>20}  {}{value} ({})", "", example.field, example.rule)?;
    }
    Ok(())
}

fn row(name: String, day: &QualityDay) -> Vec<String> {
    let shares = [day.complete, day.valid, day.timely, day.unmapped].map(percent);
    let counts = (day.records.to_string(), day.records_quarantined.to_string());
    [name, counts.0].into_iter().chain(shares).chain([counts.1]).collect()
}

/// All days together, weighed by their records.
fn total(days: &[QualityDay]) -> QualityDay {
    let sum = |count: fn(&QualityDay) -> i64| days.iter().map(count).sum::<i64>();
    let records = sum(|day| day.records);
    let share = |count: i64| (records > 0).then(|| count as f64 / records as f64);
    let (complete, valid) = (sum(|day| day.records_complete), sum(|day| day.records_valid));
    let (timely, unmapped) = (sum(|day| day.records_timely), sum(|day| day.records_unmapped));
    QualityDay {
        day: days.first().map(|day| day.day).unwrap_or_default(),
        complete: share(complete),
        valid: share(valid),
        timely: share(timely),
        unmapped: share(unmapped),
        records,
        records_complete: complete,
        records_valid: valid,
        records_timely: timely,
        records_unmapped: unmapped,
        records_quarantined: sum(|day| day.records_quarantined),
    }
}

/// With the comma of Vietnamese, and never rounded up to a whole that it is not.
fn percent(share: Option<f64>) -> String {
    let Some(share) = share else { return "–".to_owned() };
    let tenths = (share * 1000.0).round();
    let tenths = if share < 1.0 { tenths.min(999.0) } else { tenths };
    let tenths = if share > 0.0 { tenths.max(1.0) } else { tenths };
    format!("{:.1} %", tenths / 10.0).replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_in_vietnam() {
        for (share, wanted) in [
            (None, "–"),
            (Some(0.0), "0,0 %"),
            (Some(1.0), "100,0 %"),
            (Some(0.99999), "99,9 %"),
            (Some(0.00001), "0,1 %"),
            (Some(0.975), "97,5 %"),
        ] {
            assert_eq!(percent(share), wanted);
        }
    }

    #[test]
    fn a_total_weighs_each_day_by_its_records() {
        let day = |records, good| QualityDay {
            day: NaiveDate::MIN,
            complete: None,
            valid: None,
            timely: None,
            unmapped: None,
            records,
            records_complete: good,
            records_valid: 0,
            records_timely: 0,
            records_unmapped: 0,
            records_quarantined: 2,
        };
        let all = total(&[day(1, 1), day(3, 0), day(0, 0)]);
        assert_eq!((all.records, all.complete, all.valid, all.records_quarantined), (4, Some(0.25), Some(0.0), 6));
        assert_eq!(total(&[day(0, 0)]).complete, None);
    }
}
