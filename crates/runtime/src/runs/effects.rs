//! Who carries out which effect of a run, and in which line it stands.

use std::sync::Arc;

use tenure_journal::EffectId;
use tenure_model::id::ExecutionId;
use tenure_workflow::execution::{Command, Effect, StepError, Target};
use tenure_workflow::scheduler;

use super::Runs;
use crate::courier::{Attempt, Attempting, Performer};
use crate::schedules;

impl Performer for Runs {
    type Effect = Effect;
    type Lane = Target;

    fn lane(&self, effect: &Effect) -> Target {
        effect.target()
    }

    fn attempt(self: Arc<Self>, id: EffectId, effect: Arc<Effect>) -> Attempting {
        Box::pin(async move { self.carry_out(id, &effect).await })
    }

    fn gave_up(self: Arc<Self>, id: EffectId, effect: Arc<Effect>, why: String) -> Attempting {
        Box::pin(async move {
            match &*effect {
                // Without these others would wait for ever; an operator sees what keeps them back.
                Effect::FreeSlot
                | Effect::CloseSession { .. }
                | Effect::TakeBack { .. }
                | Effect::TellParent { .. }
                | Effect::TellTrigger { .. } => Attempt::Again(why),
                _ => self.refused(ExecutionId(id.key.id), &effect, why).await,
            }
        })
    }
}

impl Runs {
    async fn carry_out(&self, id: EffectId, effect: &Effect) -> Attempt {
        let run = ExecutionId(id.key.id);
        if !self.executions.wants(run, effect).await {
            return self.unwanted(run, effect).await;
        }
        match effect {
            Effect::AskSlot { .. } | Effect::FreeSlot => self.slot(run, effect).await,
            Effect::OpenSession { .. }
            | Effect::CloseSession { .. }
            | Effect::Do { .. }
            | Effect::Undo { .. }
            | Effect::Supersede { .. } => self.session(run, effect).await,
            Effect::Call { step, key, tool, arguments } => {
                let (tool, arguments) = (tool.clone(), arguments.clone());
                let call = super::ToolCall { execution: run, step: step.clone(), key: *key, tool, arguments };
                self.call(run, call).await
            }
            Effect::TakeBack { owner, approval, .. } => self.take_back(*owner, *approval).await,
            Effect::Notify { step, content } => self.notify(run, step, content).await,
            Effect::NotifyFailure { title, end, error, trigger } => {
                self.notify_failure(run, title, *end, error.as_ref(), trigger).await
            }
            Effect::StartChild { .. } => self.start_child(run, effect).await,
            Effect::CancelChild { child, step } => self.cancel_child(run, *child, step).await,
            Effect::TellTrigger { owner, firing, end } => {
                let answer = scheduler::Answer::Ended { end: *end };
                schedules::tell(&self.schedulers, *owner, scheduler::Command::Answer { firing: *firing, answer }).await
            }
            Effect::TellParent { step, end, outputs, error } => {
                let outputs = outputs.iter().map(|(name, value)| (name.clone(), value.as_ref().clone()));
                let outputs = serde_json::Value::Object(outputs.collect());
                let (step, end, error) = (step.clone(), *end, error.clone());
                let parent = step.execution;
                self.tell(parent, Command::ChildEnded { step, child: run, end, outputs, error }).await
            }
        }
    }

    /// Ends a step that is being cancelled before anybody was asked for it. What a session was to do is ended by `Undo`, a
    /// child by `CancelChild`.
    async fn unwanted(&self, run: ExecutionId, effect: &Effect) -> Attempt {
        match effect {
            Effect::Call { step, .. } | Effect::Notify { step, .. } => {
                let result = Err(StepError::new("cancelled", "the step was ended before it was begun"));
                self.tell(run, Command::Returned { step: step.clone(), result }).await
            }
            _ => Attempt::Settled,
        }
    }
}
