//! Syncing, replacing, changing, deleting, and going back to what was.

use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_workflow::library::limits::VERSIONS_MAX;
use tenure_workflow::library::{Action, Event, Fields, Outcome, Source};

use crate::support::*;

#[test]
fn syncing_creates_updates_and_leaves_alone() {
    let (first, second) = (saying("hello"), saying("goodbye"));
    let then = nothing().when(want(sync(&first)));
    assert_eq!(saved(&then).0, Outcome::Created);
    let then = then.and().when(want(sync(&first)));
    assert_eq!((saved(&then).0, saved(&then).1.hash), (Outcome::Unchanged, first.hash()));
    let then = then.silent().when(want(sync(&second)));
    let (outcome, version) = saved(&then);
    assert_eq!((outcome, version.hash, version.source), (Outcome::Updated, second.hash(), Source::Sync));
    assert_eq!((version.by, version.record), (ann().author(), 2), "it names who, and the record that holds its text");
    assert_eq!(hashes(&then.and()), [first.hash(), second.hash()]);
}

#[test]
fn the_hash_is_the_identity_not_the_version_number() {
    let numbered = |words: &str| {
        written(&format!(
            "slug: greet\nversion: 1.2.3\nsteps:\n  - id: say\n    type: bash\n    command: echo {words}\n"
        ))
    };
    let given = stored(&[&numbered("a"), &numbered("b")]);
    let versions = given.state.about.unwrap().versions;
    assert_eq!(versions.len(), 2);
    assert!(versions.iter().all(|version| version.version == "1.2.3"));
}

#[test]
fn only_the_owner_and_an_administrator_may_know_of_a_workflow() {
    nothing().when(by(bob(), sync(&saying("hello")))).refused("created by its owner");
    let given = stored(&[&saying("hello")]);
    for action in [
        Action::Delete,
        Action::SetEnabled { enabled: false },
        Action::Replace { definition: saying("x"), expected: None },
        rollback(&saying("hello")),
    ] {
        given.clone().when(by(bob(), action)).refused("no such workflow");
    }
    given.when(by(root(), Action::SetEnabled { enabled: false })).and();
}

#[test]
fn an_expected_version_must_be_the_current_one() {
    let (first, second, third) = (saying("1"), saying("2"), saying("3"));
    nothing().when(want(sync_expecting(&first, Some(second.hash())))).refused("no such workflow");
    let given = stored(&[&first, &second]);
    let given = given.when(want(sync_expecting(&third, Some(first.hash())))).refused("the current version is");
    // What is so already is answered, whatever was expected: the answer to the first sending may be lost.
    let given = given.when(want(sync_expecting(&second, Some(first.hash())))).silent();
    given.when(want(sync_expecting(&third, Some(second.hash())))).and();
}

#[test]
fn a_replacement_keeps_the_slug() {
    let other = written("slug: other\nsteps:\n  - id: say\n    type: bash\n    command: ls\n");
    let replace = |definition| want(Action::Replace { definition, expected: None });
    nothing().when(replace(saying("x"))).refused("no such workflow");
    let given = stored(&[&saying("hello")]).when(replace(other)).refused("slug is \"other\"");
    let then = given.when(replace(saying("x")));
    assert_eq!(saved(&then).1.source, Source::Update);
}

#[test]
fn fields_change_by_the_same_rules_as_a_written_definition() {
    let update = |fields| want(Action::Update { fields, expected: None });
    let given = stored(&[&saying("hello")]);
    let tags = Some(vec!["daily".to_owned()]);
    let fields = Fields { name: Some("Hi".into()), description: Some(Some("Says it".into())), tags, version: None };
    let given = given.when(update(fields)).and();
    let definition = &given.state.about.as_ref().unwrap().definition;
    assert_eq!((definition.name.as_str(), definition.tags.len(), definition.steps.len()), ("Hi", 1, 1));
    let given = given.when(update(Fields { description: Some(None), ..Fields::default() })).and();
    assert_eq!(given.state.about.as_ref().unwrap().definition.description, None);
    let given = given.when(update(Fields::default())).silent();
    given.when(update(Fields { version: Some("newest".into()), ..Fields::default() })).refused("1 mistake");
}

#[test]
fn going_back_makes_an_old_version_the_current_one() {
    let (first, second) = (saying("hello"), saying("goodbye"));
    let then = stored(&[&first, &second]).when(want(rollback(&first)));
    assert_eq!(saved(&then).0, Outcome::Updated);
    assert_eq!(saved(&then).1.source, Source::Rollback);
    assert_eq!(hashes(&then.after), [second.hash(), first.hash()], "each hash is listed once, the current one last");
    let then = then.and().when(want(rollback(&first)));
    assert_eq!(saved(&then).0, Outcome::AlreadyAtVersion);
    let given = then.silent();
    let given = given.when(want(rollback(&saying("never")))).refused("no version");
    let forged = Action::Rollback { hash: second.hash(), definition: first.clone() };
    given.when(want(forged)).refused("is not the version");
}

#[test]
fn a_version_is_named_by_the_first_digits_of_its_hash() {
    let given = stored(&[&saying("hello"), &saying("goodbye")]);
    let about = given.state.about.as_ref().unwrap();
    let hash = saying("hello").hash().to_string();
    for named in [&hash[..], &hash[7..], &hash[..15], &hash[7..13]] {
        assert_eq!(about.version(named).map(|version| version.hash.to_string()), Ok(hash.clone()), "{named}");
    }
    for (named, code) in [("", "hash_invalid"), (&hash[..12], "hash_invalid"), ("zebra-fish", "hash_invalid")] {
        assert_eq!(about.version(named).unwrap_err().code(), code, "{named}");
    }
    let unknown = "0".repeat(64);
    assert_eq!(about.version(&unknown).unwrap_err().code(), "version_unknown");
}

#[test]
fn a_workflow_is_on_until_it_is_switched_off() {
    let given = stored(&[&saying("hello")]);
    assert!(given.state.about.as_ref().unwrap().enabled);
    let off = want(Action::SetEnabled { enabled: false });
    let given = given.when(off.clone()).then([Event::Disabled { by: ann().author() }]).and();
    let given = given.when(off).silent();
    let then = given.when(want(Action::SetEnabled { enabled: true }));
    assert!(then.state().about.as_ref().unwrap().enabled);
}

#[test]
fn a_deleted_workflow_leaves_the_lists_and_comes_back_with_its_versions() {
    let (first, second) = (saying("hello"), saying("goodbye"));
    let given = stored(&[&first]);
    assert_eq!(given.state.summaries(given.id).len(), 1);
    let given = given.when(want(Action::Delete)).then([Event::Deleted { by: ann().author() }]).and();
    assert!(given.state.summaries(given.id).is_empty());
    let given = given.when(want(Action::Delete)).silent();
    let given = given.when(want(rollback(&first))).refused("was deleted");
    let given = given.when(by(bob(), Action::Delete)).refused("no such workflow");
    let then = given.after(Span::hours(1)).when(want(sync(&second)));
    assert_eq!(saved(&then).0, Outcome::Created);
    let given = then.and();
    assert_eq!(hashes(&given), [first.hash(), second.hash()]);
    given.when(want(rollback(&first))).and();
}

#[test]
fn a_definition_of_another_slug_never_reaches_a_workflow() {
    let other = written("slug: other\nsteps:\n  - id: say\n    type: bash\n    command: ls\n");
    nothing().when(want(sync(&other))).refused("no such workflow");
}

#[test]
fn the_list_of_versions_is_bounded() {
    let mut given = nothing();
    let first = saying("0");
    for n in 0..=VERSIONS_MAX {
        given.seq += 1;
        let decision = given.state.decide(want(sync(&saying(&n.to_string()))), &given.ctx()).unwrap();
        decision.events.iter().for_each(|event| given.state.apply(event, given.now));
    }
    assert_eq!(hashes(&given).len(), VERSIONS_MAX);
    given.when(want(rollback(&first))).refused("among those that are kept");
}

#[test]
fn lists_show_what_a_workflow_is() {
    let given = stored(&[&saying("hello")]);
    let rows = given.state.summaries(given.id);
    let (key, row) = rows.first_key_value().unwrap();
    assert_eq!((key.owner, key.list.as_str(), key.id), (ann().user, "workflow", id().0));
    let row: serde_json::Value = row.read().unwrap();
    assert_eq!((&row["slug"], &row["enabled"], &row["steps"]), (&"greet".into(), &true.into(), &1.into()));
    assert_eq!(row["hash"], saying("hello").hash().to_string());
}
