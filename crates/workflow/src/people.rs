//! Who asks for something, and what is remembered of them.

use serde::{Deserialize, Serialize};
use tenure_model::id::{self, UserId};

/// Who sends a client command. The entity derives what they may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    pub user: UserId,
    pub name: String,
    /// Administrators may do what the owner may.
    #[serde(default)]
    pub admin: bool,
    /// An agent's credential never decides for a person.
    #[serde(default)]
    pub agent: bool,
}

/// Who did something, as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub user: UserId,
    pub name: String,
}

/// Returns whose lists hold what is asked of somebody by name.
///
/// The id is made of the name, because nobody here knows the users: somebody may be asked before they have ever signed in.
pub fn addressee(name: &str) -> UserId {
    id::derived(&["addressee", name]).into()
}

impl By {
    /// Returns what is remembered of the sender.
    pub fn author(&self) -> Author {
        Author { user: self.user, name: self.name.clone() }
    }
}
