//! Triggers with real runs and a real orchestrator session, on a clock that is moved by hand.

use serde_json::{Map, json};
use tenure_account::realm::{Asker, Command as RealmCommand};
use tenure_account::realm_id;
use tenure_model::budget::{Draw, Scope};
use tenure_model::id::{FiringId, SessionId, derived};
use tenure_model::step::RunEnd;
use tenure_model::{Span, Timestamp};
use tenure_runtime::Clock;
use tenure_session::Session;
use tenure_session::state::Thread;
use tenure_workflow::execution::command::TriggerKind;
use tenure_workflow::execution::{self, Status};
use tenure_workflow::people::By;
use tenure_workflow::scheduler::{Action, Command, Delivery, Event, Reply, Stored, Verdict, execution_of, firing_id};
use tenure_workflow::trigger::webhook::{KeyedBy, Proof};
use uuid::Uuid;

use crate::house::{House, within};
use crate::house_of_runs::start_of;
use crate::house_of_triggers::{at, user};

const MINUTE: Span = Span::secs(60);
/// Gives what it was told of its firing.
const TELLS: &str = "
name: Report
inputs:
  - {name: _trigger, type: object}
  - {name: who, type: string, default: nobody}
outputs: {at: '{{ inputs._trigger.shown }}', who: '{{ inputs.who }}'}
steps:
  - {id: say, type: tool, tool: echo, arguments: {n: 1}}
";
/// Goes on until it is told to.
const WAITS: &str = "name: Patient\nsteps:\n  - {id: go, type: wait, event: go}\n";

fn start() -> Timestamp {
    at("2026-11-23T10:00:30Z")
}

async fn house() -> (House, By) {
    let house = House::with(Clock::at(start()), |_| {}).await;
    let by = user(&house).await;
    (house, by)
}

fn every_minute(workflow: &str, rest: &str) -> String {
    format!(
        "name: each minute\ntype: schedule\ncron: '* * * * *'\ntimezone: Europe/Berlin\nworkflow: {workflow}\n{rest}"
    )
}

fn orchestrator(by: &By) -> SessionId {
    SessionId(derived(&["orchestrator", &by.user.to_string()]))
}

fn said(session: &Session) -> Vec<String> {
    let turns = session.turns.values().map(|turn| turn.message.text.clone());
    turns.chain(session.queue.iter().map(|prompt| prompt.text.clone())).collect()
}

fn ended(events: &[Event], firing: FiringId) -> Option<RunEnd> {
    events.iter().find_map(|event| match event {
        Event::Ended { firing: one, end, .. } if *one == firing => *end,
        _ => None,
    })
}

#[actix_rt::test]
async fn a_schedule_starts_its_workflow_at_its_time() {
    let (house, by) = house().await;
    house.save_for(&by, TELLS).await;
    let trigger = house.trigger(&by, &every_minute("report", "inputs: {who: ann}\n")).await;
    house.clock.advance(MINUTE);
    let run = execution_of(firing_id(trigger, at("2026-11-23T10:01:00Z")));
    assert_eq!(house.outputs(run).await, json!({ "at": "2026-11-23 11:01", "who": "ann" }));
    let about = house.run(run).await.about.clone().expect("it was started");
    assert_eq!((about.start.trigger.kind, about.start.owner_name.as_str()), (TriggerKind::Schedule, "ann"));
    assert_eq!(about.start.trigger.name.as_deref(), Some("each minute"));
}

#[actix_rt::test]
async fn what_was_missed_while_the_server_was_off_is_made_up_for_once() {
    let (house, by) = house().await;
    house.save_for(&by, TELLS).await;
    let trigger = house.trigger(&by, &every_minute("report", "")).await;
    let (engine, clock) = (house.engine.clone(), house.clock.clone());
    house.runtime.stop(Span::ZERO).await;
    clock.advance(Span::hours(2));
    let house = House::over(engine, clock, |_| {}).await;
    let run = execution_of(firing_id(trigger, at("2026-11-23T12:00:00Z")));
    assert_eq!(house.outputs(run).await["at"], "2026-11-23 13:00");
    let events = house.events(&by);
    let decided = events.iter().filter(|event| matches!(event, Event::Decided { .. })).count();
    let missed = events.iter().filter_map(|event| match event {
        Event::Missed { count, .. } => Some(*count),
        _ => None,
    });
    assert_eq!((decided, missed.collect::<Vec<_>>()), (1, vec![119]));
}

#[actix_rt::test]
async fn what_is_due_at_once_is_all_decided_once_though_the_disk_was_full() {
    let (house, by) = house().await;
    house.save_for(&by, WAITS).await;
    for number in 0..250 {
        house.trigger(&by, &every_minute("patient", "").replace("each minute", &format!("n{number}"))).await;
    }
    house.engine.set_full(true);
    house.clock.advance(MINUTE);
    within("the disk to be found full", async {
        while house.runtime.health().failure.is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    house.engine.set_full(false);
    let decided = |events: &[Event]| events.iter().filter(|event| matches!(event, Event::Decided { .. })).count();
    within("all to be decided", async {
        while decided(&house.events(&by)) < 250 {
            house.clock.advance(Span::ms(100));
            tokio::task::yield_now().await;
        }
    })
    .await;
    house
        .noted(&by, "all to be started", |events| {
            events.iter().filter(|event| matches!(event, Event::Started { .. })).count() == 250
        })
        .await;
    assert_eq!(decided(&house.events(&by)), 250, "each once");
}

#[actix_rt::test]
async fn a_firing_that_waits_goes_on_when_the_run_before_it_has_ended() {
    let (house, by) = house().await;
    house.save_for(&by, WAITS).await;
    let trigger = house.trigger(&by, &every_minute("patient", "overlap: queue\n")).await;
    let firing = |minute: u32| firing_id(trigger, at(&format!("2026-11-23T10:0{minute}:00Z")));
    house.clock.advance(MINUTE);
    house.run_until(execution_of(firing(1)), "the first run", |run| run.about.is_some()).await;
    house.clock.advance(MINUTE);
    let queued = |event: &Event| matches!(event, Event::Decided { verdict: Verdict::Queued, .. });
    house.noted(&by, "the second firing", |events| events.iter().any(queued)).await;
    act(&house, &by, firing(1)).await;
    house.run_until(execution_of(firing(2)), "the second run", |run| run.about.is_some()).await;
    let events = house.noted(&by, "the end", |events| ended(events, firing(1)).is_some()).await;
    assert_eq!(ended(&events, firing(1)), Some(RunEnd::Completed));
}

/// Lets the run of a firing go on.
async fn act(house: &House, by: &By, firing: FiringId) {
    let action = execution::Action::Event { name: "go".into(), payload: json!({}) };
    let command = execution::Command::Client { by: by.clone(), request: None, action };
    house.runtime.executions.ask(execution_of(firing), command).await.expect("the run does it");
}

#[actix_rt::test]
async fn a_run_that_is_replaced_by_a_later_one_ends_without_a_word() {
    let (house, by) = house().await;
    house.save_for(&by, WAITS).await;
    let trigger = house.trigger(&by, &every_minute("patient", "overlap: cancel_running\n")).await;
    let firing = |minute: u32| firing_id(trigger, at(&format!("2026-11-23T10:0{minute}:00Z")));
    house.clock.advance(MINUTE);
    house.run_until(execution_of(firing(1)), "the first run", |run| run.about.is_some()).await;
    house.clock.advance(MINUTE);
    let first = house.run_until(execution_of(firing(1)), "its end", |run| run.ended.is_some()).await;
    assert_eq!(first.status(), Status::Cancelled);
    house.run_until(execution_of(firing(2)), "the second run", |run| run.about.is_some()).await;
    let look = house.runtime.sessions.look(orchestrator(&by)).await.expect("it can be looked at");
    assert_eq!(said(&look.state), Vec::<String>::new());
}

#[actix_rt::test]
async fn a_prompt_comes_to_the_orchestrator_once_in_a_thread_of_its_own() {
    let (mut house, by) = house().await;
    let text = "name: morning\ntype: schedule\ncron: '* * * * *'\ntimezone: Asia/Tokyo\nprompt: What is new?\n";
    let trigger = house.trigger(&by, text).await;
    for minute in 1..=2 {
        house.clock.advance(MINUTE);
        house.session_until(orchestrator(&by), "the prompt", |session| said(session).len() == minute).await;
        house = house.crash().await;
    }
    let look = house.session_until(orchestrator(&by), "both prompts", |session| said(session).len() == 2).await;
    assert_eq!(said(&look.state)[0], "[Today is Monday, November 23, 2026]\n\nWhat is new?");
    let on_trigger = [Draw { scope: Scope::Trigger(trigger), allowance: None }];
    let own = |thread: &&Thread| thread.title.as_deref() == Some("morning") && thread.draws == on_trigger;
    assert_eq!(look.state.threads.values().filter(own).count(), 2);
}

#[actix_rt::test]
async fn the_owner_hears_once_that_nothing_can_be_started() {
    let (house, by) = house().await;
    house.trigger(&by, &every_minute("gone", "")).await;
    for failures in 1..=3 {
        house.clock.advance(MINUTE);
        let failed = |event: &&Event| matches!(event, Event::Failed { code, .. } if code == "workflow_unknown");
        house.noted(&by, "the failure", |events| events.iter().filter(failed).count() == failures).await;
    }
    let look = house.session_until(orchestrator(&by), "the notice", |session| !said(session).is_empty()).await;
    let said = said(&look.state);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("\"each minute\" could not start anything: there is no workflow \"gone\""), "{said:?}");
}

#[actix_rt::test]
async fn a_run_that_is_there_was_started_although_its_workflow_is_gone_since() {
    let (house, by) = house().await;
    let trigger = house.trigger(&by, &every_minute("gone", "")).await;
    let firing = firing_id(trigger, at("2026-11-23T10:01:00Z"));
    // As if the answer to the first attempt had been lost.
    house.start(execution_of(firing), start_of(WAITS)).await;
    house.clock.advance(MINUTE);
    let answered = |event: &Event| matches!(event, Event::Started { .. } | Event::Failed { .. });
    let events = house.noted(&by, "the answer", |events| events.iter().any(answered)).await;
    assert!(events.iter().any(|event| matches!(event, Event::Started { .. })), "{events:#?}");
}

#[actix_rt::test]
async fn nothing_is_started_for_somebody_who_was_shut_out() {
    let (house, by) = house().await;
    house.save_for(&by, TELLS).await;
    house.trigger(&by, &every_minute("report", "")).await;
    let tokens: Vec<_> = house.runtime.realm_view().tokens.keys().copied().collect();
    for token in tokens {
        let command = RealmCommand::RevokeToken { by: Asker::Server, token };
        house.runtime.realm.ask(realm_id(), command).await.expect("the token is revoked");
    }
    house.clock.advance(MINUTE);
    let shut = |event: &Event| matches!(event, Event::Failed { code, .. } if code == "owner_shut_out");
    house.noted(&by, "the refusal", |events| events.iter().any(shut)).await;
}

#[actix_rt::test]
async fn a_workflow_that_asks_for_it_gets_all_that_was_delivered() {
    let (house, by) = house().await;
    let text = "name: Hook\ninputs:\n  - {name: _payload, type: object}\n  - {name: page, type: integer}\n";
    let text = format!("{text}outputs: {{sum: '{{{{ inputs._payload.n + inputs.page }}}}'}}\nsteps: []\n");
    house.save_for(&by, &text.replace("steps: []", "steps:\n  - {id: e, type: tool, tool: echo, arguments: {}}")).await;
    let trigger = house.trigger(&by, "name: hook\ntype: webhook\nverify: none\nworkflow: hook\n").await;
    let headers = [("content-type".to_owned(), "application/json".to_owned())].into();
    let (method, query, body) = ("POST".to_owned(), "page=2".to_owned(), r#"{"n": 40}"#.to_owned());
    let delivery = Delivery {
        id: Uuid::from_u128(7),
        trigger: Some(trigger),
        generation: 1,
        proof: Proof { key: "k".into(), keyed_by: KeyedBy::Bytes, kept_ms: MINUTE },
        stored: Stored { method, headers, query, body, base64: false },
    };
    let deliver = || Command::Deliver(Box::new(delivery.clone()));
    let Reply::Delivered { firings } = house.schedule(&by, deliver()).await else { panic!("it is taken") };
    assert_eq!(house.outputs(execution_of(firings[0])).await, json!({ "sum": 42 }));
    assert_eq!(house.schedule(&by, deliver()).await, Reply::Duplicate { firings });
}

#[actix_rt::test]
async fn somebody_can_fire_a_trigger_as_a_test() {
    let (house, by) = house().await;
    house.save_for(&by, TELLS).await;
    let trigger = house.trigger(&by, &every_minute("report", "enabled: false\n")).await;
    let inputs = Map::from_iter([("who".to_owned(), json!("bob"))]);
    let run = |key: &'static str| house.once(&by, key, Action::Run { trigger, inputs: inputs.clone(), test: true });
    let Reply::Fired { execution, .. } = run("once").await else { panic!("it fires") };
    assert_eq!(house.outputs(execution).await["who"], "bob");
    let about = house.run(execution).await.about.clone().expect("it was started");
    assert!(about.start.test && about.start.trigger.kind == TriggerKind::Test);
    assert!(matches!(run("once").await, Reply::Fired { execution: again, .. } if again == execution));
}
