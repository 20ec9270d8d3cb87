//! What there is to decide in clerical review (xét duyệt hồ sơ nghi trùng), the most valuable first, and two side by
//! side.
//!
//! Owns: which pairs are doubtful and what a decision about one is worth ([`list`]); what is shown of two ([`show`]).
//! Must not know: how a decision is written down and takes effect (`decide` does), how anything is printed.
//! To add a reason to doubt: a variant of [`Reason`], and where it is found in [`Compared::reason`].
//!
//! Intake stores nothing more for it than what it compares with anyway: the edges. Pairs that it judged under the
//! threshold of links are among them; what is over it and in two groups all the same was held apart by the average over
//! the groups, or by a rule. Everything is judged anew from the nodes, so what is shown is of the model of today. Of what
//! is sealed there is no node, and so nothing here.

mod side;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::RecordKey;
use crate::linkage::decision::Binding;
use crate::linkage::person::{self, Matcher};
use crate::linkage::petition;
use crate::reference::agency::is_within;
use crate::seal::KeyRing;
use crate::store::edge::{self, Edge};
use crate::store::source_record::{self, Standing};
use crate::store::{self, PgConnection};

use super::batch::Desk;
use super::decide::Subject;
use super::decided;
use super::evidence::{self, Name, Node, Nodes};
use super::matching::Filings;

pub use side::{Line, Shown, show};

/// Edges of each sort that are looked at, nearest to the threshold first.
const WINDOW: i64 = 5_000;

/// Why a pair is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its weight lies between what is nothing and what is linked.
    Margin,
    /// It weighs enough, and a rule says that the two are never one.
    Rule,
    /// It weighs enough, and the groups of the two do not on average.
    Average,
}

/// A pair to decide.
#[derive(Debug, Clone, Serialize)]
pub struct Doubt {
    /// By which it is shown and decided: the beginnings of the ids of its nodes.
    pub id: String,
    #[serde(rename = "kind")]
    pub subject: &'static str,
    pub left: Entry,
    pub right: Entry,
    pub reason: Reason,
    /// Bits.
    pub weight: f32,
    /// Records that would come together.
    pub joins: i64,
    pub value: f64,
}

/// One of the two, with every value hidden.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// As it is typed.
    pub name: String,
    pub agency: String,
    pub received_on: Option<NaiveDate>,
    /// Who lodged it, as initials.
    pub who: String,
}

/// Which pairs.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub subject: Option<Subject>,
    /// Of which one is held by this agency or one beneath it.
    pub agency: Option<String>,
}

/// The two of an edge.
enum Compared<'n> {
    Filings(&'n Node<petition::Features>, &'n Node<petition::Features>),
    Petitioners(&'n Node<person::Features>, &'n Node<person::Features>),
}

impl<'n> Compared<'n> {
    const fn subject(&self) -> Subject {
        match self {
            Self::Filings(..) => Subject::Petition,
            Self::Petitioners(..) => Subject::Person,
        }
    }

    const fn names(&self) -> (&'n Name, &'n Name) {
        match self {
            Self::Filings(a, b) => (&a.name, &b.name),
            Self::Petitioners(a, b) => (&a.name, &b.name),
        }
    }

    /// Why the two, who are in different groups, are shown, with their weight and by how much it is above the threshold.
    fn reason(&self, filings: &Filings) -> Option<(Reason, f32, f32)> {
        let (bits, is_never, link, review) = match self {
            Self::Filings(a, b) => {
                let judgement = filings.judge.judge(&a.features, &b.features);
                let thresholds = &filings.judge.model.thresholds;
                (judgement.bits, judgement.is_never, thresholds.petition, thresholds.review)
            }
            Self::Petitioners(a, b) => {
                let matcher = Matcher::built_in();
                let weighing = matcher.weigh(&a.features, &b.features);
                let bits = if weighing.is_never { weighing.raw } else { weighing.bits };
                (bits, weighing.is_never, matcher.link(), matcher.review())
            }
        };
        let reason = match (is_never, bits) {
            (true, bits) if bits >= link => Reason::Rule,
            (false, bits) if bits >= link => Reason::Average,
            (false, bits) if bits >= review => Reason::Margin,
            _ => return None,
        };
        Some((reason, bits, bits - link))
    }
}

/// What a decision is worth: the records that it would bring together, times how open the question is: one at the
/// threshold, half as much for every bit under it; where a rule stands against the weight, a half.
fn value(reason: Reason, margin: f32, joins: i64) -> f64 {
    let open = match reason {
        Reason::Margin => f64::from(-margin.abs()).exp2(),
        Reason::Average => 1.0,
        Reason::Rule => 0.5,
    };
    open * joins as f64
}

/// Nodes of both kinds by their ids.
struct Opened {
    filings: Nodes<petition::Features>,
    petitioners: Nodes<person::Features>,
}

impl Opened {
    async fn load(conn: &mut PgConnection, ring: &KeyRing, edges: &[Edge]) -> Result<Self, super::Error> {
        let ids: BTreeSet<Uuid> = edges.iter().flat_map(|edge| [edge.node_id, edge.other_id]).collect();
        let names = evidence::names(conn, ring, &ids.into_iter().collect::<Vec<_>>()).await?;
        let (filings, petitioners): (Vec<(Uuid, Name)>, Vec<_>) =
            names.into_iter().partition(|(id, name)| name.id::<Filings>(ring) == *id);
        let ids = |list: &[(Uuid, Name)]| list.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        let filings = evidence::load(conn, ring, &ids(&filings)).await?;
        let petitioners = evidence::load(conn, ring, &ids(&petitioners)).await?;
        Ok(Self { filings, petitioners })
    }

    fn pair(&self, edge: &Edge) -> Option<Compared<'_>> {
        let filings = self.filings.get(&edge.node_id).zip(self.filings.get(&edge.other_id));
        let petitioners = || self.petitioners.get(&edge.node_id).zip(self.petitioners.get(&edge.other_id));
        let of_filings = filings.map(|(a, b)| Compared::Filings(a, b));
        of_filings.or_else(|| petitioners().map(|(a, b)| Compared::Petitioners(a, b)))
    }

    fn records(&self) -> BTreeSet<&RecordKey> {
        let filings = self.filings.values().map(|node| &node.name.record);
        filings.chain(self.petitioners.values().map(|node| &node.name.record)).collect()
    }
}

/// In which group everybody is now.
struct Groups {
    rows: HashMap<RecordKey, Standing>,
    persons: BTreeMap<Name, Uuid>,
    sizes: HashMap<Uuid, i64>,
}

impl Groups {
    async fn load(conn: &mut PgConnection, opened: &Opened) -> Result<Self, super::Error> {
        let keys: Vec<&RecordKey> = opened.records().into_iter().collect();
        let rows = source_record::standings(conn, &keys).await?;
        let who: BTreeSet<&RecordKey> = opened.petitioners.values().map(|node| &node.name.record).collect();
        let resolved = store::petitioner::resolved(conn, &who.into_iter().collect::<Vec<_>>()).await?;
        let persons: BTreeMap<Name, Uuid> = resolved
            .into_iter()
            .filter_map(|petitioner| {
                let name = Name { record: petitioner.key, position: petitioner.position };
                Some((name, petitioner.person_id?))
            })
            .collect();
        let ids: BTreeSet<Uuid> = persons.values().copied().collect();
        let sizes = store::petitioner::counts(conn, &ids.into_iter().collect::<Vec<_>>()).await?;
        let rows = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
        Ok(Self { rows, persons, sizes: sizes.into_iter().collect() })
    }

    /// Which group, and how many are in it; nothing of what is sealed.
    fn of(&self, subject: Subject, name: &Name) -> Option<(Uuid, i64)> {
        let row = self.rows.get(&name.record).filter(|row| !row.is_sealed)?;
        match subject {
            Subject::Petition => Some((row.entity_id?, row.companions)),
            Subject::Person => {
                let person = *self.persons.get(name)?;
                Some((person, self.sizes.get(&person).copied().unwrap_or(1)))
            }
        }
    }

    fn is_held_by(&self, name: &Name, agency: &str) -> bool {
        self.rows.get(&name.record).is_some_and(|row| is_within(&row.agency, agency))
    }
}

/// The pairs to decide, the most valuable first. Of each sort those five thousand are looked at that are nearest to
/// being linked; of equal value those come first whose names do.
///
/// # Errors
/// [`super::Error`] of the database or of the key.
pub async fn list(
    conn: &mut PgConnection,
    desk: &Desk,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Doubt>, super::Error> {
    let ring = &desk.ring;
    let edges = edge::doubtful(conn, -evidence::APART / 2.0, WINDOW).await?;
    let opened = Opened::load(conn, ring, &edges).await?;
    let groups = Groups::load(conn, &opened).await?;
    let settled = settled(conn, ring).await?;
    let filings = Filings::built_in();
    let open = edges.iter().filter(|edge| !settled.contains(&(edge.node_id, edge.other_id)));
    let compared = open.filter_map(|edge| Some((edge, opened.pair(edge)?)));
    let found = compared.filter_map(|(edge, compared)| Found::of(edge, &compared, &groups, &filings));
    let mut found: Vec<Found<'_>> = found.filter(|found| filter.wants(found, &groups)).collect();
    found.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.ends().cmp(&b.ends())));
    found.truncate(limit);
    let names: BTreeSet<&Name> = found.iter().flat_map(|found| [found.left, found.right]).collect();
    let who = side::initials(conn, desk, &names).await?;
    let entry = |subject: Subject, name: &Name| {
        let row = groups.rows.get(&name.record)?;
        let (agency, received_on) = (row.agency.clone(), row.received_on);
        Some(Entry { name: subject.text(name), agency, received_on, who: who.of(subject, name) })
    };
    let doubt = |found: &Found<'_>| {
        let Found { subject, edge, reason, weight, joins, value, .. } = *found;
        let (left, right) = (entry(subject, found.left)?, entry(subject, found.right)?);
        Some(Doubt { id: pair_id(edge), subject: subject.as_str(), left, right, reason, weight, joins, value })
    };
    Ok(found.iter().filter_map(doubt).collect())
}

/// The pairs that decisions settle, directly or through others; the smaller id first.
async fn settled(conn: &mut PgConnection, ring: &KeyRing) -> Result<HashSet<(Uuid, Uuid)>, super::Error> {
    let mut standing = decided::in_force(conn, ring, Subject::Petition).await?;
    standing.extend(decided::in_force(conn, ring, Subject::Person).await?);
    let binding: Binding<Uuid> = Binding::of(&evidence::decided(&standing), |id| Some(*id));
    Ok(binding.same.into_iter().chain(binding.different).collect())
}

/// A pair of two groups that is to be decided.
struct Found<'n> {
    subject: Subject,
    left: &'n Name,
    right: &'n Name,
    edge: &'n Edge,
    reason: Reason,
    weight: f32,
    joins: i64,
    value: f64,
}

impl<'n> Found<'n> {
    fn of(edge: &'n Edge, compared: &Compared<'n>, groups: &Groups, filings: &Filings) -> Option<Self> {
        let (subject, (left, right)) = (compared.subject(), compared.names());
        let ((one, size), (other, other_size)) = groups.of(subject, left).zip(groups.of(subject, right))?;
        let (reason, weight, margin) = compared.reason(filings).filter(|_| one != other)?;
        let (left, right) = ordered(left, right);
        let joins = size + other_size;
        Some(Self { subject, left, right, edge, reason, weight, joins, value: value(reason, margin, joins) })
    }

    const fn ends(&self) -> (Subject, &'n Name, &'n Name) {
        (self.subject, self.left, self.right)
    }
}

impl Filter {
    fn wants(&self, found: &Found<'_>, groups: &Groups) -> bool {
        let is_held = |agency: &String| [found.left, found.right].iter().any(|name| groups.is_held_by(name, agency));
        self.subject.is_none_or(|wanted| wanted == found.subject) && self.agency.as_ref().is_none_or(is_held)
    }
}

fn ordered<'n>(left: &'n Name, right: &'n Name) -> (&'n Name, &'n Name) {
    if left < right { (left, right) } else { (right, left) }
}

/// Hexadecimal digits of each end in the id of a pair.
const DIGITS: usize = 8;

fn pair_id(edge: &Edge) -> String {
    let short = |id: Uuid| id.simple().to_string().chars().take(DIGITS).collect::<String>();
    format!("{}-{}", short(edge.node_id), short(edge.other_id))
}

/// The pair that [`list`] showed under an id: its kind and its ends.
///
/// # Errors
/// [`super::Error`] of the database or of the key.
pub async fn find(
    conn: &mut PgConnection,
    ring: &KeyRing,
    id: &str,
) -> Result<Option<(Subject, Name, Name)>, super::Error> {
    let range = |part: &str| {
        let number = u32::from_str_radix(part, 16).ok().filter(|_| part.len() == DIGITS)?;
        let first = u128::from(number) << 96;
        Some((Uuid::from_u128(first), Uuid::from_u128(first | (u128::MAX >> 32))))
    };
    let ranges = id.split_once('-').and_then(|(one, other)| range(one).zip(range(other)));
    let Some((one, other)) = ranges else { return Ok(None) };
    let edges = edge::between(conn, one, other).await?;
    let [edge] = edges.as_slice() else { return Ok(None) };
    let opened = Opened::load(conn, ring, &edges).await?;
    Ok(opened.pair(edge).map(|pair| {
        let (left, right) = ordered(pair.names().0, pair.names().1);
        (pair.subject(), left.clone(), right.clone())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearest_and_joins_most_comes_first() {
        let all = [
            value(Reason::Average, 3.0, 7),
            value(Reason::Margin, -0.01, 6),
            value(Reason::Margin, -1.0, 8),
            value(Reason::Rule, 12.0, 7),
            value(Reason::Margin, -1.0, 2),
            value(Reason::Margin, -6.0, 8),
        ];
        assert!(all.windows(2).all(|two| two[0] > two[1]), "{all:?}");
    }
}
