//! What is wrong with a trigger, all at once: `mistakes.txt` holds each text with exactly what is said about it.

use serde_json::json;
use tenure_workflow::read;
use tenure_workflow::trigger::schedule::CatchUpPolicy;
use tenure_workflow::trigger::{Definition, On, Overlap, Patch};

const CASES: &str = include_str!("mistakes.txt");

#[test]
fn every_mistake_is_said_with_its_place_and_its_fix() {
    let mut wrong = String::new();
    let mut cases = 0;
    for case in CASES.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (text, expected) = rest.split_once("--- said\n").expect("what is said");
        let read = Patch::text(text).and_then(|patch| patch.onto(None));
        let actual: String = read.err().unwrap_or_default().iter().map(|mistake| format!("{mistake}\n")).collect();
        cases += 1;
        if actual.trim() != expected.trim() {
            wrong.push_str(&format!("=== {title}\n{text}--- said\n{actual}\n"));
        }
    }
    assert!(cases > 15, "the cases are there");
    assert!(wrong.is_empty(), "these say something else now:\n{wrong}");
}

pub fn read(text: &str) -> Definition {
    Patch::text(text).and_then(|patch| patch.onto(None)).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

#[test]
fn a_schedule_says_when_and_what() {
    let trigger = read("name: ' Nightly '\ntype: schedule\ncron: 0 3 * * mon-fri\nworkflow: report\n");
    assert_eq!((trigger.name.as_str(), trigger.enabled, trigger.overlap()), ("Nightly", true, Overlap::Skip));
    let On::Schedule(plan) = &trigger.on else { panic!("a schedule") };
    assert_eq!(plan.catch_up.policy, CatchUpPolicy::Last);
    assert_eq!(trigger.words(), "runs `report` at 03:00 on weekdays (UTC)");
}

#[test]
fn every_spelling_of_a_field_means_the_same() {
    let one = read(
        "name: x\ntype: schedule\ncron: '@daily'\ntimezone: Europe/Berlin\nworkflow: w\ncatch_up: all\njitter: 5m\n\
         start: 2026-01-01T00:00:00Z\ninputs: {a: 1}\n",
    );
    let other = Patch::value(&json!({
        "name": "x", "type": "schedule", "cron": "@daily", "zone": "Europe/Berlin", "workflowId": "w",
        "catchUp": { "policy": "all", "max": 100 }, "jitter_ms": 300_000, "start": 1_767_225_600_000_u64,
        "variables": { "a": 1 },
    }));
    assert_eq!(one, other.unwrap().onto(None).unwrap());
}

#[test]
fn what_was_read_survives_being_stored() {
    for text in [
        "name: a\ntype: schedule\ncron: 0 3 * * *\nworkflow: w\nend: 2030-01-01T00:00:00Z\njitter: 30s\n",
        "name: b\ntype: webhook\nverify: stripe\nprompt: 'look at {{ payload.id }}'\nmapping: {who: '$.a[0]'}\n",
        "name: c\ntype: github\nrepos: [a/b]\nevents: push\nfilter: {branch: main, paths: ['docs/**']}\nworkflow: w\n",
        "name: d\ntype: manual\nworkflow: w\nenabled: false\n",
    ] {
        let trigger = read(text);
        let stored = serde_json::to_value(&trigger).unwrap();
        assert_eq!(serde_json::from_value::<Definition>(stored.clone()).unwrap(), trigger);
        let again = Patch::value(&stored).unwrap().onto(None).unwrap_or_else(|wrong| panic!("{text}: {wrong:#?}"));
        assert_eq!(again, trigger, "the stored form is read as well");
    }
}

#[test]
fn what_is_given_is_checked_against_what_the_workflow_takes() {
    let workflow = read::text(
        "name: W\ninputs: {count: {type: integer, required: true}, who: string, _payload: any}\n\
         steps: [{type: bash, command: 'true'}]\n",
    )
    .unwrap();
    let of = |kind: &str, text: &str| {
        let wrong = read(&format!("name: x\ntype: {kind}\nworkflow: w\n{text}")).check_workflow(&workflow);
        wrong.err().unwrap_or_default().iter().map(|one| format!("{} {}", one.path, one.code)).collect::<Vec<_>>()
    };
    let said = |text: &str| of("webhook\nverify: none", text);
    assert_eq!(of("manual", ""), Vec::<String>::new(), "who fires it gives what is missing");
    assert_eq!(said("inputs: {count: 3}\n"), Vec::<String>::new());
    assert_eq!(said("mapping: {count: '$.n'}\n"), Vec::<String>::new(), "its value is known later");
    assert_eq!(said(""), ["trigger.inputs.count missing_input"]);
    let wrong =
        ["trigger.inputs.whoo unknown_input", "trigger.inputs.n unknown_input", "trigger.inputs.count wrong_type"];
    assert_eq!(said("inputs: {count: many, whoo: ann}\nmapping: {n: '$.n'}\n"), wrong);
}
