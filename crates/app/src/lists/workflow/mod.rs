//! `tenure workflow`: check definitions, store them, look at their versions, go back, propose.

pub mod files;

pub mod tell;
mod draft;
mod proposals;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tenure_protocol::http::Page;
use tenure_protocol::workflow::{
    RollbackTo, SavedWorkflow, SyncAll, SyncedAll, VersionDiff, VersionRow, VersionView, WorkflowRow, WorkflowView,
};
use tenure_workflow::Slug;

use super::{ListArgs, PageArgs, query};
use crate::failure::Outcome;

/// Check, store, list and show workflows.
#[derive(Args, Debug)]
pub struct WorkflowArgs {
    #[command(subcommand)]
    command: WorkflowCommand,
}

#[derive(Subcommand, Debug)]
enum WorkflowCommand {
    /// Say everything that is wrong with definitions; needs no server and stores nothing
    Validate {
        /// YAML or JSON
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Have the server's model write a definition, as YAML; nothing is stored
    Draft(draft::DraftArgs),
    /// Store definitions; doing it again changes nothing
    Sync {
        /// YAML or JSON
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Only when this is the hash of the current version; for a single file
        #[arg(long, value_name = "HASH", value_parser = hash)]
        expect: Option<String>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Make your workflows equal to the definitions in a folder
    SyncAll {
        folder: PathBuf,
        /// Delete the workflows that are not in the folder
        #[arg(long)]
        prune: bool,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        args: ListArgs,
    },
    /// List your workflows, newest first
    List {
        /// Words that stand in the name, the slug or a tag
        words: Vec<String>,
        #[arg(long)]
        tag: Option<String>,
        /// Only those that may run (true) or may not (false)
        #[arg(long)]
        enabled: Option<bool>,
        #[command(flatten)]
        page: PageArgs,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show a workflow
    Show {
        #[command(flatten)]
        which: Which,
        /// Show its definition as YAML, which can be synced again
        #[arg(long, conflicts_with = "json")]
        yaml: bool,
        /// An earlier version, by the first digits of its hash
        #[arg(long, value_name = "HASH", value_parser = hash)]
        version: Option<String>,
    },
    /// List the versions of a workflow, newest first
    Versions {
        #[command(flatten)]
        which: Which,
    },
    /// Say what changed between two versions
    Diff {
        #[command(flatten)]
        which: Which,
        #[arg(value_parser = hash)]
        from: String,
        /// The current version when not named
        #[arg(value_parser = hash)]
        to: Option<String>,
    },
    /// Make an earlier version the current one
    Rollback {
        #[command(flatten)]
        which: Which,
        /// The first digits of its hash
        #[arg(value_parser = hash)]
        hash: String,
    },
    /// Let a workflow run
    Enable {
        #[command(flatten)]
        which: Which,
    },
    /// Let nothing start a workflow any more
    Disable {
        #[command(flatten)]
        which: Which,
    },
    /// Take a workflow off the lists; syncing it brings it back with its versions
    Delete {
        #[command(flatten)]
        which: Which,
    },
    #[command(flatten)]
    Proposal(proposals::ProposalCommand),
}

/// Names a workflow.
#[derive(Args, Debug)]
struct Which {
    /// Its slug or its id
    workflow: Slug,
    #[command(flatten)]
    args: ListArgs,
}

impl Which {
    fn path(&self, rest: &str) -> String {
        format!("/api/workflows/{}{rest}", self.workflow)
    }
}

/// Reads a hash, or the first digits of one: nothing that could change an address.
fn hash(text: &str) -> Result<String, String> {
    match text.chars().all(|c| c.is_ascii_alphanumeric() || c == ':') && !text.is_empty() {
        true => Ok(text.to_owned()),
        false => Err("a version is named by the first digits of its hash".to_owned()),
    }
}

/// Runs the command.
pub async fn run(args: WorkflowArgs) -> Outcome {
    match args.command {
        WorkflowCommand::Validate { files, json } => files::validate(&files, json),
        WorkflowCommand::Draft(args) => draft::run(args).await,
        WorkflowCommand::Sync { files, expect, args } => sync(&files, expect, &args).await,
        WorkflowCommand::SyncAll { folder, prune, dry_run, args } => {
            let definitions = files::folder(&folder)?;
            let body = SyncAll { definitions, prune, dry_run };
            let answer: Outcome<SyncedAll> = args.api()?.post("/api/workflows/sync-all", &body).await;
            let synced = answer.map_err(|failure| files::explained(failure, None))?;
            args.print(&synced, tell::synced)
        }
        WorkflowCommand::List { words, tag, enabled, page, args } => {
            let query = query(&[
                ("q", (!words.is_empty()).then(|| words.join(" "))),
                ("tag", tag),
                ("enabled", enabled.map(|enabled| enabled.to_string())),
                ("limit", page.limit.map(|limit| limit.to_string())),
                ("cursor", page.cursor),
            ]);
            let page: Page<WorkflowRow> = args.api()?.get(&format!("/api/workflows{query}")).await?;
            args.print(&page, tell::rows)
        }
        WorkflowCommand::Show { which, yaml, version } => show(&which, yaml, version).await,
        WorkflowCommand::Versions { which } => {
            let page: Page<VersionRow> = which.args.api()?.get(&which.path("/versions")).await?;
            which.args.print(&page, tell::versions)
        }
        WorkflowCommand::Diff { which, from, to } => {
            let query = query(&[("from", Some(from)), ("to", to)]);
            let diff: VersionDiff = which.args.api()?.get(&which.path(&format!("/diff{query}"))).await?;
            which.args.print(&diff, |diff| tell::changes(&diff.changes))
        }
        WorkflowCommand::Rollback { which, hash } => {
            let saved: SavedWorkflow = which.args.api()?.post(&which.path("/rollback"), &RollbackTo { hash }).await?;
            which.args.print(&saved, tell::saved)
        }
        WorkflowCommand::Enable { which } => switch(&which, "/enable").await,
        WorkflowCommand::Disable { which } => switch(&which, "/disable").await,
        WorkflowCommand::Delete { which } => {
            let answer: Value = which.args.api()?.delete(&which.path("")).await?;
            which.args.print(&answer, |_| format!("{} is deleted; syncing it brings it back", which.workflow))
        }
        WorkflowCommand::Proposal(command) => proposals::run(command).await,
    }
}

/// Stores every file, once all of them are found right.
async fn sync(paths: &[PathBuf], expect: Option<String>, args: &ListArgs) -> Outcome {
    if expect.is_some() && paths.len() > 1 {
        let why = "--expect is about one workflow; name one file";
        return Err(crate::failure::Failure::Usage(why.to_owned()));
    }
    let texts = files::right(paths)?;
    let api = args.api()?;
    let mut all = vec![];
    for written in texts {
        let file = written.file;
        let saved: Outcome<SavedWorkflow> =
            api.post_definition("/api/workflows/sync", written.text, expect.as_deref()).await;
        all.push(saved.map_err(|failure| files::explained(failure, file.as_deref()))?);
    }
    args.print(&all, |all| all.iter().map(tell::saved).collect::<Vec<_>>().join("\n"))
}

async fn show(which: &Which, yaml: bool, version: Option<String>) -> Outcome {
    let api = which.args.api()?;
    let Some(hash) = version else {
        let view: WorkflowView = api.get(&which.path("")).await?;
        return match yaml {
            true => tell::yaml(&view.definition),
            false => which.args.print(&view, tell::view),
        };
    };
    let view: VersionView = api.get(&which.path(&format!("/versions/{hash}"))).await?;
    match yaml {
        true => tell::yaml(&view.definition),
        false => which.args.print(&view, |view| tell::version(&view.row)),
    }
}

async fn switch(which: &Which, how: &str) -> Outcome {
    let row: WorkflowRow = which.args.api()?.post(&which.path(how), &json!({})).await?;
    which.args.print(&row, |row| format!("{} is {}", row.slug, tell::on(row.enabled)))
}
