//! How many sessions one user has, and which one orchestrates.

use tenure_account::Owner;
use tenure_account::owner::{Command, Reply};
use tenure_model::id::{SessionId, UserId};
use tenure_model::testkit::{Given, given};
use uuid::Uuid;

fn owner(user: u128) -> Given<Owner> {
    given(UserId(Uuid::from_u128(user)), [])
}

fn opened(number: u128) -> Command {
    Command::SessionOpened { session: SessionId(Uuid::from_u128(number)), sessions_max: 2 }
}

#[test]
fn sessions_count_until_they_are_closed() {
    let given = owner(1).when(opened(1)).and().when(opened(2)).and();
    let given = given.when(opened(3)).refused("you have 2 active sessions, the limit sessions_max is 2");
    let given = given.when(opened(2)).silent();
    let then = given.when(Command::SessionClosed { session: SessionId(Uuid::from_u128(1)) });
    assert_eq!(then.decision().reply, Reply::Counted { active: 1 });
    then.and().when(opened(3)).and();
}

#[test]
fn closing_a_session_that_does_not_count_changes_nothing() {
    owner(1).when(Command::SessionClosed { session: SessionId(Uuid::from_u128(9)) }).silent();
}

#[test]
fn an_owner_has_one_orchestrator_whose_id_never_changes() {
    let id = |then: &tenure_model::testkit::Then<Owner>| match then.decision().reply {
        Reply::Orchestrator { session } => session,
        ref other => panic!("expected an id, got {other:?}"),
    };
    let first = owner(1).when(Command::Orchestrator);
    let name = id(&first);
    assert_eq!(id(&first.and().when(Command::Orchestrator)), name);
    assert_eq!(id(&owner(1).when(Command::Orchestrator)), name, "it is derived, not drawn");
    assert_ne!(id(&owner(2).when(Command::Orchestrator)), name);
}
