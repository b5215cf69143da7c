//! Runs of workflows as lines: the cards of their steps, what they ask, and how they end.

use serde_json::Value;
use tenure_model::Span;
use tenure_model::step::RunEnd;
use tenure_protocol::budget::BudgetApproval;
use tenure_protocol::execution::{
    AfterFailure, ApprovalView, Decided, ExecutionStatus, StepEvent, StepPhase, StepProblem, Verdict, Waiting,
};
use tenure_protocol::policy::CallApproval;

use super::act::brief;
use super::ink::Tone;
use super::view::{ClientView, RunNews, what};
use crate::lists::{budget, when};

/// Types of steps that ask nobody: their start and their end are one moment.
const AT_ONCE: [&str; 3] = ["set", "stop", "approval"];

/// Returns the lines that tell news of a run.
pub fn lines(news: &RunNews) -> Vec<(Tone, String)> {
    match news {
        RunNews::Began { title, workflow } if title == workflow => vec![(Tone::Accent, format!("▶ run {title}"))],
        RunNews::Began { title, workflow } => vec![(Tone::Accent, format!("▶ run {title} ({workflow})"))],
        RunNews::Step(step) => step_line(step).into_iter().collect(),
        RunNews::Stands { title, status } => vec![(Tone::Dim, format!("— run {title} {}", stands(*status)))],
        RunNews::Asks { number, approval } => asks(*number, approval),
        RunNews::AsksLeave { number, asked } => match &**asked {
            Waiting::Run(approval) => asks(*number, approval),
            Waiting::Call(call) => asks_leave(*number, call),
            Waiting::Budget(budget) => asks_more(*number, budget),
        },
        RunNews::Decided { number, decided } => vec![decision(*number, decided)],
        RunNews::NotAsked { number, prompt } => {
            vec![(Tone::Dim, format!("— approval {number} is no longer asked: {}", brief(prompt)))]
        }
        RunNews::Ended { title, end, error } => vec![ended(title, *end, error.as_ref())],
    }
}

/// Returns the line that tells what has happened to a step, as deep as its path.
fn step_line(step: &StepEvent) -> Option<(Tone, String)> {
    let name = match step.attempt {
        0 | 1 => step.name.clone(),
        attempt => format!("{} (attempt {attempt})", step.name),
    };
    let why = step.error.as_ref().map(|error| format!(": {}", brief(&error.message))).unwrap_or_default();
    let took = step.duration_ms.map(|span| format!(" · {}", spent(span))).unwrap_or_default();
    let (tone, said) = match step.phase {
        StepPhase::Started if AT_ONCE.contains(&step.kind.as_str()) => return None,
        StepPhase::Started => (Tone::Accent, format!("▸ {name} · {}", step.kind)),
        StepPhase::Asked => (Tone::Dim, format!("… {name} waits until somebody approves its call")),
        StepPhase::Held => (Tone::Dim, format!("… {name} waits{why}")),
        StepPhase::Repaired => {
            let round = step.round.unwrap_or_default();
            (Tone::Dim, format!("↻ {name} is asked again, round {round}{why}"))
        }
        StepPhase::Completed => (Tone::Good, format!("✓ {name}{took}")),
        StepPhase::Reused => (Tone::Dim, format!("✓ {name} was done before")),
        StepPhase::Skipped => (Tone::Dim, format!("– {name} is skipped")),
        StepPhase::Failed => (Tone::Bad, format!("✗ {name}{took}{why}{}", follows(step.then))),
        StepPhase::Cancelled => (Tone::Dim, format!("– {name} was cancelled{took}")),
        StepPhase::Unknown => {
            (Tone::Bad, format!("? {name}: its runner was lost, and nobody knows whether it was done"))
        }
        StepPhase::Taken | StepPhase::Allowed | StepPhase::Cancelling | StepPhase::Resolved => return None,
    };
    let depth = step.path.matches('/').count() + 1;
    Some((tone, format!("{}{said}", "  ".repeat(depth))))
}

fn follows(then: Option<AfterFailure>) -> &'static str {
    match then {
        Some(AfterFailure::Retry | AfterFailure::Again) => " — it is tried again",
        Some(AfterFailure::Catch) => " — it is caught",
        Some(AfterFailure::Continue) => " — the run goes on",
        Some(AfterFailure::Fail) | None => "",
    }
}

fn asks(number: usize, approval: &ApprovalView) -> Vec<(Tone, String)> {
    let mut lines = vec![(Tone::Accent, format!("! approval {number}: {}", approval.prompt.trim_end()))];
    lines.extend(approval.items.iter().map(|item| (Tone::Plain, format!("    {}: {}", item.name, plain(&item.value)))));
    if let Some(next) = &approval.next {
        lines.push((Tone::Dim, format!("    next: {} ({})", next.name, next.kind)));
    }
    let how =
        format!("    /approve {number} [REASON] or /deny {number} [REASON]; asked: {}", approval.may_decide.join(", "));
    lines.push((Tone::Dim, how));
    lines
}

fn asks_leave(number: usize, call: &CallApproval) -> Vec<(Tone, String)> {
    let who = match (&call.step, &call.run) {
        (Some(step), Some(run)) => format!("the step {step} of {run}"),
        _ => "the agent".to_owned(),
    };
    let CallApproval { tool, service, risk, .. } = call;
    let head = format!("! approval {number}: {who} wants to call {tool} of {service}, whose risk is {risk}");
    let mut lines = vec![(Tone::Accent, head)];
    lines.extend(call.arguments.iter().map(|(name, value)| (Tone::Plain, format!("    {name}: {}", plain(value)))));
    let how = format!(
        "    /approve {number} [REASON] or /deny {number} [REASON]; at {} UTC it is denied",
        when(call.deadline)
    );
    lines.push((Tone::Dim, how));
    lines
}

fn asks_more(number: usize, asked: &BudgetApproval) -> Vec<(Tone, String)> {
    let about = budget::about(asked);
    let mut lines = about.lines().map(str::to_owned);
    let head = format!("! approval {number}: {}", lines.next().unwrap_or_default());
    let rest = lines.map(|line| (Tone::Plain, format!("    {line}")));
    let how = (Tone::Dim, format!("    /approve {number}"));
    [(Tone::Accent, head)].into_iter().chain(rest).chain([how]).collect()
}

fn decision(number: usize, decided: &Decided) -> (Tone, String) {
    let (tone, word) = match decided.decision {
        Verdict::Approved => (Tone::Good, "approved"),
        Verdict::Denied => (Tone::Bad, "denied"),
    };
    let by = decided.by.as_ref().map_or("its deadline", |by| by.name.as_str());
    let why = decided.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    (tone, format!("  → approval {number} was {word} by {by}{why}"))
}

fn ended(title: &str, end: RunEnd, error: Option<&StepProblem>) -> (Tone, String) {
    let error = error.map(|error| {
        let step = error.step.as_ref().map(|step| format!(" in {step}")).unwrap_or_default();
        format!("{step}: {} ({})", error.message.trim_end(), error.code)
    });
    let error = error.unwrap_or_default();
    match end {
        RunEnd::Completed => (Tone::Good, format!("■ run {title} has completed")),
        RunEnd::Failed => (Tone::Bad, format!("■ run {title} has failed{error}")),
        RunEnd::Cancelled => (Tone::Bad, format!("■ run {title} was cancelled{error}")),
    }
}

/// Lists the runs that work here and what they ask.
pub fn list(view: &ClientView) -> Vec<String> {
    let open = view.runs.open();
    if open.is_empty() && view.runs.approvals().is_empty() {
        return vec!["no run works here".to_owned()];
    }
    let mut lines = vec![];
    for (id, run) in open {
        let how = run.row.as_ref().map(|row| {
            let waits = row.waits_for.as_ref().map(|what| format!(" for {what}")).unwrap_or_default();
            let at = row.current.as_ref().map(|path| format!(", at {path}")).unwrap_or_default();
            format!("{}{waits}, {} of {} steps{at}", stands(row.status), row.step, row.of)
        });
        lines.push(format!("{} {} — {id}", run.title, how.unwrap_or_else(|| "is under way".to_owned())));
    }
    let asked = view.runs.approvals();
    lines.extend(asked.iter().map(|(number, asked)| format!("  approval {number}: {}", brief(&what(asked)))));
    lines
}

fn stands(status: ExecutionStatus) -> &'static str {
    match status {
        ExecutionStatus::Pending | ExecutionStatus::Queued => "waits for a slot",
        ExecutionStatus::Running => "is running",
        ExecutionStatus::Waiting => "waits",
        ExecutionStatus::Pausing => "is being paused",
        ExecutionStatus::Paused => "is paused",
        ExecutionStatus::Cancelling => "is being cancelled",
        ExecutionStatus::Completed => "has completed",
        ExecutionStatus::Failed => "has failed",
        ExecutionStatus::Cancelled => "was cancelled",
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('\n', "\n      "),
        other => other.to_string(),
    }
}

fn spent(span: Span) -> String {
    match span.0 {
        ms if ms < 1_000 => format!("{ms} ms"),
        ms if ms < 60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        ms => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}
