//! Golden events and effects of sessions.

use tenure_model::testkit::golden;
use tenure_session::{Effect, Event};

#[test]
fn every_kind_of_event_can_be_read_for_ever() {
    golden::check::<Event>(env!("CARGO_MANIFEST_DIR"), "events");
}

#[test]
fn every_kind_of_effect_can_be_read_for_ever() {
    golden::check::<Effect>(env!("CARGO_MANIFEST_DIR"), "effects");
}
