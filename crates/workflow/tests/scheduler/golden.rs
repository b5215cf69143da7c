//! Golden events and effects of schedulers.

use tenure_model::testkit::golden;
use tenure_workflow::scheduler::{Effect, Event};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_kind_of_event_and_effect_can_be_read_for_ever() {
    golden::check::<Event>(ROOT, "scheduler_events");
    golden::check::<Effect>(ROOT, "scheduler_effects");
}
