//! Threads: conversations of one session that run side by side.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use tenure_protocol::client::{Answered, ClientCommand};
use tenure_protocol::http::ThreadTitle;

use super::{command, input};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

/// `POST /api/sessions/{id}/threads`: opens a thread.
pub async fn open(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: input::Body<ThreadTitle>,
) -> Result<Json<Answered>, Rejection> {
    command(&desk, &request, &caller, ClientCommand::ThreadOpen { title: body.0.title }).await
}

/// `PATCH /api/sessions/{id}/threads/{thread}`: renames a thread.
pub async fn rename(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: input::Body<ThreadTitle>,
) -> Result<Json<Answered>, Rejection> {
    let thread = input::id(&request, "thread")?;
    command(&desk, &request, &caller, ClientCommand::ThreadRename { thread, title: body.0.title }).await
}
