//! What a stored decision says: of whom, and of which human being of a record; kept sealed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::linkage::decision::{Decision, Verdict};
use crate::linkage::person::Features;
use crate::seal::{KeyRing, Purpose};
use crate::store::decision::{Decision as Row, Standing};
use crate::store::{self, PgConnection};

use super::Error;
use super::evidence::{Name, Nodes};
use super::person::is_same;

/// One of the two.
#[derive(Clone, Serialize, Deserialize)]
pub struct End {
    #[serde(flatten)]
    pub name: Name,
    /// Of a petitioner: what was told of them. A record names its petitioners by their places alone, so where somebody
    /// else stands there now, the decision is not about them.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Features>,
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

/// Of the decisions those in force: both are there, and still who they were.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub(super) async fn of_persons(
    conn: &mut PgConnection,
    ring: &KeyRing,
    nodes: &Nodes<Features>,
    standing: &[Standing],
) -> Result<Vec<Decision<Uuid>>, Error> {
    let ids: Vec<i64> = standing.iter().map(|decision| decision.decision_id).collect();
    let mut in_force = Vec::new();
    for row in store::decision::load(conn, &ids).await? {
        let Content { left, right, .. } = Content::open(ring, &row)?;
        let is_who = |id: Uuid, end: &End| {
            nodes.get(&id).is_some_and(|node| end.features.as_ref().is_some_and(|old| is_same(old, &node.features)))
        };
        if is_who(row.left_id, &left) && is_who(row.right_id, &right) {
            let verdict = Verdict::parse(&row.verdict);
            in_force.extend(verdict.map(|verdict| Decision { left: row.left_id, right: row.right_id, verdict }));
        }
    }
    Ok(in_force)
}
