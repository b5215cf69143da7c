//! Starting a run: what is checked, what is asked for first, and that starting twice is starting once.

use serde_json::json;
use tenure_model::id::SessionId;
use tenure_model::testkit::given;
use tenure_workflow::Execution;
use tenure_workflow::execution::command::{GateNews, Parent};
use tenure_workflow::execution::state::Slot;
use tenure_workflow::execution::{Command, Effect, Limits, Reply, Start};
use uuid::Uuid;

use crate::support::*;

const ONE_TOOL: &str = "  - {id: a, type: tool, tool: echo}";

fn refused(start: Start, why: &str) {
    given::<Execution>(ID, []).when(Command::Start(Box::new(start))).refused(why);
}

#[test]
fn a_run_asks_for_a_slot_and_starts_nothing_before_it_has_one() {
    let run = Run::asking(start_of(definition(ONE_TOOL)));
    assert!(matches!(&run.effects[..], [Effect::AskSlot { slot }] if !slot.resumed));
    let run = run.went(&[]).send(Command::Gate(GateNews::Queued { ahead: 3, why: "runs_max".into() }));
    assert!(matches!(&run.state().slot, Slot::Asked { queue: Some(queue), .. } if queue.ahead == 3));
    run.send(Command::Gate(GateNews::Granted)).went(&["a started"]);
}

#[test]
fn a_gate_that_is_silent_for_long_is_asked_again() {
    let run = Run::asking(start_of(definition(ONE_TOOL))).then(&[]).until_due();
    assert!(matches!(&run.effects[..], [Effect::AskSlot { .. }]));
}

#[test]
fn a_run_gets_a_session_when_anything_in_it_needs_one() {
    let run = Run::asking(start_of(definition("  - {id: a, type: bash, command: ls}")));
    let Effect::OpenSession { session, attach: false, about } = &run.effects[0] else {
        panic!("no session was asked for: {:?}", run.effects);
    };
    assert_eq!((about.title.as_str(), run.state().about.as_ref().unwrap().session), ("Spec", Some(*session)));
    let run = Run::asking(start_of(definition(ONE_TOOL)));
    assert_eq!(run.state().about.as_ref().unwrap().session, None);
}

#[test]
fn a_run_is_attached_to_a_session_that_is_named() {
    let session = SessionId(Uuid::from_u128(77));
    let run = Run::asking(Start { session: Some(session), ..start_of(definition(ONE_TOOL)) });
    assert!(matches!(&run.effects[0], Effect::OpenSession { session: named, attach: true, .. } if *named == session));
}

#[test]
fn a_second_start_with_something_else_is_refused() {
    let run = Run::of(ONE_TOOL);
    let other =
        Start { hash: definition("  - {id: b, type: tool, tool: echo}").hash(), ..start_of(definition(ONE_TOOL)) };
    run.refuses(Command::Start(Box::new(other)), "something else");
}

#[test]
fn a_start_is_answered_with_the_run_and_its_session() {
    let then = given::<Execution>(ID, []).when(Command::Start(Box::new(start_of(definition(ONE_TOOL)))));
    assert_eq!(then.decision().reply, Reply::Started { execution: ID, session: None });
}

#[test]
fn a_wrong_hash_is_refused() {
    let hash = definition("  - {id: b, type: tool, tool: echo}").hash();
    refused(Start { hash, ..start_of(definition(ONE_TOOL)) }, "hash");
}

#[test]
fn inputs_are_checked_and_filled_in() {
    let text = "inputs:\n  n: {type: integer, default: 4}\n  who: {type: string, required: true}\nsteps:\n  - {id: a, type: tool, tool: echo, arguments: {n: '{{ inputs.n }}', who: '{{ variables.who }}'}}";
    refused(start_of(definition(text)), "who");
    let run = Run::with_inputs(text, json!({ "who": "ann" }));
    assert_eq!(run.arguments(), json!({ "n": 4, "who": "ann" }));
    let Run { given, .. } = Run::with_inputs(text, json!({ "who": "ann", "n": 5 }));
    assert_eq!(given.state.about.unwrap().inputs["n"].as_ref(), &json!(5));
}

#[test]
fn inputs_that_are_too_large_are_refused() {
    let text = "inputs:\n  who: {type: string}\nsteps:\n  - {id: a, type: tool, tool: echo}";
    let limits = Limits { inputs_bytes_max: 10, ..Limits::default() };
    let mut start = Start { limits, ..start_of(definition(text)) };
    start.inputs.insert("who".into(), json!("somebody with a long name"));
    refused(start, "inputs_bytes_max");
}

#[test]
fn runs_do_not_start_runs_for_ever() {
    let run = Run::of("  - {id: a, type: workflow, workflow: other}");
    let parent = Some(Parent { step: run.step_ref("a"), depth: 9 });
    refused(Start { parent, ..start_of(definition(ONE_TOOL)) }, "depth_max");
}

#[test]
fn a_concurrency_key_is_told_to_the_gate() {
    let text = "inputs:\n  branch: {type: string, default: main}\nconcurrency: {key: '{{ inputs.branch }}', max: 2}\nsteps:\n  - {id: a, type: tool, tool: echo}";
    let run = Run::asking(start_of(definition(text)));
    let Some(Effect::AskSlot { slot }) = run.effects.last() else { panic!("no slot was asked for") };
    let key = slot.key.as_ref().unwrap();
    assert!(key.key.ends_with("/spec/main") && key.max == 2, "{key:?}");
}
