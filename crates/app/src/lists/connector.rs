//! `tenure connector`: other servers of the Model Context Protocol, whose tools stand beside the server's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::Value;
use tenure_model::placement::{Placement, label};
use tenure_protocol::connector::{
    AcceptTools, ConnectorChecked, ConnectorOutcome, ConnectorSet, ConnectorState, ConnectorView, SetConnector,
};
use tenure_protocol::http::Page;
use tenure_protocol::tool::Risk;

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
    Set {
        name: String,
        /// Where it speaks streamable HTTP, such as https://tracker.example.org/mcp
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// A header and the variable that holds its value, such as Authorization=TRACKER_TOKEN
        #[arg(long, value_name = "NAME=VARIABLE", value_parser = pair)]
        header_env: Vec<(String, String)>,
        /// A header and the file that holds its value; `-` reads the standard input
        #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
        header_file: Vec<(String, String)>,
        /// A header that is sent no more
        #[arg(long, value_name = "NAME")]
        no_header: Vec<String>,
        /// A command that a runner starts, and that speaks on its standard input and output
        #[arg(long, value_name = "PROGRAM", conflicts_with = "url")]
        command: Option<String>,
        /// What the command is told; all of it, in its order. Everybody on the runner's machine can see it
        #[arg(long = "arg", value_name = "TEXT", allow_hyphen_values = true)]
        command_args: Vec<String>,
        /// Tell the command nothing
        #[arg(long, conflicts_with = "command_args")]
        no_args: bool,
        /// A variable that the command gets and the one of yours that holds its value, such as API_TOKEN=TRACKER_TOKEN; one name alone for both
        #[arg(long, value_name = "NAME[=VARIABLE]", value_parser = variable)]
        env: Vec<(String, String)>,
        /// A variable of the command and the file that holds its value; `-` reads the standard input
        #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
        env_file: Vec<(String, String)>,
        /// A variable that the command gets no more
        #[arg(long, value_name = "NAME")]
        no_env: Vec<String>,
        /// A label that the runners of the command must have; may be repeated
        #[arg(long = "label", value_name = "KEY=VALUE")]
        labels: Vec<String>,
        /// The pool of the runners of the command
        #[arg(long, value_name = "NAME")]
        pool: Option<String>,
        /// Let any runner start the command
        #[arg(long, conflicts_with_all = ["labels", "pool"])]
        any_runner: bool,
        /// Whether its tools are listed and can be called
        #[arg(long, value_name = "true|false")]
        enabled: Option<bool>,
        /// A tool that may be called; given once or more, no others may
        #[arg(long = "tool", value_name = "NAME", conflicts_with = "all_tools")]
        tools: Vec<String>,
        /// Let all of its tools be called
        #[arg(long)]
        all_tools: bool,
        /// How much its tools may spoil, where nothing else is said of one
        #[arg(long, value_enum)]
        risk: Option<RiskWord>,
        /// How much one tool may spoil, such as find=low
        #[arg(long, value_name = "TOOL=RISK", value_parser = tool_risk)]
        tool_risk: Vec<(String, RiskWord)>,
        #[command(flatten)]
        args: ListArgs,
    },
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

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RiskWord {
    Low,
    Medium,
    High,
    Critical,
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
        ConnectorCommand::Set {
            name,
            url,
            header_env,
            header_file,
            no_header,
            command,
            command_args,
            no_args,
            env,
            env_file,
            no_env,
            labels,
            pool,
            any_runner,
            enabled,
            tools,
            all_tools,
            risk,
            tool_risk,
            args,
        } => {
            let placed = any_runner || pool.is_some() || !labels.is_empty();
            let labels = labels.iter().map(|text| label(text)).collect();
            let listed = (!tools.is_empty()).then(|| Some(BTreeSet::from_iter(tools)));
            let change = SetConnector {
                url,
                headers: secrets(no_header, header_env, header_file)?,
                command,
                args: (no_args || !command_args.is_empty()).then_some(command_args),
                env: secrets(no_env, env, env_file)?,
                runner: placed.then(|| Placement { pool, labels, sandbox: None }),
                enabled,
                tools: if all_tools { Some(None) } else { listed },
                risk: risk.map(Risk::from),
                risks: tool_risk.into_iter().map(|(tool, risk)| (tool, Some(Risk::from(risk)))).collect(),
            };
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

/// Reads secrets from where they stand; none takes one away.
fn secrets(
    gone: Vec<String>,
    from_variables: Vec<(String, String)>,
    from_files: Vec<(String, String)>,
) -> Outcome<BTreeMap<String, Option<String>>> {
    let mut secrets: BTreeMap<_, _> = gone.into_iter().map(|name| (name, None)).collect();
    for (name, variable) in from_variables {
        secrets.insert(name, Some(from_env(&variable)?));
    }
    for (name, file) in from_files {
        secrets.insert(name, Some(from_file(&file)?));
    }
    Ok(secrets)
}

fn from_env(variable: &str) -> Outcome<String> {
    let value = std::env::var(variable).map_err(|_| Failure::Usage(format!("the variable {variable} is not set")))?;
    Ok(value.trim_end_matches(['\r', '\n']).to_owned())
}

fn from_file(file: &str) -> Outcome<String> {
    let read = match file {
        "-" => std::io::read_to_string(std::io::stdin()),
        file => std::fs::read_to_string(PathBuf::from(file)),
    };
    let value = read.map_err(|error| Failure::Usage(format!("{file} cannot be read: {error}")))?;
    Ok(value.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads NAME=SOMETHING. A secret itself cannot be given here, because everybody on the machine sees the words of a command.
fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, place) = text.split_once('=').ok_or("write NAME=VARIABLE or NAME=FILE; a value itself is not taken")?;
    Ok((name.trim().to_owned(), place.to_owned()))
}

/// Reads NAME=VARIABLE, or the name of both.
fn variable(text: &str) -> Result<(String, String), &'static str> {
    match text.contains('=') {
        true => pair(text),
        false => Ok((text.trim().to_owned(), text.trim().to_owned())),
    }
}

fn tool_risk(text: &str) -> Result<(String, RiskWord), String> {
    let (tool, risk) = text.split_once('=').ok_or("write TOOL=RISK, such as find=low")?;
    Ok((tool.to_owned(), clap::ValueEnum::from_str(risk, true)?))
}

impl From<RiskWord> for Risk {
    fn from(word: RiskWord) -> Self {
        match word {
            RiskWord::Low => Self::Low,
            RiskWord::Medium => Self::Medium,
            RiskWord::High => Self::High,
            RiskWord::Critical => Self::Critical,
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
    fn a_header_is_named_with_the_place_of_its_value_and_names_lead_nowhere_else() {
        assert_eq!(pair("Authorization=TOKEN"), Ok(("Authorization".to_owned(), "TOKEN".to_owned())));
        assert!(pair("Authorization: Bearer abc").is_err());
        assert_eq!(variable("TOKEN"), Ok(("TOKEN".to_owned(), "TOKEN".to_owned())));
        assert_eq!(variable("TOKEN=MINE"), Ok(("TOKEN".to_owned(), "MINE".to_owned())));
        assert!(path("tracker", "").is_ok());
        for name in ["", "../tokens", "a/b", "A", "a?b"] {
            assert!(path(name, "").is_err(), "{name}");
        }
        assert!(matches!(tool_risk("find=low"), Ok((tool, RiskWord::Low)) if tool == "find"));
        assert!(tool_risk("find=none").is_err());
    }
}
