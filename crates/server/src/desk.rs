//! What every handler has at hand.

use std::sync::Arc;

use tenure_console::Files;
use tenure_journal::{Store, StoreError};
use tenure_model::Timestamp;
use tenure_model::id::UserId;
use tenure_runtime::Runtime;
use tokio::sync::watch;

use crate::action::loops::Loops;
use crate::action::pace::Pace;
use crate::auth::attempts::Attempts;
use crate::auth::signing_key::SigningKey;
use crate::auth::tickets::{CODES, TICKETS, Tickets};
use crate::connectors::Hub;
use crate::console;
use crate::draft::Drafting;
use crate::hooks::ingress::Ingress;
use crate::link::client::presence::PresenceBoard;
use crate::link::guard::Guard;
use crate::link::runner_board::RunnerBoard;
use crate::metrics::Figures;
use crate::options::ServerOptions;
use crate::places::{Place, Places};
use crate::problem::{Rejection, problem, unavailable};

/// The server's shared state: nothing in here outlives the process, or needs to.
pub struct Desk {
    pub runtime: Arc<Runtime>,
    pub options: ServerOptions,
    pub tickets: Tickets,
    /// What signs browsers in.
    pub codes: Tickets,
    pub attempts: Attempts,
    /// Signs the passes of agents.
    pub signing_key: SigningKey,
    pub pace: Pace,
    /// The connections to connectors.
    pub hub: Arc<Hub>,
    pub loops: Loops,
    pub hooks: Ingress,
    pub guard: Arc<Guard>,
    pub presence: PresenceBoard,
    pub runners: Arc<RunnerBoard>,
    pub figures: Arc<Figures>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
    pub drafting: Drafting,
    /// The web console, as it is served.
    pub console: Arc<Files>,
    /// The open sockets and event streams, by user.
    sockets: Places,
}

impl Desk {
    pub fn new(
        runtime: Arc<Runtime>,
        options: ServerOptions,
        drafting: Drafting,
        signing_key: SigningKey,
        hub: Hub,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            signing_key,
            pace: Pace::new(&options),
            hub: Arc::new(hub),
            loops: Loops::new(options.tool_repeats_max),
            hooks: Ingress::new(&options),
            tickets: Tickets::new(TICKETS, options.ticket_life_ms, options.tickets_max),
            codes: Tickets::new(CODES, options.sign_in_code_life_ms, options.sign_in_codes_max),
            attempts: Attempts::new(options.sign_ins_per_minute_max, runtime.clock.now()),
            guard: Guard::new(&options),
            presence: PresenceBoard::new(runtime.sessions.feed().clone(), options.presence_pause_ms),
            runners: Arc::new(RunnerBoard::new(runtime.roster.clone(), options.presence_pause_ms)),
            figures: Arc::default(),
            console: console::files(&options),
            stopping,
            drafting,
            sockets: Places::default(),
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
    pub fn seat(&self, user: UserId) -> Result<Place, Rejection> {
        let max = self.options.sockets_per_user_max;
        self.sockets.take(user, max).map_err(|open| {
            let detail =
                format!("you have {open} sockets open, the limit sockets_per_user_max is {max}; close one first");
            problem(429, "sockets_full", detail).limit(max as u64, open as u64)
        })
    }

    /// Returns how many sockets are open.
    pub fn sockets(&self) -> usize {
        self.sockets.taken()
    }
}
