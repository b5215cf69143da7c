//! Browsers come in with a single-use code, get a token of their own for it, and give that back when they leave.

use actix_web::HttpResponse;
use actix_web::web::Data;
use tenure_account::realm::{self, realm_id};
use tenure_model::Timestamp;
use tenure_protocol::sign_in::{SignIn, SignInCode, SignedIn};

use super::input::Body;
use crate::auth::{Caller, Person, secret};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem, unavailable};

/// What the tokens of browsers are called in lists.
const NAME: &str = "console";

/// `POST /api/sign-in/codes`: issues a code that stands for the caller's token.
pub async fn issue(desk: Data<Desk>, caller: Person) -> Result<HttpResponse, Rejection> {
    let (_, hash) = caller.0.token().expect("whoever is signed in has shown a token");
    let (code, expires_at) = desk.codes.issue(hash, desk.now())?;
    Ok(HttpResponse::Created().insert_header(NOT_KEPT).json(SignInCode { code, expires_at }))
}

/// `POST /api/sign-in`: takes a code for a fresh token, which opens what the token behind the code opens, and lives no longer.
pub async fn sign_in(desk: Data<Desk>, body: Body<SignIn>) -> Result<HttpResponse, Rejection> {
    let now = desk.now();
    desk.attempts.count(now)?;
    let hash = desk.codes.redeem(&body.0.code, now).ok_or_else(invalid)?;
    let caller = Caller::by_hash(&desk.runtime.realm_view(), hash, now).map_err(|_| invalid())?;
    let expires_at = end(&desk, &caller, now);
    let secret = secret::fresh("tenure");
    let token = realm::NewToken {
        name: NAME.into(),
        role: caller.role.clone(),
        hash: secret::hash(&secret),
        expires_at: Some(expires_at),
    };
    let issue = realm::Command::IssueToken { by: caller.asker(), user: caller.user, token };
    match desk.runtime.realm.ask(realm_id(), issue).await.map_err(of_ask)?.reply {
        realm::Reply::TokenIssued { token: id } => {
            Ok(HttpResponse::Created().insert_header(NOT_KEPT).json(SignedIn { id, secret, expires_at }))
        }
        other => Err(unavailable(&format!("the realm answered {other:?}"))),
    }
}

/// `POST /api/sign-out`: revokes the very token that calls; its open sockets end.
pub async fn sign_out(desk: Data<Desk>, caller: Person) -> Result<HttpResponse, Rejection> {
    let (token, _) = caller.0.token().expect("whoever is signed in has shown a token");
    let revoke = realm::Command::RevokeToken { by: caller.0.asker(), token };
    desk.runtime.realm.ask(realm_id(), revoke).await.map_err(of_ask)?;
    Ok(HttpResponse::NoContent().finish())
}

const NOT_KEPT: (&str, &str) = ("cache-control", "no-store");

fn end(desk: &Desk, caller: &Caller, now: Timestamp) -> Timestamp {
    let usual = now + desk.options.sign_in_life_ms;
    let realm = desk.runtime.realm_view();
    let behind = caller.token().and_then(|(id, _)| realm.tokens.get(&id)?.expires_at);
    behind.map_or(usual, |end| end.min(usual))
}

fn invalid() -> Rejection {
    let detail = "the code is unknown, used or too old; `tenure console` prints an address with a new one";
    problem(401, "code_invalid", detail).field("code")
}
