//! What is special about a turn that a workflow step asked for.

use tenure_model::link::{ShellWork, ToolWork, WorkKind, WorkSpec};
use tenure_model::step::StepRef;
use tenure_model::time::Span;

use super::state::{StepJob, StepTurn};
use crate::effect::CancelCause;
use crate::turn::Turn;

impl Turn {
    /// Returns the step that asked for the turn.
    pub fn step(&self) -> Option<&StepRef> {
        self.asked_for().map(|asked| &asked.step)
    }

    /// Tells whether the turn is a prompt, which has its thread to itself; commands, tools and restores do not talk.
    pub fn is_prompt(&self) -> bool {
        self.kind() == WorkKind::Turn
    }

    /// Returns what sort of work the turn is for its runner.
    pub(crate) fn kind(&self) -> WorkKind {
        if self.message.restore.is_some() {
            return WorkKind::Restore;
        }
        match self.asked_for().map(|asked| &asked.job) {
            Some(StepJob::Shell { .. }) => WorkKind::Shell,
            Some(StepJob::Tool { .. }) => WorkKind::Tool,
            Some(StepJob::Prompt { .. }) | None => WorkKind::Turn,
        }
    }

    /// Returns how long the turn may run.
    pub(crate) fn timeout_ms(&self, otherwise: Span) -> Span {
        self.asked_for().and_then(|asked| asked.timeout_ms).unwrap_or(otherwise)
    }

    /// Adds what the step wants to what its runner is told.
    pub(crate) fn with_job(&self, spec: WorkSpec) -> WorkSpec {
        let text = spec.text.clone();
        match self.asked_for().map(|asked| asked.job.clone()) {
            None => spec,
            Some(StepJob::Prompt { persona, models }) => WorkSpec { persona, models, ..spec },
            Some(StepJob::Shell { env, cwd }) => {
                WorkSpec { shell: Some(ShellWork { command: text, env, cwd }), ..spec }
            }
            Some(StepJob::Tool { arguments }) => WorkSpec { tool: Some(ToolWork { tool: text, arguments }), ..spec },
        }
    }

    /// Says with which error the turn ends that is ended for a cause, when it is one.
    pub(crate) fn cause_told(&self, cause: CancelCause, turn_timeout_ms: Span) -> Option<String> {
        let limit = self.timeout_ms(turn_timeout_ms);
        match cause {
            CancelCause::TimedOut if self.kind() == WorkKind::Shell => Some(format!("bash_timeout:{}", limit.0)),
            CancelCause::TimedOut if self.step().is_some() => {
                Some(format!("the step took longer than its timeout, {limit}"))
            }
            CancelCause::TimedOut => Some(format!("the turn took longer than turn_timeout_ms, {limit}")),
            CancelCause::Asked => {
                let question = self.asked_in_vain.as_deref().unwrap_or_default();
                Some(format!("agent_prompt_question_not_supported: the agent asked: {question}"))
            }
            CancelCause::OverBudget => Some(
                "budget_used_up: nothing was left of a budget that it draws on; raise it, and then retry or go on"
                    .into(),
            ),
            CancelCause::Aborted | CancelCause::Steered | CancelCause::Terminated | CancelCause::Undone => None,
        }
    }

    fn asked_for(&self) -> Option<&StepTurn> {
        self.message.step.as_ref()
    }
}
