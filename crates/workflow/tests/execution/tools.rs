//! Tools and notifications: what is asked, what is answered, and silence.

use serde_json::json;
use tenure_model::step::StepWork;
use tenure_model::time::Span;
use tenure_workflow::execution::running::Doing;
use tenure_workflow::execution::{Command, Effect};

use crate::support::*;

#[test]
fn asking_twice_is_asking_once() {
    let run = Run::of("  - {id: a, type: tool, tool: one, retry: {max_attempts: 2, backoff: {delay: 1s}}}");
    let keys = |run: &Run| -> Vec<uuid::Uuid> {
        run.effects
            .iter()
            .filter_map(|effect| if let Effect::Call { key, .. } = effect { Some(*key) } else { None })
            .collect()
    };
    let again = Run::of("  - {id: a, type: tool, tool: one, retry: {max_attempts: 2, backoff: {delay: 1s}}}");
    assert_eq!(keys(&run), keys(&again));
    let run = run.errs("a", "busy").until_due();
    let keys = keys(&run);
    assert!(keys.len() == 2 && keys[0] != keys[1], "another attempt is another call");
}

#[test]
fn a_tool_that_does_not_answer_fails_its_step() {
    let run = Run::of("  - {id: a, type: tool, tool: one, timeout: 10s}").after(Span::secs(10)).wake();
    run.went(&["a started", "a failed: tool_timeout:10000, end", "run Failed: tool_timeout:10000"]);
}

#[test]
fn a_call_that_must_not_be_made_twice_is_noted_once_and_nobody_guesses_what_it_did() {
    let run = Run::of("  - {id: a, type: tool, tool: one, on_unknown: fail, retry: {max_attempts: 3}}");
    let calls = Command::Calls { step: run.step_ref("a") };
    let run = run.send(calls.clone()).ignores(calls.clone()).errs("a", "outcome_unknown");
    assert_eq!(run.trail().last().map(String::as_str), Some("run Failed: outcome_unknown"));
    run.ignores(calls);
    let asks = Run::of("  - {id: a, type: tool, tool: one}").errs("a", "outcome_unknown");
    assert!(matches!(asks.state().steps.values().next().map(|step| &step.doing), Some(Doing::Unknown { .. })));
}

#[test]
fn an_effect_that_cannot_be_delivered_fails_its_step() {
    let run = Run::of("  - {id: a, type: tool, tool: nonesuch}");
    let call = run.effects.iter().find(|effect| matches!(effect, Effect::Call { .. })).unwrap().clone();
    let run = run.send(Command::EffectFailed { effect: call, why: "there is no tool `nonesuch`".into() });
    run.went(&["a started", "a failed: tool_unavailable, end", "run Failed: tool_unavailable"]);
}

#[test]
fn a_tool_of_the_runner_is_done_by_the_session() {
    let run = Run::of("  - {id: a, type: tool, tool: runner.spawn_session, arguments: {task: look}}");
    let done = run.effects.iter().any(|effect| {
        matches!(effect, Effect::Do { work: StepWork::Tool { tool, arguments }, .. }
            if tool == "spawn_session" && *arguments == json!({ "task": "look" }))
    });
    assert!(done, "{:?}", run.effects);
    let mut outcome = outcome();
    outcome.result = Some(json!({ "session": 7 }));
    let run = run.ends("a", outcome);
    assert_eq!(run.output("a"), json!({ "session": 7 }));
}

#[test]
fn the_shell_tool_gets_its_values_as_variables() {
    let text = "inputs: {who: {type: string, default: \"$(reboot)\"}}\nsteps:\n  - {id: a, type: tool, tool: bash, arguments: {command: 'echo {{ inputs.who }}'}}";
    let run = Run::of(text);
    let Some(Effect::Do { work: StepWork::Shell { command, env, .. }, .. }) = run.effects.last() else {
        panic!("no shell work: {:?}", run.effects)
    };
    assert_eq!((command.as_str(), env["TENURE_VALUE_0"].as_str()), ("echo \"${TENURE_VALUE_0}\"", "$(reboot)"));
}

#[test]
fn a_notification_is_delivered_or_its_step_fails() {
    let run = Run::of("  - {id: a, type: notify, content: 'It is {{ 1 + 1 }}'}");
    assert!(run.effects.iter().any(|effect| matches!(effect, Effect::Notify { content, .. } if content == "It is 2")));
    let told = run.clone().returns("a", json!(null));
    assert_eq!(told.output("a")["delivered"], true);
    run.errs("a", "gone").went(&["a started", "a failed: notify_send_failed, end", "run Failed: notify_send_failed"]);
}
