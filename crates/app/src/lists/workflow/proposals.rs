//! Proposals on the command line: ask for a change, look, review, apply.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use tenure_model::id::ProposalId;
use tenure_protocol::http::Page;
use tenure_protocol::workflow::{NewProposal, ProposalRow, ProposalView, ReviewProposal, SavedWorkflow, WorkflowView};

use super::{Which, files, hash, tell};
use crate::failure::Outcome;

#[derive(Subcommand, Debug)]
pub enum ProposalCommand {
    /// Ask for a change of a workflow; its owner reviews and applies it
    Propose {
        #[command(flatten)]
        which: Which,
        /// The whole new definition, YAML or JSON
        file: PathBuf,
        /// The version that it changes; the current one when not named
        #[arg(long, value_name = "HASH", value_parser = hash)]
        base: Option<String>,
        /// Why
        #[arg(long)]
        note: Option<String>,
    },
    /// List the proposals of a workflow, newest first
    Proposals {
        #[command(flatten)]
        which: Which,
    },
    /// Show a proposal and what it would change
    Proposal {
        #[command(flatten)]
        which: Which,
        proposal: ProposalId,
    },
    /// Approve or reject a proposal
    Review {
        #[command(flatten)]
        which: Which,
        proposal: ProposalId,
        #[arg(long, required_unless_present = "reject", conflicts_with = "reject")]
        approve: bool,
        #[arg(long)]
        reject: bool,
        #[arg(long)]
        note: Option<String>,
    },
    /// Make an approved proposal the current version
    Apply {
        #[command(flatten)]
        which: Which,
        proposal: ProposalId,
    },
}

/// Runs the command.
pub async fn run(command: ProposalCommand) -> Outcome {
    match command {
        ProposalCommand::Propose { which, file, base, note } => {
            let mut written = files::right(std::slice::from_ref(&file))?;
            let written = written.pop().expect("one file gives one text");
            let api = which.args.api()?;
            let base = match base {
                Some(base) => base,
                None => api.get::<WorkflowView>(&which.path("")).await?.row.hash,
            };
            let body = NewProposal { base, text: written.text, note };
            let made: Outcome<ProposalRow> = api.post(&which.path("/proposals"), &body).await;
            let made = made.map_err(|failure| files::explained(failure, written.file.as_deref()))?;
            which.args.print(&made, tell::proposal)
        }
        ProposalCommand::Proposals { which } => {
            let page: Page<ProposalRow> = which.args.api()?.get(&which.path("/proposals")).await?;
            which.args.print(&page, tell::proposals)
        }
        ProposalCommand::Proposal { which, proposal } => {
            let view: ProposalView = which.args.api()?.get(&which.path(&format!("/proposals/{proposal}"))).await?;
            which.args.print(&view, tell::proposed)
        }
        ProposalCommand::Review { which, proposal, approve, reject: _, note } => {
            let path = which.path(&format!("/proposals/{proposal}/review"));
            let row: ProposalRow = which.args.api()?.post(&path, &ReviewProposal { approve, note }).await?;
            which.args.print(&row, tell::proposal)
        }
        ProposalCommand::Apply { which, proposal } => {
            let path = which.path(&format!("/proposals/{proposal}/apply"));
            let saved: SavedWorkflow = which.args.api()?.post(&path, &json!({})).await?;
            which.args.print(&saved, tell::saved)
        }
    }
}
