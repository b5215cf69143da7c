//! Golden events of the realm and of owners.

use tenure_model::testkit::golden;

#[test]
fn every_kind_of_event_of_a_realm_can_be_read_for_ever() {
    golden::check::<tenure_account::realm::Event>(env!("CARGO_MANIFEST_DIR"), "realm");
}

#[test]
fn every_kind_of_event_of_an_owner_can_be_read_for_ever() {
    golden::check::<tenure_account::owner::Event>(env!("CARGO_MANIFEST_DIR"), "owner");
}

#[test]
fn every_kind_of_event_and_effect_of_a_policy_can_be_read_for_ever() {
    golden::check::<tenure_account::policy::Event>(env!("CARGO_MANIFEST_DIR"), "policy");
    golden::check::<tenure_account::policy::Effect>(env!("CARGO_MANIFEST_DIR"), "policy_effects");
}

#[test]
fn every_kind_of_event_of_budgets_can_be_read_for_ever() {
    golden::check::<tenure_account::budget::Event>(env!("CARGO_MANIFEST_DIR"), "budget");
}
