//! A run in words: one line for the begin and the end of each step, nested by its path; what people are asked; the end.

use serde_json::Value;
use tenure_model::Span;
use tenure_model::id::ExecutionId;
use tenure_protocol::execution::{
    AfterFailure, ApprovalView, Decided, ExecutionRow, ExecutionStatus, StepEvent, StepPhase, StepProblem, Verdict,
};

use super::values::{brief_value, entries, printed, shortened};
use crate::chat::{Tone, brief};
use crate::lists::when;

/// Lines of what a command printed that are shown when all went well.
const OUTPUT_LINES_MAX: usize = 8;
/// Lines of what a failed command printed.
const FAILED_LINES_MAX: usize = 40;

/// One or more whole lines.
pub type Line = (Tone, String);

/// Tells which run this is.
pub fn seen(row: &ExecutionRow) -> Vec<Line> {
    let again = row.retry_of.map(|of| format!(", takes up {of}")).unwrap_or_default();
    let session = row.session.map(|session| format!("\n  session {session}")).unwrap_or_default();
    let test = if row.test { ", a trial" } else { "" };
    let mut lines = vec![
        (Tone::Person, format!("{} {}", row.name, row.version)),
        (Tone::Dim, format!("  run {}{again}{test}{session}", row.id)),
    ];
    lines.extend(status(row));
    lines
}

/// Tells what the run as a whole does, where its steps do not tell it.
pub fn status(row: &ExecutionRow) -> Vec<Line> {
    let line = match (row.status, row.waits_for.as_deref()) {
        (ExecutionStatus::Queued, _) => "— queued: it starts when a slot is free",
        (ExecutionStatus::Pausing, _) => "— pausing: what is under way comes to its end",
        (ExecutionStatus::Paused, _) => "— paused (tenure execution resume goes on)",
        (ExecutionStatus::Cancelling, _) => "— being ended",
        _ => return vec![],
    };
    vec![(Tone::Dim, line.to_owned())]
}

/// Tells that nobody takes what is to be done.
pub fn without_runner() -> Vec<Line> {
    vec![(Tone::Dim, "— waiting for a runner (tenure runner list shows them)".to_owned())]
}

/// Tells what has happened to a step. `streamed` says that its text was shown already.
pub fn step(step: &StepEvent, run: ExecutionId, streamed: bool) -> Vec<Line> {
    let margin = "  ".repeat(step.path.matches('/').count());
    let told = match step.phase {
        StepPhase::Started => started(step).map(|line| (Tone::Accent, line)).into_iter().collect(),
        StepPhase::Taken | StepPhase::Allowed | StepPhase::Cancelling => vec![],
        StepPhase::Asked => vec![(Tone::Accent, asked_leave(step))],
        StepPhase::Held => vec![(Tone::Accent, format!("? {}  waits: {}", step.path, error(step)))],
        StepPhase::Repaired => vec![(Tone::Dim, format!("↻ {}  asked again: {}", step.path, error(step)))],
        StepPhase::Completed => completed(step, streamed),
        StepPhase::Failed => failed(step),
        StepPhase::Skipped => vec![(Tone::Dim, format!("– {}  skipped", step.path))],
        StepPhase::Reused => vec![(Tone::Dim, format!("= {}  was done before", step.path))],
        StepPhase::Cancelled => vec![(Tone::Bad, format!("✗ {}  cancelled{}", step.path, after(step)))],
        StepPhase::Unknown => unknown(step, run),
        StepPhase::Resolved => vec![(Tone::Dim, format!("· {}  somebody said what became of it", step.path))],
    };
    told.into_iter().map(|(tone, text)| (tone, indented(&margin, &text))).collect()
}

/// Tells that the call of a step takes a person.
fn asked_leave(step: &StepEvent) -> String {
    let id = step.approval.map(|id| id.to_string()).unwrap_or_default();
    let until = step.until.map(|until| format!("; at {} UTC it is denied", when(until))).unwrap_or_default();
    format!("? {}  its call waits for a person (tenure approval show {id}){until}", step.path)
}

/// Tells what people are asked.
pub fn asked(view: &ApprovalView) -> Vec<Line> {
    let mut text = format!("? {}  {}", view.path, view.prompt.trim());
    for item in &view.items {
        text +=
            &format!("\n  {}: {}", item.name, shortened(&printed(&item.value), "    ", FAILED_LINES_MAX).trim_start());
    }
    let mut facts = vec![];
    if let Some(next) = &view.next {
        facts.push(format!("next: {} ({}, {})", next.name, next.path, next.kind));
    }
    facts.push(format!("at {} UTC it is {}", when(view.deadline), view.on_deadline));
    facts.push(match view.on_deny.as_str() {
        "cancel" => "a no ends the run".to_owned(),
        _ => "after a no the run goes on".to_owned(),
    });
    facts.extend((!view.may_decide.is_empty()).then(|| format!("who may decide: {}", view.may_decide.join(", "))));
    vec![(Tone::Accent, text), (Tone::Dim, format!("  {}", facts.join(" · ")))]
}

/// Tells what was decided.
pub fn decided(decided: &Decided) -> Vec<Line> {
    let (tone, what) = match decided.decision {
        Verdict::Approved => (Tone::Good, "→ approved"),
        Verdict::Denied => (Tone::Bad, "→ denied"),
    };
    let by = decided.by.as_ref().map_or("by its deadline".to_owned(), |author| format!("by {}", author.name));
    let reason = decided.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    vec![(tone, format!("  {what} {by}{reason}"))]
}

/// Tells how a run that has completed ended.
pub fn completed_run(row: &ExecutionRow, outputs: &serde_json::Map<String, Value>) -> Vec<Line> {
    let took_it = row.ended_at.map(|at| format!(" in {}", took(at.since(row.started_at)))).unwrap_or_default();
    let mut lines = vec![(Tone::Good, format!("✓ {} completed{took_it}", row.name))];
    let shown =
        |(name, value)| (Tone::Plain, format!("  {name}: {}", printed(value).trim_end().replace('\n', "\n    ")));
    lines.extend(outputs.iter().map(shown));
    lines
}

/// Writes how long something took.
pub fn took(span: Span) -> String {
    let (seconds, minutes) = (span.0 / 1_000, span.0 / 60_000);
    match span.0 {
        0..1_000 => format!("{} ms", span.0),
        1_000..60_000 => format!("{}.{} s", seconds, span.0 / 100 % 10),
        60_000..3_600_000 => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// What needs nobody ends as soon as it began, and a gate is told by its question: these have no line of their own.
fn started(step: &StepEvent) -> Option<String> {
    if matches!(step.kind.as_str(), "set" | "stop" | "notify" | "approval") && step.attempt <= 1 {
        return None;
    }
    let input = |name: &str| step.input.as_ref().map(|input| &input[name]).filter(|value| !value.is_null());
    let text = |name: &str| input(name).and_then(Value::as_str).map(|text| brief(text.trim()));
    let about = match step.kind.as_str() {
        "bash" => step.input.as_ref().and_then(command).map(|command| format!("$ {}", brief(&command))),
        "agent_prompt" => text("prompt").map(|prompt| format!("“{prompt}”")),
        "conditional" => text("condition").map(|condition| match input("holds") {
            Some(Value::Bool(true)) => format!("{condition} holds"),
            _ => format!("{condition} does not hold"),
        }),
        "loop" => {
            input("items").map(|items| format!("{items} items")).or(text("while").map(|it| format!("while {it}")))
        }
        "parallel" => input("branches").map(brief_value),
        "workflow" => step.child.map(|child| format!("run {child}")),
        "wait" => step.until.map(|until| format!("until {} UTC at most", when(until))),
        _ => input("tool").map(brief_value),
    };
    let name = if step.path.ends_with(&step.name) { String::new() } else { format!("  {}", step.name) };
    let attempt = if step.attempt > 1 { format!(" (attempt {})", step.attempt) } else { String::new() };
    let about = about.map(|about| format!("  {about}")).unwrap_or_default();
    Some(format!("▸ {}{attempt}{name}  {}{about}", step.path, step.kind))
}

/// Returns a command as its author would read it: with its values in their places.
fn command(input: &Value) -> Option<String> {
    let mut command = input["command"].as_str()?.trim().to_owned();
    for (name, value) in input["env"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        command = command.replace(&format!("\"${{{name}}}\""), value);
    }
    Some(command)
}

fn completed(step: &StepEvent, streamed: bool) -> Vec<Line> {
    let mut lines = vec![];
    let output = step.output.as_ref().unwrap_or(&Value::Null);
    let about = match step.kind.as_str() {
        "bash" => {
            lines.extend(said(output, OUTPUT_LINES_MAX));
            None
        }
        "agent_prompt" => match &output["response"] {
            Value::String(text) if !streamed => {
                lines.push((Tone::Plain, shortened(text, "  ", FAILED_LINES_MAX)));
                None
            }
            Value::Null | Value::String(_) => None,
            fields => Some(brief_value(fields)),
        },
        "set" | "stop" => entries(output),
        "conditional" | "approval" | "notify" | "wait" => None,
        "loop" => output["iterations"].as_u64().map(|count| format!("{count} iterations")),
        "parallel" => output["branchCount"].as_u64().map(|count| format!("{count} branches")),
        _ => (!output.is_null()).then(|| brief_value(output)),
    };
    let about = about.map(|about| format!("  {about}")).unwrap_or_default();
    lines.push((Tone::Good, format!("✓ {}{}{about}", step.path, after(step))));
    lines
}

fn failed(step: &StepEvent) -> Vec<Line> {
    let mut lines = vec![];
    if let (Some(output), "bash") = (&step.output, step.kind.as_str()) {
        lines.extend(said(output, FAILED_LINES_MAX));
    }
    lines.push((Tone::Bad, format!("✗ {}{}  {}", step.path, after(step), error(step))));
    let next = match (step.then, step.until) {
        (Some(AfterFailure::Retry), Some(at)) => format!("another attempt at {} UTC", when(at)),
        (Some(AfterFailure::Retry | AfterFailure::Again), _) => "another attempt".to_owned(),
        (Some(AfterFailure::Catch), _) => "its catch body runs".to_owned(),
        (Some(AfterFailure::Continue), _) => "the run goes on".to_owned(),
        (Some(AfterFailure::Fail) | None, _) => return lines,
    };
    lines.push((Tone::Dim, format!("  → {next}")));
    lines
}

fn unknown(step: &StepEvent, run: ExecutionId) -> Vec<Line> {
    let path = &step.path;
    let until = step.until.map(|until| format!(" before {} UTC", when(until))).unwrap_or_default();
    let how = format!(
        "  say what became of it{until}: tenure execution resolve {run} '{path}' --retry | --succeed JSON | --fail"
    );
    vec![(Tone::Bad, format!("? {path}  nobody knows whether it was done: {}", error(step))), (Tone::Dim, how)]
}

/// Returns the end of what a command printed.
fn said(output: &Value, lines_max: usize) -> Option<Line> {
    let streams = ["stdout", "stderr"].iter().filter_map(|stream| output[stream].as_str());
    let text: Vec<_> = streams.map(str::trim_end).filter(|text| !text.is_empty()).collect();
    (!text.is_empty()).then(|| (Tone::Dim, shortened(&text.join("\n"), "  │ ", lines_max)))
}

fn error(step: &StepEvent) -> String {
    match &step.error {
        // It was told in full where it began.
        Some(StepProblem { step: Some(place), .. }) if *place != step.path => format!("because of {place}"),
        Some(error) => format!("{} [{}]", error.message.trim_end(), error.code),
        None => "no reason was given".to_owned(),
    }
}

fn after(step: &StepEvent) -> String {
    step.duration_ms.map(|span| format!("  {}", took(span))).unwrap_or_default()
}

fn indented(margin: &str, text: &str) -> String {
    format!("{margin}{}", text.replace('\n', &format!("\n{margin}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tenure_model::Timestamp;

    use super::*;
    use crate::run::samples;

    fn told(event: &StepEvent) -> String {
        step(event, ExecutionId::default(), false).into_iter().map(|(_, text)| text + "\n").collect()
    }

    #[test]
    fn a_command_is_told_with_the_end_of_what_it_printed() {
        let lines: Vec<_> = (1..=20).map(|n| n.to_string()).collect();
        let output = json!({"stdout": lines.join("\n"), "stderr": "", "exitCode": 0});
        let input = Some(json!({"command": "seq \"${TENURE_VALUE_0}\"", "env": {"TENURE_VALUE_0": "20"}}));
        let began = StepEvent { input, ..samples::step("all:i2/count", StepPhase::Started) };
        let ended = StepEvent {
            output: Some(output),
            duration_ms: Some(Span(1_250)),
            ..samples::step("all:i2/count", StepPhase::Completed)
        };
        assert_eq!(told(&began), "  ▸ all:i2/count  bash  $ seq 20\n");
        let shown: String = (13..=20).map(|n| format!("    │ {n}\n")).collect();
        assert_eq!(told(&ended), format!("    │ … 12 lines before\n{shown}  ✓ all:i2/count  1.2 s\n"));
    }

    #[test]
    fn a_failure_is_told_in_full_with_what_follows() {
        let problem = StepProblem { code: "bash_exit_code:1".into(), message: "it ended\nbadly".into(), step: None };
        let failed = StepEvent {
            error: Some(problem),
            then: Some(AfterFailure::Retry),
            until: Some(Timestamp(5_000)),
            duration_ms: Some(Span(61_000)),
            ..samples::step("test", StepPhase::Failed)
        };
        let expected =
            "✗ test  1 min 1 s  it ended\nbadly [bash_exit_code:1]\n  → another attempt at 1970-01-01 00:00:05 UTC\n";
        assert_eq!(told(&failed), expected);
    }

    #[test]
    fn what_stands_around_a_failure_only_names_its_place() {
        let problem = StepProblem { code: "c".into(), message: "m".into(), step: Some("all:i0/a".into()) };
        let failed = StepEvent { error: Some(problem), ..samples::step("all", StepPhase::Failed) };
        assert_eq!(told(&failed), "✗ all  because of all:i0/a\n");
    }

    #[test]
    fn an_approval_says_all_that_a_person_needs() {
        let text: String = asked(&samples::approval("Tag it?")).into_iter().map(|(_, text)| text + "\n").collect();
        let expected = "? gate  Tag it?\n  Notes: two\n    lines\n  Count: 3\n  next: Tag it (tag, bash) · \
                        at 1970-01-02 00:00:00 UTC it is denied · a no ends the run · who may decide: ann\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn an_unknown_outcome_says_how_to_mend_it() {
        let text = told(&samples::step("deploy", StepPhase::Unknown));
        assert!(text.contains("tenure execution resolve") && text.contains("'deploy' --retry"), "{text}");
    }

    #[test]
    fn lengths_are_short() {
        let lengths = [40, 1_250, 61_000, 7_500_000].map(|ms| took(Span(ms)));
        assert_eq!(lengths, ["40 ms", "1.2 s", "1 min 1 s", "2 h 5 min"]);
    }
}
