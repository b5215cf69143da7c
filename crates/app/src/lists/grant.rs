//! `tenure grant`: calls of agents that are allowed beforehand.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use tenure_model::Span;
use tenure_model::id::GrantId;
use tenure_protocol::http::Page;
use tenure_protocol::policy::{GrantView, NewGrant};

use super::table::table;
use super::when::when;
use super::{ListArgs, span};
use crate::chat::{brief, clean};
use crate::failure::Outcome;

/// Allow calls of agents beforehand, and take that back.
#[derive(Args, Debug)]
pub struct GrantArgs {
    #[command(subcommand)]
    command: GrantCommand,
}

#[derive(Subcommand, Debug)]
enum GrantCommand {
    /// List the grants that still let something through
    List {
        #[command(flatten)]
        args: ListArgs,
    },
    /// Allow calls of a tool that would need a person
    Give {
        tool: String,
        /// How long, such as 2h; at most 365 days
        #[arg(long = "for", value_name = "SPAN", value_parser = span)]
        lasts: Span,
        /// Where: owner, workflow:ID or session:ID
        #[arg(long, value_name = "PLACE", default_value = "owner")]
        within: String,
        /// An argument that the calls must have, as NAME=VALUE; can be given again, the others are left open
        #[arg(long = "argument", value_name = "NAME=VALUE", value_parser = argument)]
        arguments: Vec<(String, Value)>,
        /// How many calls; any number when not said
        #[arg(long, value_name = "N")]
        uses: Option<u32>,
        /// Why
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Take a grant back; a turn that goes on cannot use it any more
    Revoke {
        id: GrantId,
        #[command(flatten)]
        args: ListArgs,
    },
}

/// Runs the command.
pub async fn run(args: GrantArgs) -> Outcome {
    match args.command {
        GrantCommand::List { args } => {
            let page: Page<GrantView> = args.api()?.get("/api/policy/grants").await?;
            args.print(&page, rows)
        }
        GrantCommand::Give { tool, lasts, within, arguments, uses, reason, args } => {
            let arguments: Map<String, Value> = arguments.into_iter().collect();
            let new = NewGrant { tool, arguments, within, lasts_ms: lasts, uses, reason };
            let granted: GrantView = args.api()?.post("/api/policy/grants", &new).await?;
            args.print(&granted, |granted| {
                clean(&format!("{} until {} UTC: {}", granted.tool, when(granted.until), granted.id))
            })
        }
        GrantCommand::Revoke { id, args } => {
            let answer: Value = args.api()?.delete(&format!("/api/policy/grants/{id}")).await?;
            args.print(&answer, |_| format!("grant {id} is taken back"))
        }
    }
}

/// Reads an argument: as JSON, else as text.
fn argument(text: &str) -> Result<(String, Value), &'static str> {
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into())))
}

fn rows(page: &Page<GrantView>) -> String {
    let row = |grant: &GrantView| {
        let about = match (&grant.hash, &grant.arguments) {
            (Some(_), _) => "the same arguments".to_owned(),
            (None, Some(fields)) if !fields.is_empty() => brief(&serde_json::to_string(fields).unwrap_or_default()),
            _ => "any arguments".to_owned(),
        };
        let uses = grant.uses_left.map_or("any number".to_owned(), |uses| uses.to_string());
        [grant.id.to_string(), grant.tool.clone(), about, grant.within.clone(), uses, when(grant.until)]
    };
    table(["id", "tool", "with", "where", "calls left", "until (UTC)"], page.items.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_argument_is_json_or_else_text() {
        assert_eq!(argument("n=3"), Ok(("n".to_owned(), json!(3))));
        assert_eq!(argument("slug=nightly=x"), Ok(("slug".to_owned(), json!("nightly=x"))));
        assert_eq!(argument("n=\"3\""), Ok(("n".to_owned(), json!("3"))));
        assert!(argument("=3").is_err() && argument("n").is_err());
    }
}
