//! The commands that list and show: tables for people, JSON for programs.

pub mod admin;
pub mod approval;
pub mod execution;
pub mod runners;
pub mod session;
pub mod token;
pub mod workflow;

mod table;
mod when;
mod workspace;

pub use when::when;

use clap::Args;
use serde::Serialize;

use crate::client::account::AccountArgs;
use crate::client::api::Api;
use crate::failure::Outcome;

/// The flags of all of them.
#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    #[command(flatten)]
    account: AccountArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl ListArgs {
    fn api(&self) -> Outcome<Api> {
        self.account.api()
    }

    /// Prints `value` as JSON when that was asked for, else what `told` makes of it.
    fn print<T: Serialize>(&self, value: &T, told: impl FnOnce(&T) -> String) -> Outcome {
        match self.json {
            true => println!("{}", serde_json::to_string_pretty(value)?),
            false => println!("{}", told(value).trim_end()),
        }
        Ok(())
    }
}

/// Returns the query that asks for one page.
fn page_query(limit: Option<u32>, cursor: Option<&str>) -> String {
    let parts: Vec<String> = limit
        .map(|limit| format!("limit={limit}"))
        .into_iter()
        .chain(cursor.map(|cursor| format!("cursor={cursor}")))
        .collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

/// Says how to see more, below a table.
fn more(cursor: Option<&String>) -> String {
    cursor.map(|cursor| format!("\nthere is more: --cursor {cursor}")).unwrap_or_default()
}
