//! Every operation of the HTTP API, as it is described.

use tenure_model::sandbox::SandboxRow;
use tenure_model::view::{Message, SessionView};
use tenure_model::workspace::{AttachmentPiece, WorkspaceDiff};
use tenure_protocol::admin::WriterFigures;
use tenure_protocol::client::Answered;
use tenure_protocol::http::{
    AbortTurn, IssuedToken, Me, NewAnswer, NewPrompt, NewSession, NewToken, NewUser, PromptMove, PromptText,
    RestoreFiles, RetryTurn, RunnerRow, SandboxAnswer, SandboxCredential, SessionPatch, SessionRow, ShareSession,
    ThreadTitle, Ticket, TokenRow, UserRow,
};
use tenure_protocol::schema::Definitions;
use tenure_protocol::sign_in::{SignIn, SignInCode, SignedIn};
use utoipa::ToSchema;

use crate::admin::acts::Act;
use crate::admin::entities::EntityRow;

/// One operation, as it is described.
#[derive(Clone)]
pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub summary: &'static str,
    pub query: &'static [&'static str],
    pub body: Option<Taken>,
    pub answer: Answer,
    pub status: u16,
    pub keyed: bool,
    /// Whether it takes no sign-in.
    pub open: bool,
}

/// Adds the type of a body to the definitions and returns its name.
pub type Body = fn(&mut Definitions) -> String;

/// What an operation is sent.
#[derive(Clone, Copy)]
pub enum Taken {
    Json(Body),
    /// A definition of a workflow, YAML or JSON.
    Definition,
    /// A definition of a trigger, YAML or JSON.
    Trigger,
    /// Any JSON value, or nothing.
    Any,
}

/// What an operation answers.
#[derive(Clone, Copy)]
pub enum Answer {
    Json(Body),
    /// JSON whose shape is the entity's own.
    Any,
    Events,
    Markdown,
    /// The text that Prometheus reads.
    Plain,
    Nothing,
}

pub(super) fn page_of<T: ToSchema>(definitions: &mut Definitions) -> String {
    definitions.add_page::<T>()
}

pub(super) fn of<T: ToSchema>(definitions: &mut Definitions) -> String {
    definitions.add::<T>()
}

impl Operation {
    pub(super) fn new(method: &'static str, path: &'static str, summary: &'static str, answer: Answer) -> Self {
        Self { method, path, summary, query: &[], body: None, answer, status: 200, keyed: false, open: false }
    }

    pub(super) fn query(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    pub(super) fn body<T: ToSchema>(self) -> Self {
        Self { body: Some(Taken::Json(of::<T>)), ..self }
    }

    pub(super) fn definition(self) -> Self {
        Self { body: Some(Taken::Definition), ..self }
    }

    pub(super) fn trigger(self) -> Self {
        Self { body: Some(Taken::Trigger), ..self }
    }

    pub(super) fn any_body(self) -> Self {
        Self { body: Some(Taken::Any), ..self }
    }

    pub(super) fn created(self) -> Self {
        Self { status: 201, ..self }
    }

    /// Marks an operation that takes an `Idempotency-Key`.
    pub(super) fn keyed(self) -> Self {
        Self { keyed: true, ..self }
    }

    /// Marks an operation that takes no sign-in.
    pub(super) fn open(self) -> Self {
        Self { open: true, ..self }
    }
}

/// Lists every operation.
pub fn operations() -> Vec<Operation> {
    use Answer::{Any, Events, Json, Nothing};
    let reply = Json(of::<Answered>);
    let new = Operation::new;
    const PAGE: &[&str] = &["limit", "cursor"];
    vec![
        new("get", "/api/me", "Tells the caller who they are", Json(of::<Me>)),
        new("get", "/api/runners", "Lists the runners that are or were here", Json(page_of::<RunnerRow>)).query(PAGE),
        new("get", "/api/runners/{id}", "Shows one runner", Json(of::<RunnerRow>)),
        new(
            "post",
            "/api/runners/{id}/drain",
            "Lets a runner end what it has and gives it nothing new",
            Json(of::<RunnerRow>),
        ),
        new("post", "/api/runners/{id}/resume", "Gives a drained runner works again", Json(of::<RunnerRow>)),
        new("get", "/api/feed", "Opens the owner's feed, as events or as a websocket", Events).query(&["after"]),
        new("post", "/api/tickets", "Issues a single-use ticket for a browser's websocket", Json(of::<Ticket>))
            .created(),
        new("post", "/api/sign-in/codes", "Issues a single-use code that signs a browser in", Json(of::<SignInCode>))
            .created(),
        new(
            "post",
            "/api/sign-in",
            "Takes a code for a fresh credential; its secret is shown once",
            Json(of::<SignedIn>),
        )
        .body::<SignIn>()
        .created()
        .open(),
        Operation {
            status: 204,
            ..new("post", "/api/sign-out", "Revokes the credential that asks for it; its open sockets end", Nothing)
        },
        new("post", "/api/users", "Adds a person", Json(of::<UserRow>)).body::<NewUser>().created(),
        new("get", "/api/users", "Lists the people of this server", Json(page_of::<UserRow>)).query(PAGE),
        new("post", "/api/tokens", "Issues a credential; its secret is shown once", Json(of::<IssuedToken>))
            .body::<NewToken>()
            .created(),
        new("get", "/api/tokens", "Lists credentials", Json(page_of::<TokenRow>)).query(PAGE),
        Operation {
            status: 204,
            ..new("delete", "/api/tokens/{id}", "Revokes a credential; its open sockets end", Nothing)
        },
        new("post", "/api/sessions", "Opens a session", Json(of::<SessionView>)).body::<NewSession>().created().keyed(),
        new("get", "/api/sessions", "Lists the caller's sessions, newest first", Json(page_of::<SessionRow>))
            .query(PAGE),
        new("get", "/api/sessions/{id}", "Shows all of a session but its transcript", Json(of::<SessionView>)),
        new("patch", "/api/sessions/{id}", "Changes the title or the mode", Json(of::<SessionView>))
            .body::<SessionPatch>()
            .keyed(),
        new("delete", "/api/sessions/{id}", "Ends a session for good; it stays readable", reply).keyed(),
        new("post", "/api/sessions/{id}/terminate", "Ends a session for good; it stays readable", reply).keyed(),
        new("post", "/api/sessions/{id}/share", "Gives a person a role, or takes it away", reply)
            .body::<ShareSession>()
            .keyed(),
        new("get", "/api/sessions/{id}/messages", "Reads the transcript, newest first", Json(page_of::<Message>))
            .query(&["limit", "before", "thread"]),
        new("post", "/api/sessions/{id}/prompts", "Says something to the agent", reply).body::<NewPrompt>().keyed(),
        new("patch", "/api/sessions/{id}/prompts/{prompt}", "Replaces the text of a waiting prompt", reply)
            .body::<PromptText>()
            .keyed(),
        new("delete", "/api/sessions/{id}/prompts/{prompt}", "Takes a waiting prompt back", reply).keyed(),
        new("post", "/api/sessions/{id}/prompts/{prompt}/move", "Moves a waiting prompt within its thread", reply)
            .body::<PromptMove>()
            .keyed(),
        new("post", "/api/sessions/{id}/prompts/{prompt}/promote", "Makes a waiting prompt steer its thread", reply)
            .keyed(),
        new("post", "/api/sessions/{id}/abort", "Ends an open turn", reply).body::<AbortTurn>().keyed(),
        new("post", "/api/sessions/{id}/retry", "Prompts a failed or interrupted turn again", reply)
            .body::<RetryTurn>()
            .keyed(),
        new("post", "/api/sessions/{id}/answers", "Answers an agent's question", reply).body::<NewAnswer>().keyed(),
        new("post", "/api/sessions/{id}/threads", "Opens a thread", reply).body::<ThreadTitle>().keyed(),
        new("patch", "/api/sessions/{id}/threads/{thread}", "Renames a thread", reply).body::<ThreadTitle>().keyed(),
        new(
            "get",
            "/api/sessions/{id}/workspace/diff",
            "Shows how the workspace's files differ",
            Json(of::<WorkspaceDiff>),
        )
        .query(&["since"]),
        new(
            "get",
            "/api/sessions/{id}/attachments/{attachment}",
            "Reads a piece of an output that was too long to be told",
            Json(of::<AttachmentPiece>),
        )
        .query(&["offset"]),
        new("post", "/api/sessions/{id}/workspace/restore", "Puts the workspace's files back", reply)
            .body::<RestoreFiles>()
            .keyed(),
        new("get", "/api/sandboxes", "Lists the sandboxes of sessions", Json(page_of::<SandboxRow>))
            .query(&["state", "limit", "cursor"]),
        new(
            "post",
            "/api/sandboxes/{session}/credential",
            "Makes the credential of a sandbox's runner that somebody starts by hand",
            Json(of::<SandboxCredential>),
        ),
        new("post", "/api/sessions/{id}/sandbox/wake", "Has the session's sandbox run", Json(of::<SandboxAnswer>))
            .keyed(),
        new(
            "post",
            "/api/sessions/{id}/sandbox/hibernate",
            "Stops the session's sandbox and keeps its workspace",
            Json(of::<SandboxAnswer>),
        )
        .keyed(),
        new(
            "post",
            "/api/sessions/{id}/sandbox/stop",
            "Stops the session's sandbox with all that runs there",
            Json(of::<SandboxAnswer>),
        )
        .keyed(),
        new("get", "/api/sessions/{id}/ws", "Opens the chat websocket, subprotocol tenure.client.v1", Nothing)
            .query(&["after"]),
        new("get", "/api/sessions/{id}/events", "Streams a session's news as server-sent events", Events)
            .query(&["after"]),
        new(
            "get",
            "/admin/live",
            "Streams figures and which actors stir, as events or as a websocket, subprotocol tenure.admin.v1",
            Events,
        ),
        new("get", "/admin/writer", "Shows the writer's queue and flush times", Json(of::<WriterFigures>)),
        new("get", "/admin/runners", "Lists runners", Json(page_of::<RunnerRow>)),
        new("get", "/admin/entities/{kind}", "Lists entities of a kind", Json(page_of::<EntityRow>))
            .query(&["limit", "cursor", "awake"]),
        new("get", "/admin/entities/{kind}/{id}", "Shows an entity inside out", Any),
        new("get", "/admin/entities/{kind}/{id}/journal", "Reads an entity's journal, oldest first", Any).query(PAGE),
        new(
            "get",
            "/admin/entities/{kind}/{id}/state",
            "Shows an entity's state at a seq, or what changed since another",
            Any,
        )
        .query(&["seq", "since"]),
        new("get", "/admin/entities/session/{id}/stuck", "Says what a session waits for", Any),
        new("post", "/admin/entities/{kind}/{id}/passivate", "Sends an entity to sleep", Json(of::<Act>))
            .query(&["dry_run"]),
        new("post", "/admin/entities/{kind}/{id}/wake", "Wakes an entity", Json(of::<Act>)).query(&["dry_run"]),
        new("get", "/metrics", "Counts what the server does, for Prometheus", Answer::Plain),
        new("get", "/api/openapi.json", "Describes this", Any),
        new("get", "/healthz", "Tells that the process is up", Any),
        new("get", "/readyz", "Tells whether the server can serve", Any),
        new("get", "/schema/frames.json", "Describes what websockets carry", Any),
        new("get", "/schema/workflow.json", "Describes what a definition of a workflow may say", Any),
        new("get", "/schema/trigger.json", "Describes what a definition of a trigger may say", Any),
        new("get", "/schema/workflow.md", "Tells how workflows are written and run, in parts", Answer::Markdown)
            .query(&["topic"]),
    ]
}
