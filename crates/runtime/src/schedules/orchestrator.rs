//! What triggers say in their owner's orchestrator session: prompts that they were made for, and that they could not start.

use tenure_model::budget::{Draw, Scope};
use tenure_model::id::{FiringId, ThreadId, TriggerId, UserId, derived};
use tenure_workflow::scheduler::Answer;

use super::Schedules;
use crate::courier::Attempt;
use crate::owned::{Said, Words};

impl Schedules {
    /// Asks the orchestrator in a thread of its own.
    pub(super) async fn prompt(
        &self,
        owner: UserId,
        (firing, trigger): (FiringId, TriggerId),
        name: &str,
        content: &str,
    ) -> Attempt {
        let Some(owner_name) = self.owner_name(owner) else {
            return self.refuse(owner, firing, super::runs::SHUT_OUT.0, super::runs::SHUT_OUT.1.to_owned()).await;
        };
        let thread = ThreadId(derived(&["firing-thread", &firing.to_string()]));
        let words = Words {
            owner,
            owner_name,
            request: format!("firing-{firing}"),
            thread,
            title: name.to_owned(),
            by: name.to_owned(),
            text: content.to_owned(),
            draws: vec![Draw { scope: Scope::Trigger(trigger), allowance: None }],
        };
        match self.owned.say(words).await {
            Said::There { session, .. } => self.answer(owner, firing, Answer::Prompted { session, thread }).await,
            Said::Refused(why) => self.refuse(owner, firing, "orchestrator_refused", why).await,
            Said::Again(why) => Attempt::Again(why),
        }
    }

    /// Tells the owner that a trigger could not start what it is for. All that a trigger has to say stands in one thread.
    pub(super) async fn notify_failure(&self, owner: UserId, firing: FiringId, name: &str, why: &str) -> Attempt {
        let Some(owner_name) = self.owner_name(owner) else { return Attempt::Settled };
        let words = Words {
            owner,
            owner_name,
            request: format!("failing-{firing}"),
            thread: ThreadId(derived(&["trigger-thread", &owner.to_string(), &name.to_lowercase()])),
            title: name.to_owned(),
            by: name.to_owned(),
            text: format!(
                "The trigger \"{name}\" could not start anything: {why}. It is tried again when it fires next, and nothing more is \
                 said until something has started. `tenure trigger deliveries` lists what was decided."
            ),
            draws: vec![],
        };
        match self.owned.say(words).await {
            Said::There { .. } => Attempt::Settled,
            Said::Refused(why) => {
                tracing::warn!(owner.id = %owner, "nobody could be told that a trigger fails: {why}");
                Attempt::Settled
            }
            Said::Again(why) => Attempt::Again(why),
        }
    }
}
