//! What people do to a trigger: switch it, let it rest, name it anew, delete it, give it other secrets.

use std::path::PathBuf;

use clap::{ArgGroup, Subcommand};
use serde_json::{Value, json};
use tenure_model::Span;
use tenure_protocol::trigger::{PauseTrigger, RenameTrigger, RotateInlet, RotatedInlet, TriggerRow};
use tenure_workflow::trigger::Name;

use super::super::{ListArgs, span};
use super::named::{Named, Which};
use super::{files, tell, when};
use crate::failure::Outcome;

#[derive(Subcommand, Debug)]
pub enum ActCommand {
    /// Let a trigger fire; nothing is made up for the time that it did not
    Enable {
        #[command(flatten)]
        which: Which,
    },
    /// Let a trigger fire no more; runs under way go on
    Disable {
        #[command(flatten)]
        which: Which,
    },
    /// Plan nothing until an instant, or for so long
    #[command(group = ArgGroup::new("ending").required(true))]
    Pause {
        #[command(flatten)]
        which: Which,
        /// Such as 2026-11-21T03:00 in the trigger's zone, or 2026-11-21T03:00:00+01:00
        #[arg(long, value_name = "TIME", group = "ending")]
        until: Option<String>,
        /// Such as 30m, 2h or 3d
        #[arg(long = "for", value_name = "SPAN", value_parser = span, group = "ending")]
        length: Option<Span>,
    },
    /// End a pause
    Resume {
        #[command(flatten)]
        which: Which,
    },
    /// Give a trigger another name; everything else of it stays
    Rename {
        #[command(flatten)]
        which: Which,
        #[arg(value_name = "NEW")]
        to: Name,
    },
    /// Delete a trigger; its ledger and its history can still be read by its id
    Delete {
        #[command(flatten)]
        which: Which,
    },
    /// Make another address and another secret for a webhook, or take the secret that its sender has chosen
    Rotate {
        /// The webhook, by its name or id
        #[arg(required_unless_present = "github")]
        trigger: Option<Name>,
        /// The one address to which GitHub posts for all your triggers
        #[arg(long, conflicts_with = "trigger")]
        github: bool,
        /// How long the old address and secret stay good; not at all when not said
        #[arg(long, value_name = "SPAN", value_parser = span)]
        overlap: Option<Span>,
        /// Take the sender's secret from this file, `-` for standard input; the address stays
        #[arg(long, value_name = "FILE")]
        secret_from: Option<PathBuf>,
        /// Change the address all the same
        #[arg(long, requires = "secret_from")]
        new_address: bool,
        #[command(flatten)]
        args: ListArgs,
    },
}

/// Runs the command.
pub async fn run(command: ActCommand) -> Outcome {
    match command {
        ActCommand::Enable { which } => change(&which, "/enable", &json!({})).await,
        ActCommand::Disable { which } => change(&which, "/disable", &json!({})).await,
        ActCommand::Pause { which, until, length } => {
            let body = PauseTrigger { until: until.as_deref().map(when), for_ms: length };
            change(&which, "/pause", &serde_json::to_value(body)?).await
        }
        ActCommand::Resume { which } => change(&which, "/resume", &json!({})).await,
        ActCommand::Rename { which, to } => {
            let body = RenameTrigger { name: to.to_string() };
            change(&which, "/rename", &serde_json::to_value(body)?).await
        }
        ActCommand::Delete { which } => {
            let answer: Value = which.named()?.delete("").await?;
            which.args.print(&answer, |_| format!("{} is deleted", which.trigger))
        }
        ActCommand::Rotate { trigger, github: _, overlap, secret_from, new_address, args } => {
            let secret = secret_from.map(|path| files::written(&path)).transpose()?.map(|written| written.text);
            let body = RotateInlet {
                secret: secret.map(|secret| secret.trim_end_matches(['\r', '\n']).to_owned()),
                overlap_ms: overlap.unwrap_or_default(),
                keep_address: new_address.then_some(false),
            };
            rotate(trigger, &body, &args).await
        }
    }
}

async fn change(which: &Which, how: &str, body: &Value) -> Outcome {
    let row: TriggerRow = which.named()?.post(how, body).await?;
    which.args.print(&row, tell::stands)
}

async fn rotate(trigger: Option<Name>, body: &RotateInlet, args: &ListArgs) -> Outcome {
    let api = args.api()?;
    let server = api.server.clone();
    let rotated: RotatedInlet = match trigger {
        Some(name) => Named { api, name }.post("/rotate", body).await?,
        None => api.post("/api/triggers/github/rotate", body).await?,
    };
    args.print(&rotated, |rotated| tell::inlet(&rotated.address, rotated.secret.as_deref(), &server))
}
