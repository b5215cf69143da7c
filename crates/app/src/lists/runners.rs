//! `tenure runners`: who runs agents for the server.

use tenure_protocol::http::{Page, RunnerRow};

use super::ListArgs;
use super::table::table;
use super::when::when;
use crate::failure::Outcome;

/// Runs the command.
pub async fn run(args: ListArgs) -> Outcome {
    let page: Page<RunnerRow> = args.api()?.get("/api/runners").await?;
    args.print(&page, rows)
}

fn rows(page: &Page<RunnerRow>) -> String {
    let row = |row: &RunnerRow| {
        let state = if row.connected { "connected" } else { "away" };
        let agents: Vec<_> = row.agents.iter().map(|agent| agent.name.as_str()).collect();
        let busy = format!("{}/{}", row.works.len(), row.capacity);
        let isolation = row.labels.iter().find_map(|label| label.strip_prefix("isolation:")).unwrap_or("unknown");
        let (name, state, isolation) = (row.name.clone(), state.to_owned(), isolation.to_owned());
        [row.id.to_string(), name, state, busy, isolation, agents.join(", "), when(row.seen_at)]
    };
    table(["id", "name", "state", "works", "isolation", "agents", "seen (UTC)"], page.items.iter().map(row).collect())
}
