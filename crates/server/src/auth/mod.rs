//! Who is calling: tokens, tickets, roles, origins. Rights inside a session are judged by the session itself.

pub mod agent;
pub mod agent_pass;
pub mod attempts;
pub mod hook_keys;
pub mod link_token;
pub mod origin;
pub mod sandbox_pass;
pub mod seal;
pub mod secret;
pub mod secret_keys;
pub mod signing_key;
pub mod tickets;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, SEC_WEBSOCKET_PROTOCOL};
use actix_web::{FromRequest, HttpRequest, web};
use tenure_account::realm::{Asker, Realm, RunnerScope, TokenRole};
use tenure_model::Timestamp;
use tenure_model::id::{SessionId, ThreadId, TokenId, UserId, WorkId, WorkflowId};
use tenure_protocol::TICKET_PREFIX;
use tenure_session::By;

use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// Somebody with a valid token, or an agent that works for them.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: UserId,
    pub name: String,
    pub role: TokenRole,
    pub proof: Proof,
    /// Whether an agent calls in this person's name: then it decides nothing for people.
    pub agent: bool,
}

/// What a caller is known by.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A token, and its hash, by which it is looked up again.
    Token { id: TokenId, hash: String },
    /// A pass, which only the tools take.
    Agent(AgentAtWork),
}

/// An agent, and what it is at work on.
#[derive(Clone, Debug)]
pub struct AgentAtWork {
    pub session: SessionId,
    pub work: WorkId,
    pub generation: u32,
    /// The conversation that it belongs to; none where nobody reads along, as in a run.
    pub thread: Option<ThreadId>,
    /// The workflow of the run that it works for.
    pub workflow: Option<WorkflowId>,
    /// Whether it works for a run: its session is one of runs, or its work is a step.
    pub in_workflow: bool,
}

impl Caller {
    /// Reads the caller off a request's `Authorization` header.
    pub fn of(desk: &Desk, headers: &HeaderMap) -> Result<Self, Rejection> {
        let secret = bearer(headers).ok_or_else(|| unauthorized("send the header Authorization: Bearer <token>"))?;
        Self::by_hash(&desk.runtime.realm_view(), secret::hash(secret), desk.now())
    }

    /// Reads the caller off an upgrade request: the header, or a ticket among the subprotocols.
    pub fn of_upgrade(desk: &Desk, headers: &HeaderMap) -> Result<Self, Rejection> {
        let Some(ticket) = offered(headers).find_map(|offer| offer.strip_prefix(TICKET_PREFIX)) else {
            return Self::of(desk, headers);
        };
        let hash = desk.tickets.redeem(ticket, desk.now()).ok_or_else(|| {
            problem(
                401,
                "ticket_invalid",
                "the ticket is unknown, used or too old; ask POST /api/tickets for a new one",
            )
        })?;
        Self::by_hash(&desk.runtime.realm_view(), hash, desk.now())
    }

    /// Looks up whose token has this hash.
    pub fn by_hash(realm: &Realm, hash: String, now: Timestamp) -> Result<Self, Rejection> {
        let access = realm
            .token_by_hash(&hash, now)
            .ok_or_else(|| unauthorized("the token is unknown, has ended or was revoked"))?;
        Ok(Self {
            user: access.user.id,
            name: access.user.name.clone(),
            role: access.token.role.clone(),
            proof: Proof::Token { id: access.token.id, hash },
            agent: false,
        })
    }

    /// Tells whether the caller's token opens what it opened before.
    pub fn is_still_good(&self, desk: &Desk) -> bool {
        let realm = desk.runtime.realm_view();
        let known = self.token().and_then(|(_, hash)| realm.token_by_hash(hash, desk.now()));
        known.is_some_and(|access| access.token.role == self.role)
    }

    /// Refuses a caller who waited, and may not go on any more.
    pub async fn still_may(&self, desk: &Desk) -> Result<(), Rejection> {
        match self.at_work() {
            Some(agent) => agent::still_at_work(desk, agent).await,
            None if self.is_still_good(desk) => Ok(()),
            None => Err(unauthorized("the token was revoked or has ended")),
        }
    }

    /// Returns the token that the caller has shown, and its hash.
    pub fn token(&self) -> Option<(TokenId, &str)> {
        match &self.proof {
            Proof::Token { id, hash } => Some((*id, hash)),
            Proof::Agent(_) => None,
        }
    }

    /// Returns what the caller is at work on, when it is an agent with a pass.
    pub fn at_work(&self) -> Option<&AgentAtWork> {
        match &self.proof {
            Proof::Token { .. } => None,
            Proof::Agent(agent) => Some(agent),
        }
    }

    /// Tells whether the caller is an agent that works for a run.
    pub fn is_in_workflow(&self) -> bool {
        self.at_work().is_some_and(|agent| agent.in_workflow)
    }

    pub fn is_admin(&self) -> bool {
        self.role == TokenRole::Admin
    }

    /// Returns the caller as a session knows them.
    pub fn by(&self) -> By {
        By { user: self.user, name: self.name.clone(), admin: self.is_admin() }
    }

    /// Returns the caller as the realm knows them.
    pub fn asker(&self) -> Asker {
        Asker::User { user: self.user, admin: self.is_admin() }
    }

    /// Refuses runners: their tokens open the runner link only.
    pub fn person(self) -> Result<Self, Rejection> {
        match self.role {
            TokenRole::Runner(_) => Err(insufficient("a runner's token opens /link/runner only")),
            TokenRole::User | TokenRole::Admin => Ok(self),
        }
    }

    /// Refuses everybody but administrators.
    pub fn admin(self) -> Result<Self, Rejection> {
        match self.is_admin() {
            true => Ok(self),
            false => Err(insufficient("this needs a token of the role admin")),
        }
    }

    /// Refuses everybody but runners, and returns which runners the token connects.
    pub fn runners(&self) -> Result<&RunnerScope, Rejection> {
        match &self.role {
            TokenRole::Runner(scope) => Ok(scope),
            TokenRole::User | TokenRole::Admin => Err(insufficient("this needs a token of the role runner")),
        }
    }
}

/// A caller whose token is a person's.
pub struct Person(pub Caller);

/// A caller whose token carries the administrator's rights.
pub struct Admin(pub Caller);

impl FromRequest for Person {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller_of(request).and_then(Caller::person).map(Person))
    }
}

impl FromRequest for Admin {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller_of(request).and_then(Caller::admin).map(Admin))
    }
}

fn caller_of(request: &HttpRequest) -> Result<Caller, Rejection> {
    let desk = request.app_data::<web::Data<Desk>>().expect("every route has the desk");
    Caller::of(desk, request.headers())
}

/// Reads the secret off an `Authorization` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// Lists the subprotocols that an upgrade request offers.
pub fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

fn unauthorized(detail: &str) -> Rejection {
    problem(401, "unauthorized", detail)
}

fn insufficient(detail: &str) -> Rejection {
    problem(403, "role_insufficient", detail)
}
