//! The realm: every user, every token and every runner's home of one server. There is one realm per server.

pub mod command;
pub mod decide;
pub mod effect;
pub mod event;
mod runners;
pub mod state;

use tenure_model::id::derived;
use uuid::Uuid;

pub use command::{Asker, Command, NewToken, Refusal, Reply};
pub use effect::Effect;
pub use event::Event;
pub use state::{Access, Bound, Home, Realm, Role, RunnerScope, Token, TokenRole, User};

/// Returns the id of the one realm of a server.
pub fn realm_id() -> Uuid {
    derived(&["realm"])
}
