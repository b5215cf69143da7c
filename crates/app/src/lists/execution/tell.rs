//! Runs in words and tables.

use serde_json::Value;
use tenure_protocol::execution::{
    ExecutionRow, ExecutionStatus, ExecutionView, StepProblem, StepView, WaitView, WhyView,
};
use tenure_protocol::http::Page;

use super::super::more;
use super::super::table::table;
use super::super::when::when;
use crate::chat::clean;
use crate::run::{asked, gist, printed, took};

pub fn rows(page: &Page<ExecutionRow>) -> String {
    let row = |row: &ExecutionRow| {
        let steps = format!("{}/{}", row.step, row.of);
        let about = row.error.as_ref().map(problem).or(row.current.clone()).unwrap_or_default();
        [row.id.to_string(), row.slug.clone(), standing(row), steps, row.by.clone(), when(row.started_at), about]
    };
    let rows = page.items.iter().map(row).collect();
    let head = ["id", "workflow", "status", "steps", "by", "started (UTC)", "at step, or error"];
    table(head, rows) + &more(page.cursor.as_ref())
}

pub fn view(view: &ExecutionView) -> String {
    let row = &view.row;
    let test = if row.test { ", a trial" } else { "" };
    let mut lines = vec![
        format!("{} {} ({}){test}", row.name, row.version, row.slug),
        format!("id       {}", row.id),
        format!("status   {}, {} of {} steps", standing(row), row.step, row.of),
        format!("started  {} UTC by {} ({})", when(row.started_at), row.by, row.trigger.kind),
    ];
    let mut fact = |name: &str, value: Option<String>| lines.extend(value.map(|value| format!("{name:<8} {value}")));
    fact("ended", row.ended_at.map(|at| format!("{} UTC, after {}", when(at), took(at.since(row.started_at)))));
    fact("error", row.error.as_ref().map(problem));
    fact("reason", view.reason.clone());
    fact("session", row.session.map(|session| session.to_string()));
    fact("parent", row.parent.map(|parent| parent.to_string()));
    fact("retry of", row.retry_of.map(|of| of.to_string()));
    fact("repo", view.repo.as_ref().map(|repo| repo.url.clone()));
    fact("version", Some(row.hash.clone()));
    let (usage, started, max) = (&view.usage, view.steps_started, view.max_steps);
    fact(
        "used",
        Some(format!("{started} of {max} steps, {} tokens in, {} out", usage.input_tokens, usage.output_tokens)),
    );
    for (head, values) in [("inputs", &view.inputs), ("outputs", &view.outputs)] {
        lines.extend((!values.is_empty()).then(|| head.to_owned()));
        lines
            .extend(values.iter().map(|(name, value)| format!("  {name}: {}", printed(value).replace('\n', "\n    "))));
    }
    lines.extend((!view.open.is_empty()).then(|| "under way".to_owned()));
    lines.extend(view.open.iter().map(|step| format!("  {} ({}), {}", step.last.path, step.last.kind, phase(step))));
    for approval in &view.approvals {
        lines.push(format!("asked    {}", approval.id));
        lines.extend(asked(approval).into_iter().map(|(_, text)| format!("  {}", text.replace('\n', "\n  "))));
    }
    clean(&lines.join("\n"))
}

pub fn steps(page: &Page<StepView>) -> String {
    let row = |step: &StepView| {
        let last = &step.last;
        let about = match (&last.error, &last.output) {
            (Some(error), _) => problem(error),
            (None, Some(output)) => gist(&last.kind, output),
            (None, None) => String::new(),
        };
        let duration = last.duration_ms.map(took).unwrap_or_default();
        [
            last.path.clone(),
            last.attempt.to_string(),
            last.kind.clone(),
            phase(step),
            when(step.started_at),
            duration,
            about,
        ]
    };
    let rows = page.items.iter().map(row).collect();
    let head = ["path", "attempt", "type", "phase", "started (UTC)", "took", "error, or output"];
    table(head, rows) + &more(page.cursor.as_ref())
}

pub fn why(why: &WhyView) -> String {
    let wait = |wait: &WaitView| {
        let path = wait.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        let until = wait.until.map(|until| format!(", at {} UTC", when(until))).unwrap_or_default();
        let mend = wait.mend.as_ref().map(|mend| format!("\n  mend: {mend}")).unwrap_or_default();
        format!("\n{path}{} (since {} UTC)\n  then: {}{until}{mend}", wait.what, when(wait.since), wait.then)
    };
    clean(&format!("{}{}", why.sentence, why.waits.iter().map(wait).collect::<String>()))
}

pub fn stands(row: &ExecutionRow) -> String {
    clean(&format!("run {} of {} is {}", row.id, row.slug, standing(row)))
}

/// Returns the word for a status, which the API takes too.
pub fn status(status: ExecutionStatus) -> String {
    word(&serde_json::to_value(status).unwrap_or_default())
}

fn phase(step: &StepView) -> String {
    word(&serde_json::to_value(step.last.phase).unwrap_or_default())
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn standing(row: &ExecutionRow) -> String {
    let waits = row.waits_for.as_ref().map(|what| format!(" ({what})")).unwrap_or_default();
    format!("{}{waits}", status(row.status))
}

fn problem(problem: &StepProblem) -> String {
    let place = problem.step.as_ref().map(|step| format!("{step}: ")).unwrap_or_default();
    format!("{place}{} [{}]", problem.message, problem.code)
}
