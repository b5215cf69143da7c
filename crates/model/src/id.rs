//! Every id of Tenure, typed, made by one macro in one registry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The namespace under which ids are derived from keys (UUIDv5).
pub const NAMESPACE: Uuid = Uuid::from_u128(0x7e3a_11c5_9d40_5b6e_8f21_d1c7_0b5a_4e90);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// One chat session.
    SessionId,
    /// One conversation inside a session.
    ThreadId,
    /// One prompt to its finished reply.
    TurnId,
    /// One prompt, queued or taken.
    PromptId,
    /// One question of an agent to people.
    QuestionId,
    /// One named workflow, with all its versions.
    WorkflowId,
    /// One decision that a run asks people for.
    ApprovalId,
    /// One link that decides an approval.
    LinkId,
    /// One permission that a person gives for calls of a tool.
    GrantId,
    /// One signed-in person, who also owns things.
    UserId,
    /// One credential.
    TokenId,
    /// One runner process, as the server knows it; kept over reconnects and restarts of the runner.
    RunnerId,
    /// One start of a runner process.
    BootId,
    /// One thing handed to a runner. A turn's work has the id of the turn.
    WorkId,
    /// One run of one version of a workflow.
    ExecutionId,
    /// One proposed change of a workflow.
    ProposalId,
    /// One trigger of an owner.
    TriggerId,
    /// One decision of a trigger to start something, made of the trigger and what it was planned for.
    FiringId,
}

impl From<TurnId> for WorkId {
    fn from(turn: TurnId) -> Self {
        Self(turn.0)
    }
}

impl From<WorkId> for TurnId {
    fn from(work: WorkId) -> Self {
        Self(work.0)
    }
}

/// Derives an id from what makes a thing unique, so that creating it twice reaches the same entity.
pub fn derived(parts: &[&str]) -> Uuid {
    // The separator cannot occur in a part's length prefix, so ("a","bc") and ("ab","c") differ.
    let mut name = String::new();
    for part in parts {
        name.push_str(&part.len().to_string());
        name.push(':');
        name.push_str(part);
    }
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// How many of its last bits say where an entity runs.
const PLACE_BITS: u32 = 16;

/// Returns one of `places` for what has this id. Ids that end alike share a place.
pub fn place_of(id: Uuid, places: usize) -> usize {
    usize::try_from(id.as_u128() % (1 << PLACE_BITS)).expect("16 bits fit") % places
}

/// Returns the id with the ending of `other`, so that both run in one place and their news come in one order.
pub fn beside(id: Uuid, other: Uuid) -> Uuid {
    let ending = (1 << PLACE_BITS) - 1;
    Uuid::from_u128(id.as_u128() & !ending | other.as_u128() & ending)
}

/// What kind of entity an id names. The number is part of every stored key: never change or reuse one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// Users, tokens, roles; one per server.
    Realm = 1,
    /// What one user owns; one per user.
    Owner = 2,
    /// A chat session.
    Session = 3,
    /// One run of a workflow.
    Execution = 4,
    /// A named workflow with its versions.
    Workflow = 5,
    /// All run slots and their queue; one per server.
    Gate = 6,
    /// One owner's triggers; one per user.
    Scheduler = 7,
    /// What agents may do in an owner's name; one per user.
    Policy = 8,
    /// What one owner may use, and has used; one per user.
    Budget = 9,
}

impl Kind {
    /// Lists every kind.
    pub const ALL: [Kind; 9] = [
        Kind::Realm,
        Kind::Owner,
        Kind::Session,
        Kind::Execution,
        Kind::Workflow,
        Kind::Gate,
        Kind::Scheduler,
        Kind::Policy,
        Kind::Budget,
    ];

    /// Returns the word used in paths and logs.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Realm => "realm",
            Kind::Owner => "owner",
            Kind::Session => "session",
            Kind::Execution => "execution",
            Kind::Workflow => "workflow",
            Kind::Gate => "gate",
            Kind::Scheduler => "scheduler",
            Kind::Policy => "policy",
            Kind::Budget => "budget",
        }
    }

    /// Returns the kind stored under `number`.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.into_iter().map(Self::word).collect();
            format!("unknown kind \"{text}\"; kinds are {}", words.join(", "))
        })
    }
}

/// Names one entity in the whole store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Debug)]
pub struct EntityKey {
    pub kind: Kind,
    pub id: Uuid,
}

impl EntityKey {
    /// Returns the key of the entity of `kind` with `id`.
    pub fn new(kind: Kind, id: impl Into<Uuid>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Returns the 17 bytes under which the store files this entity.
    pub fn to_bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        bytes[0] = self.kind as u8;
        bytes[1..].copy_from_slice(self.id.as_bytes());
        bytes
    }

    /// Reads back what [`EntityKey::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, id) = bytes.split_first()?;
        Some(Self { kind: Kind::from_number(*kind)?, id: Uuid::from_slice(id).ok()? })
    }
}

impl fmt::Display for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.word(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_bytes() {
        let key = EntityKey::new(Kind::Session, Uuid::from_u128(7));
        assert_eq!(EntityKey::from_bytes(&key.to_bytes()), Some(key));
        assert_eq!(EntityKey::from_bytes(&[0; 17]), None);
    }

    #[test]
    fn ids_beside_each_other_share_a_place_and_are_still_apart() {
        let (one, other) = (derived(&["one"]), derived(&["other"]));
        let moved = beside(one, other);
        assert_ne!(moved, other);
        assert!((1..100).all(|places| place_of(moved, places) == place_of(other, places)));
        assert_eq!(beside(moved, one), one);
    }

    #[test]
    fn derived_ids_keep_parts_apart() {
        assert_eq!(derived(&["a", "b"]), derived(&["a", "b"]));
        assert_ne!(derived(&["a", "bc"]), derived(&["ab", "c"]));
    }
}
