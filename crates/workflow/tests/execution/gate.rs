//! The gate: limits, the queue, parked runs, and reconciling.

use tenure_model::id::{ExecutionId, UserId};
use tenure_model::testkit::{Given, given};
use tenure_workflow::Gate;
use tenure_workflow::execution::effect::{SlotAsk, SlotKey};
use tenure_workflow::gate::{Command, Effect, Event, Limits};
use uuid::Uuid;

fn run(number: u128) -> ExecutionId {
    ExecutionId(Uuid::from_u128(number))
}

fn slot(owner: u128) -> SlotAsk {
    SlotAsk { owner: UserId(Uuid::from_u128(owner)), key: None, resumed: false }
}

fn keyed(owner: u128, key: &str, max: u32) -> SlotAsk {
    SlotAsk { key: Some(SlotKey { key: key.into(), max }), ..slot(owner) }
}

fn gate(runs_max: u32, owner_runs_max: u32) -> Given<Gate> {
    let limits = Limits { runs_max, owner_runs_max, queue_max: 3 };
    given(Uuid::nil(), [Event::LimitsSet { limits }])
}

fn ask(number: u128, slot: SlotAsk) -> Command {
    Command::Ask { execution: run(number), slot }
}

fn queued(number: u128, ahead: u32, why: &str) -> Effect {
    Effect::Queued { execution: run(number), ahead, why: why.into() }
}

fn granted(number: u128) -> Effect {
    Effect::Granted { execution: run(number) }
}

#[test]
fn runs_above_a_limit_queue_in_order() {
    let gate =
        gate(2, 2).when(ask(1, slot(1))).effects([granted(1)]).and().when(ask(2, slot(2))).effects([granted(2)]).and();
    let gate = gate.when(ask(3, slot(3))).effects([queued(3, 0, "the limit runs_max is 2")]).and();
    let gate = gate.when(ask(4, slot(4))).effects([queued(4, 1, "the limit runs_max is 2")]).and();
    let gate = gate.when(Command::Free { execution: run(1) }).effects([granted(3)]).and();
    let gate = gate.when(Command::Free { execution: run(2) }).effects([granted(4)]).and();
    assert!(gate.state.queue.is_empty() && gate.state.tally.all == 2);
}

#[test]
fn an_owner_at_the_limit_does_not_hold_up_others() {
    let gate = gate(2, 1).when(ask(1, slot(1))).and();
    let gate = gate.when(ask(2, slot(1))).effects([queued(2, 0, "the limit owner_runs_max is 1")]).and();
    gate.when(ask(3, slot(3))).effects([granted(3)]);
}

#[test]
fn runs_with_one_key_share_its_limit() {
    let gate = gate(9, 9).when(ask(1, keyed(1, "main", 1))).and();
    let gate = gate.when(ask(2, keyed(1, "main", 1))).effects([queued(2, 0, "the workflow's own limit is 1")]).and();
    let gate = gate.when(ask(3, keyed(1, "other", 1))).effects([granted(3)]).and();
    gate.when(Command::Free { execution: run(1) }).effects([granted(2)]);
}

#[test]
fn a_parked_run_goes_on_above_the_limit() {
    let gate = gate(1, 1).when(ask(1, slot(1))).and();
    let parked = SlotAsk { resumed: true, ..slot(2) };
    let gate = gate.when(ask(2, parked)).effects([granted(2)]).and();
    assert_eq!(gate.state.tally.all, 2);
    let gate = gate.when(ask(3, slot(3))).and().when(Command::Free { execution: run(1) }).effects([]).and();
    gate.when(Command::Free { execution: run(2) }).effects([granted(3)]);
}

#[test]
fn a_run_that_gives_up_leaves_the_queue() {
    let gate = gate(1, 1).when(ask(1, slot(1))).and().when(ask(2, slot(2))).and();
    let gate = gate.when(Command::Free { execution: run(2) }).effects([]).and();
    gate.when(Command::Free { execution: run(1) }).effects([]);
}

#[test]
fn a_full_queue_takes_no_more() {
    let mut gate = gate(1, 1).when(ask(1, slot(1))).and();
    for number in 2..5 {
        gate = gate.when(ask(number, slot(number))).and();
    }
    gate.when(ask(5, slot(5))).refused("queue_max");
}

#[test]
fn what_the_runs_say_counts() {
    let gate = gate(2, 2).when(ask(1, slot(1))).and().when(ask(2, slot(2))).and().when(ask(3, slot(3))).and();
    let held = |gate: &Given<Gate>| gate.state.running.keys().copied().collect::<Vec<_>>();
    let waiting = vec![(run(3), slot(3))];
    let running = vec![(run(2), slot(2)), (run(7), SlotAsk { resumed: true, ..slot(7) })];
    let gate = gate.when(Command::Reconcile { running, waiting: waiting.clone() }).effects([]).and();
    assert_eq!(held(&gate), [run(2), run(7)]);
    // Run 1 said nothing, and run 3 gets what run 7 leaves; it waits as long as it has not heard of it.
    let running = vec![(run(2), slot(2))];
    let gate = gate.when(Command::Reconcile { running, waiting }).effects([granted(3)]).and();
    assert_eq!(held(&gate), [run(2), run(3)]);
}

#[test]
fn a_run_that_the_gate_has_forgotten_queues_again() {
    let waiting = vec![(run(3), slot(3))];
    let gate = gate(1, 1).when(Command::Reconcile { running: vec![(run(1), slot(1))], waiting }).and();
    assert_eq!(gate.state.place(run(3)), Some(0));
}

#[test]
fn a_higher_limit_lets_runs_in_and_none_is_refused() {
    let gate = gate(1, 9).when(ask(1, slot(1))).and().when(ask(2, slot(1))).and();
    let limits = Limits { runs_max: 2, owner_runs_max: 9, queue_max: 3 };
    let gate = gate.when(Command::SetLimits { limits: limits.clone() }).effects([granted(2)]).and();
    gate.when(Command::SetLimits { limits: Limits { runs_max: 0, ..limits } }).refused("runs_max must be at least 1");
}
