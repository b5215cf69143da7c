//! The owner's feed: what lists and badges show, pushed instead of polled. The same objects over the websocket (JSON text
//! frames) and as server-sent events.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::Timestamp;
use tenure_model::id::RunnerId;
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
    /// All rows of a list that is not recorded, as they are now; they replace what the client has of that list. It comes
    /// before `live`, also when a client comes back. The list `runner` is told this way, its changes then as `row` and
    /// `row.gone`, whose position is the one that the client has already.
    #[serde(rename = "list")]
    List { list: String, rows: Vec<ListRow> },
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
    /// `session`, `question`, `token`, `workflow`, `execution`, `approval`, `trigger`, `sandbox`, `runner`. Everybody who is signed in sees every runner; of the other lists
    /// only what is their own or shared with them.
    pub list: String,
    pub id: Uuid,
    /// Orders the list: when the thing was made.
    pub rank: Timestamp,
    pub row: Value,
}

/// The row of the list `runner`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct FeedRunner {
    pub id: RunnerId,
    pub name: String,
    /// The pool of its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    pub status: RunnerStatus,
    /// How many works it holds, and how many it takes.
    pub works: u32,
    pub capacity: u32,
}

/// What a runner does now.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunnerStatus {
    /// Connected, with room for a work.
    Free,
    /// Connected, and full.
    Busy,
    /// Not connected; its works go on until their leases end.
    Away,
    /// Connected; it ends what it has and gets nothing new.
    Draining,
}
