//! What a run says in its owner's orchestrator session: each automation has a thread of its own there.

use serde_json::{Value, json};
use tenure_account::owner::{Command as OwnerCommand, Reply as OwnerReply};
use tenure_model::id::{ExecutionId, SessionId, ThreadId, UserId, derived};
use tenure_model::request::RequestId;
use tenure_model::step::{RunEnd, StepRef};
use tenure_session::run::Notice;
use tenure_session::{Command as SessionCommand, Reply as SessionReply};
use tenure_workflow::execution::command::Start;
use tenure_workflow::execution::{Command, StepError};

use super::Runs;
use crate::courier::Attempt;
use crate::directory::AskError;

/// What became of a notice.
enum Noticed {
    Delivered(Value),
    Refused(String),
    Again(String),
}

impl Runs {
    /// Delivers a `notify` step's message and tells the run whether it arrived.
    pub(super) async fn notify(&self, run: ExecutionId, step: &StepRef, content: &str) -> Attempt {
        let request = format!("notify-{}", derived(&[&run.to_string(), &step.path, &step.attempt.to_string()]));
        let result = match self.notice(run, request, content.to_owned()).await {
            Noticed::Delivered(output) => Ok(output),
            Noticed::Refused(why) => Err(StepError::new("notify_send_failed", why)),
            Noticed::Again(why) => return Attempt::Again(why),
        };
        self.tell(run, Command::Returned { step: step.clone(), result }).await
    }

    /// Tells the owner that a run which nobody was watching has not completed.
    pub(super) async fn notify_failure(
        &self,
        run: ExecutionId,
        title: &str,
        end: RunEnd,
        error: Option<&StepError>,
        trigger: &str,
    ) -> Attempt {
        let what = if end == RunEnd::Cancelled { "was cancelled" } else { "has failed" };
        let step = error.and_then(|error| error.step.as_ref()).map(|path| format!(" at the step `{path}`"));
        let why = error.map(|error| format!(": {}", error.message));
        let trigger = if trigger.is_empty() { String::new() } else { format!(" (started by {trigger})") };
        let text = format!(
            "The run {} of the workflow \"{title}\"{trigger} {what}{}{}. Look at it: /automation/executions/{run}",
            &run.to_string()[..8],
            step.unwrap_or_default(),
            why.unwrap_or_default(),
        );
        match self.notice(run, format!("failure-{run}"), text).await {
            Noticed::Delivered(_) => Attempt::Settled,
            Noticed::Refused(why) => {
                tracing::warn!(execution.id = %run, "nobody could be told that a run has not completed: {why}");
                Attempt::Settled
            }
            Noticed::Again(why) => Attempt::Again(why),
        }
    }

    async fn notice(&self, run: ExecutionId, request: String, text: String) -> Noticed {
        let look = match self.executions.look(run).await {
            Ok(look) => look,
            Err(error) => return Noticed::Again(error.to_string()),
        };
        let Some(about) = &look.state.about else { return Noticed::Refused("the run was never started".into()) };
        let Start { owner, owner_name, definition, workflow, .. } = &*about.start;
        let session = match self.orchestrator(*owner).await {
            Ok(session) => session,
            Err(why) => return Noticed::Again(why),
        };
        let automation = workflow.map_or_else(|| definition.slug.to_string(), |workflow| workflow.to_string());
        let notice = Notice {
            owner: *owner,
            owner_name: owner_name.clone(),
            request: RequestId::parse(request).expect("it is made of letters and digits"),
            thread: ThreadId(derived(&["automation-thread", &automation])),
            title: definition.name.clone(),
            by: definition.name.clone(),
            text,
            limits: Box::new(self.session_limits.clone()),
        };
        match self.sessions.ask(session, SessionCommand::Notice(notice)).await {
            Ok(answer) => match answer.reply {
                SessionReply::Prompted { prompt, .. } => {
                    Noticed::Delivered(json!({ "session": session, "prompt": prompt }))
                }
                _ => Noticed::Delivered(json!({ "session": session })),
            },
            Err(AskError::Refused(refusal)) => Noticed::Refused(refusal.to_string()),
            Err(other) => Noticed::Again(other.to_string()),
        }
    }

    async fn orchestrator(&self, owner: UserId) -> Result<SessionId, String> {
        match self.owners.ask(owner, OwnerCommand::Orchestrator).await.map(|answer| answer.reply) {
            Ok(OwnerReply::Orchestrator { session }) => Ok(session),
            Ok(other) => Err(format!("the owner answered {other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }
}
