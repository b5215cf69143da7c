//! Golden events of stored workflows.

use tenure_model::testkit::golden;
use tenure_workflow::library::Event;

#[test]
fn every_kind_of_event_can_be_read_for_ever() {
    for (name, event) in golden::check::<Event>(env!("CARGO_MANIFEST_DIR"), "library") {
        if let Some((hash, definition)) = event.definition() {
            assert_eq!(definition.hash(), hash, "the definition in {name}.json is still the one of its hash");
        }
    }
}
