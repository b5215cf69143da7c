//! Cron expressions: what they say, when they fire, and that two other readings agree.

mod support;
mod reading;
mod clocks;
mod words;
mod walk;
mod oracle;
