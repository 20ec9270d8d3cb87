//! What a stored decision says: of whom, and of which human being of a record; kept sealed.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::Petitioner;
use crate::linkage::decision;
use crate::linkage::person::{Features, features};
use crate::seal::{KeyRing, Purpose};
use crate::store::decision::{Decision as Row, Standing};
use crate::store::{self, PgConnection};

use super::Error;
use super::decide::Subject;
use super::evidence::{self, Name, Nodes};
use super::person::is_same;

/// One of the two.
#[derive(Clone, Serialize, Deserialize)]
pub struct End {
    #[serde(flatten)]
    pub name: Name,
    /// Of a petitioner: what was told of them. A record names its petitioners by their places alone, so where somebody
    /// else stands there now, the decision is not about them. It is told in the words of the record, so that it can be
    /// compared whatever is compared by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub petitioner: Option<Petitioner>,
}

/// What of a decision is sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Content {
    pub left: End,
    pub right: End,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The row that a content belongs to.
fn owner(left_id: Uuid, right_id: Uuid) -> String {
    format!("{left_id}/{right_id}")
}

impl Content {
    /// Encrypted.
    pub fn seal(&self, ring: &KeyRing, left_id: Uuid, right_id: Uuid) -> Vec<u8> {
        // plain data with text keys: it always serializes
        let plain = serde_json::to_vec(self).unwrap_or_default();
        ring.seal(Purpose::Decision, &owner(left_id, right_id), &plain)
    }

    /// Of a row.
    ///
    /// # Errors
    /// [`Error`]: the row was damaged.
    pub fn open(ring: &KeyRing, row: &Row) -> Result<Self, Error> {
        let plain =
            ring.open(Purpose::Decision, &owner(row.left_id, row.right_id), &row.content).map_err(|reason| {
                tracing::error!(decision = row.decision_id, %reason, "a decision cannot be opened");
                Error::Open(reason)
            })?;
        serde_json::from_slice(&plain).map_err(|_| Error::Content)
    }
}

/// Of the decisions about persons those in force: both are there, and still who they were. A record that was edited may
/// bring back into force what contradicts a later decision; then the older one stands.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub(super) async fn of_persons(
    conn: &mut PgConnection,
    ring: &KeyRing,
    nodes: &Nodes<Features>,
    standing: Vec<Standing>,
) -> Result<Vec<Standing>, Error> {
    let ids: Vec<i64> = standing.iter().map(|decision| decision.decision_id).collect();
    let mut by_number: HashMap<i64, Standing> =
        standing.into_iter().map(|decision| (decision.decision_id, decision)).collect();
    let (mut in_force, mut decisions) = (Vec::new(), Vec::new());
    for row in store::decision::load(conn, &ids).await? {
        let Content { left, right, .. } = Content::open(ring, &row)?;
        let is_who = |id: Uuid, end: &End| {
            let was = end.petitioner.as_ref().and_then(features);
            nodes.get(&id).zip(was).is_some_and(|(node, was)| is_same(&was, &node.features))
        };
        let Some(standing) = by_number.remove(&row.decision_id) else { continue };
        let Some(decision) = evidence::decision(&standing) else { continue };
        let holds = is_who(row.left_id, &left) && is_who(row.right_id, &right);
        if holds && decision::contradiction(&decisions, &decision).is_none() {
            decisions.push(decision);
            in_force.push(standing);
        }
    }
    Ok(in_force)
}

/// All decisions of a kind that are in force.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub(super) async fn in_force(
    conn: &mut PgConnection,
    ring: &KeyRing,
    subject: Subject,
) -> Result<Vec<Standing>, Error> {
    let standing = store::decision::standing(conn, subject.as_str()).await?;
    match subject {
        Subject::Petition => Ok(standing),
        Subject::Person => {
            let ends: BTreeSet<Uuid> =
                standing.iter().flat_map(|decision| [decision.node_id, decision.other_id]).collect();
            let nodes = evidence::load(conn, ring, &ends.into_iter().collect::<Vec<_>>()).await?;
            of_persons(conn, ring, &nodes, standing).await
        }
    }
}
