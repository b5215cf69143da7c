//! Rules: what is allowed, asked for or denied, for which tools, and where.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tenure_model::id::{SessionId, UserId, WorkflowId};
use tenure_model::time::Timestamp;

/// How much a call may spoil.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Low,
    Medium,
    High,
    /// Denied unless a rule says otherwise.
    Critical,
}

/// What becomes of a call, from the loosest to the strictest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Allow,
    /// A person decides.
    Ask,
    Deny,
}

/// Which calls a rule is about; written as `tool:NAME`, `service:NAME` or `risk:TIER`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[serde(try_from = "String", into = "String")]
pub enum What {
    Tool(String),
    /// All tools of a service: `tenure` for the server's own.
    Service(String),
    Risk(Risk),
}

/// Where a rule or a grant holds; written as `owner`, `workflow:ID` or `session:ID`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[serde(try_from = "String", into = "String")]
pub enum Within {
    Owner,
    Workflow(WorkflowId),
    Session(SessionId),
}

/// A rule, who made it, and when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Rule {
    pub mode: Mode,
    pub by: Who,
    pub at: Timestamp,
}

/// A person, as history names them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Who {
    pub user: UserId,
    pub name: String,
}

impl Risk {
    /// Every tier, from the lowest.
    pub const ALL: [Risk; 4] = [Risk::Low, Risk::Medium, Risk::High, Risk::Critical];

    pub fn word(self) -> &'static str {
        match self {
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
            Risk::Critical => "critical",
        }
    }

    /// Returns what holds where nobody has made a rule.
    pub fn default_mode(self) -> Mode {
        match self {
            Risk::Low => Mode::Allow,
            Risk::Medium | Risk::High => Mode::Ask,
            Risk::Critical => Mode::Deny,
        }
    }
}

impl Mode {
    pub fn word(self) -> &'static str {
        match self {
            Mode::Allow => "allow",
            Mode::Ask => "ask",
            Mode::Deny => "deny",
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Tool(name) => write!(f, "tool:{name}"),
            What::Service(name) => write!(f, "service:{name}"),
            What::Risk(risk) => write!(f, "risk:{}", risk.word()),
        }
    }
}

impl FromStr for What {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = |name: &str| !name.is_empty() && name.len() <= 128 && !name.contains(char::is_whitespace);
        match text.split_once(':') {
            Some(("tool", name)) if named(name) => Ok(What::Tool(name.to_owned())),
            Some(("service", name)) if named(name) => Ok(What::Service(name.to_owned())),
            Some(("risk", tier)) => {
                let risk = Risk::ALL.into_iter().find(|risk| risk.word() == tier);
                risk.map(What::Risk)
                    .ok_or_else(|| format!("there is no risk \"{tier}\"; there are low, medium, high and critical"))
            }
            _ => Err(format!("\"{text}\" names no calls; write tool:NAME, service:NAME or risk:TIER")),
        }
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Within::Owner => f.write_str("owner"),
            Within::Workflow(id) => write!(f, "workflow:{id}"),
            Within::Session(id) => write!(f, "session:{id}"),
        }
    }
}

impl FromStr for Within {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no place of a rule; write owner, workflow:ID or session:ID");
        match text.split_once(':') {
            None if text == "owner" => Ok(Within::Owner),
            Some(("workflow", id)) => id.parse().map(Within::Workflow).map_err(|_| wrong()),
            Some(("session", id)) => id.parse().map(Within::Session).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

macro_rules! as_text {
    ($($name:ident),+) => {$(
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(written: $name) -> String {
                written.to_string()
            }
        }
    )+};
}

as_text!(What, Within);
