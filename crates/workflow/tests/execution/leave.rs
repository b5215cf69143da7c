//! Calls that take a person: the run waits for them, and goes on as they say.

use serde_json::{Value, json};
use tenure_model::Entity;
use tenure_model::id::ApprovalId;
use tenure_model::time::Span;
use tenure_workflow::execution::error::{APPROVAL_EXPIRED, CALL_DENIED};
use tenure_workflow::execution::running::Question;
use tenure_workflow::execution::{Action, Called, Command, Effect, Reply, Status, StepError, WaitsFor};

use crate::support::*;

const OPEN: Span = Span::hours(24);
const CLOSES: &str = "  - {id: close, type: tool, tool: tracker__close, arguments: {issue: 7}, timeout: 10s}";

fn asks(run: &Run) -> Command {
    Command::Asks { step: run.step_ref("close"), arguments: json!({ "issue": 7 }), open_for: OPEN }
}

/// A run whose call waits for a person.
fn asked() -> (Run, Question) {
    let run = Run::of(CLOSES);
    let asks = asks(&run);
    let run = run.send(asks).ignores(asks_again());
    let Some(Called::Asked(question)) = run.state().called(&run.step_ref("close")) else { panic!("it waits") };
    (run, question)
}

fn asks_again() -> Command {
    asks(&Run::of(CLOSES))
}

fn leave(run: &Run, approval: ApprovalId, code: Option<&str>) -> Command {
    let result = match code {
        None => Ok(Some(ann().author())),
        Some(code) => Err(StepError::new(code, "bob has denied the call")),
    };
    Command::Leave { step: run.step_ref("close"), approval, result }
}

fn calls(run: &Run) -> Vec<(uuid::Uuid, Value)> {
    let call = |effect: &Effect| match effect {
        Effect::Call { key, arguments, .. } => Some((*key, arguments.clone())),
        _ => None,
    };
    run.effects.iter().filter_map(call).collect()
}

fn taken_back(run: &Run) -> Vec<ApprovalId> {
    let back = |effect: &Effect| match effect {
        Effect::TakeBack { approval, .. } => Some(*approval),
        _ => None,
    };
    run.effects.iter().filter_map(back).collect()
}

#[test]
fn a_call_that_takes_a_person_waits_for_them_and_is_the_same_call_then() {
    let (run, question) = asked();
    assert_eq!((run.state().status(), run.state().waits_for()), (Status::Waiting, Some(WaitsFor::Approval)));
    assert_eq!(question.deadline, run.given.now + OPEN);
    let why = run.state().why(run.given.now).unwrap();
    let wanted = format!("ann to let its call of tracker__close go on (approval {})", question.approval);
    assert!(why.sentence.contains(&wanted) && why.sentence.contains("in 1d it fails"), "{}", why.sentence);
    assert_eq!(why.waits[0].until, Some(question.deadline));
    let allow = leave(&run, question.approval, None);
    let run = run.after(Span::hours(5)).send(allow.clone()).ignores(allow);
    let [first, again] = &calls(&run)[..] else { panic!("{:?}", run.effects) };
    assert_eq!(first, again, "the same call under the same key");
    assert!(taken_back(&run).is_empty());
    run.returns("close", json!("closed")).went(&[
        "close started",
        "close asked",
        "slot freed",
        "close allowed by ann",
        "slot taken",
        "close completed",
        "run Completed",
    ]);
}

#[test]
fn a_step_has_its_whole_time_once_its_call_may_go_on() {
    let (run, question) = asked();
    let allow = leave(&run, question.approval, None);
    let run = run.after(Span::hours(5)).send(allow);
    assert_eq!(run.state().wake_at(), Some(run.given.now + Span::secs(10)));
    let run = run.until_due();
    assert_eq!(run.trail().last().map(String::as_str), Some("run Failed: tool_timeout:10000"));
}

#[test]
fn a_denied_call_fails_its_step_and_nobody_is_asked_again() {
    let retried = CLOSES.replace("timeout: 10s", "retry: {max_attempts: 3}");
    let run = Run::of(&retried);
    let asks = asks(&run);
    let run = run.send(asks);
    let Some(Called::Asked(question)) = run.state().called(&run.step_ref("close")) else { panic!("it waits") };
    let deny = leave(&run, question.approval, Some(CALL_DENIED));
    let run = run.send(deny);
    assert_eq!(run.trail().last().map(String::as_str), Some("run Failed: call_denied"));
    assert!(taken_back(&run).is_empty(), "it was answered");
}

#[test]
fn a_question_that_not_even_the_policy_answers_ends_by_itself() {
    let (run, question) = asked();
    assert!(run.state().wake_at().unwrap() > question.deadline, "the policy has the first word");
    let run = run.until_due();
    assert_eq!(run.trail().last().unwrap(), &format!("run Failed: {APPROVAL_EXPIRED}"));
    assert_eq!(taken_back(&run), [question.approval]);
}

#[test]
fn a_cancelled_run_takes_its_question_back() {
    let (run, question) = asked();
    let allow = leave(&run, question.approval, None);
    let run = run.wants(ann(), Action::Cancel { reason: None });
    assert_eq!((run.state().status(), taken_back(&run)), (Status::Cancelled, vec![question.approval]));
    let run = run.ignores(allow);
    assert_eq!(calls(&run).len(), 1);
}

#[test]
fn what_cannot_even_be_asked_about_fails_and_leaves_no_question() {
    let (run, question) = asked();
    let run = run.errs("close", "denied_by_policy");
    assert_eq!(run.trail().last().map(String::as_str), Some("run Failed: denied_by_policy"));
    assert_eq!(taken_back(&run), [question.approval]);
}

#[test]
fn answers_to_another_question_change_nothing_and_what_was_sent_is_not_asked_about() {
    let (run, question) = asked();
    let other = leave(&run, ApprovalId::default(), None);
    let sends = Command::Calls { step: run.step_ref("close") };
    let run = run.ignores(other).ignores(sends.clone());
    let allow = leave(&run, question.approval, None);
    let mut run = run.send(allow).send(sends);
    assert_eq!(run.state().called(&run.step_ref("close")), Some(Called::Sent));
    let then = run.given.when(asks_again());
    assert_eq!(then.decision().reply, Reply::Calls { before: true });
    run.given = then.silent();
    run.returns("close", json!("closed"));
}
