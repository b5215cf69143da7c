//! What a trigger does, in the words that people use.

use super::definition::{Definition, Target};
use super::kind::On;
use crate::cron::list_of;

impl Definition {
    /// Says in words when it fires and what it does then.
    pub fn words(&self) -> String {
        let when = match &self.on {
            On::Schedule(plan) => format!("{} ({})", plan.cron.words(), plan.timezone),
            On::Webhook(inlet) => format!("when its address is called, {}", inlet.verify.scheme.words()),
            On::Github(filter) => {
                format!("on {} in {}", list_of(filter.events.iter().cloned()), list_of(filter.repos.iter().cloned()))
            }
            On::Manual => "when somebody asks for it".to_owned(),
        };
        match self.target() {
            Target::Workflow(workflow) => format!("runs `{workflow}` {when}"),
            Target::Orchestrator(_) => format!("asks the orchestrator {when}"),
        }
    }
}
