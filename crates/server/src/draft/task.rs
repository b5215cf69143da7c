//! What is drafted: a whole definition, or one step of one. How the model is asked for it, and how its reply is judged.

use actix_web::web::Bytes;
use serde_json::Value;
use tenure_protocol::draft::{NewDraft, NewStepDraft};
use tenure_protocol::workflow::{Mistake, Validity};
use tenure_workflow::StepPath;
use tenure_workflow::swap::{self, Lost, Spot};

use super::options::DraftOptions;
use super::reply::{definition, fenced};
use crate::api::workflows::{saving, shown};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// What is drafted.
pub enum Task {
    Whole {
        prompt: String,
        /// A draft to go on from, and what is wrong with it.
        base: Option<(String, Vec<Mistake>)>,
    },
    Step {
        prompt: String,
        base: String,
        spot: Box<Spot>,
        /// What is wrong with the draft elsewhere: this step cannot mend it.
        elsewhere: Vec<Mistake>,
    },
}

/// A reply, looked at.
pub struct Judged {
    /// The whole definition that it makes, as YAML; nothing when it makes none.
    pub definition: Option<String>,
    pub mistakes: Vec<Mistake>,
    pub slug: Option<String>,
    /// Whether the model can mend what is wrong.
    pub to_mend: bool,
}

impl Task {
    /// Reads what somebody wants of a whole definition.
    pub async fn whole(desk: &Desk, caller: &Caller, new: NewDraft) -> Result<Self, Rejection> {
        let NewDraft { prompt, base } = new;
        bounded(&desk.drafting.options, &prompt, base.as_deref())?;
        let base = match base.filter(|base| !base.trim().is_empty()) {
            Some(base) => {
                let mistakes = check(desk, caller, &base).await?.mistakes;
                Some((base, mistakes))
            }
            None => None,
        };
        Ok(Self::Whole { prompt, base })
    }

    /// Reads what somebody wants of one step.
    pub async fn step(desk: &Desk, caller: &Caller, new: NewStepDraft) -> Result<Self, Rejection> {
        let NewStepDraft { prompt, base, step } = new;
        bounded(&desk.drafting.options, &prompt, Some(&base))?;
        let base = as_yaml(base);
        let unknown = |detail: String| problem(422, "draft_step_unknown", detail).field("step");
        let path: StepPath = step.parse().map_err(|error| unknown(format!("{error}")))?;
        let spot = swap::find(&base, &path).map_err(|lost| match lost {
            Lost::Unreadable(mistakes) => {
                let detail = "the draft cannot be read, so no step of it can be written anew";
                let errors = mistakes.iter().map(shown::mistake).collect();
                problem(422, "definition_invalid", detail).field("base").errors(errors)
            }
            Lost::Unknown(steps) => {
                unknown(format!("the draft has no step \"{step}\"; its steps are {}", steps.join(", ")))
            }
        })?;
        let mut elsewhere = check(desk, caller, &base).await?.mistakes;
        elsewhere.retain(|mistake| !spot.holds(&mistake.path));
        Ok(Self::Step { prompt, base, spot: Box::new(spot), elsewhere })
    }

    /// Returns what the model is asked first.
    pub fn question(&self) -> String {
        match self {
            Self::Whole { prompt, base: None } => format!("Write a workflow. What it is to do:\n\n{prompt}"),
            Self::Whole { prompt, base: Some((base, mistakes)) } => {
                let wrong = if mistakes.is_empty() { String::new() } else { format!("\n\n{}", listed(mistakes)) };
                format!("Change this workflow:\n\n{}{wrong}\n\nWhat is wanted:\n\n{prompt}", fenced(base))
            }
            Self::Step { prompt, base, spot, .. } => format!(
                "This is a workflow:\n\n{}\n\nWrite its step `{id}` anew, and nothing else. Reply with that step alone, one YAML \
                 object that keeps the id `{id}`, in one block. What the step is to do:\n\n{prompt}",
                fenced(base),
                id = spot.id
            ),
        }
    }

    /// Returns what the model is told about a reply that has mistakes.
    pub fn complaint(&self, mistakes: &[Mistake]) -> String {
        let again = match self {
            Self::Whole { .. } => "the whole definition".to_owned(),
            Self::Step { spot, .. } => format!("the whole step `{}`", spot.id),
        };
        format!("{}\n\nMend all of it, and reply with {again} again, in one block.", listed(mistakes))
    }

    /// Judges a reply by the rules that saving has.
    pub async fn judge(&self, desk: &Desk, caller: &Caller, reply: &str) -> Result<Judged, Rejection> {
        let Some(text) = definition(reply) else {
            let why =
                wrong("no_definition", "the reply holds no definition", "write it as YAML between ```yaml and ```");
            return Ok(Judged::nothing(vec![why]));
        };
        match self {
            Self::Whole { .. } => {
                let definition = as_yaml(text);
                let Validity { valid, mistakes, slug, .. } = check(desk, caller, &definition).await?;
                Ok(Judged { definition: Some(definition), mistakes, slug, to_mend: !valid })
            }
            Self::Step { spot, elsewhere, .. } => {
                let step = match step_of(spot, &text) {
                    Ok(step) => step,
                    Err(mistakes) => return Ok(Judged::nothing(mistakes)),
                };
                let written = yaml(&step);
                let definition = spot.written_with(&step, &written).unwrap_or_else(|| yaml(&spot.with(&step)));
                let Validity { mistakes, slug, .. } = check(desk, caller, &definition).await?;
                let to_mend = mistakes.iter().any(|mistake| !elsewhere.iter().any(|known| is_same(known, mistake)));
                Ok(Judged { definition: Some(definition), mistakes, slug, to_mend })
            }
        }
    }
}

impl Judged {
    fn nothing(mistakes: Vec<Mistake>) -> Self {
        Self { definition: None, mistakes, slug: None, to_mend: true }
    }
}

/// Reads the step that a model wrote. A model that sends the whole definition may have changed nothing else in it.
fn step_of(spot: &Spot, text: &str) -> Result<Value, Vec<Mistake>> {
    let read = tenure_workflow::read::plain(text);
    let read = read.map_err(|mistakes| mistakes.iter().map(shown::mistake).collect::<Vec<_>>())?;
    let read = match read {
        Value::Array(mut items) if items.len() == 1 => items.remove(0),
        other => other,
    };
    let is_whole = read.get("type").is_none() && read.get("steps").is_some();
    let step = if is_whole { spot.taken_from(&read) } else { Some(read) };
    let Some(step) = step else {
        let message = format!("only the step `{}` may change, and something else did", spot.id);
        return Err(vec![wrong("changes_elsewhere", &message, "reply with that step alone")]);
    };
    if !step.is_object() {
        return Err(vec![wrong(
            "wrong_type",
            "the reply is no step",
            "reply with one object that has `id` and `type`",
        )]);
    }
    match step.get("id").and_then(Value::as_str) == spot.step().get("id").and_then(Value::as_str) {
        true => Ok(step),
        false => {
            let message = format!("the step is called `{}`, and others may read it by that name", spot.id);
            Err(vec![wrong("id_changed", &message, "keep the id as it was")])
        }
    }
}

/// Judges a definition as `validate_workflow` does.
async fn check(desk: &Desk, caller: &Caller, definition: &str) -> Result<Validity, Rejection> {
    saving::check(desk, caller, Bytes::copy_from_slice(definition.as_bytes())).await
}

fn bounded(options: &DraftOptions, prompt: &str, base: Option<&str>) -> Result<(), Rejection> {
    if prompt.trim().is_empty() {
        return Err(problem(422, "json_invalid", "prompt: say in words what is wanted").field("prompt"));
    }
    let given = [("prompt", prompt, options.prompt_bytes_max), ("base", base.unwrap_or(""), options.base_bytes_max)];
    match given.iter().find(|(_, text, max)| text.len() > *max) {
        Some((field, text, max)) => {
            let size = text.len();
            let detail = format!("{field} has {size} bytes, the limit draft.{field}_bytes_max is {max}");
            Err(problem(413, "draft_too_large", detail).field(field).limit(*max as u64, size as u64))
        }
        None => Ok(()),
    }
}

/// Writes a text that is JSON as YAML; any other stays as it is.
fn as_yaml(text: String) -> String {
    let json = text.trim_start().starts_with('{').then(|| serde_json::from_str::<Value>(&text).ok()).flatten();
    json.map_or(text, |value| yaml(&value))
}

fn yaml(value: &Value) -> String {
    serde_norway::to_string(value).expect("JSON can be written as YAML")
}

/// A mistake of the reply as a whole.
fn wrong(code: &str, message: &str, fix: &str) -> Mistake {
    let (path, code, message) = ("workflow".to_owned(), code.to_owned(), message.to_owned());
    Mistake { file: None, path, line: None, column: None, code, message, fix: Some(fix.to_owned()) }
}

/// Tells whether two mistakes are the same; the step before them may have become longer.
fn is_same(known: &Mistake, found: &Mistake) -> bool {
    (&known.path, &known.code, &known.message) == (&found.path, &found.code, &found.message)
}

fn listed(mistakes: &[Mistake]) -> String {
    let line = |mistake: &Mistake| {
        let fix = mistake.fix.as_ref().map(|fix| format!(" ({fix})")).unwrap_or_default();
        format!("- {}: {}{fix}", mistake.path, mistake.message)
    };
    let lines: Vec<String> = mistakes.iter().map(line).collect();
    format!("The validator says what is wrong:\n{}", lines.join("\n"))
}
