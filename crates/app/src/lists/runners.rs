//! `tenure runner list | show | drain | resume`: who runs agents for the server.

use clap::Subcommand;
use serde_json::json;
use tenure_model::id::RunnerId;
use tenure_protocol::http::{Page, RunnerRow};

use super::table::table;
use super::when::when;
use super::{ListArgs, PageArgs, more};
use crate::failure::Outcome;

/// What begins the label by which a runner tells how it keeps processes in.
const ISOLATION: &str = "isolation:";

/// What people ask about the runners of a server.
#[derive(Subcommand, Clone, Debug)]
pub enum RunnersCommand {
    /// List the runners that are or were here
    List {
        #[command(flatten)]
        args: ListArgs,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Show one runner: its labels, agents and works
    Show {
        id: RunnerId,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Let a runner end what it has and give it nothing new; the server remembers that
    Drain {
        id: RunnerId,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Give a drained runner works again
    Resume {
        id: RunnerId,
        #[command(flatten)]
        args: ListArgs,
    },
}

/// Runs the command.
pub async fn run(command: RunnersCommand) -> Outcome {
    let (id, args, wish) = match command {
        RunnersCommand::List { args, page } => return list(args, page).await,
        RunnersCommand::Show { id, args } => (id, args, None),
        RunnersCommand::Drain { id, args } => (id, args, Some("drain")),
        RunnersCommand::Resume { id, args } => (id, args, Some("resume")),
    };
    let api = args.api()?;
    let row: RunnerRow = match wish {
        None => api.get(&format!("/api/runners/{id}")).await?,
        Some(wish) => api.post(&format!("/api/runners/{id}/{wish}"), &json!({})).await?,
    };
    args.print(&row, told)
}

/// Lists one page.
async fn list(args: ListArgs, page: PageArgs) -> Outcome {
    let page: Page<RunnerRow> = args.api()?.get(&format!("/api/runners{}", page.query())).await?;
    args.print(&page, |page| rows(page) + &more(page.cursor.as_ref()))
}

fn rows(page: &Page<RunnerRow>) -> String {
    let row = |row: &RunnerRow| {
        let busy = format!("{}/{}", row.works.len(), row.capacity);
        let (id, name, state) = (row.id.to_string(), row.name.clone(), state(row).to_owned());
        let labels = row.labels.iter().filter(|label| !label.starts_with(ISOLATION)).cloned().collect::<Vec<_>>();
        [id, name, state, busy, isolation(row).to_owned(), agents(row), labels.join(", "), when(row.seen_at)]
    };
    let names = ["id", "name", "state", "works", "isolation", "agents", "labels", "seen (UTC)"];
    table(names, page.items.iter().map(row).collect())
}

/// Tells all of one runner.
fn told(row: &RunnerRow) -> String {
    let works = row.works.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n         ");
    let drained = row.draining && row.works.is_empty();
    let state = if drained { "drained: it has no works and gets none" } else { state(row) };
    format!(
        "{} ({})\nstate    {state}\nversion  {}\npool     {}\nlabels   {}\nagents   {}\nworks    {}/{}\n         {works}\nseen     {} UTC",
        row.name,
        row.id,
        row.version,
        row.pool.as_deref().unwrap_or("none"),
        row.labels.join(", "),
        agents(row),
        row.works.len(),
        row.capacity,
        when(row.seen_at)
    )
}

fn state(row: &RunnerRow) -> &'static str {
    match (row.connected, row.draining) {
        (false, _) => "away",
        (true, true) => "draining",
        (true, false) => "connected",
    }
}

fn isolation(row: &RunnerRow) -> &str {
    row.labels.iter().find_map(|label| label.strip_prefix(ISOLATION)).unwrap_or("unknown")
}

fn agents(row: &RunnerRow) -> String {
    row.agents.iter().map(|agent| agent.name.as_str()).collect::<Vec<_>>().join(", ")
}
