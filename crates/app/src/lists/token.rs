//! `tenure token`: credentials.

use clap::{Args, Subcommand};
use serde_json::Value;
use tenure_model::Timestamp;
use tenure_model::id::{RunnerId, TokenId};
use tenure_protocol::http::{IssuedToken, NewToken, Page, TokenRole, TokenRow};

use super::table::table;
use super::when::when;
use super::{ListArgs, PageArgs, more};
use crate::failure::Outcome;

/// List, issue and revoke credentials.
#[derive(Args, Debug)]
pub struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Subcommand, Debug)]
enum TokenCommand {
    /// List credentials; their secrets are not kept
    List {
        #[command(flatten)]
        args: ListArgs,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Make a credential; its secret is shown this once
    Issue {
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it may do
        #[arg(long, value_enum, default_value = "user")]
        role: Role,
        /// For the role runner: the pool whose runners it connects; without one, the first runner that uses it and no other
        #[arg(long, value_name = "NAME", conflicts_with = "runner")]
        pool: Option<String>,
        /// For the role runner: the id of the one runner that it connects, whatever token that one had before
        #[arg(long, value_name = "ID")]
        runner: Option<RunnerId>,
        /// The person it acts for; yourself when not named
        #[arg(long)]
        user: Option<String>,
        /// After how many days it ends; never when not said
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: Option<u32>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// End a credential at once; sockets it opened are closed
    Revoke {
        id: TokenId,
        #[command(flatten)]
        args: ListArgs,
    },
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Role {
    Admin,
    User,
    Runner,
}

/// Runs the command.
pub async fn run(args: TokenArgs) -> Outcome {
    match args.command {
        TokenCommand::List { args, page } => {
            let path = format!("/api/tokens{}", page.query());
            let page: Page<TokenRow> = args.api()?.get(&path).await?;
            args.print(&page, rows)
        }
        TokenCommand::Issue { name, role, pool, runner, user, days, args } => {
            let role = match role {
                Role::Admin => TokenRole::Admin,
                Role::User => TokenRole::User,
                Role::Runner => TokenRole::Runner,
            };
            let new = NewToken { name, role, user, expires_at: days.map(in_days), pool, runner };
            let issued: IssuedToken = args.api()?.post("/api/tokens", &new).await?;
            args.print(&issued, |issued| format!("{}\n{}", issued.id, issued.secret))
        }
        TokenCommand::Revoke { id, args } => {
            let answer: Value = args.api()?.delete(&format!("/api/tokens/{id}")).await?;
            args.print(&answer, |_| format!("token {id} is revoked"))
        }
    }
}

fn in_days(days: u32) -> Timestamp {
    tenure_runtime::Clock::Real.now() + tenure_model::Span::hours(24 * u64::from(days))
}

fn rows(page: &Page<TokenRow>) -> String {
    let row = |row: &TokenRow| {
        let role = role(row);
        let state = match (row.revoked, row.expires_at) {
            (true, _) => "revoked".to_owned(),
            (false, Some(end)) => format!("until {}", when(end)),
            (false, None) => "good".to_owned(),
        };
        [row.id.to_string(), row.name.clone(), role, row.user_name.clone(), state, when(row.created_at)]
    };
    let rows = page.items.iter().map(row).collect();
    table(["id", "name", "role", "user", "state", "created (UTC)"], rows) + &more(page.cursor.as_ref())
}

fn role(row: &TokenRow) -> String {
    let role = format!("{:?}", row.role).to_lowercase();
    match (&row.pool, row.runner) {
        (Some(pool), _) => format!("{role} (pool {pool})"),
        (None, Some(runner)) => format!("{role} ({runner})"),
        (None, None) => role,
    }
}
