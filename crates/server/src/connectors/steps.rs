//! The tools of connectors, for `tool` steps of runs.
//!
//! A step is judged by its owner's policy like a call of an agent, but nobody is asked: whoever may decide is not there when a run goes on at
//! night, so a step that needs an approval fails and says how to allow it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Map, Value};
use tenure_account::policy::command::{Calling as Asking, Command, Reply};
use tenure_account::policy::{Caller, Made, Mode};
use tenure_model::Span;
use tenure_model::id::UserId;
use tenure_runtime::{Builtin, Calling, ToolCall, Tools};
use tenure_workflow::execution::StepError;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{BETWEEN, Connected, Hub};
use crate::action::call::hash_of;
use crate::problem::Rejection;

/// How long a step waits for the server to be up: runs go on before it listens.
const UP_WITHIN: Duration = Duration::from_secs(60);

/// The tools of steps: the runtime's own and, once a server serves, those of connectors.
#[derive(Clone)]
pub struct StepTools(Arc<watch::Sender<Weak<Hub>>>);

impl Default for StepTools {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Weak::new())))
    }
}

impl StepTools {
    /// Opens the connectors to steps.
    pub fn open(&self, hub: &Arc<Hub>) {
        self.0.send_replace(Arc::downgrade(hub));
    }
}

impl Tools for StepTools {
    fn call(&self, call: ToolCall) -> Calling {
        if !is_connected(&call.tool) {
            return Builtin.call(call);
        }
        let mut hubs = self.0.subscribe();
        Box::pin(async move {
            let up = timeout(UP_WITHIN, hubs.wait_for(|hub| hub.strong_count() > 0)).await;
            let hub = up.ok().and_then(Result::ok).and_then(|hub| hub.upgrade());
            let hub = hub.ok_or_else(|| StepError::new("tool_unavailable", "no server is up that calls connectors"))?;
            hub.step(call).await
        })
    }

    fn is_once(&self, tool: &str) -> bool {
        is_connected(tool)
    }
}

fn is_connected(tool: &str) -> bool {
    tool.contains(BETWEEN)
}

impl Hub {
    async fn step(&self, call: ToolCall) -> Result<Value, StepError> {
        let run =
            self.runtime.executions.look(call.execution).await.map_err(|error| refused(&error.to_string()))?.state;
        let start = &run.about.as_ref().ok_or_else(|| refused("there is no such run"))?.start;
        let owner = start.owner;
        let found = self.find(owner, &call.tool).await.map_err(said)?.ok_or_else(|| unknown(&call.tool))?;
        found.is_as_seen().map_err(said)?;
        let Value::Object(arguments) = call.arguments else {
            return Err(StepError::new("tool_arguments_invalid", "the arguments of a connector's tool are an object"));
        };
        let caller = Caller { session: start.session, workflow: start.workflow, ..Caller::default() };
        let made = found.made(&arguments, caller);
        self.leave(owner, &call.key, made).await?;
        let service = found.service();
        found.ready(self).await.map_err(|failure| failure.step_error(service))?;
        let called = found.call(self, arguments, Some(&call.key.to_string())).await;
        called.map(super::Said::output).map_err(|failure| failure.step_error(service))
    }

    /// Asks the owner's policy. A grant that is used up by the call is counted once, by the step's key.
    async fn leave(&self, owner: UserId, key: &uuid::Uuid, made: Made) -> Result<(), StepError> {
        let organization = self.runtime.realm_view().rule_for(&made);
        let policy = self.runtime.policies.look(owner).await.map_err(|error| refused(&error.to_string()))?.state;
        let judged = policy.judged(&made, organization.as_ref());
        let words = judged.words(&made);
        if judged.mode == Mode::Ask && policy.grant_for(&made, self.now()).is_none() {
            let tool = &made.tool;
            let message = format!(
                "{words}; nobody is asked while a run goes on: make a rule that allows tool:{tool}, for this workflow only if you like, or grant it"
            );
            return Err(StepError::new("approval_needed", message));
        }
        // Between the two looks a grant may have ended; then the call waits for nobody, and fails.
        let asking = Asking { id: *key, made, organization, reads: false, waits: Span::ZERO, open_for: Span::secs(1) };
        let asked = self.runtime.policies.ask(owner, Command::Call(Box::new(asking))).await;
        match asked.map_err(|error| refused(&error.to_string()))?.reply {
            Reply::Allowed { .. } => Ok(()),
            Reply::Denied { .. } | Reply::DeniedBy { .. } => Err(StepError::new("denied_by_policy", words)),
            _ => Err(StepError::new("approval_needed", "the grant for this call has just ended")),
        }
    }
}

impl Connected {
    /// Describes a call as policy judges it.
    pub fn made(&self, arguments: &Map<String, Value>, caller: Caller) -> Made {
        let (tool, service) = (self.tool.name.clone(), self.service().to_owned());
        let hash = hash_of(&service, &tool, arguments);
        Made { tool, service, risk: self.risk, arguments: arguments.clone(), hash, caller }
    }
}

fn said(rejection: Rejection) -> StepError {
    StepError::new(rejection.0.code.clone(), rejection.0.detail.clone())
}

fn refused(why: &str) -> StepError {
    StepError::new("tool_unavailable", why)
}

fn unknown(tool: &str) -> StepError {
    StepError::new(
        "tool_unknown",
        format!("there is no tool \"{tool}\" among those of the owner's connectors; `tenure tool list` tells them"),
    )
}
