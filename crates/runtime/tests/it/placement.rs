//! Which runner gets the works of a session: the one that has its workspace, while it is there or may come back soon.

use tenure_model::id::RunnerId;
use tenure_model::link::WorkKind;
use tenure_model::{Span, Timestamp};
use tenure_runtime::Clock;
use uuid::Uuid;

use tenure_model::placement::{Placement, label};
use tenure_session::RunnerChoice;

use crate::house::{House, Puppet, created, finished, hello};

const NOON: Timestamp = Timestamp(1_800_000_000_000);
const OTHER: RunnerId = RunnerId(Uuid::from_u128(1));

/// A house whose session has had its first turn at the usual runner; another one has joined since.
async fn at_home() -> (House, Puppet, Puppet) {
    let house = House::with(Clock::at(NOON), |_| {}).await;
    house.open().await;
    house.prompt("first").await;
    let mut home = Puppet::join(&house, 1, vec![]).await;
    take_a_turn(&house, &mut home).await;
    let other = Puppet::join_as(&house, OTHER, 2, vec![], WorkKind::all()).await;
    (house, home, other)
}

async fn take_a_turn(house: &House, runner: &mut Puppet) {
    let spec = runner.take_work().await;
    runner.frames(&spec, 0, vec![created(), finished()]).await.expect("taken");
    house.until("the end of the turn", |session| session.turns.is_empty()).await;
}

async fn waits_for(house: &House, why: &str) {
    let says = |session: &tenure_session::Session| {
        session.turns.values().any(|turn| turn.held_up.as_ref().is_some_and(|held_up| held_up.why.contains(why)))
    };
    house.until("the turn to say why it waits", says).await;
}

#[actix_rt::test]
async fn a_session_stays_with_the_runner_that_has_its_workspace() {
    let (house, mut home, _other) = at_home().await;
    // The other one has the lower id and is as free: without a home it would be chosen.
    for _ in 0..3 {
        house.prompt("again").await;
        take_a_turn(&house, &mut home).await;
    }
}

#[actix_rt::test]
async fn a_home_that_is_away_is_waited_for_and_then_replaced() {
    let (house, home, mut other) = at_home().await;
    home.roster.left(home.link);
    house.prompt("where are you?").await;
    waits_for(&house, "has the session's workspace is away").await;
    house.clock.advance(Span::secs(61));
    take_a_turn(&house, &mut other).await;
    assert_eq!(house.look().await.state.home, Some(OTHER), "and there it stays");
}

#[actix_rt::test]
async fn a_home_that_comes_back_in_time_goes_on() {
    let (house, home, _other) = at_home().await;
    home.roster.left(home.link);
    house.prompt("where are you?").await;
    waits_for(&house, "has the session's workspace is away").await;
    house.clock.advance(Span::secs(30));
    let mut home = Puppet::join(&house, 3, vec![]).await;
    take_a_turn(&house, &mut home).await;
}

#[actix_rt::test]
async fn a_drained_runner_gets_nothing_new_until_it_is_taken_back() {
    let (house, mut home, mut other) = at_home().await;
    house.runtime.roster.drain(home.link.runner, true);
    house.prompt("move on").await;
    take_a_turn(&house, &mut other).await;
    house.runtime.roster.drain(OTHER, true);
    house.prompt("nobody?").await;
    waits_for(&house, "is being drained").await;
    house.runtime.roster.drain(home.link.runner, false);
    take_a_turn(&house, &mut home).await;
}

/// A house whose session asks for a pool and labels.
async fn asking(pool: Option<&str>, labels: &[&str]) -> House {
    let house = House::with(Clock::at(NOON), |_| {}).await;
    let labels = labels.iter().map(|text| label(text)).collect();
    let placement = Placement { pool: pool.map(str::to_owned), labels, sandbox: None };
    house.open_choosing(RunnerChoice { placement, sandbox: None }).await;
    house
}

async fn joins(house: &House, number: u128, pool: Option<&str>, labels: &[&str]) -> Puppet {
    let mut hello = hello(RunnerId(Uuid::from_u128(number)), number, vec![], WorkKind::all());
    hello.pool = pool.map(str::to_owned);
    hello.labels = labels.iter().map(|label| (*label).to_owned()).collect();
    Puppet::join_with(house, hello).await
}

#[actix_rt::test]
async fn a_session_waits_for_a_runner_with_all_of_its_labels_and_says_which_is_missing() {
    let house = asking(None, &["gpu", "os=linux"]).await;
    let _other = joins(&house, 1, None, &["gpu", "os=mac"]).await;
    house.prompt("where?").await;
    waits_for(&house, "has the label \"os=linux\"").await;
    let mut right = joins(&house, 2, None, &["os=linux", "gpu", "fast"]).await;
    take_a_turn(&house, &mut right).await;
}

#[actix_rt::test]
async fn a_session_waits_for_a_runner_of_its_pool() {
    let house = asking(Some("gpu"), &[]).await;
    let _other = joins(&house, 1, Some("cpu"), &[]).await;
    house.prompt("where?").await;
    waits_for(&house, "is of the pool \"gpu\"").await;
    let mut right = joins(&house, 2, Some("gpu"), &[]).await;
    take_a_turn(&house, &mut right).await;
}
