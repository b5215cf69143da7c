//! `tenure trigger`: what starts runs when nobody does: save, list, preview, fire, pause, and ask why.

mod act;
mod fire;
mod ledger;
mod test;

mod files;
mod named;
mod tell;
mod ledger_tell;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Subcommand};
use serde_json::Value;
use tenure_model::Timestamp;
use tenure_protocol::http::Page;
use tenure_protocol::trigger::{TriggerPreview, TriggerRow, TriggerType, TriggerView, When};
use tenure_workflow::Slug;
use tenure_workflow::trigger::Name;

use super::workflow::files::explained;
use super::workflow::tell::yaml;
use super::{ListArgs, PageArgs, query};
use crate::failure::Outcome;
use named::{Named, Which};

/// Save, list, preview, fire and explain triggers: schedules, webhooks, GitHub.
#[derive(Args, Debug)]
pub struct TriggerArgs {
    #[command(subcommand)]
    command: TriggerCommand,
}

#[derive(Subcommand, Debug)]
enum TriggerCommand {
    /// Save definitions; doing it again changes nothing
    Sync {
        /// YAML or JSON; `-` is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Only when the trigger is at this revision; for a single file
        #[arg(long, value_name = "REVISION")]
        expect: Option<u64>,
        /// Only say what would happen
        #[arg(long, conflicts_with = "expect")]
        dry_run: bool,
        #[command(flatten)]
        args: ListArgs,
    },
    /// List your triggers, newest first
    List {
        /// Only those of this type: schedule, webhook, github, manual
        #[arg(long = "type", value_name = "TYPE", value_parser = kind)]
        kind: Option<TriggerType>,
        /// Only those that are switched on (true) or off (false)
        #[arg(long)]
        enabled: Option<bool>,
        /// Only those that run this workflow, by its slug or id
        #[arg(long)]
        workflow: Option<Slug>,
        #[command(flatten)]
        page: PageArgs,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show a trigger: how it stands, when it fires next, where it is called
    Show {
        #[command(flatten)]
        which: Which,
        /// Show its definition as YAML, which can be synced again
        #[arg(long, conflicts_with = "json")]
        yaml: bool,
    },
    /// List the next times at which a trigger fires, with gaps and folds of the clocks marked
    #[command(group = ArgGroup::new("what").required(true))]
    Preview {
        /// Its name, in any case, or its id
        #[arg(group = "what")]
        trigger: Option<Name>,
        /// A definition that is not saved; `-` is standard input
        #[arg(long, value_name = "FILE", group = "what")]
        file: Option<PathBuf>,
        /// How many times [default: 10]
        #[arg(long)]
        count: Option<u64>,
        /// Times after this instant, such as 2026-03-28T00:00 in the trigger's zone; now when not said
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        #[command(flatten)]
        args: ListArgs,
    },
    #[command(flatten)]
    Ledger(ledger::LedgerCommand),
    #[command(flatten)]
    Fire(fire::FireCommand),
    #[command(flatten)]
    Act(act::ActCommand),
    /// Say what a delivery would lead to; nothing is started, and no signature is checked
    Test {
        #[command(flatten)]
        which: Which,
        /// What would be delivered, as JSON; `-` is standard input
        payload: Option<PathBuf>,
        /// A header, such as "content-type: text/plain"
        #[arg(long = "header", value_name = "NAME: VALUE", value_parser = test::header)]
        headers: Vec<(String, String)>,
        /// What stands after the `?` of the address
        #[arg(long, default_value = "")]
        query: String,
        /// What GitHub calls it, such as pull_request
        #[arg(long)]
        event: Option<String>,
    },
}

/// Runs the command.
pub async fn run(args: TriggerArgs) -> Outcome {
    match args.command {
        TriggerCommand::Sync { files, expect, dry_run, args } => files::sync(&files, expect, dry_run, &args).await,
        TriggerCommand::List { kind, enabled, workflow, page, args } => {
            let query = query(&[
                ("type", kind.map(tell::kind)),
                ("enabled", enabled.map(|enabled| enabled.to_string())),
                ("workflow", workflow.map(|workflow| workflow.to_string())),
                ("limit", page.limit.map(|limit| limit.to_string())),
                ("cursor", page.cursor),
            ]);
            let page: Page<TriggerRow> = args.api()?.get(&format!("/api/triggers{query}")).await?;
            args.print(&page, tell::rows)
        }
        TriggerCommand::Show { which, yaml: as_yaml } => {
            let named = which.named()?;
            let view: TriggerView = named.get("").await?;
            match as_yaml {
                true => yaml(&view.definition),
                false => which.args.print(&view, |view| tell::view(view, &named.api.server)),
            }
        }
        TriggerCommand::Preview { trigger, file, count, from, args } => {
            let query = query(&[("count", count.map(|count| count.to_string())), ("from", from)]);
            let preview = match trigger {
                Some(name) => Named { api: args.api()?, name }.get(&format!("/preview{query}")).await?,
                None => unsaved(&file.unwrap_or_default(), &query, &args).await?,
            };
            args.print(&preview, tell::preview)
        }
        TriggerCommand::Ledger(command) => ledger::run(command).await,
        TriggerCommand::Fire(command) => fire::run(command).await,
        TriggerCommand::Act(command) => act::run(command).await,
        TriggerCommand::Test { which, payload, headers, query, event } => {
            let body = test::imagined(payload, headers, query, event)?;
            let tested = which.named()?.post("/test", &body).await?;
            which.args.print(&tested, tell::tested)
        }
    }
}

/// Previews a definition that is not saved.
async fn unsaved(file: &Path, query: &str, args: &ListArgs) -> Outcome<TriggerPreview> {
    let written = files::written(file)?;
    let answer = args.api()?.post_definition(&format!("/api/triggers/preview{query}"), written.text, None).await;
    answer.map_err(|failure| explained(failure, written.file.as_deref()))
}

/// Reads an instant as people write it: milliseconds since 1970, or what the server reads.
fn when(text: &str) -> When {
    text.trim().parse().map_or_else(|_| When::Text(text.to_owned()), |ms| When::Ms(Timestamp(ms)))
}

fn kind(word: &str) -> Result<TriggerType, String> {
    serde_json::from_value(Value::from(word)).map_err(|_| "no trigger is of this type".to_owned())
}
