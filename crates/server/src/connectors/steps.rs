//! The tools of connectors, for `tool` steps of runs.
//!
//! A step is judged by its owner's policy like a call of an agent. Where a person is wanted the run waits for them, and nothing here does: the
//! policy tells the run what was decided, and the run calls again.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Map, Value};
use tenure_account::policy::command::{Asks, Calling as Asking, Command, Reply};
use tenure_account::policy::{Caller, Calls, Made};
use tenure_model::Span;
use tenure_model::id::UserId;
use tenure_runtime::{AskError, Builtin, Calling, Leave, Leaving, ToolCall, Tools, denied};
use tenure_workflow::StepPath;
use tenure_workflow::execution::StepError;
use tenure_workflow::execution::running::Question;
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

    /// Waits until a server is up, and has it do something about a call.
    fn with<T, F>(&self, act: impl FnOnce(Arc<Hub>) -> F + Send + 'static) -> Waiting<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StepError>> + Send,
    {
        let mut hubs = self.0.subscribe();
        Box::pin(async move {
            let up = timeout(UP_WITHIN, hubs.wait_for(|hub| hub.strong_count() > 0)).await;
            let hub = up.ok().and_then(Result::ok).and_then(|hub| hub.upgrade());
            act(hub.ok_or_else(|| StepError::new("tool_unavailable", "no server is up that calls connectors"))?).await
        })
    }
}

impl Tools for StepTools {
    fn call(&self, call: ToolCall) -> Calling {
        match is_connected(&call.tool) {
            true => self.with(|hub| async move { hub.step(call).await }),
            false => Builtin.call(call),
        }
    }

    fn leave(&self, call: ToolCall) -> Leaving {
        self.with(|hub| async move { hub.leave(&call, None).await })
    }

    fn ask(&self, call: ToolCall, question: Question) -> Leaving {
        self.with(move |hub| async move { hub.leave(&call, Some(question)).await })
    }

    fn is_once(&self, tool: &str) -> bool {
        is_connected(tool)
    }
}

type Waiting<T> = Pin<Box<dyn Future<Output = Result<T, StepError>> + Send>>;

fn is_connected(tool: &str) -> bool {
    tool.contains(BETWEEN)
}

/// The call of a step, as it is judged and sent.
struct StepCall {
    owner: UserId,
    tool: Connected,
    made: Made,
}

impl Hub {
    /// Sends a call that the run has noted. What has changed since it was let go on counts.
    async fn step(&self, call: ToolCall) -> Result<Value, StepError> {
        let StepCall { owner, tool, made } = self.read(&call).await?;
        let arguments = made.arguments.clone();
        let service = tool.service();
        match self.judge(owner, &call, made, None).await? {
            // Used up before it is sent: what became of the call may never be known, and then it is not made again.
            Reply::Allowed { approval: Some(approval), .. } => {
                if self.tell(owner, Command::Done { approval }).await? == Reply::Spent {
                    return Err(StepError::new("approval_spent", "the approval of this call was used up before"));
                }
            }
            Reply::Allowed { .. } => {}
            _ => return Err(StepError::new("approval_needed", "what had let this call go on has just ended")),
        }
        tool.ready(self).await.map_err(|failure| failure.step_error(service))?;
        let called = tool.call(self, arguments, Some(&call.key.to_string())).await;
        called.map(super::Said::output).map_err(|failure| failure.step_error(service))
    }

    /// Asks the owner's policy whether a call may go on, and puts it before a person where there is a question.
    async fn leave(&self, call: &ToolCall, question: Option<Question>) -> Result<Leave, StepError> {
        let StepCall { owner, made, .. } = self.read(call).await?;
        let open_for = question.map_or(self.open_for, |question| question.deadline.since(self.now()));
        let asks = question.map(|question| Asks { open_for, id: Some(question.approval) });
        match self.judge(owner, call, made, asks).await? {
            Reply::Allowed { .. } => Ok(Leave::Given),
            _ => Ok(Leave::Wanted { open_for }),
        }
    }

    /// Reads whose call it is, and of what.
    async fn read(&self, call: &ToolCall) -> Result<StepCall, StepError> {
        let run = self.runtime.executions.look(call.execution).await.map_err(|error| refused(&error.to_string()))?;
        let about = run.state.about.clone().ok_or_else(|| refused("there is no such run"))?;
        let start = &about.start;
        let owner = start.owner;
        let tool = self.find(owner, &call.tool).await.map_err(said)?.ok_or_else(|| unknown(&call.tool))?;
        tool.is_as_seen().map_err(said)?;
        let Value::Object(arguments) = &call.arguments else {
            return Err(StepError::new("tool_arguments_invalid", "the arguments of a connector's tool are an object"));
        };
        let path = call.step.path.parse::<StepPath>().ok();
        let name = path.and_then(|path| run.state.step(&path)?.name.clone()).unwrap_or_else(|| call.step.path.clone());
        let (step, workflow) = (call.step.clone(), start.definition.name.clone());
        let step = Some(Box::new(Calls { step, name, workflow }));
        let caller = Caller { session: about.session, workflow: start.workflow, step, ..Caller::default() };
        let made = tool.made(arguments, caller);
        Ok(StepCall { owner, tool, made })
    }

    /// Has the owner's policy judge a call; what it denies is an error. A grant that the call uses is counted once, by the call's key.
    async fn judge(&self, owner: UserId, call: &ToolCall, made: Made, asks: Option<Asks>) -> Result<Reply, StepError> {
        let organization = self.runtime.realm_view().rule_for(&made);
        let asking = Asking { id: call.key, made: made.clone(), organization, reads: false, waits: Span::ZERO, asks };
        match self.tell(owner, Command::Call(Box::new(asking))).await? {
            Reply::Denied { judged } => Err(StepError::new("denied_by_policy", judged.words(&made))),
            Reply::DeniedBy { settled } => Err(denied(settled.by.as_ref(), settled.reason.as_deref())),
            Reply::Spent => {
                Err(StepError::new("approval_spent", "the approval of this call was used up, or has ended"))
            }
            reply => Ok(reply),
        }
    }

    async fn tell(&self, owner: UserId, command: Command) -> Result<Reply, StepError> {
        match self.runtime.policies.ask(owner, command).await {
            Ok(told) => Ok(told.reply),
            Err(AskError::Refused(refusal)) => Err(StepError::new(refusal.code(), refusal.to_string())),
            Err(other) => Err(refused(&other.to_string())),
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
