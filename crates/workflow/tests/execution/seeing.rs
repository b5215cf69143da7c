//! What people see: rows in lists, and the answer to "why does it not get on?".

use serde_json::{Value, json};
use tenure_model::entity::Entity;
use tenure_model::time::Span;
use tenure_workflow::execution::command::GateNews;
use tenure_workflow::execution::{Action, Command, StepError};

use crate::support::*;

fn row(run: &Run, list: &str) -> Value {
    let rows = run.state().summaries(ID.0);
    rows.into_iter().find(|(key, _)| key.list == list).map(|(_, row)| row.read().unwrap()).unwrap_or_default()
}

fn why(run: &Run) -> String {
    run.state().why(run.given.now).unwrap().sentence
}

#[test]
fn a_run_shows_where_it_stands() {
    let run = Run::of("  - {id: a, type: tool, tool: t}\n  - {id: b, type: bash, command: ls}");
    let shown = row(&run, "execution");
    assert_eq!(
        (&shown["status"], &shown["current"], &shown["step"], &shown["of"]),
        (&json!("running"), &json!("a"), &json!(0), &json!(2))
    );
    let run = run.returns("a", json!(1));
    assert_eq!(
        (&row(&run, "execution")["status"], &row(&run, "execution")["waits_for"]),
        (&json!("waiting"), &json!("runner"))
    );
    let run = run.ends("b", exit(1));
    let shown = row(&run, "execution");
    assert_eq!((&shown["status"], &shown["error"]["code"]), (&json!("failed"), &json!("bash_exit_code:1")));
}

#[test]
fn an_open_approval_is_a_row_until_it_is_decided() {
    let run =
        Run::of("  - {id: gate, type: approval, prompt: Push?, timeout: 1h}\n  - {id: push, type: tool, tool: t}");
    let shown = row(&run, "approval");
    assert_eq!(
        (&shown["prompt"], &shown["may_decide"], &shown["on_deadline"]),
        (&json!("Push?"), &json!(["ann"]), &json!("denied"))
    );
    assert_eq!(shown["next"]["kind"], "tool");
    let (_, asked) = run.state().open_approvals().next().unwrap();
    let (approval, hash) = (asked.approval, asked.hash.clone());
    let decision = tenure_workflow::execution::command::Decision::Approved;
    let run = run.wants(ann(), Action::Decide { approval, hash, decision, reason: None });
    assert_eq!(row(&run, "approval"), Value::Null);
}

#[test]
fn why_says_for_whom_since_when_and_what_comes() {
    let run = Run::of("  - {id: gate, type: approval, prompt: Push?, timeout: 2h}").after(Span::mins(30));
    assert_eq!(
        why(&run),
        "The step gate has waited 30m for ann to decide \"Push?\"; in 1h30m it is denied. To mend it, approve or deny it."
    );
    let run = Run::asking(start_of(definition("  - {id: a, type: tool, tool: t}")));
    let run = run.send(Command::Gate(GateNews::Queued { ahead: 2, why: "the limit runs_max is 50".into() }));
    assert!(why(&run).starts_with("The run has waited 0s for a free place; the limit runs_max is 50"), "{}", why(&run));
    let run = Run::of("  - {id: a, type: bash, command: ls}");
    assert!(why(&run).contains("a runner to take it"), "{}", why(&run));
    let run = Run::of("  - {id: a, type: set, variables: {x: 1}}").after(Span::hours(1));
    assert_eq!(why(&run), "The run is over: it ended 1h ago as completed.");
}

#[test]
fn why_counts_everything_that_is_waited_for() {
    let run = Run::of(
        "  - {id: p, type: parallel, branches: {x: [{id: a, type: wait, duration: 1h}], y: [{id: b, type: approval, prompt: Go?}]}}",
    );
    let answer = run.state().why(run.given.now).unwrap();
    assert_eq!(answer.waits.len(), 2);
    assert!(
        answer.sentence.contains("ann to decide \"Go?\"") && answer.sentence.contains("1 more"),
        "{}",
        answer.sentence
    );
}

#[test]
fn a_row_has_room_for_the_beginning_of_an_error() {
    let run = Run::of("  - {id: a, type: tool, tool: t}");
    let error = StepError::new("tool_failed", "x".repeat(100_000));
    let failed = Command::Returned { step: run.step_ref("a"), result: Err(error) };
    let shown = row(&run.send(failed), "execution");
    assert_eq!(shown["error"]["code"], "tool_failed");
    assert!(shown.to_string().len() < 10_000, "a row is short");
}
