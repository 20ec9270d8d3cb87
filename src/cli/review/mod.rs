//! `petitiond review …`: clerical review (xét duyệt hồ sơ nghi trùng): pairs that a person has to decide.
//!
//! Owns: the command line of it, what is printed, in Vietnamese first ([`words`]).
//! Must not know: which pairs there are and what a decision does (`pipeline::review` and `pipeline::decide` do).
//! To add an action: a variant of [`Action`], an arm in [`act`].

mod words;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::context::{Context, block_on, desk};
use super::output::say;
use super::table::{self, time};
use super::{Failure, Outcome};
use crate::linkage::decision::Verdict;
use crate::linkage::explain::Explanation;
use crate::pipeline::batch::Desk;
use crate::pipeline::decide::{self, Decide, Subject, Told};
use crate::pipeline::evidence::Name;
use crate::pipeline::review::{self, Doubt, Entry, Filter, Line, Reason, Shown};
use crate::store::{self, PgConnection};

/// What is decided about, as it is typed.
pub type Kind = Subject;

/// Reads a kind.
///
/// # Errors
/// Which kinds there are.
pub fn subject(text: &str) -> Result<Kind, String> {
    Subject::parse(text).ok_or_else(|| "petition or person".to_owned())
}

/// Decide which filings are one petition and which petitioners one person, where the model leaves it open.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List pairs that are not decided, the most valuable first; values are hidden.
    List {
        /// petition or person.
        #[arg(long, value_parser = subject)]
        kind: Option<Kind>,
        /// Of which one is held by this agency or one beneath it.
        #[arg(long, value_name = "CODE")]
        agency: Option<String>,
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show two side by side, with the weight of every comparison.
    Show {
        /// ID, as `list` shows it; or two records as source:record, with --kind person source:record#place.
        #[arg(required = true, num_args = 1..=2, value_name = "ID | A B")]
        pair: Vec<String>,
        /// Of what A and B are: petition or person [default: petition].
        #[arg(long, value_parser = subject)]
        kind: Option<Kind>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Decide that two are the same or different, for ever; `undo` takes it back.
    Decide {
        /// ID, or A and B, as for `show`; then same or different.
        #[arg(required = true, num_args = 2..=3, value_name = "ID | A B> <same | different")]
        what: Vec<String>,
        /// Of what A and B are: petition or person [default: petition].
        #[arg(long, value_parser = subject)]
        kind: Option<Kind>,
        /// Who decides.
        #[arg(long, value_name = "WHO")]
        by: String,
        /// Why; kept encrypted.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Take a decision back.
    Undo {
        /// Its number, as `log` shows it.
        decision: i64,
        /// Who takes it back.
        #[arg(long, value_name = "WHO")]
        by: String,
        /// Why; kept encrypted.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// List decisions, the newest first.
    Log {
        #[arg(long, default_value_t = 50)]
        limit: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What `show` prints as JSON.
#[derive(Serialize)]
struct Compared<'s> {
    kind: Subject,
    left: &'s str,
    right: &'s str,
    comparisons: &'s [Line],
    weight: f32,
    probability: f64,
    decision: &'static str,
    decisions: &'s [Told],
}

impl<'s> Compared<'s> {
    fn of(shown: &'s Shown) -> Self {
        let Explanation { weight, probability, decision, .. } = shown.explanation;
        let Shown { left, right, lines, decisions, .. } = shown;
        Self { kind: shown.subject, left, right, comparisons: lines, weight, probability, decision, decisions }
    }
}

/// Runs one action.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let desk = desk(&settings).await?;
        let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
        Ok(act(&options.action, &desk, &mut conn).await?)
    })
}

async fn act(action: &Action, desk: &Desk, conn: &mut PgConnection) -> anyhow::Result<()> {
    match action {
        Action::List { kind, agency, limit, json } => {
            let filter = Filter { subject: *kind, agency: agency.clone() };
            let doubts = review::list(conn, desk, &filter, *limit).await?;
            if *json { table::json(&doubts) } else { list(&doubts) }
        }
        Action::Show { pair, kind, json } => {
            let (subject, left, right) = find(conn, desk, pair, *kind).await?;
            let shown = review::show(conn, desk, subject, &left, &right).await?;
            if *json { table::json(&Compared::of(&shown)) } else { show(&shown) }
        }
        Action::Decide { what, kind, by, note } => {
            let Some((verdict, pair)) = what.split_last() else { bail!("name two records") };
            let verdict =
                Verdict::parse(verdict).ok_or_else(|| anyhow!("{verdict:?} is neither same nor different"))?;
            let (subject, left, right) = find(conn, desk, pair, *kind).await?;
            let new = Decide { subject, left: &left, right: &right, verdict, by, note: note.as_deref() };
            let number = decide::decide(desk, &new).await?;
            say!("quyết định {number}: {} (decision {number}: {})", words::verdict(verdict), verdict.as_str())
        }
        Action::Undo { decision, by, note } => {
            let number = decide::undo(desk, *decision, by, note.as_deref()).await?;
            say!("đã hủy quyết định {decision} (decision {decision} is undone, by {number})")
        }
        Action::Log { limit, json } => {
            let log = decide::log(conn, &desk.ring, *limit).await?;
            if *json { table::json(&log) } else { tell(&log) }
        }
    }
}

/// Why two stored records weigh what they weigh.
///
/// # Errors
/// The database cannot be read, or one of them takes no part.
pub fn explanation(context: &Context, kind: Option<Kind>, a: &str, b: &str) -> Result<Explanation, Failure> {
    let settings = context.settings()?;
    block_on(async {
        let desk = desk(&settings).await?;
        let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
        let (subject, left, right) = find(&mut conn, &desk, &[a.to_owned(), b.to_owned()], kind).await?;
        Ok(review::show(&mut conn, &desk, subject, &left, &right).await?.explanation)
    })
}

/// The two that were meant.
async fn find(
    conn: &mut PgConnection,
    desk: &Desk,
    pair: &[String],
    kind: Option<Kind>,
) -> anyhow::Result<(Subject, Name, Name)> {
    let subject = kind.unwrap_or(Subject::Petition);
    match pair {
        [id] => review::find(conn, &desk.ring, id)
            .await?
            .with_context(|| format!("there is no pair {id:?}; `petitiond review list` shows what there is to decide")),
        [left, right] => Ok((subject, subject.name(left)?, subject.name(right)?)),
        _ => bail!("name a pair by its id, or two records"),
    }
}

fn list(doubts: &[Doubt]) -> anyhow::Result<()> {
    if doubts.is_empty() {
        return say!("không có cặp nào cần xét duyệt (nothing is to be decided)");
    }
    let entry = |entry: &Entry| {
        let received = entry.received_on.map(|on| on.format("%d/%m/%Y").to_string()).unwrap_or_default();
        format!("{}\n{}, {received}\n{}", entry.name, entry.agency, entry.who)
    };
    let rows = doubts.iter().map(|doubt| {
        let why = match doubt.reason {
            Reason::Margin => "điểm chưa đủ\n(in the margin)",
            Reason::Rule => "quy tắc tách\n(a rule stands against it)",
            Reason::Average => "nhóm không khớp\n(the groups do not agree)",
        };
        vec![
            doubt.id.clone(),
            words::subject(doubt.subject).to_owned(),
            entry(&doubt.left),
            entry(&doubt.right),
            why.to_owned(),
            format!("{:+.2}", doubt.weight),
            doubt.joins.to_string(),
            format!("{:.2}", doubt.value),
        ]
    });
    let heading =
        ["mã (id)", "loại", "hồ sơ A", "hồ sơ B", "lý do (why)", "điểm (bits)", "hồ sơ gộp (joins)", "giá trị (value)"];
    table::table(&heading, rows)
}

fn show(shown: &Shown) -> anyhow::Result<()> {
    let rows = shown.lines.iter().map(|line| {
        let (comparison, level) = (words::both(&line.comparison), words::both(&line.level));
        let (bits, sum) = (format!("{:+.2}", line.bits), format!("{:+.2}", line.sum));
        vec![comparison, line.left.clone(), line.right.clone(), level, bits, sum]
    });
    let heading = [
        "tiêu chí (comparison)",
        shown.left.as_str(),
        shown.right.as_str(),
        "mức giống (level)",
        "điểm (bits)",
        "cộng dồn (sum)",
    ];
    table::table(&heading, rows)?;
    let Explanation { weight, probability, decision, .. } = &shown.explanation;
    say!(
        "{}: {weight:+.2} bit, xác suất {probability:.4} ({weight:+.2} bits, probability {probability:.4}: {decision})",
        words::decision(decision)
    )?;
    tell(&shown.decisions)
}

fn tell(log: &[Told]) -> anyhow::Result<()> {
    for told in log {
        let note = told.note.as_ref().map_or_else(String::new, |note| format!(": {note}"));
        let at = time(Some(told.decided_at));
        match (told.undoes, told.undone_by) {
            (Some(undone), _) => {
                say!("{}: hủy quyết định {undone} (undoes it), {}, {at}{note}", told.decision_id, told.decided_by)?;
            }
            (None, Some(by)) => say!("{told}, đã bị hủy bởi {by} (undone){note}")?,
            (None, None) => say!("{told}{note}")?,
        }
    }
    Ok(())
}
