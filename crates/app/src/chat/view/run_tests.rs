//! What the view owes to people of the runs that work in a session: every step once, and what is asked for as long as it is.

use serde_json::json;
use tenure_model::Timestamp;
use tenure_model::id::{ApprovalId, ExecutionId, ThreadId, TurnId};
use tenure_model::step::RunEnd;
use tenure_model::view::RunView;
use tenure_protocol::client::{ClientCommand, ClientEvent, RunPicture};
use tenure_protocol::execution::{ApprovalView, ExecutionRow, StepEvent, Verdict};
use uuid::Uuid;

use super::tests::picture;
use super::{ClientView, RunNews, Shown};
use crate::chat::act::{Act, act};
use crate::chat::input;
use crate::chat::printer::Printer;

const RUN: ExecutionId = ExecutionId(Uuid::from_u128(0xe1));

fn attached() -> ClientEvent {
    let (workflow, title) = ("release".to_owned(), "Release".to_owned());
    let run = RunView { execution: RUN, workflow, title, attached_at: Timestamp(0), ended: None };
    ClientEvent::RunAttached { position: 1, run }
}

fn row(status: &str) -> ExecutionRow {
    let row = json!({
        "id": RUN, "slug": "release", "name": "Release", "version": "1", "hash": "sha256:0", "status": status,
        "step": 1, "of": 3, "trigger": {"kind": "manual"}, "by": "ann", "started_at": 0,
    });
    serde_json::from_value(row).expect("a row")
}

fn step(path: &str, phase: &str, more: serde_json::Value) -> StepEvent {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut step = json!({ "path": path, "attempt": 1, "phase": phase, "at": 0, "name": name, "kind": "bash" });
    for (key, value) in more.as_object().expect("fields") {
        step[key] = value.clone();
    }
    serde_json::from_value(step).expect("a step")
}

fn happens(path: &str, phase: &str, more: serde_json::Value) -> ClientEvent {
    ClientEvent::RunStep { position: 1, execution: RUN, step: Box::new(step(path, phase, more)) }
}

fn approval() -> ApprovalView {
    let approval = json!({
        "id": ApprovalId(Uuid::from_u128(0xa1)), "execution": RUN, "workflow": "Release", "path": "ask",
        "prompt": "Ship it?", "items": [{"name": "version", "value": "1.2"}], "may_decide": ["ann"], "asked_at": 0,
        "deadline": 9, "on_deadline": "denied", "on_deny": "cancel", "hash": "sha256:7",
        "next": {"path": "push", "name": "push", "kind": "bash"},
    });
    serde_json::from_value(approval).expect("an approval")
}

fn asked() -> ClientEvent {
    ClientEvent::Approval { position: 1, approval: Box::new(approval()) }
}

fn updated(status: &str, approvals: Vec<ApprovalId>) -> ClientEvent {
    ClientEvent::RunUpdated { position: 1, run: Box::new(row(status)), approvals }
}

fn decided(decision: &str) -> ClientEvent {
    let decided = json!({
        "approval": approval().id, "decision": decision, "by": {"user": Uuid::nil(), "name": "ann"}, "reason": "green",
    });
    let decided = serde_json::from_value(decided).expect("a decision");
    ClientEvent::ApprovalDecided { position: 1, execution: RUN, decided }
}

fn ended(end: RunEnd) -> ClientEvent {
    ClientEvent::RunEnded { position: 1, execution: RUN, end }
}

/// Applies the events and returns what people read.
fn read(view: &mut ClientView, events: Vec<ClientEvent>) -> String {
    let mut printer = Printer::default();
    let mut all = String::new();
    for event in events {
        for shown in view.apply(event).expect("there is no gap") {
            all.extend(printer.show(&shown).into_iter().map(|ink| ink.text));
        }
    }
    all
}

#[test]
fn steps_are_told_as_deep_as_they_stand() {
    let events = vec![
        attached(),
        happens("deploy", "started", json!({"kind": "loop"})),
        happens("deploy:i0/check", "started", json!({})),
        happens("deploy:i0/check", "taken", json!({"agent": "shell"})),
        happens("deploy:i0/check", "completed", json!({"duration_ms": 1250})),
        happens("deploy:i0/note", "started", json!({"kind": "set"})),
        happens("deploy:i0/note", "completed", json!({"kind": "set", "duration_ms": 0})),
        happens(
            "deploy:i0/push",
            "failed",
            json!({"error": {"code": "bash_exit_code:1", "message": "no"}, "then": "retry"}),
        ),
        happens("deploy:i0/push", "skipped", json!({"attempt": 0})),
    ];
    assert_eq!(
        read(&mut ClientView::default(), events),
        "▶ run Release (release)\n  ▸ deploy · loop\n    ▸ check · bash\n    ✓ check · 1.2 s\n    ✓ note · 0 ms\n    \
         ✗ push: no — it is tried again\n    – push is skipped\n"
    );
}

#[test]
fn what_comes_again_is_not_told_again() {
    let mut view = ClientView::default();
    let started = || happens("check", "started", json!({}));
    let completed = || happens("check", "completed", json!({"duration_ms": 5}));
    let events = vec![attached(), started(), completed(), attached(), started(), completed(), completed()];
    assert_eq!(read(&mut view, events), "▶ run Release (release)\n  ▸ check · bash\n  ✓ check · 5 ms\n");
    let end = || ended(RunEnd::Completed);
    assert_eq!(read(&mut view, vec![end(), end(), attached(), started()]), "■ run Release has completed\n");
}

#[test]
fn an_approval_is_answered_by_its_number_with_what_was_shown() {
    let mut view = ClientView::default();
    let read_first = read(&mut view, vec![attached(), asked(), asked()]);
    assert_eq!(
        read_first,
        "▶ run Release (release)\n! approval 1: Ship it?\n    version: 1.2\n    next: push (bash)\n    \
         /approve 1 [REASON] or /deny 1 [REASON]; asked: ann\n"
    );
    let line = |line: &str| input::parse(line).expect("a command").expect("not empty");
    let said = act(line("/deny 1 not today"), &view, ThreadId::default());
    let ApprovalView { id, hash, .. } = approval();
    let reason = Some("not today".to_owned());
    let command = ClientCommand::Decide { execution: RUN, approval: id, hash, decision: Verdict::Denied, reason };
    assert_eq!(said, Ok(Act::Say(command)));
    assert!(act(line("/approve 2"), &view, ThreadId::default()).expect_err("no such").contains("no approval 2"));

    assert_eq!(
        read(&mut view, vec![decided("approved"), decided("approved")]),
        "  → approval 1 was approved by ann: green\n"
    );
    assert!(view.runs.approvals().is_empty());
}

#[test]
fn an_approval_that_nobody_decided_closes_with_its_run() {
    let mut view = ClientView::default();
    read(&mut view, vec![attached(), asked()]);
    assert_eq!(read(&mut view, vec![updated("running", vec![approval().id])]), "");
    let closed = read(&mut view, vec![updated("cancelling", vec![])]);
    assert_eq!(closed, "— approval 1 is no longer asked: Ship it?\n— run Release is being cancelled\n");
}

#[test]
fn a_run_that_failed_says_where_and_why() {
    let mut failed = row("failed");
    failed.error = serde_json::from_value(json!({"code": "bash_exit_code:1", "message": "no", "step": "push"})).ok();
    let told = ClientEvent::RunUpdated { position: 1, run: Box::new(failed), approvals: vec![] };
    let mut view = ClientView::default();
    let events = vec![attached(), told, ended(RunEnd::Failed)];
    let end = "■ run Release has failed in push: no (bash_exit_code:1)\n";
    assert_eq!(read(&mut view, events), format!("▶ run Release (release)\n{end}"));
}

#[test]
fn a_picture_shows_what_is_open_and_nothing_twice() {
    let ClientEvent::RunAttached { run, .. } = attached() else { panic!("a run") };
    let picture = || {
        let mut session = picture(&[]);
        session.runs = vec![run.clone()];
        let (run, open) = (
            row("waiting"),
            vec![step("ask", "started", json!({"kind": "approval"})), step("check", "taken", json!({}))],
        );
        let runs = vec![RunPicture { run, open, approvals: vec![approval()] }];
        ClientEvent::Resync { position: 3, reason: "slow".to_owned(), session, runs, presence: vec![] }
    };
    let mut view = ClientView::default();
    let first = read(&mut view, vec![picture()]);
    assert!(first.contains("▶ run Release") && first.contains("! approval 1: Ship it?"), "{first}");
    assert_eq!(read(&mut view, vec![picture()]), "— the picture was renewed: slow\n");
    let told = read(&mut view, vec![happens("check", "completed", json!({"duration_ms": 61_000}))]);
    assert_eq!(told, "  ✓ check · 1 min 1 s\n");
}

#[test]
fn the_text_of_a_step_stands_below_it_whatever_thread_it_is_in() {
    let (turn, thread) = (TurnId(Uuid::from_u128(5)), ThreadId(Uuid::from_u128(6)));
    let mut view = ClientView::default();
    let mut printer = Printer::default();
    printer.turn_to(ThreadId::default());
    let created = ClientEvent::MessageCreate { position: 1, turn, thread, prompts: vec![], step: None };
    let kind = tenure_model::chat::TextKind::Text;
    let text = ClientEvent::TextDelta { position: 1, turn, part: 0, kind, offset: 0, text: "seven".to_owned() };
    let events =
        vec![attached(), happens("rate", "started", json!({"kind": "agent_prompt", "turn": turn})), created, text];
    let mut all = String::new();
    for event in events {
        let shown: Vec<Shown> = view.apply(event).expect("there is no gap");
        all.extend(shown.iter().flat_map(|shown| printer.show(shown)).map(|ink| ink.text));
    }
    assert_eq!(all, "▶ run Release (release)\n  ▸ rate · agent_prompt\nseven");
}

#[test]
fn an_event_goes_to_the_only_run_that_can_be_meant() {
    let mut view = ClientView::default();
    let line = || input::parse("/event built {\"id\": 7}").expect("a command").expect("not empty");
    assert_eq!(act(line(), &view, ThreadId::default()), Err("no run works here".to_owned()));
    read(&mut view, vec![attached()]);
    let command = ClientCommand::RunEvent { execution: RUN, name: "built".to_owned(), payload: json!({"id": 7}) };
    assert_eq!(act(line(), &view, ThreadId::default()), Ok(Act::Say(command)));
}

#[test]
fn a_call_that_waits_has_a_number_like_what_runs_ask() {
    use crate::client::calls::CallNews;
    let call = |tool: &str, n: u128| -> tenure_protocol::execution::Waiting {
        serde_json::from_value(json!({
            "id": Uuid::from_u128(n), "tool": tool, "service": "tracker", "risk": "medium", "arguments": { "a": 1 },
            "asked_at": 1, "deadline": 2, "hash": "h",
        }))
        .unwrap()
    };
    let mut view = ClientView::default();
    let all = CallNews::All(vec![call("tracker__close", 1)]);
    let shown = view.runs.calls(all.clone());
    assert!(matches!(&shown[..], [Shown::Run(RunNews::AsksLeave { number: 1, .. })]), "{shown:?}");
    assert_eq!(view.runs.calls(all), [], "a new connection tells the same again");
    assert_eq!(view.runs.calls(CallNews::Asked(call("tracker__open", 2))).len(), 1);
    let line = input::parse("/approve 2 it is fine").unwrap().unwrap();
    let Ok(Act::Decide(approval, decide)) = act(line, &view, ThreadId::default()) else { panic!("it is decided") };
    assert_eq!(
        (approval.0, decide.hash.as_str(), decide.reason.as_deref()),
        (Uuid::from_u128(2), "h", Some("it is fine"))
    );
    let gone = view.runs.calls(CallNews::Gone(ApprovalId(Uuid::from_u128(1))));
    assert!(
        matches!(&gone[..], [Shown::Run(RunNews::NotAsked { number: 1, prompt })] if prompt.contains("tracker__close"))
    );
    assert_eq!(view.runs.calls(CallNews::All(vec![])).len(), 1, "what went while the line was down is told");
    assert!(view.runs.approvals().is_empty());
}
