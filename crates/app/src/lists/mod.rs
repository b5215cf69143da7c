//! The commands that list and show: tables for people, JSON for programs.

pub mod admin;
pub mod approval;
mod approval_call;
mod approval_link;
pub mod budget;
pub mod connector;
pub mod console;
pub mod execution;
pub mod grant;
pub mod policy;
pub mod runners;
pub mod sandbox;
pub mod session;
pub mod token;
pub mod tool;
pub mod trigger;
pub mod workflow;

pub mod table;
mod when;
mod workspace;

pub use sandbox::PlacementArgs;
pub use when::when;
pub use workspace::RepoArgs;

use clap::Args;
use serde::Serialize;
use tenure_model::Span;
use tenure_workflow::definition::parse_span;

use crate::client::account::AccountArgs;
use crate::client::api::Api;
use crate::failure::Outcome;
use crate::out;

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
        let text = if self.json { serde_json::to_string_pretty(value)? } else { told(value) };
        Ok(out::line(text.trim_end())?)
    }
}

/// Which page of a list is shown.
#[derive(Args, Clone, Debug)]
pub struct PageArgs {
    /// Rows of the page
    #[arg(long)]
    limit: Option<u32>,
    /// Where the page before ended
    #[arg(long)]
    cursor: Option<String>,
}

impl PageArgs {
    /// Returns the query that asks for the page.
    fn query(self) -> String {
        query(&[("limit", self.limit.map(|limit| limit.to_string())), ("cursor", self.cursor)])
    }
}

/// Returns the query with the parameters that were given.
fn query(parameters: &[(&str, Option<String>)]) -> String {
    let mut url = url::Url::parse("http://any").expect("this is an address");
    let given = parameters.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    url.query_pairs_mut().extend_pairs(given);
    url.query().filter(|query| !query.is_empty()).map(|query| format!("?{query}")).unwrap_or_default()
}

/// Reads a length of time that is not nothing.
fn span(text: &str) -> Result<Span, &'static str> {
    parse_span(text).filter(|span| span.0 > 0).ok_or("write a length of time like 30m, 2h or 1h30m")
}

/// Says how to see more, below a table.
fn more(cursor: Option<&String>) -> String {
    cursor.map(|cursor| format!("\nthere is more: --cursor {cursor}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_holds_what_was_given_and_nothing_that_changes_the_address() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(query(&[("q", some("a&b=c d/é")), ("tag", None)]), "?q=a%26b%3Dc+d%2F%C3%A9");
        assert_eq!(query(&[("tag", None)]), "");
    }
}
