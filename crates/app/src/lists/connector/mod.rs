//! `tenure connector`: other servers of the Model Context Protocol, whose tools stand beside the server's own.

mod set;

use clap::{Args, Subcommand};
use serde_json::Value;
use tenure_protocol::connector::{
    AcceptTools, ConnectorChecked, ConnectorOutcome, ConnectorSet, ConnectorState, ConnectorView,
};
use tenure_protocol::http::Page;

use self::set::SetArgs;
use super::table::table;
use super::tool::risk;
use super::{ListArgs, sandbox};
use crate::chat::clean;
use crate::failure::{Failure, Outcome};

/// Register other MCP servers, and see how it stands with them.
#[derive(Args, Debug)]
pub struct ConnectorArgs {
    #[command(subcommand)]
    command: ConnectorCommand,
}

#[derive(Subcommand, Debug)]
enum ConnectorCommand {
    /// List your connectors, and how it stands with them
    List {
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show a connector; what it signs in with is never shown
    Show {
        name: String,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Register a connector, or change one; what is not said stays as it is
    Set(Box<SetArgs>),
    /// Forget a connector, with what it signs in with
    Remove {
        name: String,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Connect now, and tell what is there
    Check {
        name: String,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Accept tools whose description or parameters have changed, as they are now
    Accept {
        name: String,
        /// Only this one; all that have changed when none is named
        #[arg(long = "tool", value_name = "NAME")]
        tools: Vec<String>,
        #[command(flatten)]
        args: ListArgs,
    },
}

/// Runs the command.
pub async fn run(args: ConnectorArgs) -> Outcome {
    match args.command {
        ConnectorCommand::List { args } => {
            let page: Page<ConnectorView> = args.api()?.get("/api/connectors").await?;
            args.print(&page, rows)
        }
        ConnectorCommand::Show { name, args } => {
            let view: ConnectorView = args.api()?.get(&path(&name, "")?).await?;
            args.print(&view, shown)
        }
        ConnectorCommand::Set(set) => {
            let (name, change, args) = set.change()?;
            let set: ConnectorSet = args.api()?.put(&path(&name, "")?, &change).await?;
            args.print(&set, |set| format!("{} was {}", set.connector.name, became(set.outcome)))
        }
        ConnectorCommand::Remove { name, args } => {
            let gone: Value = args.api()?.delete(&path(&name, "")?).await?;
            args.print(&gone, |_| format!("{name} is forgotten"))
        }
        ConnectorCommand::Check { name, args } => {
            let checked: ConnectorChecked = args.api()?.post(&path(&name, "/check")?, &Value::Null).await?;
            args.print(&checked, checked_rows)
        }
        ConnectorCommand::Accept { name, tools, args } => {
            let api = args.api()?;
            let checked: ConnectorChecked = api.post(&path(&name, "/check")?, &Value::Null).await?;
            let meant = |tool: &str| tools.is_empty() || tools.iter().any(|named| named == tool);
            let changed = checked.tools.into_iter().filter(|tool| tool.changed && meant(&tool.tool));
            let accept = AcceptTools { tools: changed.map(|tool| (tool.tool, tool.hash)).collect() };
            let view: ConnectorView = api.post(&path(&name, "/accept")?, &accept).await?;
            let names: Vec<_> = accept.tools.keys().cloned().collect();
            args.print(&view, |_| match names.is_empty() {
                true => "no tool has changed".to_owned(),
                false => clean(&format!("accepted as they are now: {}", names.join(", "))),
            })
        }
    }
}

/// Returns the address of a connector; a name that would lead elsewhere is none.
fn path(name: &str, below: &str) -> Outcome<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match !name.is_empty() && name.bytes().all(plain) {
        true => Ok(format!("/api/connectors/{name}{below}")),
        false => {
            Err(Failure::Usage(format!("\"{name}\" is no name of a connector: small letters, digits and hyphens")))
        }
    }
}

fn rows(page: &Page<ConnectorView>) -> String {
    let row = |view: &ConnectorView| {
        let tools = view.health.tools.map_or_else(|| "-".to_owned(), |tools| tools.to_string());
        [view.name.clone(), stands(view.health.state).to_owned(), tools, risk(view.risk), reached(view)]
    };
    table(["NAME", "STATE", "TOOLS", "RISK", "ADDRESS OR COMMAND"], page.items.iter().map(row).collect())
}

fn shown(view: &ConnectorView) -> String {
    let listed = view.tools.as_ref().map(|tools| tools.iter().cloned().collect::<Vec<_>>().join(", "));
    let risks = view.risks.iter().map(|(tool, tier)| format!("{tool} {}", risk(*tier))).collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!("{} at {}", view.name, reached(view)),
        format!("state: {}", stands(view.health.state)),
        match view.command {
            None => format!("headers: {}", listed_or_none(&view.headers)),
            Some(_) => format!("variables: {}", listed_or_none(&view.env)),
        },
        format!("tools: {}", listed.unwrap_or_else(|| "all".to_owned())),
        format!("risk: {}{}", risk(view.risk), if risks.is_empty() { risks } else { format!("; {risks}") }),
    ];
    lines.extend(view.health.error.as_ref().map(|error| format!("last failure: {error}")));
    clean(&lines.join("\n"))
}

/// Returns the address of a connector, or its command and where that runs.
fn reached(view: &ConnectorView) -> String {
    let Some(command) = &view.command else { return view.url.clone().unwrap_or_default() };
    let words = [command].into_iter().chain(&view.args).map(|word| match word.contains(' ') || word.is_empty() {
        true => format!("'{word}'"),
        false => word.clone(),
    });
    let placed: Vec<_> = sandbox::about(&view.runner, None).into_iter().map(|line| line.replace("   ", " ")).collect();
    let words = words.collect::<Vec<_>>().join(" ");
    if placed.is_empty() { format!("`{words}`") } else { format!("`{words}`, {}", placed.join(", ")) }
}

fn listed_or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn checked_rows(checked: &ConnectorChecked) -> String {
    let rows = checked.tools.iter().map(|tool| {
        let note = match (&tool.unusable, tool.changed) {
            (Some(why), _) => format!("cannot be called: {why}"),
            (None, true) => format!("CHANGED, not called until accepted: {}", tool.about),
            (None, false) => tool.about.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned(),
        };
        [tool.name.clone().unwrap_or_else(|| tool.tool.clone()), risk(tool.risk), note]
    });
    format!("{} answers\n\n{}", clean(&checked.server), table(["NAME", "RISK", "WHAT IT IS GOOD FOR"], rows.collect()))
}

fn stands(state: ConnectorState) -> &'static str {
    match state {
        ConnectorState::Idle => "idle",
        ConnectorState::Up => "up",
        ConnectorState::Down => "down",
        ConnectorState::Disabled => "disabled",
    }
}

fn became(outcome: ConnectorOutcome) -> &'static str {
    match outcome {
        ConnectorOutcome::Created => "registered",
        ConnectorOutcome::Updated => "changed",
        ConnectorOutcome::Unchanged => "like that already",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        assert!(path("tracker", "").is_ok());
        for name in ["", "../tokens", "a/b", "A", "a?b"] {
            assert!(path(name, "").is_err(), "{name}");
        }
    }
}
