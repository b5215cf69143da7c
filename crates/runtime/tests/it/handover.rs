//! The hand-over of a turn to a runner: offer, acceptance, start, frames; and what survives when either side goes away.

use tenure_model::chat::{FinishReason, Part};
use tenure_model::link::WorkPhase;
use tenure_runtime::{Heard, Order, Verdict};
use tenure_session::Event;

use crate::house::{House, Puppet, created, finished, held, last_finish, prompt, text};

#[actix_rt::test]
async fn a_prompt_becomes_a_turn_and_the_turn_a_message() {
    let house = House::new().await;
    house.open().await;
    let mut feed = house.runtime.sessions.feed().subscribe(crate::house::SESSION, 100);
    house.prompt("hello").await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    assert_eq!(spec.text, "hello");
    assert_eq!(runner.frames(&spec, 0, vec![created(), text(0, "Gu"), text(2, "ten ")]).await, Ok(3));
    assert_eq!(
        runner.frames(&spec, 2, vec![text(2, "ten "), text(6, "Tag")]).await,
        Ok(4),
        "what overlaps is taken once"
    );
    assert_eq!(runner.frames(&spec, 4, vec![finished()]).await, Ok(5));
    house.until("the end of the turn", |session| session.turns.is_empty()).await;

    let mut last = tenure_journal::Position(0);
    let mut message = None;
    while message.is_none() {
        let Some(tenure_runtime::News::Committed(news)) = feed.next().await else { panic!("the feed goes on") };
        assert!(news.position > last, "positions rise");
        last = news.position;
        message = news.events.iter().find_map(|event| match event {
            Event::TurnFinished { parts, .. } => Some(parts.clone()),
            _ => None,
        });
    }
    let parts = message.expect("a message");
    assert_eq!(parts[0], Part::Text { text: "Guten Tag".into() });
    assert_eq!(parts.last(), Some(&Part::Finish { reason: FinishReason::EndTurn }));
}

#[actix_rt::test]
async fn a_turn_goes_on_from_the_same_word_after_the_server_was_killed() {
    let house = House::new().await;
    house.open().await;
    house.prompt("count").await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    runner.frames(&spec, 0, vec![created(), text(0, "one ")]).await.expect("taken");

    let house = house.crash().await;
    let runner = Puppet::join(&house, 1, vec![held(&spec, WorkPhase::Running, 4)]).await;
    assert_eq!(runner.verdicts, [Verdict::Keep { work: spec.work, generation: 1, next: 2 }]);
    let turn = house.look().await.state.turns[&spec.work.into()].clone();
    assert_eq!(turn.parts[&0], Part::Text { text: "one ".into() }, "the text survived");
    assert_eq!(runner.frames(&spec, 2, vec![text(4, "two"), finished()]).await, Ok(4));
    assert_eq!(last_finish(&house.look().await.state), Some(FinishReason::EndTurn));
}

#[actix_rt::test]
async fn an_offer_that_nobody_has_taken_is_made_again_after_a_restart() {
    let house = House::new().await;
    house.open().await;
    house.prompt("later").await;
    let house = house.crash().await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    assert_eq!(runner.take_work().await.text, "later");
}

#[actix_rt::test]
async fn a_turn_that_its_runner_has_forgotten_closes_as_interrupted_and_is_not_run_again() {
    let house = House::new().await;
    house.open().await;
    house.prompt("build").await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    runner.frames(&spec, 0, vec![created(), text(0, "half")]).await.expect("taken");
    let mut reborn = Puppet::join(&house, 2, vec![]).await;
    house.until("the turn's end", |session| session.turns.is_empty()).await;
    assert_eq!(last_finish(&house.look().await.state), Some(FinishReason::Interrupted));
    house.prompt("next").await;
    assert_eq!(reborn.take_work().await.text, "next", "the lost turn is not offered again");
}

#[actix_rt::test]
async fn a_newer_connection_of_a_runner_replaces_the_older_one() {
    let house = House::new().await;
    let mut old = Puppet::join(&house, 1, vec![]).await;
    let _new = Puppet::join(&house, 1, vec![]).await;
    assert!(matches!(old.order().await, Order::Close { .. }));
    old.hung_up().await;
    assert!(old.roster.heard(old.link, Heard::Done { reference: "x".into() }).is_err());
}

#[actix_rt::test]
async fn a_runner_that_lies_harms_nothing() {
    let house = House::new().await;
    house.open().await;
    house.prompt("work").await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    let gap = runner.frames(&spec, 7, vec![text(0, "x")]).await.expect_err("a gap is refused");
    assert_eq!((gap.next, gap.drop, gap.code), (Some(0), false, "frames_gap"));
    let mut other = spec.clone();
    other.generation = 9;
    assert!(runner.frames(&other, 0, vec![created()]).await.expect_err("another generation").drop);
    other.work = tenure_model::id::WorkId(uuid::Uuid::from_u128(99));
    assert!(runner.frames(&other, 0, vec![created()]).await.expect_err("another's work").drop);
    assert_eq!(runner.frames(&spec, 0, vec![created()]).await, Ok(1), "its own work is as it was");
    let nonsense = runner.frames(&spec, 1, vec![text(5, "offset")]).await.expect_err("a wrong offset");
    assert!(nonsense.drop);
    assert_eq!(
        last_finish(&house.look().await.state),
        Some(FinishReason::Interrupted),
        "it cannot be finished any more"
    );
}

#[actix_rt::test]
async fn works_beyond_a_runners_capacity_wait_and_say_why() {
    let house = House::new().await;
    house.open().await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    for title in ["one", "two", "three"] {
        let opened =
            house.say(tenure_session::Action::OpenThread { title: Some(title.into()) }).await.expect("a thread");
        let tenure_session::Reply::ThreadOpened { thread } = opened else { panic!("expected a thread") };
        let tenure_session::Action::Prompt { text, attachments, mode, agent, model, .. } = prompt(title) else {
            unreachable!()
        };
        let thread = Some(thread);
        house
            .say(tenure_session::Action::Prompt { thread, text, attachments, mode, agent, model })
            .await
            .expect("taken");
    }
    let (first, _second) = (runner.take_work().await, runner.take_work().await);
    house
        .until("the third to say why it waits", |session| session.turns.values().any(|turn| turn.held_up.is_some()))
        .await;
    runner.frames(&first, 0, vec![created(), finished()]).await.expect("taken");
    runner.take_work().await;
}
