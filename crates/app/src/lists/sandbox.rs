//! `tenure sandbox`: runners that are started for one session each; and what sessions ask of runners, as flags.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use tenure_model::id::SessionId;
use tenure_model::placement::{Placement, label};
use tenure_model::sandbox::{SandboxRow, SandboxView};
use tenure_protocol::http::{Page, SandboxAnswer, SandboxCredential};

use super::table::table;
use super::when::when;
use super::{ListArgs, PageArgs, more};
use crate::chat::clean;
use crate::failure::Outcome;

/// Which runners take a session's works.
#[derive(Args, Clone, Debug, Default)]
pub struct PlacementArgs {
    /// A label that the runners must have; may be repeated
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<String>,
    /// The pool of the runners' token
    #[arg(long, value_name = "NAME", conflicts_with = "sandbox")]
    pool: Option<String>,
    /// The kind of sandbox that is started for the session alone
    #[arg(long, value_name = "NAME")]
    sandbox: Option<String>,
}

impl PlacementArgs {
    /// Returns what they ask for; nothing when any runner will do.
    pub fn placement(self) -> Option<Placement> {
        let Self { labels, pool, sandbox } = self;
        let labels = labels.iter().map(|text| label(text)).collect();
        Some(Placement { pool, labels, sandbox }).filter(|placement| !placement.is_any())
    }
}

/// List, wake and stop the sandboxes of sessions.
#[derive(Args, Debug)]
pub struct SandboxArgs {
    #[command(subcommand)]
    command: SandboxCommand,
}

#[derive(Subcommand, Debug)]
enum SandboxCommand {
    /// List the sandboxes of your sessions, or of all when you are an administrator
    List {
        /// Only those in this state, such as `running` or `wanted`
        #[arg(long, value_name = "WORD")]
        state: Option<String>,
        #[command(flatten)]
        args: ListArgs,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Have a session's sandbox run, also without a prompt
    Wake {
        session: SessionId,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Stop a session's sandbox and keep its workspace; refused while something runs there
    Hibernate {
        session: SessionId,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Stop a session's sandbox with everything that runs there
    Stop {
        session: SessionId,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Print what the runner of a sandbox needs that you start by hand
    Credential {
        session: SessionId,
        #[command(flatten)]
        args: ListArgs,
    },
}

/// Runs the command.
pub async fn run(args: SandboxArgs) -> Outcome {
    let (session, args, wish) = match args.command {
        SandboxCommand::List { state, args, page } => return list(state, args, page).await,
        SandboxCommand::Credential { session, args } => {
            let path = format!("/api/sandboxes/{session}/credential");
            let made: SandboxCredential = args.api()?.post(&path, &json!({})).await?;
            return args.print(&made, |made| format!("TENURE_SERVER={}\nTENURE_TOKEN={}", made.server, made.token));
        }
        SandboxCommand::Wake { session, args } => (session, args, "wake"),
        SandboxCommand::Hibernate { session, args } => (session, args, "hibernate"),
        SandboxCommand::Stop { session, args } => (session, args, "stop"),
    };
    let path = format!("/api/sessions/{session}/sandbox/{wish}");
    let answer: SandboxAnswer = args.api()?.post(&path, &json!({})).await?;
    args.print(&answer, |answer| about(&Placement::default(), Some(&answer.sandbox)).join("\n"))
}

async fn list(state: Option<String>, args: ListArgs, page: PageArgs) -> Outcome {
    let PageArgs { limit, cursor } = page;
    let limit = limit.map(|limit| limit.to_string());
    let query = super::query(&[("state", state), ("limit", limit), ("cursor", cursor)]);
    let page: Page<SandboxRow> = args.api()?.get(&format!("/api/sandboxes{query}")).await?;
    args.print(&page, |page| rows(page) + &more(page.cursor.as_ref()))
}

fn rows(page: &Page<SandboxRow>) -> String {
    let row = |row: &SandboxRow| {
        let SandboxRow { session, title, owner_name, sandbox, .. } = row;
        let why = sandbox.why.clone().unwrap_or_default();
        let (kind, state) = (format!("{}/{}", sandbox.name, sandbox.generation), word(&sandbox.state));
        [session.to_string(), title.clone(), owner_name.clone(), kind, state, when(sandbox.since), why]
    };
    let rows = page.items.iter().map(row).collect();
    clean(&table(["session", "title", "owner", "kind", "state", "since (UTC)", "why"], rows))
}

/// Tells what a session asks of its runners, and how its sandbox stands.
pub fn about(placement: &Placement, sandbox: Option<&SandboxView>) -> Vec<String> {
    let asked: Vec<String> =
        placement.pool.iter().map(|pool| format!("of the pool {pool}")).chain(placement.words()).collect();
    let mut lines = if asked.is_empty() { vec![] } else { vec![format!("runner   {}", asked.join(", "))] };
    lines.extend(sandbox.map(|sandbox| {
        let why = sandbox.why.as_deref().map(|why| format!(", {why}")).unwrap_or_default();
        let until = sandbox.until.map(|until| format!(", until {} UTC", when(until))).unwrap_or_default();
        format!("sandbox  {} {}, start {}{why}{until}", sandbox.name, word(&sandbox.state), sandbox.generation)
    }));
    lines
}

/// Returns the word that stands for a state.
pub fn word(state: &impl Serialize) -> String {
    let written = serde_json::to_value(state).ok();
    written.and_then(|written| written.as_str().map(|word| word.replace('_', " "))).unwrap_or_default()
}
