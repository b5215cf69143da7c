//! Other addresses and other secrets for webhooks, with the old ones good for a while.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::{TriggerId, UserId};
use tenure_model::request::RequestId;
use tenure_protocol::trigger::{RotateInlet, RotatedInlet};
use tenure_workflow::scheduler::{Action, Refusal, Reply};
use tenure_workflow::trigger::On;
use tenure_workflow::trigger::webhook::{Address, Scheme, Secret};
use uuid::Uuid;

use super::{Found, OwnerQuery, carry_out, find, odd, shown, some_key};
use crate::api::input::{self, Body};
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, problem};

/// The longest secret that a sender may choose.
const SECRET_BYTES_MAX: usize = 1_024;

/// `POST /api/triggers/{trigger}/rotate?owner`: makes another address and another secret, or takes the sender's.
pub async fn rotate(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<RotateInlet>,
) -> Result<HttpResponse, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    turn(&desk, &caller.0, input::idempotency_key(&request)?, &found, body.0).await.map(answered)
}

/// Rotates the inlet of a webhook.
pub async fn turn(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    wanted: RotateInlet,
) -> Result<RotatedInlet, Rejection> {
    let On::Webhook(inlet) = &found.shown.definition.on else {
        return Err(Refusal::OtherKind("webhook").rejection());
    };
    let which = Rotated { owner: found.owner, trigger: Some(found.id()), scheme: inlet.verify.scheme };
    which.rotate(desk, caller, key, wanted).await
}

/// Tells whether a trigger believes this very secret of its sender's already.
pub fn believes(desk: &Desk, found: &Found, secret: &str) -> bool {
    let sealed = desk.signing_key.seal_secret(found.id().0, secret);
    found.shown.keys.secret == Secret::Given { sealed }
}

/// An answer with a secret in it, which nothing in between may keep.
pub fn answered(rotated: RotatedInlet) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(rotated)
}

/// The inlet that is rotated; no trigger is GitHub's own.
pub struct Rotated {
    pub owner: UserId,
    pub trigger: Option<TriggerId>,
    pub scheme: Scheme,
}

impl Rotated {
    /// Rotates, once for each key.
    pub async fn rotate(
        &self,
        desk: &Desk,
        caller: &Caller,
        key: Option<RequestId>,
        wanted: RotateInlet,
    ) -> Result<RotatedInlet, Rejection> {
        let given = wanted.secret.as_deref().map(|secret| self.judged(secret)).transpose()?;
        let keep_address = wanted.keep_address.unwrap_or(given.is_some());
        if keep_address && given.is_none() {
            let detail = "keep_address: a secret of the server's own comes with an address of its own";
            return Err(problem(422, "json_invalid", detail).field("keep_address"));
        }
        let sealed = given.map(|secret| desk.signing_key.seal_secret(self.of(), secret));
        let action = Action::Rotate { trigger: self.trigger, sealed, keep_address, overlap: wanted.overlap_ms };
        let generation = match carry_out(desk, some_key(desk, key), caller, self.owner, action).await? {
            Reply::Rotated { generation } => generation,
            other => return Err(odd(other)),
        };
        let made = Secret::Made { generation };
        let secret = given.is_none().then(|| shown::made(desk, self.of(), self.scheme, &made)).flatten();
        let address = Address { owner: self.owner, trigger: self.trigger, generation };
        Ok(RotatedInlet { address: shown::one_address(desk, address), secret })
    }

    fn of(&self) -> Uuid {
        self.trigger.map_or(self.owner.0, |trigger| trigger.0)
    }

    fn judged<'s>(&self, secret: &'s str) -> Result<&'s str, Rejection> {
        let invalid = |why: String| Err(problem(422, "json_invalid", format!("secret: {why}")).field("secret"));
        match secret.len() {
            _ if self.scheme == Scheme::None => invalid("this webhook believes whoever knows its address".to_owned()),
            0 => invalid("it is empty".to_owned()),
            size if size > SECRET_BYTES_MAX => invalid(format!("it has {size} bytes, {SECRET_BYTES_MAX} are the most")),
            _ if secret.trim() != secret => invalid("there is space around it".to_owned()),
            _ => Ok(secret),
        }
    }
}
