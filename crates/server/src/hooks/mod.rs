//! Where senders deliver: `/webhooks/{address}`, without a sign-in. Nothing a stranger sends is written, or told to anybody.
//!
//! ```text
//!   address (ours?) ──▶ pace ──▶ body (bounded) ──▶ inlet ──▶ method, type ──▶ signature ──▶ scheduler ──▶ 202, durable
//!        404             429      413, 408, 503      404        405, 415         401          429, 200 a repeat
//! ```

pub mod ingress;

mod body;
mod greeting;
mod inlet;

use actix_web::http::header::ALLOW;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use tenure_protocol::trigger::HookAnswer;
use tenure_workflow::scheduler::{Command, Delivery, Refusal, Reply, Stored, execution_of};
use tenure_workflow::trigger::webhook::{Address, Request, Unfit, verify};
use tracing::debug;

use crate::auth::secret;
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem, unavailable};
use inlet::Inlet;

/// What became of a call.
enum Taken {
    Delivered(HookAnswer),
    /// The sender only wanted to know whether somebody is there.
    Greeted(HttpResponse),
}

/// `/webhooks/{address}`: takes a delivery. It is answered once it is on disk, and a repeat like the first one.
pub async fn receive(desk: Data<Desk>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let taken = take(&desk, &request, payload).await;
    let outcome = match &taken {
        Ok(Taken::Delivered(answer)) if answer.duplicate => "duplicate",
        Ok(Taken::Delivered(_)) => "taken",
        Ok(Taken::Greeted(_)) => "greeted",
        Err(refused) => refused.rejection.0.code.as_str(),
    };
    desk.figures.webhook(outcome);
    match taken {
        Ok(Taken::Delivered(answer)) if answer.duplicate => HttpResponse::Ok().json(answer),
        Ok(Taken::Delivered(answer)) => HttpResponse::Accepted().json(answer),
        Ok(Taken::Greeted(answer)) => answer,
        Err(refused) => refused.response(),
    }
}

async fn take(desk: &Desk, request: &HttpRequest, payload: Payload) -> Result<Taken, Refused> {
    let address = address(desk, request)?;
    desk.hooks.pace(address, desk.now())?;
    let body = body::read(desk, request, payload).await?;
    let inlet = Inlet::find(desk, address).await?;
    let headers = inlet.headers(request.headers());
    let method = request.method().as_str();
    let said = Request { method, headers: &headers, query: request.query_string(), body: &body.bytes };
    said.check(&inlet.rules).map_err(unfit)?;
    let proof = verify::check(&inlet.rules, &inlet.secrets, said, desk.now()).map_err(|why| {
        debug!("a call of a webhook was not believed: {why}");
        problem(401, "webhook_unproven", "the call does not prove that it comes from whom the webhook believes")
    })?;
    if let Some(answer) = greeting::answer(&inlet, said) {
        return Ok(Taken::Greeted(answer));
    }
    let delivery = Delivery {
        id: secret::fresh_id(desk.now()),
        trigger: address.trigger,
        generation: address.generation,
        proof,
        stored: Stored::of(said),
    };
    // What is delivered is a copy; it is held, and counted, until it is on disk.
    let _room = body.emptied();
    deliver(desk, address, delivery, &inlet).await.map(Taken::Delivered)
}

fn address(desk: &Desk, request: &HttpRequest) -> Result<Address, Rejection> {
    let text = request.match_info().get("address").unwrap_or_default();
    desk.signing_key.read_hook_address(text).ok_or_else(unknown)
}

async fn deliver(desk: &Desk, address: Address, delivery: Delivery, inlet: &Inlet) -> Result<HookAnswer, Refused> {
    let told = desk.runtime.schedulers.ask(address.owner, Command::Deliver(Box::new(delivery))).await;
    let (firings, duplicate) = match told.map_err(of_ask).map_err(hidden)?.reply {
        Reply::Delivered { firings } => (firings, false),
        Reply::Duplicate { firings } => (firings, true),
        other => return Err(unavailable(&format!("the scheduler answered {other:?}")).into()),
    };
    let executions = firings.iter().filter(|_| inlet.starts_runs).map(|firing| execution_of(*firing)).collect();
    Ok(HookAnswer { firings, executions, duplicate })
}

/// A call that is not taken, and what the answer says besides the problem.
struct Refused {
    rejection: Rejection,
    allowed: Option<String>,
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, allowed: None }
    }
}

impl Refused {
    fn response(self) -> HttpResponse {
        let mut response = self.rejection.error_response();
        if let Some(allowed) = self.allowed.and_then(|allowed| allowed.parse().ok()) {
            response.headers_mut().insert(ALLOW, allowed);
        }
        response
    }
}

fn unfit(unfit: Unfit) -> Refused {
    let said = unfit.to_string();
    match unfit {
        Unfit::Method { allowed, .. } => {
            Refused { rejection: problem(405, "webhook_method", said), allowed: Some(allowed) }
        }
        Unfit::ContentType { .. } => problem(415, "webhook_content_type", said).into(),
    }
}

/// Whether a trigger is gone or switched off is not told to whoever calls it.
fn hidden(rejection: Rejection) -> Rejection {
    let gone = [Refusal::Unknown.code(), Refusal::Disabled.code()];
    if gone.contains(&rejection.0.code.as_str()) { unknown() } else { rejection }
}

fn unknown() -> Rejection {
    problem(404, "webhook_unknown", "no webhook has this address, or it takes nothing now")
}
