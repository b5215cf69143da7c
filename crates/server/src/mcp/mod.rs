//! `/mcp`: the tools for agents, over the Model Context Protocol's streamable HTTP.
//!
//! Every request stands for itself: who calls is read off its credential, and no session of the protocol is kept, so that
//! an agent goes on with its tools after the server was started anew. rmcp's own transport is mounted by hand: it works on
//! the types of another HTTP library, which [`bridge`] translates.
//!
//! | asked for | by |
//! |---|---|
//! | revisions 2024-11-05 to 2025-11-25 | `initialize`, without a session id |
//! | revision 2026-07-28 | `server/discover` and what each request says of itself |

mod bridge;
mod origin;
pub mod prompts;
mod service;

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use crate::api::input;
use crate::auth::agent;
use crate::desk::Desk;
use crate::problem::Rejection;

use service::Tools;

/// `/mcp`: answers one request of an agent.
pub async fn answer(desk: Data<Desk>, request: HttpRequest, mut body: Payload) -> Result<HttpResponse, Rejection> {
    origin::check(request.headers(), &desk.options)?;
    let mut caller = agent::caller(&desk, request.headers()).await?;
    // Whoever speaks this protocol is a program that a model steers, whosever token it shows.
    caller.agent = true;
    let _place = desk.pace.enter(caller.user, desk.now())?;
    let body = input::whole(&desk, &mut body).await?.freeze();
    let asked = bridge::request(&request, body)?;
    let tools = Tools { desk: desk.into_inner(), caller };
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let service =
        StreamableHttpService::new(move || Ok(tools.clone()), Arc::new(NeverSessionManager::default()), config);
    Ok(bridge::response(service.handle(asked).await))
}
