//! Runs that runs start: the workflow is looked up among the owner's, in its current version.

use tenure_model::id::ExecutionId;
use tenure_model::step::{RunEnd, StepRef};
use tenure_workflow::execution::command::{Parent, Start, Trigger, TriggerKind};
use tenure_workflow::execution::{Command, Effect, draws};

use super::Runs;
use crate::courier::Attempt;
use crate::directory::AskError;

impl Runs {
    pub(super) async fn start_child(&self, run: ExecutionId, effect: &Effect) -> Attempt {
        let Effect::StartChild { child, workflow, inputs, step, depth, repo, test } = effect else {
            return Attempt::Settled;
        };
        let parent = match self.executions.look(run).await {
            Ok(look) => look.state,
            Err(error) => return Attempt::Again(error.to_string()),
        };
        let Some(about) = &parent.about else { return Attempt::Settled };
        let above = &about.start;
        let (id, found) = match self.owned.workflow(above.owner, workflow).await {
            Ok(Some(found)) => found,
            Ok(None) => {
                return self.refused(run, effect, format!("there is no workflow \"{workflow}\"")).await;
            }
            Err(why) => return Attempt::Again(why),
        };
        if !found.enabled {
            return self.refused(run, effect, format!("the workflow \"{workflow}\" is disabled")).await;
        }
        let start = Start {
            owner: above.owner,
            owner_name: above.owner_name.clone(),
            by: above.by.clone(),
            workflow: Some(id),
            hash: found.definition.hash(),
            definition: found.definition,
            inputs: inputs.clone().into_iter().collect(),
            trigger: Trigger { kind: TriggerKind::Workflow, name: Some(above.definition.name.clone()), fired: None },
            session: None,
            repo: repo.clone(),
            personas: above.personas.clone(),
            parent: Some(Parent { step: step.clone(), depth: *depth }),
            above: draws(above, run),
            retrying: None,
            test: *test,
            limits: above.limits.clone(),
        };
        match self.executions.ask(*child, Command::Start(Box::new(start))).await {
            Ok(_) => Attempt::Settled,
            Err(AskError::Refused(refusal)) => self.refused(run, effect, refusal.to_string()).await,
            Err(other) => Attempt::Again(other.to_string()),
        }
    }

    /// Ends a child run. One that was never started has ended as well.
    pub(super) async fn cancel_child(&self, run: ExecutionId, child: ExecutionId, step: &StepRef) -> Attempt {
        match self.executions.ask(child, Command::ParentEnds { parent: step.clone() }).await {
            Ok(_) => Attempt::Settled,
            Err(AskError::Refused(_)) => {
                let (step, end, outputs) = (step.clone(), RunEnd::Cancelled, serde_json::Value::Null);
                self.tell(run, Command::ChildEnded { step, child, end, outputs, error: None }).await
            }
            Err(other) => Attempt::Again(other.to_string()),
        }
    }
}
