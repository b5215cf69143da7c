//! Going to sleep and waking up: snapshots, barriers, restarts.

use futures_util::future::join_all;
use tenure_journal::Position;
use tenure_model::{EntityKey, Kind};
use tenure_runtime::Inspect;

use crate::house::{House, SESSION, prompt, within};

fn key() -> EntityKey {
    EntityKey::new(Kind::Session, SESSION)
}

async fn asleep(house: &House) {
    within("the session to sleep", async {
        while house.runtime.sessions.awake().contains(&SESSION.0) {
            house.runtime.sessions.passivate(SESSION);
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[actix_rt::test]
async fn a_session_that_slept_is_as_it_was() {
    let house = House::new().await;
    house.open().await;
    house.prompt("one").await;
    house.prompt("two").await;
    // Nothing more is written once the offer has found nobody.
    house.until("the turn to be held up", |session| session.turns.values().all(|turn| turn.held_up.is_some())).await;
    let before = house.look().await;
    asleep(&house).await;
    let snapshot = house.runtime.store.snapshot(key()).expect("readable").expect("there is one");
    assert_eq!(snapshot.seq, before.seq);
    let after = house.look().await;
    assert_eq!((after.seq, after.position), (before.seq, before.position));
    assert_eq!(serde_json::to_value(&*after.state).ok(), serde_json::to_value(&*before.state).ok());
    assert!(after.epoch > before.epoch, "it is a new life");
}

#[actix_rt::test]
async fn commands_that_race_with_falling_asleep_are_all_taken() {
    let house = House::with(Default::default(), |options| options.snapshot_every = 3).await;
    house.open().await;
    let asked = (0..60).map(|n| {
        let house = &house;
        async move {
            if n % 3 == 0 {
                house.runtime.sessions.passivate(SESSION);
            }
            house.say_as(Some(&format!("r{n}")), prompt(&format!("p{n}"))).await
        }
    });
    for answer in join_all(asked).await {
        answer.expect("every prompt is taken");
    }
    let house = house.crash().await;
    let look = house.look().await;
    let waiting = look.state.queue.len() + look.state.turns.len();
    assert_eq!(waiting, 60);
    let journal = within("the journal", house.runtime.sessions.journal(SESSION.0, 1, 1_000)).await.expect("readable");
    let seqs: Vec<u64> = journal.iter().map(|row| row.seq).collect();
    let last = *seqs.last().expect("there are records");
    assert!(last >= look.seq, "what was looked at is in the journal");
    assert_eq!(seqs, (1..=last).collect::<Vec<_>>(), "seqs have no hole");
}

#[actix_rt::test]
async fn the_past_can_be_looked_at() {
    let house = House::new().await;
    house.open().await;
    house.prompt("one").await;
    let sessions = house.runtime.inspect(Kind::Session);
    let first = within("the state at seq 1", sessions.state_at(SESSION.0, 1)).await.expect("there is one");
    assert_eq!(first["turns"], serde_json::json!({}));
    let detail = within("the detail", sessions.show(SESSION.0)).await.expect("there is one");
    assert_eq!(detail.waiting_effects.len(), 1, "the offer waits for a runner");
    assert!(detail.position > Position(0) && detail.size_bytes > 0);
    assert!(within("nothing", sessions.show(uuid::Uuid::from_u128(1))).await.is_err());
    assert!(within("nothing", sessions.state_at(SESSION.0, 99)).await.is_err());
}

#[actix_rt::test]
async fn a_repeated_request_is_answered_alike_across_a_restart() {
    let house = House::new().await;
    house.open().await;
    let first = house.say_as(Some("once"), prompt("hello")).await.expect("taken");
    let house = house.crash().await;
    assert_eq!(house.say_as(Some("once"), prompt("hello")).await.expect("answered"), first);
    assert!(house.say_as(Some("once"), prompt("other")).await.expect_err("refused").contains("request id"));
}
