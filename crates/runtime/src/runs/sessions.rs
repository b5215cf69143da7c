//! What a run asks of the session that shows it and does its works.

use tenure_model::chat::FinishReason;
use tenure_model::id::{ExecutionId, SessionId, TurnId};
use tenure_model::step::{StepOutcome, StepRef};
use tenure_session::effect::CancelCause;
use tenure_session::run::{NewRun, StepTask, StepThread};
use tenure_session::{Author, Command, Reply, StepCommand};
use tenure_workflow::execution::command::TurnNews;
use tenure_workflow::execution::effect::SessionAbout;
use tenure_workflow::execution::{self, Effect, shared_thread};

use super::Runs;
use crate::courier::Attempt;
use crate::directory::AskError;
use crate::sandbox::UnknownSandbox;

impl Runs {
    pub(super) async fn session(&self, run: ExecutionId, effect: &Effect) -> Attempt {
        let (session, command) = match self.command_for(run, effect) {
            Ok(Some(told)) => told,
            Ok(None) => return Attempt::Settled,
            Err(why) => return self.refused(run, effect, why.to_string()).await,
        };
        match self.sessions.ask(session, Command::Step(command)).await {
            Ok(answer) => match (effect, answer.reply) {
                (Effect::Undo { turn, step, .. }, Reply::Aborted { turn: None }) => {
                    self.never_done(run, step, *turn).await
                }
                _ => Attempt::Settled,
            },
            Err(AskError::Refused(refusal)) => self.refused(run, effect, refusal.to_string()).await,
            Err(other) => Attempt::Again(other.to_string()),
        }
    }

    /// Tells the run that a turn which it wants ended was never begun: asking for it was overtaken by its end.
    async fn never_done(&self, run: ExecutionId, step: &StepRef, turn: TurnId) -> Attempt {
        let outcome = StepOutcome::never_started(FinishReason::Canceled, None);
        let news = TurnNews::Ended(Box::new(outcome));
        self.tell(run, execution::Command::Turn { step: step.clone(), turn, news }).await
    }

    fn command_for(
        &self,
        run: ExecutionId,
        effect: &Effect,
    ) -> Result<Option<(SessionId, StepCommand)>, UnknownSandbox> {
        let told = match effect {
            Effect::OpenSession { session, attach, about } => (*session, self.opening(run, *attach, about)?),
            Effect::CloseSession { session, end, .. } => (*session, StepCommand::Close { execution: run, end: *end }),
            Effect::Do { session, turn, thread, step, work, timeout_ms, by } => {
                let title = Some(thread.title.clone());
                let task = StepTask {
                    turn: *turn,
                    thread: StepThread { id: thread.id, title, single_use: thread.single_use },
                    step: step.clone(),
                    work: work.clone(),
                    timeout_ms: Some(*timeout_ms),
                    by: Author { user: by.user, name: by.name.clone() },
                };
                (*session, StepCommand::Do(task))
            }
            Effect::Undo { session, turn, .. } => {
                (*session, StepCommand::Undo { turn: *turn, cause: CancelCause::Undone })
            }
            Effect::Supersede { session, turn } => (*session, StepCommand::Supersede { turn: *turn }),
            _ => return Ok(None),
        };
        Ok(Some(told))
    }

    fn opening(&self, run: ExecutionId, attach: bool, about: &SessionAbout) -> Result<StepCommand, UnknownSandbox> {
        let SessionAbout { owner, owner_name, title, repo, runner, draws } = about.clone();
        let new = NewRun { execution: run, workflow: title.clone(), title, repo, draws };
        if attach {
            return Ok(StepCommand::Attach { owner, run: new });
        }
        let (thread, limits) = (shared_thread(run), Box::new(self.owned.session_limits.clone()));
        let runner = Box::new(self.sandboxes.choice(runner.unwrap_or_default())?);
        Ok(StepCommand::Open { owner, owner_name, run: new, thread, agent: None, model: None, limits, runner })
    }
}
