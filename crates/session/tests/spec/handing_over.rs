//! Offer, accept, durable record, start: who has a turn, and that nobody has it twice.

use tenure_model::Span;
use tenure_model::chat::FinishReason;
use tenure_model::entity::{Claim, Entity};
use tenure_model::id::BootId;
use tenure_model::link::TurnFrame;
use tenure_session::{Action, Command, Decline, Effect, Report};
use uuid::Uuid;

use crate::support::*;

#[test]
fn an_accepted_turn_is_started_with_all_that_the_runner_needs() {
    let given = session().when(want(text("hello"))).and();
    let turn = open(&given);
    let then = given.when(accepted(turn));
    assert_eq!(said(&then), ["turn_accepted"]);
    let [Effect::Start { runner, boot, spec }] = &then.decision().effects[..] else { panic!("a start") };
    assert_eq!((*runner, *boot), (RUNNER, BOOT));
    assert_eq!((spec.text.as_str(), spec.agent.as_deref(), spec.thread), ("hello", Some("scripted"), THREAD));
    let claim = Claim { runner: RUNNER, boot: BOOT, work: turn.into(), generation: 1 };
    assert_eq!(then.and().state.claims(), [claim]);
}

#[test]
fn what_nobody_has_is_not_claimed() {
    assert_eq!(session().when(want(text("hello"))).and().state.claims(), []);
}

#[test]
fn only_one_runner_gets_it() {
    let (given, turn) = taken();
    let other = |runner, boot| {
        let agent = "scripted".into();
        Command::Runner(Report::Accepted { work: turn.into(), generation: 1, runner, boot, agent, left: None })
    };
    given.clone().when(other(OTHER_RUNNER, BOOT)).refused("another runner holds this work");
    given.when(other(RUNNER, BootId(Uuid::from_u128(9)))).refused("another runner holds this work");
}

#[test]
fn an_acceptance_of_another_generation_is_refused() {
    let given = session().when(want(text("hello"))).and();
    let work = open(&given).into();
    let stale =
        Report::Accepted { work, generation: 2, runner: RUNNER, boot: BOOT, agent: "scripted".into(), left: None };
    given.when(Command::Runner(stale)).refused("generation 2 is not the current one, 1");
}

#[test]
fn an_acceptance_that_comes_after_the_end_is_refused() {
    let given = session().when(want(text("hello"))).and();
    let turn = open(&given);
    let given = given.when(want(Action::Abort { thread: None, turn: Some(turn) })).and();
    given.when(accepted(turn)).refused("the turn is closed");
}

#[test]
fn an_offer_that_nobody_takes_is_repeated_ever_more_slowly() {
    let given = session().when(want(text("hello"))).and();
    let given = given.after(Span::secs(30));
    let then = given.wake();
    assert_eq!((said(&then), asked(&then)), (vec!["turn_asked_again".into()], vec!["offer".into()]));
    let given = then.and();
    assert_eq!(given.state.wake_at(), Some(given.now + Span::secs(60)));
    let given = given.after(Span::secs(60)).wake().and();
    assert_eq!(given.state.wake_at(), Some(given.now + Span::secs(120)));
}

#[test]
fn a_start_that_nobody_confirms_is_repeated_until_it_is() {
    let (given, turn) = taken();
    let then = given.after(Span::secs(30)).wake();
    assert_eq!(asked(&then), ["start"]);
    let given = then.and().when(confirmed(turn)).and();
    assert_eq!(given.state.wake_at(), Some(given.state.turns[&turn].phase.hold().unwrap().lease_until));
}

#[test]
fn why_an_offer_waits_is_kept_for_people_to_see_once() {
    let given = session().when(want(text("hello"))).and();
    let turn = open(&given);
    let no_agent = Decline::NoAgent { agent: "scripted".into() };
    let declined = Command::Runner(Report::Declined { work: turn.into(), generation: 1, reason: no_agent });
    let given = given.when(declined).and();
    let view = given.state.view(ID).unwrap();
    assert_eq!(view.turns[0].waiting.as_deref(), Some("no connected runner has the agent \"scripted\""));
    assert!(given.when(accepted(turn)).and().state.turns[&turn].held_up.is_none());
}

#[test]
fn an_effect_that_could_not_be_delivered_is_shown_at_its_turn() {
    let given = session().when(want(text("hello"))).and();
    let turn = open(&given);
    let then = given.when(accepted(turn));
    let effect = then.decision().effects[0].clone();
    let failed = Report::EffectFailed { effect_id: "e1".into(), effect, why: "the runner does not answer".into() };
    let given = then.and().when(Command::Runner(failed.clone())).and();
    assert_eq!(given.state.turns[&turn].held_up.as_ref().unwrap().why, "the runner does not answer");
    let given = given.when(confirmed(turn)).and();
    given.when(Command::Runner(failed)).silent();
}

#[test]
fn the_agents_own_conversation_is_handed_back_to_the_same_agent() {
    let (given, turn) = running();
    let begins = TurnFrame::MessageCreate {
        agent: "scripted".into(),
        model: None,
        agent_session: Some("conversation-7".into()),
    };
    let given = given.when(frames(turn, 0, [begins, ends(FinishReason::EndTurn)])).and();
    let given = given.when(want(text("more"))).and();
    let turn = open(&given);
    let agent_session = |given: &tenure_model::testkit::Given<tenure_session::Session>, agent: &str| {
        let report = Report::Accepted {
            work: turn.into(),
            generation: 1,
            runner: RUNNER,
            boot: BOOT,
            agent: agent.into(),
            left: None,
        };
        let then = given.clone().when(Command::Runner(report));
        let [Effect::Start { spec, .. }] = &then.decision().effects[..] else { panic!("a start") };
        spec.agent_session.clone()
    };
    assert_eq!(agent_session(&given, "scripted").as_deref(), Some("conversation-7"));
    assert_eq!(agent_session(&given, "another"), None);
}
