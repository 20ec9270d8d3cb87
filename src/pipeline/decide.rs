//! Clerical review: a person decides that two filings are of one petition or not, or two petitioners one person or not.
//!
//! A decision is a row of a log, and what it joins or parts is grouped anew in the same transaction, under the feed lock,
//! in the way of intake; so groups stay a function of the records, the model and the decisions. Decisions that cannot
//! hold together are refused with the chain between them. What is sealed takes no part: a decision would tell who
//! denounced, to whoever makes it.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::clock::HANOI;
use crate::domain::{Kind, RecordKey, SourceId};
use crate::linkage::decision::{self, Decision, Verdict};
use crate::linkage::person::features;
use crate::seal::KeyRing;
use crate::store::decision::{New, Standing};
use crate::store::source_record::{self, SourceRecord};
use crate::store::{self, PgConnection};

use super::batch::Desk;
use super::decided::{self, Content, End};
use super::evidence::{self, Name};
use super::link::{self, Linked, Piece};
use super::matching::Filings;
use super::person::{self, Petitioners};
use super::{gather, matching, prepare, write};

/// What is decided about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Whether two filings are of one petition.
    Petition,
    /// Whether two petitioners are one person.
    Person,
}

impl Subject {
    /// As it is stored and typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Petition => "petition",
            Self::Person => "person",
        }
    }

    /// Reads what [`Subject::as_str`] gives.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Petition, Self::Person].into_iter().find(|subject| subject.as_str() == text)
    }

    /// Reads `source:record`, of a petitioner `source:record#place`, the first place being 0 and what is meant where
    /// none is given.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn name(self, text: &str) -> Result<Name, Error> {
        let (source, record) = text.split_once(':').ok_or(Error::Name(self))?;
        let source_id = SourceId::parse(source).map_err(|_| Error::Name(self))?;
        let place = record.rsplit_once('#').filter(|_| self == Self::Person);
        let (record_id, position) = match place.and_then(|(record, place)| Some((record, place.parse().ok()?))) {
            Some((record, position)) => (record, position),
            None => (record, 0),
        };
        Ok(Name { record: RecordKey { source_id, record_id: record_id.to_owned() }, position })
    }

    /// Writes what [`Subject::name`] reads.
    pub fn text(self, name: &Name) -> String {
        let RecordKey { source_id, record_id } = &name.record;
        match self {
            Self::Petition => format!("{source_id}:{record_id}"),
            Self::Person => format!("{source_id}:{record_id}#{}", name.position),
        }
    }

    /// The id of a node.
    pub fn id(self, ring: &KeyRing, name: &Name) -> Uuid {
        match self {
            Self::Petition => name.id::<Filings>(ring),
            Self::Person => name.id::<Petitioners>(ring),
        }
    }
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", naming(*.0))]
    Name(Subject),
    #[error("no record {0} is stored; `petitiond review list` shows what there is to decide")]
    Unknown(String),
    #[error("{0} was withdrawn by its source, or not all of it has come yet; there is nothing to compare")]
    Nothing(String),
    #[error(
        "{0} is sealed (hồ sơ mật): sealed records take no part in review, because what is decided of them would lead to who denounced; its agency can say what it belongs to with a reference"
    )]
    Sealed(String),
    #[error("{0} is a reception and no petition; receptions are joined by references alone")]
    Reception(String),
    #[error("{0}: nothing is told of such a petitioner; places are counted from 0")]
    Nobody(String),
    #[error("{0} is named twice; name two different ones")]
    Twice(String),
    #[error("this is already decided (decision {0}); it stands")]
    Already(i64),
    #[error("there is no decision {0}; `petitiond review log` lists them")]
    NoDecision(i64),
    #[error("decision {0} was undone already, by decision {1}")]
    Undone(i64, i64),
    #[error("decision {0} undoes another and is not undone itself; decide anew instead")]
    IsUndoing(i64),
    #[error("who decides? give a name with --by")]
    NoName,
    #[error("{0}")]
    Contradiction(Contradiction),
    #[error(transparent)]
    Pipeline(#[from] super::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Pipeline(error.into())
    }
}

fn naming(subject: Subject) -> String {
    let of_person = if subject == Subject::Person { ", and #0, #1 … for which of its petitioners" } else { "" };
    format!("a record is named source:record{of_person}, as `petitiond review list` shows it")
}

/// Decisions that the new one contradicts, from one of its ends to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction(pub Vec<Told>);

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mâu thuẫn với quyết định trước (it contradicts what was decided before):")?;
        for told in &self.0 {
            write!(f, "\n  {told}")?;
        }
        f.write_str("\nto decide otherwise, first take one of them back: petitiond review undo NUMBER --by WHO")
    }
}

/// A decision, as it may be told: a record that is sealed or gone now is not named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    pub decision_id: i64,
    #[serde(rename = "kind")]
    pub subject: Subject,
    pub left: Option<String>,
    pub right: Option<String>,
    pub verdict: Verdict,
    pub undoes: Option<i64>,
    pub undone_by: Option<i64>,
    pub decided_at: DateTime<Utc>,
    pub decided_by: String,
    /// Not told where one of the two is not named: it may speak of them.
    pub note: Option<String>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |name: &Option<String>| {
            name.clone().unwrap_or_else(|| "(hồ sơ mật hoặc đã rút: sealed or withdrawn)".to_owned())
        };
        let (sign, word) = match self.verdict {
            Verdict::Same => ("=", "trùng"),
            Verdict::Different => ("≠", "khác"),
        };
        let day = self.decided_at.with_timezone(&HANOI).format("%d/%m/%Y");
        let (id, left, right, by) = (self.decision_id, name(&self.left), name(&self.right), &self.decided_by);
        write!(f, "{id}: {left} {sign} {right} ({word}, {}; {by}, {day})", self.verdict.as_str())
    }
}

/// What somebody decides.
#[derive(Debug, Clone)]
pub struct Decide<'d> {
    pub subject: Subject,
    pub left: &'d Name,
    pub right: &'d Name,
    pub verdict: Verdict,
    pub by: &'d str,
    pub note: Option<&'d str>,
}

/// Writes a decision down and groups anew what it touches; its number.
///
/// # Errors
/// [`Error`]; then nothing was written.
pub async fn decide(desk: &Desk, new: &Decide<'_>) -> Result<i64, Error> {
    let Decide { subject, verdict, .. } = *new;
    let by = name_of(new.by)?;
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let mut transaction = store::begin(&mut conn).await?;
    let conn = &mut *transaction;
    let feed_head = store::change::lock(conn).await?;
    let ends = ends(conn, desk, subject, new.left, new.right).await?;
    let [(left_id, left), (right_id, right)] = ends;
    let standing = decided::in_force(conn, &desk.ring, subject).await?;
    let wanted = Decision { left: left_id, right: right_id, verdict };
    let is_it = |old: &&Standing| (old.node_id, old.other_id) == (left_id, right_id);
    if let Some(old) = standing.iter().find(is_it).filter(|old| old.verdict == verdict.as_str()) {
        return Err(Error::Already(old.decision_id));
    }
    if let Some(chain) = decision::contradiction(&evidence::decided(&standing), &wanted) {
        let ids: Vec<i64> = chain.0.iter().filter_map(|step| number(&standing, step)).collect();
        let rows = store::decision::load(conn, &ids).await?;
        let mut told = told(conn, &desk.ring, &rows).await?;
        told.sort_by_key(|told| ids.iter().position(|id| *id == told.decision_id));
        // from the one that was named first
        if subject.id(&desk.ring, new.left) != left_id {
            told.reverse();
        }
        return Err(Error::Contradiction(Contradiction(told)));
    }
    let entry = Entry { subject, decision: wanted, undoes: None, by, ends: (left, right), note: new.note };
    let decision_id = enter(desk, conn, feed_head, entry).await?;
    transaction.commit().await.map_err(store::Error::from)?;
    Ok(decision_id)
}

/// Takes a decision back, and groups anew what it touched; the number of the row that says so. Whatever became of the
/// records since.
///
/// # Errors
/// [`Error`]; then nothing was written.
pub async fn undo(desk: &Desk, decision_id: i64, by: &str, note: Option<&str>) -> Result<i64, Error> {
    let by = name_of(by)?;
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let mut transaction = store::begin(&mut conn).await?;
    let conn = &mut *transaction;
    let feed_head = store::change::lock(conn).await?;
    let rows = store::decision::load(conn, &[decision_id]).await?;
    let row = rows.first().ok_or(Error::NoDecision(decision_id))?;
    if let Some(by) = row.undone_by {
        return Err(Error::Undone(decision_id, by));
    }
    let of = Subject::parse(&row.entity).zip(Verdict::parse(&row.verdict)).filter(|_| row.undoes.is_none());
    let (subject, verdict) = of.ok_or(Error::IsUndoing(decision_id))?;
    let Content { left, right, .. } = Content::open(&desk.ring, row)?;
    let decision = Decision { left: row.left_id, right: row.right_id, verdict };
    let entry = Entry { subject, decision, undoes: Some(decision_id), by, ends: (left, right), note };
    let undone = enter(desk, conn, feed_head, entry).await?;
    transaction.commit().await.map_err(store::Error::from)?;
    Ok(undone)
}

/// A line of the log that is to be.
struct Entry<'e> {
    subject: Subject,
    decision: Decision<Uuid>,
    undoes: Option<i64>,
    by: &'e str,
    ends: (End, End),
    note: Option<&'e str>,
}

/// Writes a line of the log and groups anew what it touches; its number.
async fn enter(desk: &Desk, conn: &mut PgConnection, feed_head: i64, entry: Entry<'_>) -> Result<i64, Error> {
    let Entry { subject, decision: Decision { left: left_id, right: right_id, verdict }, undoes, by, ends, note } =
        entry;
    let before = reached(conn, left_id, right_id).await?;
    let note = note.map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned);
    let content = Content { left: ends.0, right: ends.1, note };
    let row = New {
        entity: subject.as_str(),
        left_id,
        right_id,
        verdict: verdict.as_str(),
        undoes,
        decided_at: desk.clock.now(),
        decided_by: by.to_owned(),
        content: content.seal(&desk.ring, left_id, right_id),
    };
    let decision_id = store::decision::insert(conn, &row).await?;
    regroup(desk, conn, feed_head, subject, before, [&content.left.name, &content.right.name]).await?;
    Ok(decision_id)
}

/// The log, newest first.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn log(conn: &mut PgConnection, ring: &KeyRing, limit: i64) -> Result<Vec<Told>, Error> {
    let rows = store::decision::list(conn, limit).await?;
    told(conn, ring, &rows).await
}

fn name_of(by: &str) -> Result<&str, Error> {
    let by = by.trim();
    if by.is_empty() { Err(Error::NoName) } else { Ok(by) }
}

fn number(standing: &[Standing], step: &Decision<Uuid>) -> Option<i64> {
    let is_it = |old: &&Standing| (old.node_id, old.other_id) == (step.left, step.right);
    standing.iter().find(is_it).map(|old| old.decision_id)
}

/// Both ends with their ids, the smaller id first; each of them open and there.
async fn ends(
    conn: &mut PgConnection,
    desk: &Desk,
    subject: Subject,
    left: &Name,
    right: &Name,
) -> Result<[(Uuid, End); 2], Error> {
    let (ring, today) = (&desk.ring, desk.clock.today());
    if left == right {
        return Err(Error::Twice(subject.text(left)));
    }
    let mut ends = Vec::new();
    for name in [left, right] {
        let row = open_row(conn, ring, subject, name).await?;
        let id = subject.id(ring, name);
        let petitioner = match subject {
            Subject::Petition if row.kind == Some(Kind::Petition) => None,
            Subject::Petition => return Err(Error::Reception(subject.text(name))),
            Subject::Person => {
                let record = prepare::reopen(ring, &row.key, &row.agency, today, &row.content)?;
                let mut petitioners = record.map(|record| record.petitioners).unwrap_or_default().into_iter();
                let petitioner = usize::try_from(name.position).ok().and_then(|at| petitioners.nth(at));
                let told = petitioner.filter(|petitioner| features(petitioner).is_some());
                Some(told.ok_or_else(|| Error::Nobody(subject.text(name)))?)
            }
        };
        ends.push((id, End { name: name.clone(), petitioner }));
    }
    ends.sort_by_key(|(id, _)| *id);
    <[(Uuid, End); 2]>::try_from(ends).map_err(|_| Error::Twice(subject.text(left)))
}

/// The row of a record that takes part in review.
///
/// # Errors
/// [`Error`]: it is not there, or takes no part.
pub async fn open_row(
    conn: &mut PgConnection,
    ring: &KeyRing,
    subject: Subject,
    name: &Name,
) -> Result<SourceRecord, Error> {
    let text = || subject.text(name);
    let row = source_record::load(conn, ring, &[&name.record]).await?.pop().ok_or_else(|| Error::Unknown(text()))?;
    match () {
        () if row.deleted || row.incomplete => Err(Error::Nothing(text())),
        () if row.is_sealed => Err(Error::Sealed(text())),
        () => Ok(row),
    }
}

/// All that hangs together with one of two before anything is changed.
async fn reached(conn: &mut PgConnection, left_id: Uuid, right_id: Uuid) -> Result<BTreeSet<Uuid>, Error> {
    Ok(evidence::closure(conn, BTreeSet::from([left_id, right_id])).await?.ids)
}

/// Groups anew: what hung together before, and what does now.
async fn regroup(
    desk: &Desk,
    conn: &mut PgConnection,
    feed_head: i64,
    subject: Subject,
    before: BTreeSet<Uuid>,
    ends: [&Name; 2],
) -> Result<(), Error> {
    let (ring, now) = (&desk.ring, desk.clock.now());
    let today = now.with_timezone(&HANOI).date_naive();
    let (linked, people) = match subject {
        Subject::Person => (Linked::default(), person::resolve_with(conn, ring, now, &mut [], before).await?),
        Subject::Petition => {
            let names = evidence::names(conn, ring, &before.into_iter().collect::<Vec<_>>()).await?;
            let keys: BTreeSet<&RecordKey> = names.values().chain(ends).map(|name| &name.record).collect();
            let rows = source_record::load(conn, ring, &keys.into_iter().collect::<Vec<_>>()).await?;
            let pieces = rows.into_iter().map(|row| Piece::stored(ring, today, row)).collect::<Result<Vec<_>, _>>()?;
            let pieces = gather::all(conn, ring, today, pieces).await?;
            let (pieces, matches) = matching::filings(conn, ring, today, pieces).await?;
            let mut linked = link::link(conn, ring, pieces, &matches).await?;
            let people = person::resolve(conn, ring, now, &mut linked.pieces).await?;
            (linked, people)
        }
    };
    Ok(write::apply(conn, ring, feed_head, now, &linked, &people).await?)
}

/// All that was ever decided of two, as it may be told.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn of_pair(
    conn: &mut PgConnection,
    ring: &KeyRing,
    subject: Subject,
    left: &Name,
    right: &Name,
) -> Result<Vec<Told>, Error> {
    let (one, other) = (subject.id(ring, left), subject.id(ring, right));
    let rows = store::decision::of_pair(conn, one.min(other), one.max(other)).await?;
    told(conn, ring, &rows).await
}

/// Rows as they may be told.
async fn told(conn: &mut PgConnection, ring: &KeyRing, rows: &[store::decision::Decision]) -> Result<Vec<Told>, Error> {
    let contents = rows.iter().map(|row| Content::open(ring, row)).collect::<Result<Vec<_>, _>>()?;
    let keys: BTreeSet<&RecordKey> =
        contents.iter().flat_map(|content| [&content.left.name.record, &content.right.name.record]).collect();
    let records = source_record::load(conn, ring, &keys.into_iter().collect::<Vec<_>>()).await?;
    // of what is not there, nobody knows whether it would be sealed
    let open: BTreeSet<&RecordKey> =
        records.iter().filter(|row| !(row.is_sealed || row.says_sealed)).map(|row| &row.key).collect();
    let told = rows.iter().zip(&contents).filter_map(|(row, content)| {
        let subject = Subject::parse(&row.entity)?;
        let name = |end: &End| open.contains(&end.name.record).then(|| subject.text(&end.name));
        let (left, right) = (name(&content.left), name(&content.right));
        let note = content.note.clone().filter(|_| left.is_some() && right.is_some());
        Some(Told {
            decision_id: row.decision_id,
            subject,
            left,
            right,
            verdict: Verdict::parse(&row.verdict)?,
            undoes: row.undoes,
            undone_by: row.undone_by,
            decided_at: row.decided_at,
            decided_by: row.decided_by.clone(),
            note,
        })
    });
    Ok(told.collect())
}
