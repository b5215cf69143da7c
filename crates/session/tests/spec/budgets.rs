//! Turns that draw on budgets: they tell what they have used, and end where nothing is left.

use tenure_model::Entity;
use tenure_model::budget::{Allowance, Draw, Left, Scope};
use tenure_model::chat::{FinishReason, ToolStatus, Usage};
use tenure_model::id::TurnId;
use tenure_model::link::TurnFrame;
use tenure_model::testkit::Given;
use tenure_model::time::Span;
use tenure_session::run::NewRun;
use tenure_session::{Command, Decline, Effect, Report, Session, StepCommand};

use crate::running::{does, new_run, prompt_of_step, step, turn};
use crate::support::*;

/// A turn that a runner has begun, and what its budgets have left.
fn running_with(left: Left) -> (Given<Session>, TurnId) {
    let given = session().when(want(text("do it"))).and();
    let turn = open(&given);
    let Command::Runner(Report::Accepted { work, generation, runner, boot, agent, .. }) = accepted(turn) else {
        panic!("it is accepted")
    };
    let accepted = Report::Accepted { work, generation, runner, boot, agent, left: Some(left) };
    (given.when(Command::Runner(accepted)).and().when(confirmed(turn)).and(), turn)
}

#[test]
fn a_turn_that_has_drawn_tells_what_it_has_used() {
    let (given, turn) = running_with(Left::default());
    let usage = Usage { model: Some("m".into()), input_tokens: 10, output_tokens: 5 };
    let called = [tool(0, "a", ToolStatus::Completed), tool(1, "b", ToolStatus::Running)];
    let used = called.into_iter().chain([TurnFrame::Usage { usage: usage.clone() }, ends(FinishReason::EndTurn)]);
    let then = given.after(Span::secs(3)).when(frames(turn, 0, used));
    let (work, owner) = (turn.into(), ann().user);
    then.effects([Effect::Spend { work, owner, usage, time_ms: Span::secs(3), tool_calls: 2 }]);
}

#[test]
fn a_turn_without_a_budget_tells_nothing() {
    let (given, turn) = running();
    given.when(frames(turn, 0, [ends(FinishReason::EndTurn)])).effects([]);
}

#[test]
fn an_agent_that_calls_more_tools_than_are_left_is_ended() {
    let (given, turn) = running_with(Left { tool_calls: Some(2), ..Left::default() });
    let call = |part: u32| tool(part, &format!("c{part}"), ToolStatus::Completed);
    let within = given.when(frames(turn, 0, [call(0), call(1), call(1)]));
    assert_eq!(said(&within), ["tool_updated", "tool_updated", "tool_updated"]);
    let beyond = within.and().when(frames(turn, 3, [call(2)]));
    assert_eq!(
        (said(&beyond), asked(&beyond)),
        (vec!["tool_updated".into(), "turn_cancelling".into()], vec!["cancel".to_owned()])
    );
    let over = beyond.and().when(frames(turn, 4, [call(3), ends(FinishReason::Canceled)]));
    let (reason, parts) = finished(&over);
    assert_eq!(reason, FinishReason::Error);
    assert!(format!("{parts:?}").contains("budget_used_up"), "{parts:?}");
}

#[test]
fn a_turn_ends_when_the_time_that_was_left_is_over() {
    let (given, turn) = running_with(Left { time_ms: Some(Span::secs(30)), ..Left::default() });
    let given = given.when(frames(turn, 0, [delta(0, 0, "Well")])).and().after(Span::secs(30));
    let then = given.wake();
    assert_eq!((said(&then), asked(&then)), (vec!["turn_cancelling".to_owned()], vec!["cancel".to_owned()]));
}

#[test]
fn works_of_a_run_draw_on_what_the_run_draws_on() {
    let allowance = Some(Allowance { turns: Some(3), ..Allowance::default() });
    let draws = vec![Draw { scope: Scope::Execution(new_run().execution), allowance }];
    let run = NewRun { draws: draws.clone(), ..new_run() };
    let given = session().when(Command::Step(StepCommand::Attach { owner: ann().user, run })).and();
    let then = given.when(does(prompt_of_step(1, "Check it")));
    let [Effect::Offer { draws: told, .. }] = &then.decision().effects[..] else { panic!("an offer") };
    assert_eq!(*told, draws);
    let recalled = then
        .and()
        .when(Command::Step(StepCommand::Undo { turn: turn(1), cause: tenure_session::effect::CancelCause::Undone }));
    assert!(asked(&recalled).contains(&"recall".to_owned()), "what was drawn for it is given back");
}

#[test]
fn a_run_is_told_that_its_step_waits_for_a_budget_and_when_it_does_not_any_more() {
    let given = session().when(Command::Step(StepCommand::Attach { owner: ann().user, run: new_run() })).and();
    let given = given.when(does(prompt_of_step(1, "Check it"))).and();
    let declined = |reason| Command::Runner(Report::Declined { work: turn(1).into(), generation: 1, reason });
    let budget = |why: &str| Decline::Budget { why: why.into() };
    let held = |why: Option<&str>| Effect::StepHeld { step: step(1), turn: turn(1), why: why.map(str::to_owned) };
    let given = given.when(declined(Decline::NoRunner)).effects([]).and();
    let given = given.when(declined(budget("no turns"))).effects([held(Some("no turns"))]).and();
    let given = given.when(declined(budget("no tokens"))).effects([held(Some("no tokens"))]).and();
    assert!(given.state.wants(&held(Some("no tokens"))) && !given.state.wants(&held(None)));
    given.when(declined(Decline::NoRunner)).effects([held(None)]);
}
