//! How far a pull has come: opaque to everybody but the kind of source that made it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The state a source kind needs to go on where it stopped. It is saved only after the broker has confirmed
/// everything that came before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub Value);
