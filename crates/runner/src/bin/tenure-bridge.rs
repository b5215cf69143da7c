//! The bridge alone, for the tests of this crate. The binary `tenure` has it as a hidden command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tenure_runner::bridge(std::env::args_os().skip(1))
}
