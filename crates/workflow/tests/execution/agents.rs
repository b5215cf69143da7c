//! `agent_prompt`: the prompt, the reply, threads and personas, and the repair of structured replies.

use serde_json::json;
use tenure_model::chat::FinishReason;
use tenure_model::step::StepWork;
use tenure_workflow::execution::{Effect, Start};

use crate::support::*;

fn prompts(run: &Run) -> Vec<String> {
    let text = |effect: &Effect| match effect {
        Effect::Do { work: StepWork::Prompt { text, .. }, .. } => Some(text.clone()),
        _ => None,
    };
    run.effects.iter().filter_map(text).collect()
}

#[test]
fn a_reply_is_what_the_step_gives() {
    let run = Run::of("  - {id: a, type: agent_prompt, prompt: 'Look at {{ 1 + 1 }}', output: seen}");
    assert_eq!(prompts(&run), ["Look at 2"]);
    let run = run.begins("a").ends("a", said(" It is fine. "));
    assert_eq!(run.output("seen"), "It is fine.");
    let output = run.output("a");
    assert_eq!(
        (&output["prompt"], &output["inputTokens"], &output["response"]),
        (&json!("Look at 2"), &json!(10), &json!("It is fine."))
    );
    assert_eq!(run.state().usage.output_tokens, 5);
}

#[test]
fn an_agent_that_says_nothing_fails_the_step() {
    let run = Run::of("  - {id: a, type: agent_prompt, prompt: Look}").ends("a", said("  "));
    assert_eq!(run.trail().last().unwrap(), "run Failed: agent_prompt_empty_response");
}

#[test]
fn a_prompt_that_comes_out_empty_is_not_asked() {
    let run = Run::of(
        "inputs: {q: {type: string, default: ' '}}\nsteps:\n  - {id: a, type: agent_prompt, prompt: '{{ inputs.q }}'}",
    );
    assert_eq!(run.trail().last().unwrap(), "run Failed: agent_prompt_empty_prompt");
}

#[test]
fn a_question_is_a_failure_of_its_own_name() {
    let mut outcome = finished(FinishReason::Error, true);
    outcome.error = Some("agent_prompt_question_not_supported: Shall I?".into());
    let run = Run::of("  - {id: a, type: agent_prompt, prompt: Look}").ends("a", outcome);
    assert_eq!(run.trail().last().unwrap(), "run Failed: agent_prompt_question_not_supported");
}

#[test]
fn steps_share_a_thread_name_one_or_have_their_own() {
    let run = Run::of(
        "  - id: p
    type: parallel
    branches:
      one: [{id: a, type: agent_prompt, prompt: A}]
      two: [{id: b, type: agent_prompt, prompt: B}]
      three: [{id: c, type: agent_prompt, prompt: C, thread: fixer}]
      four: [{id: d, type: agent_prompt, prompt: D, thread: '@new'}]",
    );
    let threads: Vec<_> = run
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Do { thread, .. } = effect { Some(thread.clone()) } else { None })
        .collect();
    assert_eq!(threads[0], threads[1]);
    assert!(threads[2].id != threads[0].id && threads[2].title == "fixer" && !threads[2].single_use);
    assert!(threads[3].single_use && threads[3].id != threads[0].id);
}

#[test]
fn a_persona_is_shipped_with_the_work() {
    let text = "  - {id: a, type: agent_prompt, prompt: Look, persona: reviewer}";
    let run = Run::of(text);
    assert_eq!(run.trail().last().unwrap(), "run Failed: agent_prompt_persona_not_found:reviewer");
    let personas = [("reviewer".to_owned(), "Be strict.".to_owned())].into();
    let run = Run::with(Start { personas, ..start_of(definition(text)) });
    let shipped = run.effects.iter().any(|effect| {
        matches!(effect, Effect::Do { work: StepWork::Prompt { persona: Some(persona), .. }, .. } if persona.instructions == "Be strict.")
    });
    assert!(shipped);
}

#[test]
fn a_prompt_that_nobody_awaits_lets_the_run_go_on() {
    let run = Run::of(
        "  - {id: a, type: agent_prompt, prompt: Look, await_response: false}\n  - {id: b, type: tool, tool: t}",
    );
    assert_eq!(prompts(&run), ["Look"]);
    run.went(&["a started", "a completed", "b started"]);
}

const FIELDS: &str = "  - id: a
    type: agent_prompt
    prompt: Judge it
    output: verdict
    output_schema: {ready: {type: boolean, description: Whether it is.}, notes: {type: string}}";

#[test]
fn a_structured_reply_is_read_as_fields() {
    let run = Run::of(FIELDS);
    assert!(prompts(&run)[0].starts_with("Judge it\n\nAnswer with one JSON object"), "{:?}", prompts(&run));
    for reply in [
        "{\"ready\": true, \"notes\": null}",
        "Here:\n```json\n{\"ready\": true, \"notes\": null}\n```\nDone.",
        "I think {\"ready\": true, \"notes\": null} says it.",
    ] {
        let run = run.clone().ends("a", said(reply));
        assert_eq!(run.output("verdict"), json!({ "ready": true, "notes": null }), "{reply}");
    }
}

#[test]
fn a_bad_reply_is_repaired_in_the_same_conversation() {
    let run = Run::of(FIELDS).begins("a");
    let (first, thread) = match run.effects.last() {
        Some(Effect::Do { turn, thread, .. }) => (*turn, thread.clone()),
        other => panic!("{other:?}"),
    };
    let run = run.ends("a", said("{\"ready\": \"yes\"}"));
    assert!(
        run.effects.contains(&Effect::Supersede {
            session: run.state().about.as_ref().unwrap().session.unwrap(),
            turn: first
        })
    );
    match run.effects.last() {
        Some(Effect::Do { turn, thread: again, step, .. }) => {
            assert!(*turn != first && *again == thread && step.round == 1, "{step:?}");
        }
        other => panic!("{other:?}"),
    }
    let wrong = "`ready` is string, wanted is boolean; `notes` is missing";
    assert!(prompts(&run)[1].contains(wrong), "{:?}", prompts(&run));
    let run = run.begins("a").ends("a", said("{\"ready\": false, \"notes\": \"x\"}"));
    let output = run.output("a");
    assert_eq!((&output["rounds"], &output["inputTokens"]), (&json!(2), &json!(20)), "tokens of all rounds");
}

#[test]
fn a_bad_reply_that_is_long_is_cut() {
    let long = format!("{{\"ready\": \"{}\"}}", "y".repeat(5_000));
    let run = Run::of(FIELDS).ends("a", said(&long));
    assert!(prompts(&run)[1].len() < 2_000);
}

#[test]
fn a_reply_is_repaired_twice_at_most() {
    let run = Run::of(FIELDS).ends("a", said("no")).ends("a", said("{")).ends("a", said("never"));
    assert_eq!(prompts(&run).len(), 3);
    assert_eq!(run.trail().last().unwrap(), "run Failed: agent_prompt_structured_output_invalid");
}

#[test]
fn the_end_of_an_earlier_round_changes_nothing() {
    let run = Run::of(FIELDS);
    let late = run.ended("a", said("{\"ready\": true, \"notes\": null}"));
    run.ends("a", said("no")).ignores(late);
}
