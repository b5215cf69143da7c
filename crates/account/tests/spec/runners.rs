//! Whose runner a token connects, and that nobody takes another's place.

use tenure_account::Realm;
use tenure_account::realm::{Asker, Command, Event, Home, NewToken, RunnerScope, TokenRole};
use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_model::id::{RunnerId, TokenId};
use tenure_model::testkit::Given;
use uuid::Uuid;

use crate::realm::{ANN, BOB, issued, realm, signed_in, token};

fn runner(number: u128) -> RunnerId {
    RunnerId(Uuid::from_u128(number))
}

fn bind(token: TokenId, number: u128) -> Command {
    Command::BindRunner { token, runner: runner(number) }
}

fn with(given: Given<Realm>, scope: RunnerScope, digit: char) -> (Given<Realm>, TokenId) {
    issued(given, BOB, token(TokenRole::Runner(scope), digit))
}

fn pool(name: &str) -> RunnerScope {
    RunnerScope::Pool(name.into())
}

#[test]
fn the_first_hello_binds_token_and_runner_to_each_other_for_good() {
    let (given, first) = with(realm(), RunnerScope::First, 'a');
    let (given, second) = with(given, RunnerScope::First, 'b');
    let then = given.when(bind(first, 1));
    assert_eq!(then.decision().events, [Event::RunnerBound { runner: runner(1), home: Home::Token(first) }]);
    let given = then.and().after(Span::hours(10_000)).when(bind(first, 1)).silent();
    let given = given.when(bind(first, 2)).refused("this token is another runner's");
    let given = given.when(bind(second, 1)).refused("this runner belongs to another token or pool");
    given.when(bind(second, 2)).and();
}

#[test]
fn the_tokens_of_a_pool_connect_its_runners_and_no_others() {
    let (given, old) = with(realm(), pool("gpu"), 'a');
    let (given, new) = with(given, pool("gpu"), 'b');
    let (given, other) = with(given, pool("cpu"), 'c');
    let (given, single) = with(given, RunnerScope::First, 'd');
    let given = given.when(bind(old, 1)).and().when(bind(old, 2)).and();
    let given = given.when(bind(new, 1)).silent();
    let given = given.when(bind(other, 1)).refused("another token or pool");
    let given = given.when(bind(single, 1)).refused("another token or pool");
    let given = given.when(bind(single, 3)).and();
    given.when(bind(new, 3)).refused("another token or pool");
}

#[test]
fn a_token_that_names_a_runner_moves_it_and_connects_no_other() {
    let (given, old) = with(realm(), pool("gpu"), 'a');
    let (given, named) = with(given, RunnerScope::Only(runner(1)), 'b');
    let given = given.when(bind(old, 1)).and();
    let given = given.when(bind(named, 2)).refused("this token is another runner's");
    let given = given.when(bind(named, 1)).and();
    given.when(bind(old, 1)).refused("another token or pool");
}

#[test]
fn a_token_whose_runner_was_moved_away_connects_no_other() {
    let (given, lost) = with(realm(), RunnerScope::First, 'a');
    let (given, named) = with(given, RunnerScope::Only(runner(1)), 'b');
    let given = given.when(bind(lost, 1)).and().when(bind(named, 1)).and();
    let given = given.when(bind(lost, 2)).refused("this token is another runner's");
    given.when(bind(lost, 1)).refused("another token or pool");
}

#[test]
fn only_good_tokens_of_runners_bind() {
    let (given, user) = issued(realm(), BOB, token(TokenRole::User, 'a'));
    let given = given.when(bind(user, 1)).refused("no such token");
    let (given, gone) = with(given, RunnerScope::First, 'b');
    let given = given.when(Command::RevokeToken { by: Asker::Server, token: gone }).and();
    given.when(bind(gone, 1)).refused("no such token");
}

#[test]
fn a_runner_stays_bound_when_its_token_is_revoked() {
    let (given, first) = with(realm(), RunnerScope::First, 'a');
    let given = given.when(bind(first, 1)).and();
    let given = given.when(Command::RevokeToken { by: Asker::Server, token: first }).and();
    let (given, second) = with(given, RunnerScope::First, 'b');
    given.when(bind(second, 1)).refused("another token or pool");
}

#[test]
fn a_full_pool_forgets_its_own_oldest_runner_and_nobody_elses() {
    let (given, other) = with(realm(), pool("cpu"), 'a');
    let (mut given, full) = with(given.when(bind(other, 1)).and(), pool("gpu"), 'b');
    for number in 0..1_000 {
        let bound = Event::RunnerBound { runner: runner(number + 10), home: Home::Pool("gpu".into()) };
        given.now = given.now + Span::ms(1);
        given.state.apply(&bound, given.now);
    }
    let then = given.when(bind(full, 5_000));
    assert_eq!(then.decision().events[0], Event::RunnerForgotten { runner: runner(10) });
    then.and().when(bind(full, 1)).refused("another token or pool");
}

#[test]
fn a_full_realm_refuses_a_runner_that_none_of_its_own_makes_room_for() {
    let (mut given, first) = with(realm(), RunnerScope::First, 'a');
    for number in 0..10_000 {
        let home = Home::Pool(format!("pool {}", number % 20));
        given.state.apply(&Event::RunnerBound { runner: runner(number), home }, given.now);
    }
    given.when(bind(first, 20_000)).refused("the limit runners_known_max");
}

#[test]
fn a_token_that_is_forgotten_frees_its_runner() {
    let (given, first) = with(realm(), RunnerScope::First, 'a');
    let mut given = given.when(bind(first, 1)).and();
    given.state.apply(&Event::TokenForgotten { token: first }, given.now);
    let (given, second) = with(given, RunnerScope::First, 'b');
    given.when(bind(second, 1)).and();
}

#[test]
fn a_pool_has_a_name() {
    let nameless = NewToken { name: "x".into(), ..token(TokenRole::Runner(pool(" ")), 'a') };
    let issue = Command::IssueToken { by: Asker::Server, user: BOB, token: nameless };
    realm().when(issue).refused("must have 1 to 100 bytes");
}

#[test]
fn a_drained_runner_stays_so_until_an_administrator_takes_it_back() {
    let drain = |by, number, drain| Command::DrainRunner { by, runner: runner(number), drain };
    let (given, moved) = with(realm(), RunnerScope::Only(runner(1)), 'a');
    let (given, first) = with(given, RunnerScope::First, 'b');
    let given = given.when(bind(first, 1)).and();
    let given = given.when(drain(signed_in(BOB), 1, true)).refused("needs an administrator");
    let given = given.when(drain(signed_in(ANN), 2, true)).refused("there is no such runner");
    let given = given.when(drain(signed_in(ANN), 1, true)).and().when(drain(signed_in(ANN), 1, true)).silent();
    let given = given.when(bind(moved, 1)).and();
    assert!(given.state.runners[&runner(1)].draining, "also when it changes its token");
    let given = given.when(drain(signed_in(ANN), 1, false)).and();
    assert!(!given.state.runners[&runner(1)].draining);
}
