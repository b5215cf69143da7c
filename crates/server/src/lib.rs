//! The HTTP and websocket shell over the runtime: routes, links, auth, admin. It decides nothing.
//!
//! ```text
//!   browser, terminal ──▶ api/ ──┐                     ┌──▶ Directory::ask, ::look
//!                    ──▶ link/client ─┐               │
//!   runner ──────────▶ link/runner ───┼──▶ Desk ──────┼──▶ Roster
//!   operator ────────▶ admin/ ────────┤               └──▶ Store (pages), Feed, Lists
//!   agent ───────────▶ mcp/ ─▶ action/┼──▶ connectors/ ──▶ other servers
//!   sender ──────────▶ hooks/ ────────┘
//!   browser ─────────▶ console/ (files)
//! ```
//! Start reading at [`serve`] and `routes`; `view` tells what happened in the words of clients.

pub mod options;
pub mod serve;

mod action;
mod admin;
mod api;
mod auth;
mod bucket;
mod connectors;
mod console;
mod desk;
mod draft;
mod guide;
mod health;
mod hooks;
mod link;
mod mcp;
mod metrics;
mod openapi;
mod places;
mod problem;
mod route_table;
mod routes;
mod runs;
mod view;

pub use action::list::ACTIONS;
pub use auth::secret::{fresh as fresh_secret, hash as hash_secret};
pub use auth::secret_keys::SecretKeys;
pub use auth::signing_key::SigningKey;
pub use connectors::StepTools;
pub use draft::DraftOptions;
pub use options::ServerOptions;
pub use serve::{Keys, ServeError, Serving, serve};

/// Makes the credential of the runner of a session's sandbox, good for one start of it.
pub fn sandbox_credential(key: &SigningKey, session: tenure_model::id::SessionId, generation: u32) -> String {
    auth::sandbox_pass::SandboxPass { session, generation }.written(key)
}

/// Lists every route: its method, `*` where it takes all of them, and its path.
pub fn every_route() -> Vec<(&'static str, String)> {
    routes::table().list()
}
