//! What the demo prints in the end: a table by source, the consolidated totals beside what the generator meant, and
//! how to look further. Plain rows in, text out: counting is the caller's.

use std::time::Duration;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::generate::Truth;
use crate::domain::Tier;

/// One source, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub source_id: String,
    pub name: String,
    pub tier: Tier,
    /// `HTTP, cursor, OAuth 2`
    pub transport: String,
    /// Records that came to the daemon; stored + unchanged + stale + quarantined, unless some are in flight.
    pub received: u64,
    pub stored: u64,
    pub unchanged: u64,
    pub stale: u64,
    pub quarantined: u64,
}

/// The consolidated database, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub source_records: u64,
    pub petitions: u64,
    pub sealed: u64,
    pub receptions: u64,
    pub cases: u64,
    pub filings: u64,
    pub transfers: u64,
    pub loops: u64,
}

/// A figure of the truth.
type Told = fn(&Truth) -> u64;

/// All that is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub rows: Vec<Row>,
    pub totals: Totals,
    /// What the totals should be; `None` where records are still changing.
    pub truth: Option<Truth>,
    /// From the first request to the last record in the database.
    pub took: Duration,
    /// What `psql` is given to connect: a connection string or a service name.
    pub database: String,
}

impl Report {
    /// The report as text of at most `width` columns; `None`: as wide as it gets.
    pub fn render(&self, width: Option<u16>) -> String {
        let records: u64 = self.rows.iter().map(|row| row.received).sum();
        let seconds = self.took.as_secs_f64();
        let rate = if seconds > 0.0 { records as f64 / seconds } else { 0.0 };
        format!(
            "{}\n\n{}\n\n{records} records in {seconds:.1} s ({rate:.0} a second)\n\nLook at them:\n{}",
            self.sources(width),
            self.consolidated(width),
            self.look(),
        )
    }

    fn sources(&self, width: Option<u16>) -> Table {
        let mut table = table(width);
        table.set_header(header(
            &["source", "name", "tier", "transport"],
            &["received", "stored", "unchanged", "stale", "quarantined"],
        ));
        for row in &self.rows {
            let words = [&row.source_id, &row.name, row.tier.as_str(), &row.transport].map(Cell::new);
            table.add_row(words.into_iter().chain(numbers(row.counts())));
        }
        let sum = |at: usize| self.rows.iter().filter_map(|row| row.counts().get(at).copied()).sum::<u64>();
        let sums = [0, 1, 2, 3, 4].map(sum);
        table.add_row(["all sources", "", "", ""].map(Cell::new).into_iter().chain(numbers(sums)));
        table
    }

    fn consolidated(&self, width: Option<u16>) -> Table {
        let (totals, truth) = (&self.totals, self.truth.as_ref());
        let lines: [(&str, u64, Told); 8] = [
            ("source records (bản ghi nguồn)", totals.source_records, |truth| truth.source_records),
            ("petitions (đơn)", totals.petitions, |truth| truth.petitions),
            ("  of these sealed (giữ bí mật)", totals.sealed, |truth| truth.sealed),
            ("receptions (lượt tiếp công dân)", totals.receptions, |truth| truth.receptions),
            ("cases (vụ việc)", totals.cases, |truth| truth.published_cases),
            ("filings (lượt nộp đơn)", totals.filings, |truth| truth.filings),
            ("transfers (lần chuyển đơn)", totals.transfers, |truth| truth.transfers),
            ("petitions sent in a loop (chuyển vòng)", totals.loops, |truth| truth.loops),
        ];
        let mut table = table(width);
        let columns: &[&str] = if truth.is_some() { &["found", "meant", ""] } else { &["found"] };
        table.set_header(header(&["one national database"], columns));
        for (name, found, meant) in lines {
            let mut cells = vec![Cell::new(name), number(found)];
            if let Some(meant) = truth.map(meant) {
                cells.extend([number(meant), Cell::new(if meant == found { "✓" } else { "differs" })]);
            }
            table.add_row(cells);
        }
        let share = |filings: u64, petitions: u64| {
            let share = if petitions == 0 { 0.0 } else { filings as f64 / petitions as f64 };
            Cell::new(format!("{share:.2}")).set_alignment(CellAlignment::Right)
        };
        let mut cells = vec![Cell::new("filings per petition"), share(totals.filings, totals.petitions)];
        if let Some(truth) = truth {
            cells.extend([share(truth.filings, truth.petitions), Cell::new("")]);
        }
        table.add_row(cells);
        table
    }

    /// Commands to paste.
    fn look(&self) -> String {
        let database = quoted(&self.database);
        [
            "SELECT petition_id, type, stage, receiving_agency, source_count, transfer_count, is_sealed \
             FROM national_v1.petition ORDER BY source_count DESC LIMIT 20",
            "SELECT * FROM national_v1.case_file ORDER BY petition_count DESC LIMIT 10",
        ]
        .map(|query| format!("  psql {database} -c {}", quoted(query)))
        .join("\n")
    }
}

impl Row {
    const fn counts(&self) -> [u64; 5] {
        [self.received, self.stored, self.unchanged, self.stale, self.quarantined]
    }
}

fn table(width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    // without a width, what the widest row needs; not the terminal's, which is the caller's to ask
    table.set_width(width.unwrap_or(u16::MAX));
    table
}

fn header(words: &[&str], counts: &[&str]) -> Vec<Cell> {
    let counts = counts.iter().map(|name| Cell::new(name).set_alignment(CellAlignment::Right));
    words.iter().map(Cell::new).chain(counts).collect()
}

fn numbers(counts: [u64; 5]) -> [Cell; 5] {
    counts.map(number)
}

fn number(count: u64) -> Cell {
    Cell::new(count).set_alignment(CellAlignment::Right)
}

/// For a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn report() -> Report {
        let row = |source_id: &str, name: &str, tier, transport: &str, counts: [u64; 5]| Row {
            source_id: source_id.to_owned(),
            name: name.to_owned(),
            tier,
            transport: transport.to_owned(),
            received: counts[0],
            stored: counts[1],
            unchanged: counts[2],
            stale: counts[3],
            quarantined: counts[4],
        };
        Report {
            rows: vec![
                row("bxd", "Bộ Xây dựng", Tier::Ministry, "HTTP, cursor, OAuth 2", [412, 410, 0, 0, 2]),
                row("tinh-danang", "UBND thành phố Đà Nẵng", Tier::Local, "AMQP inbox", [1_310, 1_290, 18, 2, 0]),
            ],
            totals: Totals {
                source_records: 700,
                petitions: 500,
                sealed: 60,
                receptions: 80,
                cases: 450,
                filings: 620,
                transfers: 90,
                loops: 3,
            },
            truth: None,
            took: Duration::from_millis(4_200),
            database: "postgres://demo@127.0.0.1:5999/petitiond".to_owned(),
        }
    }

    #[test]
    fn a_report_without_a_truth() {
        expect![[r"
            ┌───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
            │ source        name                     tier       transport               received   stored   unchanged   stale   quarantined │
            ╞═══════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════╡
            │ bxd           Bộ Xây dựng              ministry   HTTP, cursor, OAuth 2        412      410           0       0             2 │
            │ tinh-danang   UBND thành phố Đà Nẵng   local      AMQP inbox                  1310     1290          18       2             0 │
            │ all sources                                                                   1722     1700          18       2             2 │
            └───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

            ┌────────────────────────────────────────────────┐
            │ one national database                    found │
            ╞════════════════════════════════════════════════╡
            │ source records (bản ghi nguồn)             700 │
            │ petitions (đơn)                            500 │
            │   of these sealed (giữ bí mật)              60 │
            │ receptions (lượt tiếp công dân)             80 │
            │ cases (vụ việc)                            450 │
            │ filings (lượt nộp đơn)                     620 │
            │ transfers (lần chuyển đơn)                  90 │
            │ petitions sent in a loop (chuyển vòng)       3 │
            │ filings per petition                      1.24 │
            └────────────────────────────────────────────────┘

            1722 records in 4.2 s (410 a second)

            Look at them:
              psql 'postgres://demo@127.0.0.1:5999/petitiond' -c 'SELECT petition_id, type, stage, receiving_agency, source_count, transfer_count, is_sealed FROM national_v1.petition ORDER BY source_count DESC LIMIT 20'
              psql 'postgres://demo@127.0.0.1:5999/petitiond' -c 'SELECT * FROM national_v1.case_file ORDER BY petition_count DESC LIMIT 10'"]].assert_eq(&report().render(None));
    }

    #[test]
    fn a_difference_from_the_truth_is_told() {
        let truth = Truth { source_records: 700, petitions: 501, filings: 620, ..Truth::default() };
        let text = Report { truth: Some(truth), ..report() }.render(None);
        let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap().to_owned();
        assert!(line("source records").contains('✓') && line("petitions (đơn)").contains("differs"), "{text}");
    }

    #[test]
    fn a_narrow_terminal_gets_a_narrow_table() {
        let text = report().render(Some(90));
        let widest = text.lines().take_while(|line| !line.contains("Look")).map(|line| line.chars().count()).max();
        assert!(widest.unwrap() <= 90, "{text}");
    }

    #[test]
    fn quotes_survive_a_shell() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
