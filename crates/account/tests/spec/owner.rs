//! How many sessions one user has, which one orchestrates, and which personas there are.

use tenure_account::Owner;
use tenure_account::owner::{Command, PersonaLimits, Reply};
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

fn persona(name: &str, instructions: &str) -> Command {
    let limits = PersonaLimits { personas_max: 2, persona_bytes_max: 10 };
    Command::SetPersona { name: name.into(), instructions: instructions.into(), limits }
}

#[test]
fn personas_are_set_changed_and_removed() {
    let given = owner(1).when(persona("reviewer", "Be strict.")).and();
    let given = given.when(persona("reviewer", "Be strict.")).silent();
    let then = given.when(persona("reviewer", "Be kind.")).and().when(persona("poet", "Rhyme."));
    let full = then.and().when(persona("cook", "Taste.")).refused("you have 2 personas, the limit personas_max is 2");
    let fewer = full.when(Command::RemovePersona { name: "poet".into() }).and();
    let given = fewer.when(Command::RemovePersona { name: "poet".into() }).silent();
    given.when(persona("cook", "Taste.")).and();
}

#[test]
fn a_persona_has_a_name_and_a_text_within_its_limits() {
    let long = "x".repeat(65);
    for name in ["", " reviewer", "two\nlines", &long] {
        owner(1)
            .when(persona(name, "Hi."))
            .refused("a persona's name has 1 to 64 characters, no control characters, and no blanks at its ends");
    }
    owner(1).when(persona("a", " ")).refused("a persona needs instructions");
    owner(1)
        .when(persona("a", "eleven byte"))
        .refused("the instructions are too large: 11 bytes, the limit persona_bytes_max is 10");
}
