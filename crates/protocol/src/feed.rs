//! The owner's feed: what lists and badges show, pushed instead of polled. The same objects over the websocket (JSON text
//! frames) and as server-sent events.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::Timestamp;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// One piece of news of the owner's lists.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type")]
pub enum FeedEvent {
    /// The newest rows of every list, as they stood at `position`. It replaces everything the client has. Older rows are
    /// read in pages from the lists themselves.
    #[serde(rename = "snapshot")]
    Snapshot { position: u64, rows: Vec<ListRow> },
    /// A row is new or has changed.
    #[serde(rename = "row")]
    Row { position: u64, row: ListRow },
    /// A row is gone.
    #[serde(rename = "row.gone")]
    RowGone { position: u64, list: String, id: Uuid },
    /// What was missed has been sent; from here on it is live.
    #[serde(rename = "live")]
    Live { position: u64 },
    /// The feed cannot go on; the connection ends.
    #[serde(rename = "error")]
    Error { problem: Problem },
}

/// One row of one list.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ListRow {
    /// `session`, `question`, `token`, `workflow`.
    pub list: String,
    pub id: Uuid,
    /// Orders the list: when the thing was made.
    pub rank: Timestamp,
    pub row: Value,
}
