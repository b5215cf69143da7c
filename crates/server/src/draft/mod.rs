//! Drafting: a model writes a definition, the validator judges it, the model mends it. Nothing is stored.
//!
//! ```text
//!   link/draft ──▶ task (what is asked, how a reply is judged) ──▶ rounds ──▶ a model server
//!       ▲                                                           │ text, checking, repair
//!       └─────────────────────── events ────────────────────────────┘
//! ```

mod options;
mod reply;
mod rounds;
mod task;
mod teach;

use tenure_llm::{ModelServer, Wire};
use tenure_model::id::UserId;

pub use options::DraftOptions;
pub use rounds::{Over, Rounds};
use task::Judged;
pub use task::Task;

use crate::auth::Caller;
use crate::places::{Place, Places};
use crate::problem::{Rejection, problem};

/// What drafts are made with, and how many are under way.
pub struct Drafting {
    pub options: DraftOptions,
    model: Option<Model>,
    places: Places,
}

/// The model that drafts, and where it is.
struct Model {
    name: String,
    server: ModelServer,
    wire: Wire,
}

impl Drafting {
    /// Prepares what the configuration says.
    pub fn new(options: DraftOptions) -> Result<Self, String> {
        let model = match &options.model {
            Some(name) => Some(Model { name: name.clone(), server: options.server(), wire: Wire::new()? }),
            None => None,
        };
        Ok(Self { model, options, places: Places::default() })
    }

    /// Gives a draft its place, or refuses it.
    pub fn enter(&self, user: UserId) -> Result<Place, Rejection> {
        self.model()?;
        let max = self.options.at_once_max;
        self.places.take(user, max).map_err(|taken| {
            let detail = format!("you have {taken} drafts under way, the limit draft.at_once_max; wait for one to end");
            problem(429, "drafts_full", detail).limit(max as u64, taken as u64)
        })
    }

    fn model(&self) -> Result<&Model, Rejection> {
        self.model.as_ref().ok_or_else(|| {
            let detail = "no model is configured that could draft; set draft.model in the server's configuration (or \
                          TENURE_DRAFT_MODEL), and where its key is: draft.key_env or draft.key_file";
            problem(501, "draft_unconfigured", detail)
        })
    }
}

/// Refuses an agent that works for a run: runs do not write what they are made of.
pub fn may(caller: &Caller) -> Result<(), Rejection> {
    if !caller.is_in_workflow() {
        return Ok(());
    }
    let detail = "drafting is refused where a run is at work, because runs do not change what they are made of; \
                  have it done in the orchestrator session";
    Err(problem(403, "refused_in_workflow", detail))
}
