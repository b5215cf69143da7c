//! What a run says in its owner's orchestrator session: each automation has a thread of its own there.

use serde_json::json;
use tenure_model::id::{ExecutionId, ThreadId, derived};
use tenure_model::step::{RunEnd, StepRef};
use tenure_workflow::execution::command::Start;
use tenure_workflow::execution::{Command, StepError};

use super::Runs;
use crate::courier::Attempt;
use crate::owned::{Said, Words};

impl Runs {
    /// Delivers a `notify` step's message and tells the run whether it arrived.
    pub(super) async fn notify(&self, run: ExecutionId, step: &StepRef, content: &str) -> Attempt {
        let request = format!("notify-{}", derived(&[&run.to_string(), &step.path, &step.attempt.to_string()]));
        let result = match self.notice(run, request, content.to_owned()).await {
            Said::There { session, prompt: Some(prompt) } => Ok(json!({ "session": session, "prompt": prompt })),
            Said::There { session, prompt: None } => Ok(json!({ "session": session })),
            Said::Refused(why) => Err(StepError::new("notify_send_failed", why)),
            Said::Again(why) => return Attempt::Again(why),
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
            Said::There { .. } => Attempt::Settled,
            Said::Refused(why) => {
                tracing::warn!(execution.id = %run, "nobody could be told that a run has not completed: {why}");
                Attempt::Settled
            }
            Said::Again(why) => Attempt::Again(why),
        }
    }

    async fn notice(&self, run: ExecutionId, request: String, text: String) -> Said {
        let look = match self.executions.look(run).await {
            Ok(look) => look,
            Err(error) => return Said::Again(error.to_string()),
        };
        let Some(about) = &look.state.about else { return Said::Refused("the run was never started".into()) };
        let Start { owner, owner_name, definition, workflow, .. } = &*about.start;
        let automation = workflow.map_or_else(|| definition.slug.to_string(), |workflow| workflow.to_string());
        let words = Words {
            owner: *owner,
            owner_name: owner_name.clone(),
            request,
            thread: ThreadId(derived(&["automation-thread", &automation])),
            title: definition.name.clone(),
            by: definition.name.clone(),
            text,
            draws: vec![],
        };
        self.owned.say(words).await
    }
}
