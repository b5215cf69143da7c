//! Triggers: save, list, show, run, preview, rotate; their ledger, and why they did or did not fire.

pub mod listing;
pub mod saving;
pub mod acting;
pub mod running;
pub mod preview;
pub mod testing;
pub mod rotating;
pub mod github;
pub mod deliveries;
pub mod why;
pub mod history;

mod target;
mod when;
mod shown;
mod ledger;

use actix_web::HttpRequest;
use serde::Deserialize;
use tenure_model::id::{TriggerId, UserId};
use tenure_model::request::RequestId;
use tenure_workflow::scheduler::{Action, Command, Refusal, Reply, Shown, Which};
use uuid::Uuid;

use super::tokens::find_user;
use super::workflows::by;
use crate::auth::{Caller, secret};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem, unavailable};

/// What every route of triggers takes.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct OwnerQuery {
    /// Whose triggers are meant, by id or name: an administrator may name somebody else.
    pub owner: Option<String>,
}

/// A trigger, and whose it is.
pub struct Found {
    pub owner: UserId,
    pub shown: Shown,
}

impl Found {
    pub fn id(&self) -> TriggerId {
        self.shown.id
    }
}

/// Returns whose triggers are meant: the caller's own, unless an administrator names somebody else.
pub fn owner_of(desk: &Desk, caller: &Caller, named: Option<&str>) -> Result<UserId, Rejection> {
    let Some(named) = named else { return Ok(caller.user) };
    match find_user(&desk.runtime.realm_view(), named) {
        Ok(user) if user == caller.user || caller.is_admin() => Ok(user),
        Err(unknown) if caller.is_admin() => Err(unknown),
        // Everybody else learns nothing, not even who there is.
        _ => Err(Refusal::Unknown.rejection()),
    }
}

/// Finds the trigger that the path names.
pub async fn find(
    desk: &Desk,
    request: &HttpRequest,
    caller: &Caller,
    owner: Option<&str>,
) -> Result<Found, Rejection> {
    named(desk, owner_of(desk, caller, owner)?, &in_path(request)?).await
}

/// Finds an owner's trigger by its id or name.
pub async fn named(desk: &Desk, owner: UserId, name: &str) -> Result<Found, Rejection> {
    let by_id = name.parse::<Uuid>().ok().map(|id| Which::Id(TriggerId(id)));
    let by_name = name.parse().ok().map(Which::Name);
    for which in by_id.into_iter().chain(by_name) {
        if let Some(shown) = show(desk, owner, which).await? {
            return Ok(Found { owner, shown });
        }
    }
    Err(Refusal::Unknown.rejection())
}

/// Returns a trigger as it stands, when there is one.
pub async fn show(desk: &Desk, owner: UserId, which: Which) -> Result<Option<Shown>, Rejection> {
    match desk.runtime.schedulers.ask(owner, Command::Show(which)).await.map(|answer| answer.reply) {
        Ok(Reply::Shown(shown)) => Ok(Some(*shown)),
        Ok(other) => Err(odd(other)),
        Err(tenure_runtime::AskError::Refused(Refusal::Unknown)) => Ok(None),
        Err(error) => Err(of_ask(error)),
    }
}

/// Reads the name or id in the path, with everything that is escaped there.
pub fn in_path(request: &HttpRequest) -> Result<String, Rejection> {
    #[derive(Deserialize)]
    struct InPath {
        trigger: String,
    }
    let read = request.match_info().load::<InPath>().map(|path| path.trigger);
    read.map_err(|error| problem(400, "path_invalid", format!("the trigger in the path: {error}")).field("trigger"))
}

/// Carries an action out under its request id, which is the `Idempotency-Key` of HTTP.
async fn carry_out(
    desk: &Desk,
    key: Option<RequestId>,
    caller: &Caller,
    owner: UserId,
    action: Action,
) -> Result<Reply, Rejection> {
    let command = Command::Client { by: by(caller), request: key, action };
    Ok(desk.runtime.schedulers.ask(owner, command).await.map_err(of_ask)?.reply)
}

/// Returns the key of a request that must be done once: the caller's, or one that nobody else has.
fn some_key(desk: &Desk, key: Option<RequestId>) -> Option<RequestId> {
    key.or_else(|| RequestId::parse(secret::fresh_id(desk.now()).to_string()).ok())
}

/// The scheduler has answered what it never answers to this.
fn odd(reply: Reply) -> Rejection {
    unavailable(&format!("the scheduler answered {reply:?}"))
}
