//! Leases and deaf runners, on a clock that is moved by hand.

use tenure_model::chat::FinishReason;
use tenure_model::link::WorkPhase;
use tenure_model::{Span, Timestamp};
use tenure_runtime::{Clock, Heard};

use crate::house::{House, Puppet, created, held, last_finish, text};

const NOON: Timestamp = Timestamp(1_800_000_000_000);

#[actix_rt::test]
async fn a_turn_whose_runner_stays_silent_closes_once_the_lease_and_its_margin_have_passed() {
    let house = House::with(Clock::at(NOON), |_| {}).await;
    house.open().await;
    house.prompt("work").await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    runner.frames(&spec, 0, vec![created(), text(0, "kept")]).await.expect("taken");
    runner.roster.left(runner.link);

    house.clock.advance(Span::mins(10));
    house.until("the check of the lease", |session| session.wake_at_is_later_than(NOON + Span::mins(10))).await;
    assert!(last_finish(&house.look().await.state).is_none(), "the margin has not passed");
    house.clock.advance(Span::mins(1));
    house.until("the turn's end", |session| session.turns.is_empty()).await;
    assert_eq!(last_finish(&house.look().await.state), Some(FinishReason::Interrupted));
}

#[actix_rt::test]
async fn a_heartbeat_renews_the_lease() {
    let house = House::with(Clock::at(NOON), |_| {}).await;
    house.open().await;
    house.prompt("long work").await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    runner.frames(&spec, 0, vec![created()]).await.expect("taken");
    house.clock.advance(Span::mins(9));
    runner.hear(Heard::Heartbeat { handled: None, works: vec![held(&spec, WorkPhase::Running, 1)] });
    house.clock.advance(Span::mins(2));
    house.until("the renewal", |session| session.wake_at_is_later_than(NOON + Span::mins(18))).await;
    assert_eq!(house.look().await.state.turns.len(), 1);
}

#[actix_rt::test]
async fn a_connected_runner_that_leaves_orders_unanswered_is_hung_up_on() {
    let house = House::with(Clock::at(NOON), |options| options.roster.unanswered_max = 2).await;
    house.open().await;
    house.prompt("hello?").await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let time_passes = async {
        loop {
            house.clock.advance(Span::secs(1));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = runner.hung_up() => {}
        () = time_passes => {}
    }
    assert!(!house.runtime.roster.list()[0].connected);
}

trait NextWake {
    fn wake_at_is_later_than(&self, at: Timestamp) -> bool;
}

impl NextWake for tenure_session::Session {
    fn wake_at_is_later_than(&self, at: Timestamp) -> bool {
        tenure_model::Entity::wake_at(self).is_some_and(|due| due > at)
    }
}
