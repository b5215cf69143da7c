//! `workflow`: child runs, their ends, and their parent's.

use serde_json::json;
use tenure_model::step::RunEnd;
use tenure_workflow::execution::command::Parent;
use tenure_workflow::execution::{Command, Effect, Start, StepError};

use crate::support::*;

const PARENT: &str =
    "  - {id: c, type: workflow, workflow: other, inputs: {n: '{{ 1 + 1 }}'}}\n  - {id: a, type: tool, tool: t}";

fn child(run: &Run) -> tenure_model::id::ExecutionId {
    let started = run.effects.iter().find_map(|effect| match effect {
        Effect::StartChild { child, .. } => Some(*child),
        _ => None,
    });
    started.expect("a child was started")
}

fn ended(run: &Run, end: RunEnd, error: Option<StepError>) -> Command {
    Command::ChildEnded { step: run.step_ref("c"), child: child(run), end, outputs: json!({ "x": 1 }), error }
}

#[test]
fn a_child_gives_its_outputs() {
    let run = Run::of(PARENT);
    let asked = run.effects.iter().any(|effect| {
        matches!(effect, Effect::StartChild { workflow, inputs, depth: 1, .. } if workflow == "other" && inputs["n"] == 2)
    });
    assert!(asked, "{:?}", run.effects);
    let news = ended(&run, RunEnd::Completed, None);
    let run = run.send(news);
    assert_eq!(run.output("c"), json!({ "x": 1 }));
    run.went(&["c started", "slot freed", "c completed", "a started", "slot taken"]);
}

#[test]
fn a_child_that_fails_fails_its_step() {
    let run = Run::of(PARENT);
    let news = ended(&run, RunEnd::Failed, Some(StepError::new("bad", "it is bad")));
    assert_eq!(run.send(news).trail().last().unwrap(), "run Failed: child_failed");
    let run = Run::of(PARENT);
    let news = ended(&run, RunEnd::Cancelled, None);
    assert_eq!(run.send(news).trail().last().unwrap(), "run Failed: child_cancelled");
}

#[test]
fn a_child_tells_its_parent_how_it_ended() {
    let parent = Parent { step: Run::of(PARENT).step_ref("c"), depth: 1 };
    let text = "outputs: {n: '{{ outputs.a }}'}\nsteps:\n  - {id: a, type: tool, tool: t}";
    let start = Start { parent: Some(parent.clone()), ..start_of(definition(text)) };
    let run = Run::with(start).returns("a", json!(7));
    let told = run.effects.iter().any(|effect| {
        matches!(effect, Effect::TellParent { step, end: RunEnd::Completed, outputs, .. }
            if *step == parent.step && outputs["n"].as_ref() == &json!(7))
    });
    assert!(told, "{:?}", run.effects);
}

#[test]
fn a_child_ends_with_its_parent() {
    let parent = Parent { step: Run::of(PARENT).step_ref("c"), depth: 1 };
    let start = Start { parent: Some(parent.clone()), ..start_of(definition("  - {id: w, type: wait, duration: 1h}")) };
    let mut other = parent.step.clone();
    other.attempt = 7;
    let run = Run::with(start).ignores(Command::ParentEnds { parent: other });
    let run = run.send(Command::ParentEnds { parent: parent.step });
    assert_eq!(run.trail()[2..], ["run ending: Cancelled cancelled_by_parent", "w cancelled", "run Cancelled"]);
}

#[test]
fn children_of_children_have_a_limit() {
    let parent = Some(Parent { step: Run::of(PARENT).step_ref("c"), depth: 8 });
    let run = Run::with(Start { parent, ..start_of(definition(PARENT)) });
    assert_eq!(run.trail().last().unwrap(), "run Failed: depth_exceeded");
}
