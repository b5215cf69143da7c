//! Deliveries: taken once, judged for those whom they concern, bounded, and replayed.

use serde_json::json;
use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_model::id::TriggerId;
use tenure_model::testkit::Given;
use tenure_workflow::scheduler::ledger::{self, Outcome};
use tenure_workflow::scheduler::{
    Action, Answer, Command, Delivery, Effect, Event, Refusal, Reply, Scheduler, Stored, Verdict, Which,
};
use tenure_workflow::trigger::webhook::{KeyedBy, Proof, Secret};
use uuid::Uuid;

use crate::support::*;
use crate::world::World;

fn stored(event: &str, body: &str) -> Stored {
    let headers = [("content-type", "application/json"), ("x-github-event", event)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Stored { method: "POST".into(), headers, query: "page=2".into(), body: body.into(), base64: false }
}

fn delivery(trigger: Option<TriggerId>, key: &str, body: &str) -> Delivery {
    let proof = Proof { key: key.into(), keyed_by: KeyedBy::Id, kept_ms: Span::mins(10) };
    Delivery { id: Uuid::from_u128(7), trigger, generation: 1, proof, stored: stored("push", body) }
}

fn deliver(delivery: Delivery) -> Command {
    Command::Deliver(Box::new(delivery))
}

fn webhook(rest: &str) -> (Given<Scheduler>, TriggerId) {
    let given = nothing().when(save(&format!("name: hook\ntype: webhook\nverify: none\nworkflow: w\n{rest}"))).and();
    let trigger = id(&given, "hook");
    (given, trigger)
}

#[test]
fn a_delivery_starts_one_run_however_often_it_comes() {
    let (given, trigger) = webhook("mapping: {who: '$.user.name'}\n");
    let then = given.when(deliver(delivery(Some(trigger), "k", r#"{"user":{"name":"ann"}}"#)));
    let Reply::Delivered { firings } = then.decision().reply.clone() else { panic!("delivered") };
    let firing = asked(&then.decision().effects).remove(0);
    assert_eq!((firing.id, json!(firing.inputs), firing.payload), (firings[0], json!({ "who": "ann" }), Some(2)));
    assert_eq!(firing.offered.0["page"], "2");
    assert!(matches!(&then.decision().events[0], Event::Received { stored: Some(_), .. }), "kept for a replay");
    let given = then.and().after(Span::mins(9));
    let then = given.when(deliver(Delivery { id: Uuid::from_u128(8), ..delivery(Some(trigger), "k", "{}") }));
    assert_eq!(then.decision().reply, Reply::Duplicate { firings });
    let given = then.silent().after(Span::mins(2));
    let then = given.when(deliver(delivery(Some(trigger), "k", "{}")));
    assert!(matches!(then.decision().reply, Reply::Delivered { .. }), "its window is over");
}

#[test]
fn without_a_window_every_delivery_counts_and_is_still_taken_once() {
    let (given, trigger) = webhook("dedup_window: 0s\n");
    let mut one = delivery(Some(trigger), "same", "{}");
    one.proof.kept_ms = Span::ZERO;
    let other = Delivery { id: Uuid::from_u128(8), ..one.clone() };
    let first = given.when(deliver(one));
    let second = first.and().when(deliver(other));
    assert_eq!(asked(&second.decision().effects).len(), 1);
}

#[test]
fn what_is_refused_is_never_written() {
    let (given, trigger) = webhook("rate_per_minute: 2\n");
    let large = "x".repeat(1024 * 1024 + 1);
    let given = given.when(deliver(delivery(Some(trigger), "a", &large))).refused("too large");
    let given = given.when(deliver(delivery(Some(trigger), "a", "{"))).refused("no JSON");
    let stranger = TriggerId(Uuid::from_u128(99));
    let given = given.when(deliver(delivery(Some(stranger), "a", "{}"))).refused("no such trigger");
    let old = Delivery { generation: 0, ..delivery(Some(trigger), "a", "{}") };
    let given = given.when(deliver(old)).refused("no such trigger");
    let given = given.when(deliver(delivery(Some(trigger), "a", "{}"))).and();
    let given = given.after(Span::secs(10)).when(deliver(delivery(Some(trigger), "b", "{}"))).and();
    let refusal = given.state.decide(deliver(delivery(Some(trigger), "c", "{}")), &given.ctx()).unwrap_err();
    assert_eq!(refusal, Refusal::TooFast { per_minute: 2, wait: Span::secs(50) });
    let given = given.after(Span::secs(50)).when(deliver(delivery(Some(trigger), "c", "{}"))).and();
    let off = want(Action::SetEnabled { trigger, enabled: false });
    given
        .when(off)
        .and()
        .after(Span::mins(1))
        .when(deliver(delivery(Some(trigger), "d", "{}")))
        .refused("switched off");
}

#[test]
fn a_payload_without_what_is_needed_is_an_entry_and_starts_nothing() {
    let (given, trigger) = webhook("mapping: {n: {path: '$.n', type: integer, required: true}}\n");
    let then = given.when(deliver(delivery(Some(trigger), "k", r#"{"n":"many"}"#)));
    assert!(asked(&then.decision().effects).is_empty());
    let entries = ledger::entries([(then.after.now, then.decision().events.as_slice())]);
    assert_eq!((entries.len(), entries[0].outcome), (1, Outcome::Error));
    assert!(entries[0].reason.as_ref().unwrap().contains("no integer"));
    assert!(matches!(then.decision().effects[..], [Effect::NotifyFailure { .. }]));
}

#[test]
fn rotating_leaves_the_old_address_good_for_a_while() {
    let (given, trigger) = webhook("");
    let rotate = Action::Rotate {
        trigger: Some(trigger),
        sealed: Some("s".into()),
        keep_address: false,
        overlap: Span::hours(1),
    };
    let given = given.when(want(rotate.clone())).refused("request id");
    let then = given.when(once("r", rotate));
    assert_eq!(then.decision().reply, Reply::Rotated { generation: 2 });
    let given = then.and();
    let keys = &given.state.triggers[&trigger].keys;
    assert_eq!((keys.secrets(given.now).count(), keys.takes(1, given.now), keys.takes(3, given.now)), (2, true, false));
    let given = given.when(deliver(delivery(Some(trigger), "a", "{}"))).and().after(Span::hours(2));
    let given = given.when(deliver(delivery(Some(trigger), "b", "{}"))).refused("no such trigger");
    let new = Delivery { generation: 2, ..delivery(Some(trigger), "b", "{}") };
    given.when(deliver(new)).and();
    let forever = Action::Rotate { trigger: None, sealed: None, keep_address: false, overlap: Span::hours(24 * 365) };
    nothing().when(once("r", forever)).refused("at most");
}

#[test]
fn a_senders_own_secret_leaves_the_address_as_it_is() {
    let (given, trigger) = webhook("");
    let theirs =
        Action::Rotate { trigger: Some(trigger), sealed: Some("s".into()), keep_address: true, overlap: Span::ZERO };
    let then = given.when(once("a", theirs.clone()));
    assert_eq!(then.decision().reply, Reply::Rotated { generation: 1 });
    let given = then.and();
    let keys = &given.state.triggers[&trigger].keys;
    assert_eq!(keys.secrets(given.now).collect::<Vec<_>>(), [&Secret::Given { sealed: "s".into() }]);
    let given = given.when(deliver(delivery(Some(trigger), "a", "{}"))).and();
    // One that the server makes is another one each time, so the address goes with it.
    let ours = Action::Rotate { trigger: Some(trigger), sealed: None, keep_address: true, overlap: Span::ZERO };
    let then = given.when(once("b", ours));
    assert_eq!(then.decision().reply, Reply::Rotated { generation: 2 });
    let keys = &then.and().state.triggers[&trigger].keys;
    assert_eq!(keys.secret, Secret::Made { generation: 2 });
}

#[test]
fn what_a_delivery_would_do_is_told_and_nothing_is_done() {
    let tried = |given: &Given<Scheduler>, trigger, stored: Stored| {
        let decision = given.state.decide(Command::Try { trigger, stored: stored.into() }, &given.ctx()).unwrap();
        assert!(decision.events.is_empty() && decision.effects.is_empty());
        let Reply::Tried(tried) = decision.reply else { panic!("tried") };
        *tried
    };
    let (given, trigger) = webhook("overlap: skip\nmapping: {n: {path: '$.n', type: integer, required: true}}\n");
    let one = tried(&given, trigger, stored("push", r#"{"n":"7"}"#));
    assert_eq!((&one.verdict, json!(one.firing.inputs), one.misses), (&Verdict::Started, json!({ "n": 7 }), None));
    let wrong = tried(&given, trigger, stored("push", "{}"));
    assert!(matches!(wrong.verdict, Verdict::Failed { ref code, .. } if code == "mapping_failed"));
    let given = given.when(deliver(delivery(Some(trigger), "k", r#"{"n":7}"#))).and();
    let again = tried(&given, trigger, stored("push", r#"{"n":7}"#));
    assert!(matches!(again.verdict, Verdict::Skipped { .. }), "a run is under way: {:?}", again.verdict);
    let given = given.when(want(Action::SetEnabled { trigger, enabled: false })).and();
    let off = tried(&given, trigger, stored("push", r#"{"n":7}"#));
    assert_eq!(off.misses.as_deref(), Some("the trigger is switched off"));
    let given = given.when(save("name: hub\ntype: github\nrepos: a/b\nevents: issues\nworkflow: w\n")).and();
    let other = tried(&given, id(&given, "hub"), stored("push", r#"{"repository":{"full_name":"a/b"}}"#));
    assert_eq!((other.misses.as_deref(), other.events), (Some("it is push"), vec!["push".to_owned()]));
    let given = given.when(save("name: hand\ntype: manual\nworkflow: w\n")).and();
    let by_hand = Command::Try { trigger: id(&given, "hand"), stored: Box::default() };
    given.when(by_hand).refused("no webhook");
}

#[test]
fn a_trigger_is_shown_by_its_name_in_any_case_or_its_id() {
    let (given, trigger) = webhook("");
    for which in [Which::Id(trigger), Which::Name("HOOK".parse().unwrap())] {
        let decision = given.state.decide(Command::Show(which), &given.ctx()).unwrap();
        let Reply::Shown(shown) = decision.reply else { panic!("shown") };
        assert_eq!((shown.id, shown.definition.name.as_str(), shown.revision), (trigger, "hook", 1));
        assert!(decision.events.is_empty());
    }
    let decision = given.state.decide(Command::Show(Which::Github), &given.ctx()).unwrap();
    assert!(matches!(decision.reply, Reply::Github(keys) if keys.generation == 1));
    given.when(Command::Show(Which::Name("hooked".parse().unwrap()))).refused("no such trigger");
}

#[test]
fn everything_of_a_firing_stands_in_a_list_of_its_own() {
    let (given, trigger) = webhook("");
    let then = given.when(deliver(delivery(Some(trigger), "k", "{}")));
    let firing = asked(&then.decision().effects).remove(0);
    let listed = |events: &[Event]| events.iter().filter(|one| Scheduler::pages(one).contains(&firing.id.0)).count();
    assert_eq!(listed(&then.decision().events), 1);
    let refused = Answer::Refused { code: "workflow_unknown".into(), why: "it is gone".into() };
    let then = then.and().when(answer(&firing, refused));
    assert_eq!(listed(&then.decision().events), 1);
}

#[test]
fn github_is_judged_for_every_trigger_and_written_once() {
    let github =
        |name: &str, rest: &str| save(&format!("name: {name}\ntype: github\nrepos: ann/site\nworkflow: w\n{rest}"));
    let given = nothing().when(github("main", "events: push\nfilter: {branch: main}\n")).and();
    let given = given.when(github("dev", "events: push\nfilter: {branch: dev}\n")).and();
    let given = given.when(github("issues", "events: issues.opened\n")).and();
    let given = given.when(github("off", "events: push\nenabled: false\n")).and();
    let body = r#"{"ref":"refs/heads/main","repository":{"full_name":"ann/site"}}"#;
    let then = given.when(deliver(delivery(None, "k", body)));
    let main = id(&then.after, "main");
    assert_eq!(asked(&then.decision().effects).iter().map(|firing| firing.trigger).collect::<Vec<_>>(), [main]);
    let entries = ledger::entries([(then.after.now, then.decision().events.as_slice())]);
    assert_eq!(entries.len(), 4, "one entry for each trigger");
    let reason = |name: &str| {
        let trigger = id(&then.after, name);
        entries.iter().find(|entry| entry.trigger == trigger).and_then(|entry| entry.reason.clone()).unwrap_or_default()
    };
    assert_eq!((reason("dev").as_str(), reason("issues").as_str()), ("its branch is main", "it is push"));
    assert_eq!(reason("off"), "the trigger is switched off");
    let given = then.and();
    let nobody = body.replace("ann/site", "bob/else");
    let then = given.when(deliver(delivery(None, "l", &nobody)));
    assert!(
        matches!(&then.decision().events[..], [Event::Received { stored: None, .. }, Event::NotMatched { .. }]),
        "compact"
    );
}

#[test]
fn a_delivery_can_be_replayed_by_what_the_trigger_says_now() {
    let (given, trigger) = webhook("");
    let then = given.when(deliver(delivery(Some(trigger), "k", r#"{"n":5}"#)));
    let Event::Received { firings, stored: Some(stored), .. } = then.decision().events[0].clone() else {
        panic!("kept")
    };
    let given = then.and().when(save("name: hook\nmapping: {n: '$.n'}\n")).and();
    let replay = Action::Replay { trigger, of: firings[0], record: 2, stored: Box::new(stored) };
    let given = given.when(want(replay.clone())).refused("request id");
    let then = given.when(once("again", replay.clone()));
    let firing = asked(&then.decision().effects).remove(0);
    assert_eq!((json!(firing.inputs), firing.payload), (json!({ "n": 5 }), Some(2)));
    assert_ne!(firing.id, firings[0]);
    let given = then.and().when(once("again", replay.clone())).silent();
    let then = given.when(once("and again", replay));
    assert_eq!(asked(&then.decision().effects).len(), 1);
}

#[test]
fn a_prompt_reads_what_was_delivered() {
    let text = "name: hook\ntype: webhook\nverify: none\nprompt: 'Look at {{ payload.url }} ({{ trigger.name }})'\n";
    let given = nothing().when(save(text)).and();
    let trigger = id(&given, "hook");
    let then = given.when(deliver(delivery(Some(trigger), "k", r#"{"url":"x.y"}"#)));
    assert!(
        matches!(&then.decision().effects[..], [Effect::Prompt { content, .. }] if content == "Look at x.y (hook)")
    );
}

#[test]
fn what_is_remembered_of_deliveries_is_bounded() {
    let mut world = World::at(at("2026-11-23T00:00:00Z"));
    world.tell(save("name: hook\ntype: webhook\nverify: none\nworkflow: w\nrate_per_minute: 1000000\n"));
    let trigger = id(&world.given, "hook");
    for n in 0..10_500 {
        let reply = world.tell(deliver(delivery(Some(trigger), &format!("k{n}"), "{}")));
        let Reply::Delivered { firings } = reply else { panic!("delivered") };
        let started = tenure_workflow::scheduler::Answer::Started { execution: Default::default() };
        world.tell(Command::Answer { firing: firings[0], answer: started });
    }
    let state = serde_json::to_value(&world.given.state).unwrap();
    let kept = state["triggers"][trigger.to_string()]["recent"]["seen"].as_object().unwrap().len();
    assert_eq!(kept, 10_000);
    assert_eq!(state["asked"].as_object().unwrap().len(), 0);
}

#[test]
fn what_waits_with_a_delivery_still_stands_on_its_record() {
    let (given, trigger) = webhook("overlap: queue\n");
    assert_eq!(given.state.needed_from(), u64::MAX, "nothing waits");
    let first = given.when(deliver(delivery(Some(trigger), "a", "{}")));
    let firing = asked(&first.decision().effects).remove(0);
    let given = first.and();
    assert_eq!(Some(given.state.needed_from()), firing.payload, "its run may be asked for again");
    let running = answer(&firing, Answer::Started { execution: tenure_workflow::scheduler::execution_of(firing.id) });
    let given = given.when(running).and();
    assert_eq!(given.state.needed_from(), u64::MAX);
    let queued = given.seq + 1;
    let other = Delivery { id: Uuid::from_u128(8), ..delivery(Some(trigger), "b", "{}") };
    let given = given.when(deliver(other)).and();
    assert_eq!(given.state.needed_from(), queued, "it is read when its run is started");
}
