//! What every handler has at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tenure_journal::{Store, StoreError};
use tenure_model::Timestamp;
use tenure_model::id::UserId;
use tenure_runtime::Runtime;
use tokio::sync::watch;

use crate::action::pace::Pace;
use crate::auth::signing_key::SigningKey;
use crate::auth::tickets::Tickets;
use crate::connectors::Hub;
use crate::hooks::ingress::Ingress;
use crate::link::client::presence::PresenceBoard;
use crate::link::guard::Guard;
use crate::link::runner_board::RunnerBoard;
use crate::metrics::Figures;
use crate::options::ServerOptions;
use crate::problem::{Rejection, problem, unavailable};

/// The server's shared state: nothing in here outlives the process, or needs to.
pub struct Desk {
    pub runtime: Arc<Runtime>,
    pub options: ServerOptions,
    pub tickets: Tickets,
    /// Signs the passes of agents.
    pub signing_key: SigningKey,
    pub pace: Pace,
    /// The connections to connectors.
    pub hub: Arc<Hub>,
    pub hooks: Ingress,
    pub guard: Arc<Guard>,
    pub presence: PresenceBoard,
    pub runners: Arc<RunnerBoard>,
    pub figures: Arc<Figures>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
    sockets: Arc<Sockets>,
}

/// The open sockets and event streams, by user.
#[derive(Default)]
struct Sockets(Mutex<HashMap<UserId, usize>>);

/// A user's place for one socket, until it is dropped.
pub struct Seat {
    user: UserId,
    sockets: Arc<Sockets>,
}

impl Desk {
    pub fn new(
        runtime: Arc<Runtime>,
        options: ServerOptions,
        signing_key: SigningKey,
        hub: Hub,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            signing_key,
            pace: Pace::new(&options),
            hub: Arc::new(hub),
            hooks: Ingress::new(&options),
            tickets: Tickets::new(options.ticket_life_ms, options.tickets_max),
            guard: Guard::new(&options),
            presence: PresenceBoard::new(runtime.sessions.feed().clone(), options.presence_pause_ms),
            runners: Arc::new(RunnerBoard::new(runtime.roster.clone(), options.presence_pause_ms)),
            figures: Arc::default(),
            stopping,
            sockets: Arc::default(),
            runtime,
            options,
        }
    }

    /// Reads the store, off the threads that serve.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Rejection> {
        let store = self.runtime.store.clone();
        let read = actix_web::web::block(move || read(&store)).await;
        read.map_err(|_| unavailable("the server is stopping"))?.map_err(|error| unavailable(&error.to_string()))
    }

    pub fn now(&self) -> Timestamp {
        self.runtime.clock.now()
    }

    /// Gives a user room for one more socket.
    pub fn seat(&self, user: UserId) -> Result<Seat, Rejection> {
        let mut sockets = self.sockets.0.lock().expect("counting does not panic");
        let open = sockets.entry(user).or_default();
        let max = self.options.sockets_per_user_max;
        if *open >= max {
            let detail =
                format!("you have {open} sockets open, the limit sockets_per_user_max is {max}; close one first");
            return Err(problem(429, "sockets_full", detail).limit(max as u64, *open as u64));
        }
        *open += 1;
        Ok(Seat { user, sockets: self.sockets.clone() })
    }

    /// Returns how many sockets are open.
    pub fn sockets(&self) -> usize {
        self.sockets.0.lock().expect("counting does not panic").values().sum()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut sockets = self.sockets.0.lock().expect("counting does not panic");
        if let Some(open) = sockets.get_mut(&self.user) {
            *open -= 1;
            if *open == 0 {
                sockets.remove(&self.user);
            }
        }
    }
}
