//! What the gate says to runs.

use std::sync::Arc;

use tenure_journal::EffectId;
use tenure_model::id::ExecutionId;
use tenure_workflow::Execution;
use tenure_workflow::execution::Command;
use tenure_workflow::execution::command::GateNews as News;
use tenure_workflow::gate::Effect;

use super::tell;
use crate::courier::{Attempt, Attempting, Performer};
use crate::directory::Directory;

/// Brings the gate's news to the runs.
pub(crate) struct GateNews(pub Directory<Execution>);

impl Performer for GateNews {
    type Effect = Effect;
    type Lane = ExecutionId;

    fn lane(&self, effect: &Effect) -> ExecutionId {
        effect.execution()
    }

    fn attempt(self: Arc<Self>, _id: EffectId, effect: Arc<Effect>) -> Attempting {
        Box::pin(async move {
            let news = match &*effect {
                Effect::Granted { .. } => News::Granted,
                Effect::Queued { ahead, why, .. } => News::Queued { ahead: *ahead, why: why.clone() },
            };
            tell(&self.0, effect.execution(), Command::Gate(news)).await
        })
    }

    /// The run asks again by itself when it hears nothing for long; a slot that is granted must not be forgotten.
    fn gave_up(self: Arc<Self>, _id: EffectId, _effect: Arc<Effect>, why: String) -> Attempting {
        Box::pin(async move { Attempt::Again(why) })
    }
}
