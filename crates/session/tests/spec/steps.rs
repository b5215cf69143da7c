//! The works of workflow steps: how they are taken on, what their run is told, and what people can do about them.

use std::collections::BTreeMap;

use serde_json::json;
use tenure_model::Span;
use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::link::{ShellWork, TurnFrame, WorkKind};
use tenure_model::step::{Persona, StepOutcome, StepWork};
use tenure_model::testkit::{Given, Then};
use tenure_session::effect::CancelCause;
use tenure_session::run::StepThread;
use tenure_session::view::superseded;
use tenure_session::{Action, Command, Effect, Event, Report, Session, StepCommand};
use uuid::Uuid;

use crate::running::*;
use crate::support::*;

fn outcome(then: &Then<Session>) -> StepOutcome {
    let told = then.decision().effects.iter().find_map(|effect| match effect {
        Effect::TellStep { outcome, .. } => Some(StepOutcome::clone(outcome)),
        _ => None,
    });
    told.expect("the run is told how it ended")
}

/// The workflow session with a step's prompt that a runner does.
fn prompting() -> Given<Session> {
    let given = workflow().when(does(prompt_of_step(1, "Check it"))).and();
    given.when(accepted(turn(1))).and().when(confirmed(turn(1))).and()
}

#[test]
fn a_prompt_opens_the_very_turn_that_was_asked_for() {
    let then = workflow().when(does(prompt_of_step(1, "Check it")));
    assert_eq!(said(&then), ["thread_opened", "prompt_queued", "turn_opened"]);
    assert_eq!(asked(&then), ["offer"]);
    let given = then.and();
    assert_eq!(given.state.turns[&turn(1)].step(), Some(&step(1)));
    let view = given.state.view(ID).expect("there is a session");
    assert_eq!(view.turns[0].step, Some(step(1)));
}

#[test]
fn the_run_hears_once_that_a_runner_has_begun() {
    let given = workflow().when(does(prompt_of_step(1, "Check it"))).and();
    let given = given.when(accepted(turn(1))).and();
    let began = Effect::StepBegan { step: step(1), turn: turn(1), runner: RUNNER, agent: "scripted".into() };
    given
        .clone()
        .when(confirmed(turn(1)))
        .effects([began.clone()])
        .and()
        .when(frames(turn(1), 0, [delta(0, 0, "Hm")]))
        .effects([]);
    let then = given.when(frames(turn(1), 0, [delta(0, 0, "Hm")])).effects([began]);
    then.and().when(confirmed(turn(1))).silent();
}

#[test]
fn the_run_hears_what_the_agent_said() {
    let said = [
        TurnFrame::MessageCreate { agent: "scripted".into(), model: Some("m".into()), agent_session: None },
        delta(0, 0, "One."),
        tool(1, "c", tenure_model::chat::ToolStatus::Completed),
        delta(2, 0, "Two."),
        ends(FinishReason::EndTurn),
    ];
    let then = prompting().after(Span::secs(3)).when(frames(turn(1), 0, said));
    let told = outcome(&then);
    assert_eq!((told.finish, told.started, told.text.as_str()), (FinishReason::EndTurn, true, "One.\n\nTwo."));
    assert_eq!((told.agent.as_deref(), told.model.as_deref()), (Some("scripted"), Some("m")));
    assert_eq!(told.duration_ms, Span::secs(3));
    let finished = then
        .decision()
        .events
        .iter()
        .find_map(|event| tenure_session::view::message(event, 9, tenure_model::testkit::START));
    assert_eq!(finished.expect("a message").step, Some(step(1)));
}

#[test]
fn a_long_answer_is_cut_for_the_run_and_says_so() {
    let given = workflow_with(tenure_session::Limits { outcome_text_bytes_max: 3, ..Default::default() });
    let given = given.when(does(prompt_of_step(1, "Check it"))).and().when(accepted(turn(1))).and();
    let told = outcome(&given.when(frames(turn(1), 0, [delta(0, 0, "aéö"), ends(FinishReason::EndTurn)])));
    assert_eq!((told.text.as_str(), told.text_cut), ("aé", true));
}

#[test]
fn a_repeat_is_known_while_it_waits_runs_and_when_it_is_over() {
    let first = prompt_of_step(1, "Check it");
    let second = prompt_of_step(2, "Check that");
    let given = workflow().when(does(first.clone())).and().when(does(second.clone())).and();
    assert_eq!(waiting(&given), ["Check that"]);
    let given = given.when(does(first.clone())).silent().when(does(second.clone())).silent();
    let given = given.when(accepted(turn(1))).and().when(frames(turn(1), 0, [ends(FinishReason::EndTurn)])).and();
    assert!(given.state.turns.contains_key(&turn(2)), "the thread goes on with the next step");
    let given = given.when(does(first)).silent();
    given
        .when(Command::Step(StepCommand::Undo { turn: turn(2), cause: CancelCause::Undone }))
        .and()
        .when(does(second))
        .silent();
}

#[test]
fn a_closed_step_still_acknowledges_what_its_runner_repeats() {
    let given = prompting().when(frames(turn(1), 0, [delta(0, 0, "x"), ends(FinishReason::EndTurn)])).and();
    let given = given.when(does(prompt_of_step(2, "Next"))).and().when(accepted(turn(2))).and();
    let given = given.when(frames(turn(2), 0, [ends(FinishReason::EndTurn)])).and();
    given.when(frames(turn(1), 0, [delta(0, 0, "x"), ends(FinishReason::EndTurn)])).silent();
}

#[test]
fn an_interrupting_prompt_ends_the_open_turn_and_goes_first() {
    let (given, chatting) = attached_running();
    let given = given.when(want(text("a person waits"))).and();
    let mut task = prompt_of_step(1, "Now");
    task.thread = StepThread { id: THREAD, title: None, single_use: false };
    if let StepWork::Prompt { interrupt, .. } = &mut task.work {
        *interrupt = true;
    }
    let then = given.when(does(task));
    assert_eq!(said(&then), ["prompt_queued", "turn_cancelling"]);
    let given = then.and();
    assert_eq!(waiting(&given), ["Now", "a person waits"]);
    let given = given.when(frames(chatting, 0, [ends(FinishReason::Canceled)])).and();
    assert!(given.state.turns.contains_key(&turn(1)));
}

#[test]
fn people_cannot_change_a_steps_prompt_and_are_told_whose_it_is() {
    let (given, _) = attached_running();
    let mut task = prompt_of_step(1, "Check it");
    task.thread = StepThread { id: THREAD, title: None, single_use: false };
    let given = given.when(does(task)).and();
    let prompt = given.state.queue[0].id;
    assert_eq!(given.state.view(ID).expect("a view").queue[0].step, Some(step(1)));
    let edit = Action::EditPrompt { prompt, text: "x".into() };
    let given = given.when(want(edit)).refused("belongs to the workflow run \"Release check of main\"");
    let given = given.when(want(Action::WithdrawPrompt { prompt })).refused("belongs to the workflow run");
    given.when(want(Action::PromotePrompt { prompt })).refused("belongs to the workflow run");
}

#[test]
fn a_steps_prompt_is_not_collected_with_those_of_people() {
    let (given, open) = attached_running();
    let mut task = prompt_of_step(1, "Check it");
    task.thread = StepThread { id: THREAD, title: None, single_use: false };
    if let StepWork::Prompt { interrupt, .. } = &mut task.work {
        *interrupt = true;
    }
    let given = given.when(want(text_as(PromptMode::Steer, "mine"))).and().when(does(task)).and();
    let given = given.when(want(text_as(PromptMode::Steer, "mine too"))).and();
    let given = given.when(frames(open, 0, [ends(FinishReason::Canceled)])).and();
    assert_eq!(open_text(&given), "mine");
    assert_eq!(waiting(&given), ["Check it", "mine too"]);
}

#[test]
fn a_person_may_abort_a_step_and_the_run_hears_of_it() {
    let given = prompting();
    let given = given.when(want(Action::Abort { thread: None, turn: Some(turn(1)) })).and();
    let then = given.when(frames(turn(1), 0, [ends(FinishReason::Canceled)]));
    let told = outcome(&then);
    assert_eq!((told.finish, told.started), (FinishReason::Canceled, true));
}

#[test]
fn a_failed_step_is_not_for_people_to_retry() {
    let given = prompting().when(frames(turn(1), 0, [ends(FinishReason::Error)])).and();
    given.when(want(Action::Retry { turn: turn(1) })).refused("cannot be retried");
}

#[test]
fn what_no_runner_had_did_not_start() {
    let given = workflow().when(does(prompt_of_step(1, "Check it"))).and();
    let given = given.when(does(prompt_of_step(2, "waits"))).and();
    let undo = |number, cause| Command::Step(StepCommand::Undo { turn: turn(number), cause });
    let then = given.when(undo(2, CancelCause::TimedOut));
    assert_eq!(said(&then), ["step_dropped"]);
    let told = outcome(&then);
    assert_eq!((told.finish, told.started), (FinishReason::Error, false));
    let then = then.and().when(undo(1, CancelCause::Undone));
    assert_eq!(said(&then), ["turn_finished"]);
    let told = outcome(&then);
    assert_eq!((told.finish, told.started), (FinishReason::Canceled, false));
}

#[test]
fn a_lost_runner_is_told_as_interrupted() {
    let told = outcome(&prompting().when(lost(turn(1))));
    assert_eq!((told.finish, told.started), (FinishReason::Interrupted, true));
}

#[test]
fn a_question_in_a_workflows_own_session_ends_the_step() {
    let then = prompting().when(frames(turn(1), 0, [delta(0, 0, "Well, "), asks(question(1))]));
    assert_eq!(said(&then), ["question_refused", "turn_cancelling"]);
    assert_eq!(then.decision().deltas.len(), 1, "what was said is kept for people");
    let then = then.and().when(frames(turn(1), 2, [ends(FinishReason::Canceled)]));
    let told = outcome(&then);
    assert_eq!((told.finish, told.text.as_str()), (FinishReason::Error, ""));
    assert_eq!(told.error.as_deref(), Some("agent_prompt_question_not_supported: the agent asked: Which one?"));
    let all_at_once = prompting().when(frames(turn(1), 0, [asks(question(1)), ends(FinishReason::EndTurn)]));
    assert_eq!(outcome(&all_at_once).finish, FinishReason::Error);
}

#[test]
fn a_question_in_an_attached_chat_is_asked() {
    let given = attached().when(does(prompt_of_step(1, "Check it"))).and().when(accepted(turn(1))).and();
    let then = given.when(frames(turn(1), 0, [asks(question(1))]));
    assert_eq!(said(&then), ["turn_started", "question_asked"]);
}

#[test]
fn commands_run_at_once_beside_each_other() {
    let given = workflow().when(does(shell_of_step(1))).and();
    let then = given.when(does(shell_of_step(2)));
    assert_eq!(said(&then), ["turn_opened"]);
    let Effect::Offer { offer, .. } = &then.decision().effects[0] else { panic!("an offer") };
    assert_eq!((offer.kind, offer.agent.as_deref()), (WorkKind::Shell, None));
    let given = then.and();
    assert_eq!(given.state.turns.len(), 2);
    let then = given.when(does(prompt_of_step(3, "Talk")));
    assert_eq!(said(&then), ["thread_opened", "prompt_queued", "turn_opened"]);
}

#[test]
fn a_runner_is_told_the_command_its_time_and_its_repository() {
    let mut task = shell_of_step(1);
    task.timeout_ms = Some(Span::secs(5));
    let then = workflow().when(does(task)).and().when(accepted(turn(1)));
    let Effect::Start { spec, .. } = &then.decision().effects[0] else { panic!("a start") };
    let env = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
    let shell = ShellWork { command: "cargo test".into(), env, cwd: Some("crates".into()) };
    assert_eq!((&spec.shell, spec.timeout_ms, &spec.step), (&Some(shell), Span::secs(5), &Some(step(1))));
    assert_eq!(spec.repo.as_ref().map(|repo| repo.url.as_str()), Some("https://example.org/app.git"));
}

#[test]
fn the_run_hears_what_a_command_came_to() {
    let given = workflow().when(does(shell_of_step(1))).and().when(accepted(turn(1))).and();
    let result = Some(json!({ "exitCode": 3 }));
    let end = TurnFrame::Finalize { reason: FinishReason::EndTurn, error: None, result: result.clone() };
    let then = given.when(frames(turn(1), 0, [end]));
    assert_eq!(asked(&then), ["step_began", "tell_step"]);
    assert_eq!(outcome(&then).result, result);
}

#[test]
fn a_result_that_is_too_large_is_an_error_and_closes_the_turn() {
    let limits = tenure_session::Limits { result_bytes_max: 10, ..Default::default() };
    let given = workflow_with(limits).when(does(shell_of_step(1))).and().when(accepted(turn(1))).and();
    let end = TurnFrame::Finalize { reason: FinishReason::EndTurn, error: None, result: Some(json!("0123456789")) };
    let told = outcome(&given.when(frames(turn(1), 0, [end])));
    assert_eq!((told.finish, told.result), (FinishReason::Error, None));
    assert!(told.error.is_some_and(|error| error.contains("12, the limit result_bytes_max is 10")));
}

#[test]
fn a_command_that_takes_too_long_says_so_in_the_words_of_its_step() {
    let mut task = shell_of_step(1);
    task.timeout_ms = Some(Span::secs(5));
    let given = workflow().when(does(task)).and().when(accepted(turn(1))).and().when(confirmed(turn(1))).and();
    let given = given.after(Span::secs(36)).wake().and();
    let told = outcome(&given.when(frames(turn(1), 0, [ends(FinishReason::Error)])));
    assert_eq!(told.error.as_deref(), Some("bash_timeout:5000"));
}

#[test]
fn a_persona_and_models_go_with_the_prompt() {
    let mut task = prompt_of_step(1, "Check it");
    let persona = Some(Persona { name: "reviewer".into(), instructions: "Be brief.".into() });
    let models = vec!["m-1".to_owned(), "m-2".to_owned()];
    let (text, agent, interrupt) = ("Check it".into(), None, false);
    task.work = StepWork::Prompt { text, persona: persona.clone(), agent, models: models.clone(), interrupt };
    let then = workflow().when(does(task)).and().when(accepted(turn(1)));
    let Effect::Start { spec, .. } = &then.decision().effects[0] else { panic!("a start") };
    assert_eq!((&spec.persona, &spec.models, spec.model.as_deref()), (&persona, &models, Some("m-1")));
}

#[test]
fn a_superseded_round_counts_as_canceled() {
    let given = prompting().when(frames(turn(1), 0, [delta(0, 0, "{"), ends(FinishReason::EndTurn)])).and();
    let then = given.when(Command::Step(StepCommand::Supersede { turn: turn(1) }));
    assert_eq!(said(&then), ["turn_superseded"]);
    let given = then.and();
    assert!(given.state.is_superseded(turn(1)));
    given.when(Command::Step(StepCommand::Supersede { turn: turn(9) })).silent();
    let (reason, parts) = (FinishReason::EndTurn, vec![]);
    let finished = Event::TurnFinished {
        turn: turn(1),
        thread: THREAD,
        reason,
        agent: None,
        parts,
        usage: Default::default(),
        error: None,
        next_frame: 0,
        step: Some(step(1)),
    };
    let message = tenure_session::view::message(&finished, 1, tenure_model::testkit::START).expect("a message");
    assert_eq!(superseded(message).finish, Some(FinishReason::Canceled));
}

#[test]
fn single_use_threads_are_closed_when_they_rest_too_many_or_their_run_is_over() {
    let limits = tenure_session::Limits { step_threads_idle_max: 1, ..Default::default() };
    let mut given = workflow_with(limits);
    let thread = |number: u128| tenure_model::id::ThreadId(Uuid::from_u128(0x7700 + number));
    for number in 1..=2 {
        let mut task = prompt_of_step(number, "Once");
        task.thread = StepThread { id: thread(number), title: Some("once".into()), single_use: true };
        given = given.when(does(task)).and().when(accepted(turn(number))).and();
        let prompt = in_thread(thread(number), PromptMode::Followup, "me too");
        given = given.when(want(prompt)).refused("for one step of a workflow run only");
        given = given.when(frames(turn(number), 0, [ends(FinishReason::EndTurn)])).and();
    }
    assert!(!given.state.threads.contains_key(&thread(1)), "it gave way to the next one");
    assert!(given.state.threads.contains_key(&thread(2)), "a repair round may go on in it");
    let given = given.when(closes()).and();
    assert!(!given.state.threads.contains_key(&thread(2)));
}

#[test]
fn an_effect_for_a_run_that_cannot_be_delivered_holds_nothing_up() {
    let given = prompting().when(frames(turn(1), 0, [ends(FinishReason::EndTurn)])).and();
    let effect = Effect::StepBegan { step: step(1), turn: turn(1), runner: RUNNER, agent: "scripted".into() };
    let failed = Report::EffectFailed { effect_id: "e".into(), effect, why: "no".into() };
    given.when(Command::Runner(failed)).silent();
}
