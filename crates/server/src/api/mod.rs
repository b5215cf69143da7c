//! The HTTP API for people and programs.

pub mod approvals;
pub mod budgets;
pub mod connectors;
pub mod executions;
pub mod input;
pub mod links;
pub mod me;
pub mod messages;
pub mod personas;
pub mod policy;
pub mod queue;
pub mod quota;
pub mod rows;
pub mod runners;
pub mod sandboxes;
pub mod sessions;
pub mod threads;
pub mod sign_in;
pub mod tickets;
pub mod tokens;
pub mod tools;
pub mod triggers;
pub mod users;
pub mod workflows;
pub mod workspace;

use actix_web::HttpRequest;
use actix_web::web::Json;
use tenure_model::id::SessionId;
use tenure_protocol::client::{Answered, ClientCommand};

use crate::auth::Person;
use crate::desk::Desk;
use crate::link::client::commands;
use crate::problem::Rejection;

/// Carries a command out on the session that the path names; the `Idempotency-Key` is its request id.
async fn command(
    desk: &Desk,
    request: &HttpRequest,
    caller: &Person,
    command: ClientCommand,
) -> Result<Json<Answered>, Rejection> {
    let session: SessionId = input::id(request, "id")?;
    let key = input::idempotency_key(request)?;
    let action = commands::action_of(command, &desk.runtime.realm_view())?;
    let action = action.expect("the API has no command that is not recorded");
    Ok(Json(commands::carry_out(desk, &caller.0, session, key, action).await?))
}
