//! What a trigger did and why: its decisions, what was delivered, why a minute passed as it did, how it was changed.

use std::collections::BTreeMap;

use clap::Subcommand;
use serde_json::Value;
use tenure_model::id::FiringId;
use tenure_protocol::http::Page;
use tenure_protocol::trigger::{DeliveryView, LedgerEntry, LedgerOutcome, TriggerChangeRow, WhyTrigger};
use tenure_workflow::trigger::Name;

use super::super::{ListArgs, PageArgs, query};
use super::ledger_tell;
use super::named::{Named, Which, all};
use crate::failure::Outcome;

#[derive(Subcommand, Debug)]
pub enum LedgerCommand {
    /// Say in one sentence why a trigger did, or did not, fire at a minute
    Why {
        #[command(flatten)]
        which: Which,
        /// Such as 2026-11-21T03:00 in the trigger's zone; now when not said
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// List what was decided, newest first; with a firing, show it with all that was delivered
    Deliveries {
        /// A trigger, by its name or id; all of them when not named
        trigger: Option<Name>,
        #[arg(conflicts_with_all = ["outcome", "limit", "cursor"])]
        firing: Option<FiringId>,
        /// Only those that came to this: matched, queued, skipped, replaced, no_match, missed, workflow_deleted, error
        #[arg(long, value_parser = outcome)]
        outcome: Option<LedgerOutcome>,
        #[command(flatten)]
        page: PageArgs,
        #[command(flatten)]
        args: ListArgs,
    },
    /// List the changes of a trigger, newest first; with --json also what it said then
    History {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        page: PageArgs,
    },
}

/// Runs the command.
pub async fn run(command: LedgerCommand) -> Outcome {
    match command {
        LedgerCommand::Why { which, at } => {
            let why: WhyTrigger = which.named()?.get(&format!("/why{}", query(&[("at", at)]))).await?;
            which.args.print(&why, ledger_tell::why)
        }
        LedgerCommand::Deliveries { trigger: Some(name), firing: Some(firing), args, .. } => {
            let named = Named { api: args.api()?, name };
            let view: DeliveryView = named.get(&format!("/deliveries/{firing}")).await?;
            args.print(&view, |view| ledger_tell::delivery(view, &named.name))
        }
        LedgerCommand::Deliveries { trigger, firing: _, outcome, page, args } => {
            let query = query(&[
                ("outcome", outcome.map(ledger_tell::outcome)),
                ("limit", page.limit.map(|limit| limit.to_string())),
                ("cursor", page.cursor),
            ]);
            list(trigger, &format!("/deliveries{query}"), &args).await
        }
        LedgerCommand::History { which, page } => {
            let page: Page<TriggerChangeRow> = which.named()?.get(&format!("/history{}", page.query())).await?;
            which.args.print(&page, ledger_tell::history)
        }
    }
}

async fn list(trigger: Option<Name>, path: &str, args: &ListArgs) -> Outcome {
    let api = args.api()?;
    if let Some(name) = trigger {
        let page: Page<LedgerEntry> = Named { api, name }.get(path).await?;
        return args.print(&page, ledger_tell::entries);
    }
    let page: Page<LedgerEntry> = api.get(&format!("/api/triggers{path}")).await?;
    let rows = if args.json { vec![] } else { all(&api).await? };
    let names: BTreeMap<_, _> = rows.into_iter().map(|row| (row.id, row.name)).collect();
    args.print(&page, |page| ledger_tell::entries_of(page, &names))
}

fn outcome(word: &str) -> Result<LedgerOutcome, String> {
    serde_json::from_value(Value::from(word)).map_err(|_| "nothing comes to this".to_owned())
}
