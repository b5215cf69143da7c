//! What is written on top of what a trigger says: left out stays, null clears.

use tenure_workflow::trigger::schedule::{CatchUpPolicy, Plan};
use tenure_workflow::trigger::{Definition, Name, On, Patch};

use crate::reading::read;

fn onto(old: &Definition, text: &str) -> Definition {
    Patch::text(text).and_then(|patch| patch.onto(Some(old))).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn plan(trigger: &Definition) -> &Plan {
    match &trigger.on {
        On::Schedule(plan) => plan,
        other => panic!("a schedule, not {other:?}"),
    }
}

fn nightly() -> Definition {
    read(
        "name: nightly\ndescription: it\ntype: schedule\ncron: 0 3 * * *\ntimezone: Europe/Berlin\njitter: 5m\n\
         catch_up: {policy: all, max: 7}\nworkflow: w\ninputs: {a: 1}\nenabled: false\n",
    )
}

#[test]
fn what_is_left_out_stays() {
    let old = nightly();
    assert_eq!(onto(&old, "name: nightly\n"), old);
    let new = onto(&old, "name: nightly\ncron: 0 4 * * *\n");
    assert_eq!(plan(&new).cron.as_str(), "0 4 * * *");
    assert!(!new.enabled && new.description.is_some(), "it stays switched off");
    assert_eq!((plan(&new).jitter_ms, plan(&new).catch_up.max), (plan(&old).jitter_ms, 7));
}

#[test]
fn null_clears_and_brings_defaults_back() {
    let text =
        "name: nightly\ndescription: null\njitter: null\ncatch_up: null\ntimezone: ~\ninputs: null\nenabled: null\n";
    let new = onto(&nightly(), text);
    assert_eq!((new.description.as_deref(), new.inputs.len(), new.enabled), (None, 0, true));
    assert_eq!((plan(&new).jitter_ms.0, plan(&new).catch_up.policy), (0, CatchUpPolicy::Last));
    assert_eq!(plan(&new).timezone.to_string(), "UTC");
    let wrong = Patch::text("name: nightly\ncron: null\n").unwrap().onto(Some(&nightly())).unwrap_err();
    assert_eq!(wrong[0].code, "missing_field");
}

#[test]
fn another_spelling_of_a_field_replaces_it() {
    let new = onto(&nightly(), "name: nightly\njitter_ms: 1000\nzone: UTC\ncatchUp: none\nworkflow_id: other\n");
    assert_eq!((plan(&new).jitter_ms.0, new.workflow.as_deref()), (1_000, Some("other")));
    assert_eq!((plan(&new).timezone.to_string().as_str(), plan(&new).catch_up.policy), ("UTC", CatchUpPolicy::None));
}

#[test]
fn what_an_object_holds_is_replaced_as_a_whole() {
    let new = onto(&nightly(), "name: nightly\ninputs: {b: 2}\ncatch_up: {policy: all}\n");
    assert_eq!((new.inputs.get("a"), plan(&new).catch_up.max), (None, 100));
}

#[test]
fn another_target_replaces_the_old_one_only_when_it_is_cleared() {
    let old = nightly();
    let both = Patch::text("name: nightly\nprompt: hello\n").unwrap().onto(Some(&old)).unwrap_err();
    assert_eq!(both[0].code, "too_many_fields");
    let new = onto(&old, "name: nightly\nprompt: hello\nworkflow: null\n");
    assert!(new.prompt.is_some() && new.workflow.is_none());
}

#[test]
fn another_kind_keeps_what_all_kinds_have() {
    let new = onto(&nightly(), "name: nightly\ntype: webhook\nverify: github\n");
    assert!(matches!(new.on, On::Webhook(_)));
    assert_eq!((new.workflow.as_deref(), new.inputs.len(), new.enabled), (Some("w"), 1, false));
    let back = onto(&new, "name: nightly\ntype: schedule\ncron: '@daily'\n");
    assert_eq!(plan(&back).timezone.to_string(), "UTC", "nothing of the first schedule is left");
    let wrong = Patch::text("name: nightly\ntype: webhook\n").unwrap().onto(Some(&nightly())).unwrap_err();
    assert_eq!(wrong[0].code, "missing_field");
}

#[test]
fn names_that_differ_in_case_or_space_are_one() {
    let folded = |text: &str| text.parse::<Name>().unwrap().folded();
    assert_eq!(folded(" Nightly Report "), folded("nightly REPORT"));
    assert_eq!(folded("Straße"), folded("STRASSE"));
    assert_ne!(folded("a b"), folded("a  b"));
    for wrong in ["", " \t ", "a\nb", "a/b", &"x".repeat(101)] {
        assert!(wrong.parse::<Name>().is_err(), "{wrong:?}");
    }
}
