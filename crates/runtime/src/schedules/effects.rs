//! Who carries out which effect of a scheduler, and in which line it stands.

use std::sync::Arc;

use tenure_journal::EffectId;
use tenure_model::id::UserId;
use tenure_workflow::scheduler::{Command, Effect, Target};

use super::{Schedules, tell};
use crate::courier::{Attempt, Attempting, Performer};

impl Performer for Schedules {
    type Effect = Effect;
    type Lane = Target;

    fn lane(&self, effect: &Effect) -> Target {
        effect.target()
    }

    fn attempt(self: Arc<Self>, id: EffectId, effect: Arc<Effect>) -> Attempting {
        Box::pin(async move { self.carry_out(UserId(id.key.id), &effect).await })
    }

    fn gave_up(self: Arc<Self>, id: EffectId, effect: Arc<Effect>, why: String) -> Attempting {
        Box::pin(async move {
            let command = Command::EffectFailed { effect: Box::new((*effect).clone()), why };
            tell(&self.schedulers, UserId(id.key.id), command).await
        })
    }
}

impl Schedules {
    async fn carry_out(&self, owner: UserId, effect: &Effect) -> Attempt {
        if !self.schedulers.wants(owner, effect).await {
            return Attempt::Settled;
        }
        match effect {
            Effect::StartRun { firing, execution, workflow, kind, name, watched } => {
                let start = super::runs::StartRun { firing, workflow, kind: *kind, name, watched: *watched };
                self.start_run(owner, *execution, start).await
            }
            Effect::CancelRun { firing, execution, .. } => self.cancel_run(owner, *firing, *execution).await,
            Effect::AskRun { firing, execution } => self.ask_run(owner, *firing, *execution).await,
            Effect::Prompt { firing, trigger, name, content } => {
                self.prompt(owner, (*firing, *trigger), name, content).await
            }
            Effect::NotifyFailure { firing, name, why } => self.notify_failure(owner, *firing, name, why).await,
        }
    }
}
