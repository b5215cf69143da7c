//! What agents may do in the caller's name: rules, grants, why a call is allowed or not, and the audit log.

pub mod audit;
pub mod calls;
pub mod explain;
pub mod grants;
pub mod rules;

use std::str::FromStr;
use std::sync::Arc;

use tenure_account::Policy;
use tenure_account::policy::command::{By, Command, Reply};
use tenure_account::policy::rule::Who;
use tenure_account::policy::{Mode, What, Within};
use tenure_protocol::policy::RuleMode;
use tenure_protocol::workflow::Author;

use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem};

/// Returns the caller as a policy knows them.
pub fn by(caller: &Caller) -> By {
    By { user: caller.user, name: caller.name.clone(), admin: caller.is_admin(), agent: caller.agent }
}

/// Tells the caller's policy something.
pub async fn tell(desk: &Desk, caller: &Caller, command: Command) -> Result<Reply, Rejection> {
    Ok(desk.runtime.policies.ask(caller.user, command).await.map_err(of_ask)?.reply)
}

/// Returns the caller's policy as it stands.
pub async fn of(desk: &Desk, caller: &Caller) -> Result<Arc<Policy>, Rejection> {
    Ok(desk.runtime.policies.look(caller.user).await.map_err(of_ask)?.state)
}

/// Reads which calls are meant.
pub fn what(text: &str) -> Result<What, Rejection> {
    What::from_str(text).map_err(|why| problem(422, "rule_invalid", why).field("what"))
}

/// Reads where something holds.
pub fn within(text: &str) -> Result<Within, Rejection> {
    Within::from_str(text).map_err(|why| problem(422, "rule_invalid", why).field("within"))
}

pub fn shown(mode: Mode) -> RuleMode {
    match mode {
        Mode::Allow => RuleMode::Allow,
        Mode::Ask => RuleMode::Ask,
        Mode::Deny => RuleMode::Deny,
    }
}

fn meant(mode: RuleMode) -> Mode {
    match mode {
        RuleMode::Allow => Mode::Allow,
        RuleMode::Ask => Mode::Ask,
        RuleMode::Deny => Mode::Deny,
    }
}

fn author(who: &Who) -> Author {
    Author { user: who.user, name: who.name.clone() }
}
