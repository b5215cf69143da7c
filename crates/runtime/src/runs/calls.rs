//! Calls of tools for steps. One that must not be made twice is let go on first, by policy or by a person, then noted, then sent.

use tenure_account::policy;
use tenure_model::id::{ApprovalId, ExecutionId, UserId};
use tenure_workflow::execution::error::OUTCOME_UNKNOWN;
use tenure_workflow::execution::running::Question;
use tenure_workflow::execution::{Called, Command, Reply, StepError};

use super::{Leave, Runs, ToolCall};
use crate::courier::Attempt;
use crate::directory::AskError;

/// Why a call is not made now.
enum Halt {
    /// The step fails, or nobody knows what became of its call.
    Failed(StepError),
    /// It waits for somebody, is not wanted any more, or cannot be made now.
    Rests(Attempt),
}

impl Runs {
    pub(super) async fn call(&self, run: ExecutionId, call: ToolCall) -> Attempt {
        let step = call.step.clone();
        let result = match self.may(run, &call).await {
            Ok(()) => self.tools.call(call).await,
            Err(Halt::Failed(error)) => Err(error),
            Err(Halt::Rests(attempt)) => return attempt,
        };
        self.tell(run, Command::Returned { step, result }).await
    }

    /// Takes a question back that nobody waits for any more.
    pub(super) async fn take_back(&self, owner: UserId, approval: ApprovalId) -> Attempt {
        match self.policies.ask(owner, policy::Command::Withdraw { approval }).await {
            Ok(_) | Err(AskError::Refused(_)) => Attempt::Settled,
            Err(other) => Attempt::Again(other.to_string()),
        }
    }

    /// Goes through what comes before a call that must not be made twice.
    async fn may(&self, run: ExecutionId, call: &ToolCall) -> Result<(), Halt> {
        if !self.tools.is_once(&call.tool) {
            return Ok(());
        }
        let look = self.executions.look(run).await;
        let state = look.map_err(|error| Halt::Rests(Attempt::Again(error.to_string())))?.state;
        match state.called(&call.step) {
            None => Err(Halt::Rests(Attempt::Settled)),
            Some(Called::Sent) => Err(cut_off(call)),
            Some(Called::Asked(question)) => self.question(run, call, question).await,
            Some(Called::Not) => match self.tools.leave(call.clone()).await.map_err(Halt::Failed)? {
                Leave::Given => self.note(run, call).await,
                Leave::Wanted { open_for } => {
                    let (step, arguments) = (call.step.clone(), call.arguments.clone());
                    match self.told(run, Command::Asks { step, arguments, open_for }).await? {
                        Reply::Asks { question } => self.question(run, call, question).await,
                        Reply::Calls { .. } => Err(cut_off(call)),
                        _ => Err(Halt::Rests(Attempt::Settled)),
                    }
                }
            },
        }
    }

    /// Has a person asked whom the step waits for. Where it takes nobody any more, the step hears so at once.
    async fn question(&self, run: ExecutionId, call: &ToolCall, question: Question) -> Result<(), Halt> {
        match self.tools.ask(call.clone(), question).await.map_err(Halt::Failed)? {
            Leave::Wanted { .. } => Err(Halt::Rests(Attempt::Settled)),
            Leave::Given => {
                let (step, approval) = (call.step.clone(), question.approval);
                Err(Halt::Rests(self.tell(run, Command::Leave { step, approval, result: Ok(None) }).await))
            }
        }
    }

    /// Notes that a call is about to be made.
    async fn note(&self, run: ExecutionId, call: &ToolCall) -> Result<(), Halt> {
        match self.told(run, Command::Calls { step: call.step.clone() }).await? {
            Reply::Calls { before: false } => Ok(()),
            Reply::Calls { before: true } => Err(cut_off(call)),
            _ => Err(Halt::Rests(Attempt::Settled)),
        }
    }

    async fn told(&self, run: ExecutionId, command: Command) -> Result<Reply, Halt> {
        match self.executions.ask(run, command).await {
            Ok(told) => Ok(told.reply),
            Err(AskError::Refused(_)) => Err(Halt::Rests(Attempt::Settled)),
            Err(other) => Err(Halt::Rests(Attempt::Again(other.to_string()))),
        }
    }
}

fn cut_off(call: &ToolCall) -> Halt {
    let tool = &call.tool;
    let message = format!("the server ended while {tool} was being called; whether it was carried out is not known");
    Halt::Failed(StepError::new(OUTCOME_UNKNOWN, message))
}
