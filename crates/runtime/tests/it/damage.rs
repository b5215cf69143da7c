//! Failing disks and damaged journals: nothing is acknowledged that is not durable, and damage stays small.

use tenure_journal::engine::{Engine, KeyRange, Op, Order};
use tenure_model::id::SessionId;
use tenure_runtime::AskError;
use tenure_session::Command;

use crate::house::{House, ann, prompt, within};

#[actix_rt::test]
async fn a_full_disk_refuses_and_later_the_server_goes_on_without_a_restart() {
    let house = House::new().await;
    house.open().await;
    house.prompt("kept").await;
    // That nobody takes the prompt is recorded too; the disk is full only after that.
    let held_up = |session: &tenure_session::Session| session.turns.values().any(|turn| turn.held_up.is_some());
    house.until("the turn to say why it waits", held_up).await;
    let before = house.look().await;
    house.engine.set_full(true);
    let refused = house.say_as(Some("r"), prompt("lost?")).await.expect_err("nothing can be written");
    assert!(refused.contains("unavailable"), "{refused}");
    assert!(house.runtime.health().failure.is_some());
    let read = house.look().await;
    assert_eq!(
        (read.seq, read.state.queue.len()),
        (before.seq, before.state.queue.len()),
        "reads go on, from what is durable"
    );
    house.engine.set_full(false);
    within("the store to work again", async {
        while house.say_as(Some("r"), prompt("lost?")).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(house.runtime.health().failure.is_none());
    assert_eq!(house.look().await.state.queue.len(), before.state.queue.len() + 1, "it was taken once");
}

#[actix_rt::test]
async fn everything_decided_on_top_of_a_failed_commit_is_refused_too() {
    let house = House::new().await;
    house.open().await;
    house.engine.set_full(true);
    let asked = (0..20).map(|n| {
        let (house, text) = (&house, format!("p{n}"));
        async move { house.say(prompt(&text)).await }
    });
    for answer in futures_util::future::join_all(asked).await {
        assert!(answer.is_err(), "nothing is acknowledged that is not durable");
    }
    house.engine.set_full(false);
    let look = house.look().await;
    assert_eq!(look.seq, 2 - 1, "only the creation is there");
}

#[actix_rt::test]
async fn one_damaged_session_does_not_hinder_the_others() {
    let house = House::new().await;
    house.open().await;
    let bystander = SessionId(uuid::Uuid::from_u128(0xb));
    let create = |house: &House| {
        let sessions = house.runtime.sessions.clone();
        let action = tenure_session::Action::Create {
            owner: ann().user,
            owner_name: "ann".into(),
            title: None,
            agent: None,
            model: None,
            purpose: Default::default(),
            mode: Default::default(),
            limits: Default::default(),
            repo: None,
            runner: Default::default(),
        };
        async move { sessions.ask(bystander, Command::Client { by: ann(), request: None, action }).await }
    };
    within("the other session", create(&house)).await.expect("created");
    let id = crate::house::SESSION.0;
    let rows = house.engine.scan(KeyRange::prefix(&[]), Order::Up, usize::MAX).expect("readable");
    let damaged: Vec<Op> = rows
        .into_iter()
        .filter(|(key, value)| key.windows(16).any(|part| part == id.as_bytes()) && value.len() > 60)
        .map(|(key, mut value)| {
            let middle = value.len() / 2;
            value[middle] ^= 0xff;
            Op::Put(key, value)
        })
        .collect();
    assert!(!damaged.is_empty());
    house.engine.write(&damaged).expect("written behind the store's back");

    let house = house.crash().await;
    let look = within("a look", house.runtime.sessions.look(crate::house::SESSION)).await;
    assert!(matches!(look, Err(AskError::Damaged(_))), "{look:?}");
    assert_eq!(house.runtime.health().set_aside.len(), 1);
    assert!(within("the other session", house.runtime.sessions.look(bystander)).await.expect("readable").seq > 0);
}
