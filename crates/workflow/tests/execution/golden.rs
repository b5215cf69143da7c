//! Golden events and effects of runs and of the gate.

use tenure_model::testkit::golden;
use tenure_workflow::execution::{Effect, Event};
use tenure_workflow::gate;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_kind_of_event_can_be_read_for_ever() {
    golden::check::<Event>(ROOT, "events");
    golden::check::<gate::Event>(ROOT, "gate_events");
}

#[test]
fn every_kind_of_effect_can_be_read_for_ever() {
    golden::check::<Effect>(ROOT, "effects");
    golden::check::<gate::Effect>(ROOT, "gate_effects");
}
