//! Thousands of seeds: whatever goes wrong in them, every invariant holds.
//!
//! `TENURE_SEEDS=n` runs more of them, `TENURE_SEED=n` one alone.

use tenure_simulation::{Figures, run};

/// How many seeds each of the four tests runs when nobody says otherwise.
const SEEDS_EACH: u64 = 250;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is to be a number, not {text:?}")))
}

fn holds(seed: u64) -> Figures {
    match run(seed, None) {
        Ok(figures) => figures,
        Err(failure) => {
            let transcript = failure.transcript.join("\n");
            let (invariant, detail) = (failure.violation.invariant, failure.violation.detail);
            panic!("{transcript}\n\n{invariant} does not hold: {detail}\nTENURE_SEED={seed} runs this again");
        }
    }
}

/// Runs every fourth seed from `quarter`, so that the four tests share the work.
fn quarter(quarter: u64) {
    if let Some(seed) = number("TENURE_SEED") {
        assert!(holds(seed).steps > 0);
        return;
    }
    let each = number("TENURE_SEEDS").map_or(SEEDS_EACH, |seeds| seeds.div_ceil(4));
    let mut sum = Figures::default();
    for seed in (0..each).map(|n| n * 4 + quarter) {
        let figures = holds(seed);
        sum.steps += figures.steps;
        sum.facts += figures.facts;
        sum.server_crashes += figures.server_crashes;
        sum.runner_crashes += figures.runner_crashes;
        sum.cuts += figures.cuts;
        sum.prompts += figures.prompts;
        sum.turns += figures.turns;
    }
    println!("{each} seeds: {sum:?}");
    // A world in which nothing happens proves nothing.
    assert!(sum.turns > each && sum.server_crashes > each && sum.cuts > each, "too little happens: {sum:?}");
}

#[test]
fn every_invariant_holds_in_the_first_quarter() {
    quarter(0);
}

#[test]
fn every_invariant_holds_in_the_second_quarter() {
    quarter(1);
}

#[test]
fn every_invariant_holds_in_the_third_quarter() {
    quarter(2);
}

#[test]
fn every_invariant_holds_in_the_last_quarter() {
    quarter(3);
}
