//! `tool`: a call of a tool. Those of the server and of connectors are called by the server; `bash`, and what begins with
//! `runner.`, is done at a runner.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenure_model::step::{StepOutcome, StepWork};

use super::{bash, own_thread};
use crate::execution::begin::{At, Prepared};
use crate::execution::effect::Effect;
use crate::execution::end::{Gave, Outcome};
use crate::execution::error::StepError;
use crate::execution::event::Begun;
use crate::limits::TOOL_TIMEOUT;
use crate::step::Tool;
use crate::template::ShellTemplate;

const SHELL: &str = "bash";
const RUNNER: &str = "runner.";

/// What the key of a call is derived with.
pub(crate) const CALL: &str = "call";

/// Tells whether a runner does it.
pub(crate) fn is_for_runner(step: &Tool) -> bool {
    step.tool == SHELL || step.tool.starts_with(RUNNER)
}

pub(super) fn prepare(at: &At, step: &Tool) -> Result<Prepared, StepError> {
    if step.tool == SHELL {
        return shell(at, step);
    }
    let arguments = step.arguments.render(at.scope())?;
    if let Some(tool) = step.tool.strip_prefix(RUNNER) {
        let input = json!({ "tool": step.tool, "arguments": arguments });
        let work = StepWork::Tool { tool: tool.to_owned(), arguments };
        return Prepared::turn(at, input, own_thread(at), work);
    }
    let due = at.now + at.step.timeout().unwrap_or(TOOL_TIMEOUT);
    let input = json!({ "tool": step.tool, "arguments": arguments });
    let call = Effect::Call { step: at.step_ref(), key: at.derived(CALL), tool: step.tool.clone(), arguments };
    Ok(Prepared { input, begun: Begun::Call { due }, effects: vec![call], ends: None })
}

/// Runs the command of a `bash` tool as a `bash` step does: its values travel as environment variables.
fn shell(at: &At, step: &Tool) -> Result<Prepared, StepError> {
    let Some(source) = step.arguments.source().get("command").and_then(Value::as_str) else {
        return Err(StepError::new("workflow_tool_bash_missing_command", "`arguments.command` is missing"));
    };
    let template = ShellTemplate::new(source).map_err(|bad| StepError::new("template_failed", bad.to_string()))?;
    let command = template.render(at.scope())?;
    let cwd = step.arguments.render(at.scope())?.get("cwd").and_then(Value::as_str).map(str::to_owned);
    bash::shell_work(at, command, BTreeMap::new(), cwd)
}

/// Judges what a runner says that its tool has come to.
pub(crate) fn ended(step: &Tool, outcome: StepOutcome) -> Outcome {
    if step.tool == SHELL {
        return bash::ended(outcome);
    }
    match outcome.result {
        Some(result) => Outcome::gave(Gave::output(result)),
        None => Outcome::failed(StepError::new("tool_no_result", "the runner did not say what the tool has given")),
    }
}
