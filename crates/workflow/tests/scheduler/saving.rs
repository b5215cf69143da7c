//! Making and changing triggers: by name, once, and with a history.

use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_workflow::scheduler::{Action, Change, Event, Outcome, Refusal};

use crate::support::*;

#[test]
fn saying_it_again_changes_nothing() {
    let text = schedule("Nightly", "0 3 * * *", "");
    let then = nothing().when(save(&text));
    let (outcome, first, revision) = saved(&then);
    assert_eq!((outcome, revision), (Outcome::Created, 1));
    let then = then.and().after(Span::hours(1)).when(save(&text.replace("Nightly", "  NIGHTLY ")));
    // The spelling of the name is something that a trigger says.
    assert_eq!(saved(&then), (Outcome::Updated, first, 2));
    let then = then.and().when(save("name: nightly\n"));
    assert_eq!(saved(&then).1, first);
    let given = then.and();
    assert_eq!(given.state.triggers.len(), 1);
    let then = given.when(save("name: nightly\n"));
    assert_eq!(saved(&then).0, Outcome::Unchanged);
    then.silent();
}

#[test]
fn an_expected_revision_must_be_the_current_one() {
    let given = nothing().when(save(&schedule("a", "0 3 * * *", ""))).and();
    let upsert = |text: &str, expected| want(Action::Upsert { patch: patch(text), expected: Some(expected) });
    let given = given.when(upsert("name: a\ncron: 0 4 * * *\n", 1)).and();
    let given = given.when(upsert("name: a\ncron: 0 5 * * *\n", 1)).refused("at revision 2, not 1");
    let given = given.when(upsert("name: a\ncron: 0 4 * * *\n", 1)).silent();
    given.when(upsert("name: nobody\n", 1)).refused("no such trigger");
}

#[test]
fn a_name_belongs_to_one_trigger_whatever_its_case() {
    let given = nothing().when(save(&schedule("one", "0 3 * * *", ""))).and();
    let given = given.when(save(&schedule("two", "0 3 * * *", ""))).and();
    let create = |text: &str| want(Action::Create { patch: patch(text) });
    let given = given.when(create(&schedule("ONE", "0 3 * * *", ""))).refused("a trigger \"one\" already");
    let given = given.when(create(&schedule("one", "0 3 * * *", ""))).silent();
    let two = id(&given, "two");
    let rename = |name: &str| want(Action::Rename { trigger: two, name: name.parse().unwrap() });
    let given = given.when(rename("One")).refused("already");
    let then = given.when(rename("Three"));
    assert!(matches!(then.decision().events[..], [Event::Saved { change: Change::Renamed, revision: 2, .. }]));
    let given = then.and();
    assert!(given.state.named(&"two".parse().unwrap()).is_none());
    assert_eq!(id(&given, "THREE"), two);
}

#[test]
fn all_mistakes_are_told_and_nothing_is_saved() {
    let given =
        nothing().when(save("name: x\ntype: schedule\ncron: 99 * * * *\ntimezone: Mars\n")).refused("3 mistakes");
    assert!(given.state.triggers.is_empty());
    given.when(save("type: manual\nworkflow: w\n")).refused("1 mistake");
}

#[test]
fn switching_off_keeps_the_trigger_and_its_history() {
    let given = nothing().when(save(&schedule("a", "0 3 * * *", ""))).and();
    let trigger = id(&given, "a");
    let off = want(Action::SetEnabled { trigger, enabled: false });
    let then = given.when(off.clone());
    assert!(matches!(then.decision().events[..], [Event::Saved { change: Change::Disabled, .. }]));
    let given = then.and().when(off).silent();
    assert_eq!(given.state.wake_at(), None);
    let given = given.when(save("name: a\ncron: 0 5 * * *\n")).and();
    assert!(!given.state.triggers[&trigger].definition.enabled, "saving it again does not switch it on");
    let then = given.when(want(Action::SetEnabled { trigger, enabled: true }));
    assert!(then.state().wake_at().is_some());
}

#[test]
fn triggers_are_their_owners() {
    let text = schedule("a", "0 3 * * *", "");
    nothing().when(by(bob(), Action::Upsert { patch: patch(&text), expected: None })).refused("their owner's");
    let given = nothing().when(by(root(), Action::Upsert { patch: patch(&text), expected: None })).and();
    let trigger = id(&given, "a");
    let given = given.when(by(bob(), Action::Delete { trigger })).refused("their owner's");
    let given =
        given.when(want(Action::Delete { trigger })).then([Event::Deleted { trigger, by: ann().author() }]).and();
    let given = given.when(want(Action::Delete { trigger })).silent();
    assert!(given.state.summaries(given.id).is_empty() && given.state.wake_at().is_none());
    let then = given.when(save(&text));
    assert_ne!(saved(&then).1, trigger, "a new trigger has a history of its own");
}

#[test]
fn a_request_is_answered_once() {
    let upsert = |cron: &str| Action::Upsert { patch: patch(&schedule("a", cron, "")), expected: None };
    let given = nothing().when(once("r1", upsert("0 3 * * *"))).and();
    let given = given.when(save("name: a\ncron: 0 4 * * *\n")).and();
    let then = given.when(once("r1", upsert("0 3 * * *")));
    assert_eq!(saved(&then).0, Outcome::Created, "the first answer, though much has changed");
    let given = then.silent();
    given.when(once("r1", upsert("0 5 * * *"))).refused("request id was used before");
}

#[test]
fn ten_thousand_triggers_and_no_more() {
    let mut given = nothing();
    for n in 0..10_000 {
        let ctx = given.ctx();
        let decision = given.state.decide(save(&format!("name: t{n}\ntype: manual\nworkflow: w\n")), &ctx).unwrap();
        decision.events.iter().for_each(|event| given.state.apply(event, ctx.now));
        given.seq += 1;
    }
    assert_eq!(given.state.summaries(given.id).len(), 10_000);
    let refusal = given.state.decide(save("name: more\ntype: manual\nworkflow: w\n"), &given.ctx()).unwrap_err();
    assert_eq!(refusal, Refusal::Full);
    assert!(given.state.decide(save("name: t5\n"), &given.ctx()).unwrap().is_silent());
}
