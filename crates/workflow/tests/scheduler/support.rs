//! The few words in which the specs are written.

use serde_json::json;
use tenure_model::Timestamp;
use tenure_model::id::{TriggerId, UserId};
use tenure_model::request::RequestId;
use tenure_model::testkit::{Given, Then, given};
use tenure_workflow::definition::parse_instant;
use tenure_workflow::people::By;
use tenure_workflow::scheduler::{Action, Answer, Command, Effect, Event, Firing, Outcome, Reply, Scheduler};
use tenure_workflow::trigger::Patch;
use uuid::Uuid;

fn person(number: u128, name: &str) -> By {
    By { user: UserId(Uuid::from_u128(number)), name: name.into(), admin: false, agent: false }
}

/// Whose triggers they are.
pub fn ann() -> By {
    person(1, "ann")
}

/// Somebody else.
pub fn bob() -> By {
    person(2, "bob")
}

/// An administrator.
pub fn root() -> By {
    By { admin: true, ..person(3, "root") }
}

pub fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap_or_else(|| panic!("{text} is no instant"))
}

pub fn nothing() -> Given<Scheduler> {
    given(ann().user, [])
}

/// Nothing, at a given time.
pub fn on(time: &str) -> Given<Scheduler> {
    Given { now: at(time), ..nothing() }
}

pub fn patch(text: &str) -> Patch {
    Patch::text(text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

pub fn by(by: By, action: Action) -> Command {
    Command::Client { by, request: None, action }
}

pub fn want(action: Action) -> Command {
    by(ann(), action)
}

/// The same, so that it is done once.
pub fn once(key: &str, action: Action) -> Command {
    Command::Client { by: ann(), request: Some(RequestId::parse(key).unwrap()), action }
}

pub fn save(text: &str) -> Command {
    want(Action::Upsert { patch: patch(text), expected: None })
}

pub fn answer(firing: &Firing, answer: Answer) -> Command {
    Command::Answer { firing: firing.id, answer }
}

/// A schedule with these further lines.
pub fn schedule(name: &str, cron: &str, rest: &str) -> String {
    format!("name: {name}\ntype: schedule\ncron: '{cron}'\nworkflow: report\n{rest}")
}

#[track_caller]
pub fn saved(then: &Then<Scheduler>) -> (Outcome, TriggerId, u64) {
    match &then.decision().reply {
        Reply::Saved { outcome, trigger, revision, .. } => (*outcome, *trigger, *revision),
        other => panic!("expected a saved trigger, got {other:?}"),
    }
}

/// The id of the trigger of this name.
#[track_caller]
pub fn id(given: &Given<Scheduler>, name: &str) -> TriggerId {
    given.state.named(&name.parse().unwrap()).expect("it is there").0
}

/// The firings that runs are asked for.
pub fn asked(effects: &[Effect]) -> Vec<Firing> {
    let runs = effects.iter().filter_map(|effect| match effect {
        Effect::StartRun { firing, .. } => Some((**firing).clone()),
        _ => None,
    });
    runs.collect()
}

/// What is said of firings, in order: `started`, `skipped`, ….
pub fn verdicts(events: &[Event]) -> Vec<String> {
    let said = events.iter().filter_map(|event| match event {
        Event::Decided { verdict, .. } => json!(verdict)["verdict"].as_str().map(str::to_owned),
        Event::Missed { count, .. } => Some(format!("missed {count}")),
        _ => None,
    });
    said.collect()
}
