//! Leases: a session asks the roster when a lease has run out as far as it knows, and never waits for ever.

use tenure_model::Span;
use tenure_model::chat::FinishReason;
use tenure_model::entity::Entity;
use tenure_model::id::TurnId;
use tenure_model::testkit::Given;
use tenure_session::Session;

use crate::support::*;

/// A running turn whose lease has just run out.
fn in_doubt() -> (Given<Session>, TurnId) {
    let (given, turn) = running();
    let then = given.after(Span::mins(10)).wake();
    assert_eq!((said(&then), asked(&then)), (vec!["lease_checked".into()], vec!["check_lease".into()]));
    (then.and(), turn)
}

#[test]
fn a_runner_that_was_heard_keeps_its_turn() {
    let (given, turn) = in_doubt();
    let seen = given.now - Span::secs(5);
    let then = given.when(alive(turn, seen));
    assert_eq!(said(&then), ["lease_renewed"]);
    let given = then.and();
    assert_eq!(given.state.wake_at(), Some(seen + Span::mins(10)));
}

#[test]
fn old_news_do_not_renew_a_lease() {
    let (given, turn) = in_doubt();
    let long_ago = given.now - Span::mins(11);
    let given = given.when(alive(turn, long_ago)).silent();
    assert!(given.state.turns[&turn].phase.hold().unwrap().check_until.is_some());
}

#[test]
fn a_roster_that_knows_nothing_in_time_means_that_the_turn_is_interrupted() {
    let (given, _) = in_doubt();
    let then = given.after(Span::secs(30)).wake();
    assert_eq!(finished(&then).0, FinishReason::Interrupted);
}

#[test]
fn a_heartbeat_that_renews_nothing_is_not_recorded() {
    let (given, turn) = running();
    let now = given.now;
    given.when(alive(turn, now)).silent();
}

#[test]
fn frames_are_taken_while_the_lease_is_in_doubt() {
    let (given, turn) = in_doubt();
    let then = given.when(frames(turn, 0, [delta(0, 0, "still here"), ends(FinishReason::EndTurn)]));
    assert_eq!(finished(&then).0, FinishReason::EndTurn);
}
