//! Credentials: issue, list, revoke. Secrets are shown once; the server keeps their hashes.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_account::realm::{self, Realm, RunnerScope, Token, realm_id};
use tenure_model::id::{TokenId, UserId};
use tenure_protocol::http::{IssuedToken, NewToken, Page, TokenRole, TokenRow};

use super::input::{self, Body, Cursor};
use crate::auth::{Person, secret};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem, unavailable};

/// `POST /api/tokens`: issues a credential.
pub async fn issue(desk: Data<Desk>, caller: Person, body: Body<NewToken>) -> Result<HttpResponse, Rejection> {
    let new = body.0;
    let user = match &new.user {
        None => caller.0.user,
        Some(named) => find_user(&desk.runtime.realm_view(), named)?,
    };
    let role = role_for(&new)?;
    let prefix = match new.role {
        TokenRole::Runner => "tenure_runner",
        TokenRole::User | TokenRole::Admin => "tenure",
    };
    let secret = secret::fresh(prefix);
    let token = realm::NewToken { name: new.name, role, hash: secret::hash(&secret), expires_at: new.expires_at };
    let issue = realm::Command::IssueToken { by: caller.0.asker(), user, token };
    match desk.runtime.realm.ask(realm_id(), issue).await.map_err(of_ask)?.reply {
        realm::Reply::TokenIssued { token } => Ok(HttpResponse::Created().json(IssuedToken { id: token, secret })),
        other => Err(unavailable(&format!("the realm answered {other:?}"))),
    }
}

/// Reads what the credential is to be good for.
fn role_for(new: &NewToken) -> Result<realm::TokenRole, Rejection> {
    let invalid = |field, detail| Err(problem(422, "json_invalid", format!("{field}: {detail}")).field(field));
    let scope = match (new.pool.clone(), new.runner) {
        (Some(_), Some(_)) => return invalid("pool", "a token is for one runner or for a pool, not for both"),
        (Some(pool), None) => RunnerScope::Pool(pool),
        (None, Some(runner)) => RunnerScope::Only(runner),
        (None, None) => RunnerScope::First,
    };
    match new.role {
        TokenRole::Runner => Ok(realm::TokenRole::Runner(scope)),
        _ if new.pool.is_some() => invalid("pool", "only a token of the role runner has a pool"),
        _ if new.runner.is_some() => invalid("runner", "only a token of the role runner names a runner"),
        TokenRole::Admin => Ok(realm::TokenRole::Admin),
        TokenRole::User => Ok(realm::TokenRole::User),
    }
}

/// Finds a user by their id or name.
pub fn find_user(realm: &Realm, named: &str) -> Result<UserId, Rejection> {
    let by_id = named.parse().ok().and_then(|id: UserId| realm.users.get(&id));
    let found = by_id.or_else(|| realm.user_by_name(named)).map(|user| user.id);
    found.ok_or_else(|| problem(404, "user_unknown", format!("there is no user \"{named}\"")).field("user"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
}

/// `GET /api/tokens?limit&cursor`: lists the caller's credentials, an admin sees everybody's; newest first.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<TokenRow>>, Rejection> {
    let query: ListQuery = input::query(&request)?;
    let limit = input::limit(&desk, query.limit)?;
    let after = Cursor::read(query.cursor.as_deref())?;
    let realm = desk.runtime.realm_view();
    let mine = |token: &&Token| caller.0.is_admin() || token.user == caller.0.user;
    let mut tokens: Vec<&Token> = realm.tokens.values().filter(mine).collect();
    tokens.sort_by_key(|token| std::cmp::Reverse((token.created_at, token.id)));
    let beyond = |token: &&Token| after.is_none_or(|after| (token.created_at, token.id.0) < (after.rank, after.id));
    let mut rest = tokens.into_iter().filter(beyond);
    let page: Vec<&Token> = rest.by_ref().take(limit).collect();
    let last = page.last().filter(|_| rest.next().is_some());
    let cursor = last.map(|token| Cursor { rank: token.created_at, id: token.id.0 }.write());
    Ok(Json(Page { items: page.into_iter().map(|token| row(&realm, token)).collect(), cursor }))
}

fn row(realm: &Realm, token: &Token) -> TokenRow {
    TokenRow {
        id: token.id,
        name: token.name.clone(),
        role: role_of(&token.role),
        pool: pool_of(&token.role),
        runner: token.only_runner(),
        user: token.user,
        user_name: realm.users.get(&token.user).map(|user| user.name.clone()).unwrap_or_default(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        revoked: token.revoked_at.is_some(),
    }
}

fn pool_of(role: &realm::TokenRole) -> Option<String> {
    match role {
        realm::TokenRole::Runner(RunnerScope::Pool(pool)) => Some(pool.clone()),
        _ => None,
    }
}

/// Returns a role as callers know it.
pub fn role_of(role: &realm::TokenRole) -> TokenRole {
    match role {
        realm::TokenRole::Admin => TokenRole::Admin,
        realm::TokenRole::User => TokenRole::User,
        realm::TokenRole::Runner(_) => TokenRole::Runner,
    }
}

/// `DELETE /api/tokens/{id}`: revokes a credential; its open sockets end.
pub async fn revoke(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let token: TokenId = input::id(&request, "id")?;
    let revoke = realm::Command::RevokeToken { by: caller.0.asker(), token };
    desk.runtime.realm.ask(realm_id(), revoke).await.map_err(of_ask)?;
    Ok(HttpResponse::NoContent().finish())
}
