//! `tenure runner agents`: which agents a runner would offer here, how it would start them, and whether they answer.

use clap::Args;
use serde::Serialize;
use tenure_runner::{AgentConfig, check_agent};

use super::offered;
use crate::config::{Config, FileArgs};
use crate::failure::{Failure, Outcome};
use crate::lists::table::table;
use crate::out;

/// List the agents that a runner would offer here: those of the settings, or those found on the PATH
#[derive(Args, Clone, Debug)]
pub struct AgentsArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// Start each one and hear how it introduces itself
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One agent, for people and scripts. Values of variables are secrets: only their names are shown.
#[derive(Serialize)]
struct Row {
    name: String,
    kind: &'static str,
    runs: String,
    variables: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
}

/// Runs the command.
pub async fn run(args: &AgentsArgs, config: &Config) -> Outcome {
    let isolation = config.isolation.policy(config.data.as_ref()).map_err(anyhow::Error::from)?;
    let mut rows = Vec::new();
    for agent in offered(&config.runner)? {
        let mut row = row(&agent);
        if args.check {
            let checked = check_agent(&agent, &isolation).await;
            row.answers = Some(checked.is_ok());
            row.says = Some(checked.unwrap_or_else(|error| error));
        }
        rows.push(row);
    }
    if args.json {
        out::line(serde_json::to_string_pretty(&rows).expect("rows are plain data"))?;
    } else {
        out::text(in_columns(&rows))?;
    }
    match rows.iter().find(|row| row.answers == Some(false)) {
        Some(row) => Err(Failure::Error(anyhow::anyhow!("the agent {} does not answer", row.name))),
        None => Ok(()),
    }
}

fn row(agent: &AgentConfig) -> Row {
    let (kind, runs, variables) = match agent {
        AgentConfig::Acp { command, env, .. } => ("acp", command.join(" "), env.keys().cloned().collect()),
        AgentConfig::Model(model) => {
            let from = model.base_url.clone().unwrap_or_else(|| format!("{:?}", model.provider).to_lowercase());
            ("model", format!("{} of {from}", model.models.join(", ")), model.key_env.iter().cloned().collect())
        }
        AgentConfig::Scripted { scripts, .. } => ("scripted", scripts.display().to_string(), vec![]),
        AgentConfig::Shell { .. } => ("shell", "each prompt as a command".to_owned(), vec![]),
    };
    Row { name: agent.name().to_owned(), kind, runs, variables, answers: None, says: None }
}

fn in_columns(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let says = row.says.as_ref().map(|says| says.lines().next().unwrap_or_default().to_owned());
        [row.name.clone(), row.kind.to_owned(), row.runs.clone(), row.variables.join(", "), says.unwrap_or_default()]
    };
    table(["name", "kind", "runs", "variables", "says"], rows.iter().map(cells).collect())
}
