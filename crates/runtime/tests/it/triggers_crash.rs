//! A firing that is cut off at each of its writes: it is neither lost nor done twice.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tenure_journal::engine::Engine;
use tenure_model::Span;
use tenure_model::id::FiringId;
use tenure_runtime::{Builtin, Calling, Clock, ToolCall, Tools};
use tenure_workflow::people::By;
use tenure_workflow::scheduler::{Event, Verdict, execution_of, firing_id};

use crate::house::{House, within};
use crate::house_of_triggers::{at, user};

const WORKFLOW: &str = "
name: Report
outputs: {n: '{{ outputs.say.n }}'}
steps:
  - {id: say, type: tool, tool: echo, arguments: {n: 1}}
";
/// Watched to its end, so that the whole way of a firing is gone.
const TRIGGER: &str = "name: nightly\ntype: schedule\ncron: '1 10 * * *'\nworkflow: report\noverlap: queue\n";

/// Notes under which key it is called.
#[derive(Clone, Default)]
struct Noting(Arc<Mutex<Vec<uuid::Uuid>>>);

impl Tools for Noting {
    fn call(&self, call: ToolCall) -> Calling {
        self.0.lock().expect("noting does not panic").push(call.key);
        Builtin.call(call)
    }
}

fn is_over(events: &[Event], firing: FiringId) -> bool {
    events.iter().any(|event| matches!(event, Event::Ended { firing: one, .. } if *one == firing))
}

#[actix_rt::test]
async fn a_firing_that_a_crash_cuts_off_anywhere_is_done_once() {
    let mut cuts = 0;
    while cut_at(cuts).await {
        cuts += 1;
        assert!(cuts < 200, "a firing does not write that much");
    }
    assert!(cuts > 5, "a firing, a run, a step and their ends are more than {cuts} writes");
}

/// Fires once with the write of this number failing, then starts anew; false when all was done before that write.
async fn cut_at(write: u64) -> bool {
    let tools = Noting::default();
    let clock = Clock::at(at("2026-11-23T10:00:30Z"));
    let given = tools.clone();
    let house = House::with(clock, move |options| options.tools = Arc::new(given)).await;
    let by = user(&house).await;
    house.save_for(&by, WORKFLOW).await;
    let trigger = house.trigger(&by, TRIGGER).await;
    let firing = firing_id(trigger, at("2026-11-23T10:01:00Z"));

    house.engine.fail_after(write);
    house.clock.advance(Span::secs(60));
    let broken = within("the end or the fault", until_over_or_broken(&house, &by, firing)).await;
    house.engine.set_full(true);
    house.runtime.stop(Span::ZERO).await;
    house.engine.set_full(false);
    house.engine.revive().expect("there is room again");

    let given = tools.clone();
    let (engine, clock) = (house.engine.clone(), house.clock.clone());
    let house = House::over(engine, clock, move |options| options.tools = Arc::new(given)).await;
    let events = house.noted(&by, "the end", |events| is_over(events, firing)).await;
    assert_eq!(house.outputs(execution_of(firing)).await, json!({ "n": 1 }), "cut at write {write}");
    let started = |event: &&Event| matches!(event, Event::Decided { verdict: Verdict::Started, .. });
    let missed = |event: &&Event| matches!(event, Event::Missed { .. } | Event::Failed { .. });
    let counts = (events.iter().filter(started).count(), events.iter().filter(missed).count());
    assert_eq!(counts, (1, 0), "cut at write {write}: {events:#?}");
    let mut keys = tools.0.lock().expect("reading does not panic").clone();
    keys.dedup();
    assert_eq!(keys.len(), 1, "cut at write {write}: a second call is the same call");
    broken
}

async fn until_over_or_broken(house: &House, by: &By, firing: FiringId) -> bool {
    loop {
        if house.engine.stats().last_error.is_some() {
            return true;
        }
        if is_over(&house.events(by), firing) {
            return false;
        }
        tokio::task::yield_now().await;
    }
}
