//! Invariants that cannot fail prove nothing: each flaw that is built in on purpose must be noticed, and by which one.

use tenure_simulation::{Flaw, run};

const SEEDS_MAX: u64 = 300;

/// Runs seeds until the flaw is noticed, and expects one of these invariants to notice it.
#[track_caller]
fn is_noticed(flaw: Flaw, by: &[&str]) {
    for seed in 0..SEEDS_MAX {
        let Err(failure) = run(seed, Some(flaw)) else { continue };
        let violation = failure.violation;
        assert!(by.contains(&violation.invariant), "seed {seed}: {violation:?}");
        assert!(!failure.transcript.is_empty(), "a failure tells its story");
        return;
    }
    panic!("{flaw:?} went unnoticed in {SEEDS_MAX} seeds");
}

#[test]
fn a_courier_that_forgets() {
    is_noticed(Flaw::CourierForgets, &["no_turn_runs_out_of_time", "everything_is_settled"]);
}

#[test]
fn a_journal_that_loses_deltas() {
    is_noticed(
        Flaw::JournalLosesDeltas,
        &[
            "a_snapshot_is_its_history",
            "nobody_has_seen_what_is_gone",
            "text_grows_without_a_hole",
            "every_view_equals_the_journal",
        ],
    );
}

#[test]
fn a_journal_that_loses_records() {
    is_noticed(Flaw::JournalLosesRecords, &["seqs_have_no_hole", "every_acknowledged_command_is_in_the_journal"]);
}

#[test]
fn news_that_are_told_too_early() {
    is_noticed(Flaw::TellsTooEarly, &["nobody_is_shown_what_is_not_durable"]);
}

#[test]
fn frames_that_are_acknowledged_too_early() {
    is_noticed(Flaw::AcknowledgesTooEarly, &["acknowledged_frames_are_durable"]);
}

#[test]
fn a_runner_that_starts_again() {
    is_noticed(Flaw::RunnerStartsAgain, &["no_work_begins_twice"]);
}

#[test]
fn a_runner_that_trusts_the_link() {
    is_noticed(
        Flaw::RunnerTrustsTheLink,
        &["everything_is_settled", "no_turn_runs_out_of_time", "only_lost_turns_are_interrupted"],
    );
}

#[test]
fn a_runner_that_remembers_too_much() {
    is_noticed(Flaw::RunnerRemembersTooMuch, &["no_turn_runs_out_of_time"]);
}

#[test]
fn a_client_that_forgets_its_requests() {
    is_noticed(Flaw::ClientForgetsItsRequests, &["no_wish_is_carried_out_twice"]);
}

#[test]
fn a_feed_that_leaves_a_gap() {
    is_noticed(Flaw::FeedLeavesAGap, &["nobody_misses_a_word", "every_view_equals_the_journal"]);
}

#[test]
fn a_feed_that_reads_late() {
    is_noticed(Flaw::FeedReadsLate, &["nobody_misses_a_word"]);
}

#[test]
fn a_runner_that_never_ends() {
    is_noticed(
        Flaw::RunnerNeverEnds,
        &["everything_is_settled", "the_final_text_is_what_the_agent_said", "no_turn_runs_out_of_time"],
    );
}
