//! The real `tenure`, started, killed and started again; its clients over HTTP and websockets; a line that can be cut.
//!
//! Everything waits for what it waits for, with [`PATIENCE`] as the bound.

use std::time::Duration;

pub mod agent;
pub mod api;
pub mod binary;
pub mod chatter;
pub mod cli;
pub mod draw;
pub mod fake_runner;
pub mod feed;
pub mod model_server;
pub mod packages;
pub mod port;
pub mod proxy;
pub mod runner;
pub mod server;
pub mod socket;
pub mod view;

pub use api::{Api, http};
pub use chatter::{Chatter, Told, Wish};
pub use fake_runner::FakeRunner;
pub use feed::Feed;
pub use proxy::Proxy;
pub use runner::Runner;
pub use server::Server;
pub use socket::Socket;
pub use view::View;

/// How long anything may take on a busy machine before a test gives it up.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Lets a killed server come back before it is called again. Whoever calls this is bounded.
pub async fn a_moment() {
    // tidy: allow(sleep) because nothing tells when a killed server is back, but that it answers
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// Waits for something, within [`PATIENCE`].
pub async fn in_time<T>(what: &str, waiting: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(outcome) => outcome,
        Err(_) => panic!("waited {PATIENCE:?} in vain: {what}"),
    }
}
