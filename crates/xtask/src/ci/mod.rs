//! `cargo xtask ci`: everything that must hold before a change is taken, in the order in which it fails soonest.

mod steps;
mod tests_run;
mod tools;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// One named thing that must hold.
struct Step {
    name: &'static str,
    run: fn(&Path) -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "tools", run: tools::ensure },
    Step { name: "format", run: steps::format },
    Step { name: "tidy", run: crate::tidy::run },
    Step { name: "licences", run: crate::licences::run },
    Step { name: "console", run: steps::console },
    Step { name: "clippy", run: steps::clippy },
    Step { name: "build", run: steps::build },
    Step { name: "tests", run: tests_run::run },
    Step { name: "console stories", run: steps::console_stories },
    Step { name: "doc tests", run: steps::doc_tests },
    Step { name: "example configuration", run: steps::example_config },
    Step { name: "demo", run: steps::demo },
    Step { name: "demo with chaos", run: steps::demo_chaos },
];

/// Runs every step, stops at the first that fails, and ends with a table of what ran for how long.
pub fn run(root: &Path) -> Result<()> {
    let mut ran: Vec<(&str, Duration, bool)> = Vec::new();
    let mut outcome = Ok(());
    for (index, step) in STEPS.iter().enumerate() {
        println!("\n=== {}/{} {} ===", index + 1, STEPS.len(), step.name);
        let began = Instant::now();
        outcome = (step.run)(root).with_context(|| format!("step `{}`", step.name));
        ran.push((step.name, began.elapsed(), outcome.is_ok()));
        if outcome.is_err() {
            break;
        }
    }
    print!("{}", table(&ran, STEPS.len()));
    outcome
}

fn table(ran: &[(&str, Duration, bool)], steps: usize) -> String {
    let mut text = String::from("\n");
    for (name, took, passed) in ran {
        let verdict = if *passed { "passed" } else { "FAILED" };
        text += &format!("{verdict}  {:>7.1} s  {name}\n", took.as_secs_f64());
    }
    let total: Duration = ran.iter().map(|(_, took, _)| *took).sum();
    text += &format!("        {:>7.1} s  in all; {} of {steps} steps ran\n", total.as_secs_f64(), ran.len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_the_step_that_failed() {
        let text = table(&[("format", Duration::from_millis(400), true), ("tidy", Duration::from_secs(2), false)], 11);
        assert_eq!(
            text,
            "\npassed      0.4 s  format\nFAILED      2.0 s  tidy\n            2.4 s  in all; 2 of 11 steps ran\n"
        );
    }
}
