//! Calls with which senders only try an address: answered as they want it, and not delivered.

use actix_web::HttpResponse;
use serde_json::{Value, json};
use tenure_workflow::trigger::webhook::{Request, Scheme};

use super::inlet::Inlet;

/// Returns the answer to a call that was proven and is no delivery.
pub fn answer(inlet: &Inlet, request: Request<'_>) -> Option<HttpResponse> {
    match inlet.rules.verify.scheme {
        Scheme::Github if request.header("x-github-event") == Some("ping") => {
            Some(HttpResponse::Ok().json(json!({ "pong": true })))
        }
        Scheme::Slack => challenge(request.body),
        _ => None,
    }
}

/// Slack wants to see the challenge that it has sent.
fn challenge(body: &[u8]) -> Option<HttpResponse> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let challenge = said.get("challenge").filter(|_| said["type"] == "url_verification")?.as_str()?;
    Some(HttpResponse::Ok().json(json!({ "challenge": challenge })))
}
