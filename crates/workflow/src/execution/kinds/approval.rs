//! `approval`: a person decides, on values that are filled in before anyone sees them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::execution::approval::{Asked, Item, NextStep};
use crate::execution::begin::{At, Prepared};
use crate::execution::error::StepError;
use crate::execution::event::Begun;
use crate::execution::state::{self, Spot};
use crate::limits::{APPROVAL_TIMEOUT, ENTRIES_MAX};
use crate::path::StepPath;
use crate::step::{Approval, OnDeadline};
use crate::template::Template;

pub(super) fn prepare(at: &At, step: &Approval) -> Result<Prepared, StepError> {
    let scope = at.scope();
    let mut items = Vec::with_capacity(step.items.len());
    for item in &step.items {
        items.push(Item { name: item.name.clone(), value: item.value.render(scope.clone())? });
    }
    let mut asked = Asked {
        approval: at.derived("approval"),
        prompt: step.prompt.text(scope.clone())?,
        items,
        approvers: names(at, &step.approvers)?,
        escalate_to: names(at, &step.escalate_to)?,
        on_timeout: step.on_timeout,
        on_deny: step.on_deny,
        deadline: at.now + at.step.timeout().unwrap_or(APPROVAL_TIMEOUT),
        next: next(at),
        hash: String::new(),
        escalated: false,
        links: vec![],
    };
    fits(at, &asked)?;
    asked.hash = hash(&asked);
    let input = json!({ "prompt": asked.prompt, "items": asked.items, "approvers": asked.approvers });
    Ok(Prepared { input, begun: Begun::Approval { asked: Box::new(asked) }, effects: vec![], ends: None })
}

/// Refuses to ask with more than people can be shown: cutting it would have them decide on something else.
fn fits(at: &At, asked: &Asked) -> Result<(), StepError> {
    let shown = json!([asked.prompt, asked.items, asked.approvers, asked.escalate_to]);
    let (size, max) = (shown.to_string().len() as u64, at.run.limits().approval_bytes_max);
    if size <= max {
        return Ok(());
    }
    let message =
        format!("it would show {size} bytes, the limit approval_bytes_max is {max}; show a summary or a link");
    Err(StepError::new("approval_too_large", message))
}

/// Evaluates names of people; a template may give one or a list.
fn names(at: &At, templates: &[Template]) -> Result<Vec<String>, StepError> {
    let mut names = Vec::new();
    for template in templates {
        match template.render(at.scope())? {
            Value::String(name) => names.push(name.trim().to_owned()),
            Value::Array(list) => {
                names.extend(list.iter().filter_map(Value::as_str).map(|name| name.trim().to_owned()));
            }
            other => {
                let message = format!("`{}` gives {other}, which names nobody", template.source());
                return Err(StepError::new("approval_bad_approver", message));
            }
        }
    }
    let nobody = names.iter().all(String::is_empty);
    names.retain(|name| !name.is_empty());
    if !templates.is_empty() && nobody {
        // No name must not mean that everybody may.
        return Err(StepError::new("approval_without_approvers", "the templates of its approvers name nobody"));
    }
    if names.len() > ENTRIES_MAX {
        let message = format!("it names {} people, at most {ENTRIES_MAX} can be asked", names.len());
        return Err(StepError::new("approval_too_many_approvers", message));
    }
    Ok(names)
}

/// Returns what runs after the approval: the next step of its body, or of one around it.
fn next(at: &At) -> Option<NextStep> {
    let definition = &at.run.about().start.definition;
    let mut path = at.path.clone();
    loop {
        let steps = state::steps_of(definition, &Spot::around(&path));
        let place = steps.iter().position(|step| step.id == *path.id())?;
        if let Some(step) = steps.get(place + 1) {
            let path = path
                .parent()
                .map_or_else(|| StepPath::top(step.id.clone()), |(outer, place)| outer.inside(place, step.id.clone()));
            let name = step.name.clone().unwrap_or_else(|| step.id.to_string());
            return Some(NextStep { path, name, kind: step.kind.word().to_owned() });
        }
        path = path.parent()?.0;
    }
}

/// Says what the next deadline of an approval does.
pub(crate) fn deadline_word(asked: &Asked) -> &'static str {
    match asked.on_timeout {
        OnDeadline::Approve => "approved",
        OnDeadline::Escalate if !asked.escalated => "escalated",
        OnDeadline::Deny | OnDeadline::Escalate => "denied",
    }
}

/// Names exactly what is shown, so that nobody decides on something else.
fn hash(asked: &Asked) -> String {
    let shown = json!([asked.approval, asked.prompt, asked.items, asked.approvers, asked.on_timeout, asked.next]);
    let digest = Sha256::digest(shown.to_string().as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
