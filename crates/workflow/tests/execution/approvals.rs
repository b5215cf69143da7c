//! `approval`: what is shown, who decides, what the deadline does, and late clicks.

use serde_json::json;
use tenure_model::Entity;
use tenure_model::id::{ApprovalId, UserId};
use tenure_model::time::Span;
use tenure_workflow::execution::Action;
use tenure_workflow::execution::approval::Asked;
use tenure_workflow::execution::command::{Decision, Start};
use tenure_workflow::people::addressee;

use crate::support::*;

const GATE: &str = "inputs: {branch: {type: string, default: main}}
steps:
  - id: gate
    type: approval
    prompt: 'Push {{ inputs.branch }}?'
    items: {Branch: '{{ inputs.branch }}'}
    timeout: 1h
  - {id: push, name: Push it, type: tool, tool: t}";

fn asked(run: &Run) -> Asked {
    run.state().open_approvals().next().expect("an approval is open").1.clone()
}

fn decide(run: &Run, decision: Decision) -> Action {
    let Asked { approval, hash, .. } = asked(run);
    Action::Decide { approval, hash, decision, reason: None }
}

#[test]
fn people_see_values_and_what_comes_next() {
    let asked = asked(&Run::of(GATE));
    assert_eq!((asked.prompt.as_str(), &asked.items[0].value), ("Push main?", &json!("main")));
    let next = asked.next.unwrap();
    assert_eq!((next.path.to_string().as_str(), next.name.as_str(), next.kind.as_str()), ("push", "Push it", "tool"));
}

#[test]
fn an_approval_lets_the_run_go_on() {
    let run = Run::of(GATE).then(&["gate started", "slot freed"]);
    let approve = decide(&run, Decision::Approved);
    let run = run.wants(ann(), approve);
    let output = run.output("gate");
    assert_eq!((&output["decision"], &output["decidedBy"]), (&json!("approved"), &json!("ann")));
    run.went(&["gate Approved by ann", "gate completed", "push started", "slot taken"]);
}

#[test]
fn a_denial_cancels_the_run_unless_the_step_goes_on() {
    let run = Run::of(GATE);
    let deny = decide(&run, Decision::Denied);
    let run = run.wants(ann(), deny);
    assert_eq!(run.trail()[3..], ["gate completed", "run ending: Cancelled approval_denied", "run Cancelled"]);
    let run = Run::of(
        "  - {id: gate, type: approval, prompt: Go?, on_deny: continue}\n  - {id: b, type: set, variables: {d: '{{ outputs.gate.decision }}'}}",
    );
    let deny = decide(&run, Decision::Denied);
    assert_eq!(run.wants(ann(), deny).variable("d"), "denied");
}

#[test]
fn only_who_may_decides() {
    let run = Run::of(GATE);
    let approve = decide(&run, Decision::Approved);
    let run = run.refuses(want(bob(), approve.clone()), "only ann may decide");
    let run = run.refuses(want(robot(), approve.clone()), "an agent does not decide");
    run.wants(root(), approve);
    let run = Run::of("  - {id: gate, type: approval, prompt: Go?, approvers: [bob, carl]}");
    let approve = decide(&run, Decision::Approved);
    let run = run.refuses(want(ann(), approve.clone()), "only bob, carl may decide");
    run.wants(bob(), approve);
}

#[test]
fn approvers_that_name_nobody_do_not_mean_everybody() {
    let text = "inputs: {who: {type: array, default: []}}\nsteps:\n  - {id: gate, type: approval, prompt: Go?, approvers: ['{{ inputs.who }}']}";
    assert_eq!(Run::of(text).trail().last().unwrap(), "run Failed: approval_without_approvers");
}

/// Tells whose lists of this name have a row.
fn lists_with(run: &Run, list: &str) -> Vec<UserId> {
    run.state().summaries(ID.0).into_keys().filter(|key| key.list == list).map(|key| key.owner).collect()
}

#[test]
fn whoever_is_asked_by_name_finds_it_in_their_list() {
    let lists = |names: &[&str]| {
        let mut lists: Vec<_> = names.iter().map(|name| addressee(name)).chain([ann().user]).collect();
        lists.sort_unstable();
        lists
    };
    assert_eq!(lists_with(&Run::of(GATE), "approval"), lists(&[]));
    let run = Run::of(
        "  - {id: gate, type: approval, prompt: Go?, timeout: 1h, on_timeout: escalate, approvers: [ann, bob, bob], escalate_to: [carl]}",
    );
    assert_eq!(lists_with(&run, "approval"), lists(&["bob"]), "the owner sees it once, whoever decides");
    let run = run.after(Span::hours(1)).wake();
    assert_eq!(lists_with(&run, "approval"), lists(&["bob", "carl"]), "an escalation asks more people");
    let approve = decide(&run, Decision::Approved);
    let run = run.wants(bob(), approve);
    assert_eq!(lists_with(&run, "approval"), []);
    assert_eq!(lists_with(&run, "decision"), lists(&["bob", "carl"]), "a late click finds who decided");
}

#[test]
fn only_so_many_people_are_asked() {
    let text = "inputs: {who: {type: array, default: []}}\nsteps:\n  - {id: gate, type: approval, prompt: Go?, approvers: ['{{ inputs.who }}']}";
    let people = |count: usize| json!({"who": (0..count).map(|n| format!("p{n}")).collect::<Vec<_>>()});
    let run = Run::with_inputs(text, people(101));
    assert_eq!(run.trail().last().unwrap(), "run Failed: approval_too_many_approvers");
    assert_eq!(lists_with(&Run::with_inputs(text, people(100)), "approval").len(), 101);
}

#[test]
fn a_decision_is_about_what_was_shown() {
    let run = Run::of(GATE);
    let Asked { approval, .. } = asked(&run);
    let decision = Decision::Approved;
    let other = Action::Decide { approval, hash: "sha256:0".into(), decision, reason: None };
    let run = run.refuses(want(ann(), other), "look at it again");
    let nobody = ApprovalId(uuid::Uuid::from_u128(4));
    let unknown = Action::Decide { approval: nobody, hash: String::new(), decision, reason: None };
    run.refuses(want(ann(), unknown), "no open approval");
}

#[test]
fn a_late_click_is_told_who_decided() {
    let run = Run::of(
        "  - {id: gate, type: approval, prompt: Go?, approvers: [ann, bob]}\n  - {id: push, type: tool, tool: t}",
    );
    let (approve, deny) = (decide(&run, Decision::Approved), decide(&run, Decision::Denied));
    let run = run.wants(ann(), approve.clone()).refuses(want(bob(), deny), "ann approved this at");
    // The same person and the same answer is no second decision.
    let again = tenure_workflow::execution::Command::Client { by: ann(), request: None, action: approve };
    run.ignores(again);
}

#[test]
fn the_deadline_decides_as_the_step_says() {
    let run = Run::of(GATE).then(&["gate started", "slot freed"]).after(Span::hours(1)).wake();
    run.went(&[
        "gate Denied by the deadline",
        "gate completed",
        "run ending: Cancelled approval_denied: nobody decided in time",
        "run Cancelled",
    ]);
    let run = Run::of("  - {id: gate, type: approval, prompt: Go?, timeout: 1h, on_timeout: approve}").until_due();
    assert_eq!(run.output("gate")["decision"], "approved");
}

#[test]
fn an_escalation_asks_others_and_waits_as_long_again() {
    let run = Run::of(
        "  - {id: gate, type: approval, prompt: Go?, timeout: 1h, on_timeout: escalate, approvers: [carl], escalate_to: [bob]}",
    );
    let approve = decide(&run, Decision::Approved);
    let run = run.refuses(want(bob(), approve.clone()), "only carl").after(Span::hours(1)).wake();
    let later = run.clone().wants(bob(), approve);
    assert_eq!(later.trail()[2..], ["gate escalated", "gate Approved by bob", "gate completed", "run Completed"]);
    let never = run.after(Span::hours(1)).wake();
    assert_eq!(never.trail()[3], "gate Denied by the deadline");
}

#[test]
fn several_gates_stand_open_at_once() {
    let run = Run::of(
        "  - {id: l, type: loop, over: [1, 2], concurrency: 2, steps: [{id: gate, type: approval, prompt: 'Item {{ item }}?'}]}",
    );
    let prompts: Vec<_> =
        run.state().open_approvals().map(|(path, asked)| format!("{path} {}", asked.prompt)).collect();
    assert_eq!(prompts, ["l:i0/gate Item 1?", "l:i1/gate Item 2?"]);
}

#[test]
fn an_approval_that_is_too_large_to_be_shown_fails_its_step() {
    let text = "inputs: {text: {type: string, default: x}}\nsteps:\n  - {id: gate, type: approval, prompt: Go?, items: {Text: '{{ inputs.text }}'}}";
    let start = |size: usize| Start {
        inputs: [("text".to_owned(), json!("x".repeat(size)))].into_iter().collect(),
        ..start_of(definition(text))
    };
    assert_eq!(Run::with(start(9_000)).trail().last().unwrap(), "run Failed: approval_too_large");
    assert!(Run::with(start(8_000)).state().open_approvals().next().is_some());
}
