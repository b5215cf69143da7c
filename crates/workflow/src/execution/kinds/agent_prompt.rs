//! `agent_prompt`: a prompt in a thread of the run's session, and the agent's reply, as text or as fields.

use serde_json::{Value, json};
use tenure_model::chat::Usage;
use tenure_model::id::{ExecutionId, ThreadId, TurnId, derived};
use tenure_model::step::{Persona, StepOutcome, StepWork};

use super::{own_thread, structured, work_for};
use crate::execution::begin::{At, Prepared};
use crate::execution::effect::{Effect, StepThread};
use crate::execution::end::{Gave, Outcome};
use crate::execution::error::StepError;
use crate::execution::event::Begun;
use crate::step::{AgentPrompt, Thread};

/// What a reply leads to.
pub(crate) enum Judged {
    Ends(Outcome),
    /// The agent is told what was wrong, and answers again.
    Repair {
        error: StepError,
        text: String,
    },
}

pub(super) fn prepare(at: &At, step: &AgentPrompt) -> Result<Prepared, StepError> {
    let prompt = prompt(at, step)?;
    if prompt.is_empty() {
        return Err(StepError::new("agent_prompt_empty_prompt", "the prompt is empty"));
    }
    let text = format!("{prompt}{}", structured::instructions(&step.output_schema));
    let work = work(at, step, text)?;
    let thread = thread(at, step);
    let input = json!({ "prompt": prompt, "thread": thread.title, "agent": step.agent, "models": step.models });
    if step.await_response {
        return Prepared::turn(at, input, thread, work);
    }
    let effect = work_for(at, at.derived("turn"), thread, work)?;
    let output = json!({ "prompt": prompt, "response": null, "awaited": false });
    let gave = Gave { value: Some(Value::Null), ..Gave::output(output) };
    Ok(Prepared { input, begun: Begun::Here, effects: vec![effect], ends: Some(Outcome::gave(gave)) })
}

/// Asks the same agent again in the same conversation, in a turn of its own.
pub(crate) fn repair(at: &At, step: &AgentPrompt, round: u32, text: String) -> Result<(TurnId, Effect), StepError> {
    let turn = crate::execution::draft::derived("turn", at.id, at.path, at.attempt, round);
    let mut effect = work_for(at, turn, thread(at, step), work(at, step, text)?)?;
    if let Effect::Do { step, .. } = &mut effect {
        step.round = round;
    }
    Ok((turn, effect))
}

fn prompt(at: &At, step: &AgentPrompt) -> Result<String, StepError> {
    Ok(step.prompt.text(at.scope())?.trim().to_owned())
}

fn work(at: &At, step: &AgentPrompt, text: String) -> Result<StepWork, StepError> {
    let persona = match &step.persona {
        None => None,
        Some(template) => {
            let name = template.text(at.scope())?.trim().to_owned();
            let known = at.run.about().start.personas.get(&name).cloned();
            let instructions = known.ok_or_else(|| {
                let code = format!("agent_prompt_persona_not_found:{name}");
                StepError::new(code, format!("the owner has no persona named `{name}`"))
            })?;
            Some(Persona { name, instructions })
        }
    };
    let (agent, models, interrupt) = (step.agent.clone(), step.models.clone(), step.interrupt);
    Ok(StepWork::Prompt { text, persona, agent, models, interrupt })
}

/// Returns the thread that a run's prompts share: the first one of its own session.
pub fn shared_thread(execution: ExecutionId) -> ThreadId {
    ThreadId(derived(&["shared-thread", &execution.to_string()]))
}

fn thread(at: &At, step: &AgentPrompt) -> StepThread {
    match &step.thread {
        Thread::New => own_thread(at),
        Thread::Shared => {
            let title = at.run.about().start.definition.name.clone();
            StepThread { id: shared_thread(at.id), title, single_use: false }
        }
        Thread::Named(name) => {
            let id = ThreadId(derived(&["named-thread", &at.id.to_string(), name]));
            StepThread { id, title: name.clone(), single_use: false }
        }
    }
}

/// Judges a reply; `round` is the one that it answers, `used` what the rounds before it have used.
pub(crate) fn ended(at: &At, step: &AgentPrompt, round: u32, used: Usage, outcome: StepOutcome) -> Judged {
    let response = outcome.text.trim();
    let value = if step.output_schema.is_empty() {
        if response.is_empty() {
            let error = StepError::new("agent_prompt_empty_response", "the agent has said nothing");
            return Judged::Ends(Outcome::failed(error));
        }
        Value::String(response.to_owned())
    } else {
        match structured::read(&step.output_schema, response) {
            Ok(value) => value,
            Err(wrong) if round + 1 < at.run.limits().rounds_max => {
                let text = structured::fix_up(&step.output_schema, &wrong, response);
                return Judged::Repair { error: invalid(&wrong), text };
            }
            Err(wrong) => return Judged::Ends(Outcome::failed(invalid(&wrong))),
        }
    };
    let mut usage = used;
    usage.add(&outcome.usage);
    let output = json!({
        "response": value,
        "text": outcome.text,
        "prompt": prompt(at, step).unwrap_or_default(),
        "model": outcome.model,
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "rounds": round + 1,
        "durationMs": outcome.duration_ms,
    });
    Judged::Ends(Outcome::gave(Gave { value: Some(value), usage: Some(usage), ..Gave::output(output) }))
}

fn invalid(wrong: &str) -> StepError {
    StepError::new("agent_prompt_structured_output_invalid", format!("the reply is not what was asked for: {wrong}"))
}
