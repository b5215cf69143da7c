//! What a runner is told of connectors that are commands, and what it tells of them: the words of the runner link. What a server of the
//! Model Context Protocol lists and answers travels as it was said, and is judged by whoever asked.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::UserId;
use crate::time::Span;

/// A command that speaks the Model Context Protocol on its standard input and output.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConnectorProgram {
    /// A path, or a name on the runner's PATH.
    pub command: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// In clear, beside the usual variables. They are kept in memory only, and told to nobody.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

impl fmt::Debug for ConnectorProgram {
    /// Leaves the values of variables out: they are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, args, env } = self;
        let names: Vec<_> = env.keys().collect();
        f.debug_struct("ConnectorProgram").field("command", command).field("args", args).field("env", &names).finish()
    }
}

/// Something that a connector is to be asked. The runner starts its program when that does not run yet, and keeps it for the next one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConnectorOrder {
    pub owner: UserId,
    /// Its name among those of the owner. The same one with another program takes the place of the one before.
    pub connector: String,
    pub program: ConnectorProgram,
    pub question: ConnectorAsk,
    /// After how long nobody waits for the answer any more.
    pub within_ms: Span,
    /// The largest answer that is wanted.
    pub answer_bytes_max: u64,
}

/// What a connector is asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum ConnectorAsk {
    /// What it calls itself, and all of its tools.
    List,
    /// To be sent once, whatever becomes of it.
    Call {
        /// The parameters of `tools/call`.
        params: Map<String, Value>,
    },
}

/// What a runner tells of what a connector was asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum ConnectorTold {
    Listed {
        /// What it calls itself, with its version.
        server: String,
        tools: Vec<Value>,
    },
    /// The result of `tools/call`.
    Called { result: Value },
    /// It has answered with an error of JSON-RPC.
    Error { code: i32, message: String },
    /// Its program does not run, or has not greeted: it was asked nothing. What goes wrong goes on after "the connector NAME …".
    NotSent { why: String },
    /// It was asked and has not answered.
    Unanswered { why: String },
    /// It has answered more than is wanted, or something that cannot be read.
    Unreadable { why: String },
}
