//! What is said of a connector, as flags; secrets are read from where they stand, and never given as words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use tenure_model::placement::{Placement, label};
use tenure_protocol::connector::SetConnector;
use tenure_protocol::tool::Risk;

use crate::failure::{Failure, Outcome};
use crate::lists::ListArgs;

#[derive(Args, Debug)]
pub struct SetArgs {
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
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RiskWord {
    Low,
    Medium,
    High,
    Critical,
}

impl SetArgs {
    /// Returns which connector is meant, and what is said of it.
    pub fn change(self) -> Outcome<(String, SetConnector, ListArgs)> {
        let placed = self.any_runner || self.pool.is_some() || !self.labels.is_empty();
        let labels = self.labels.iter().map(|text| label(text)).collect();
        let listed = (!self.tools.is_empty()).then(|| Some(BTreeSet::from_iter(self.tools)));
        let change = SetConnector {
            url: self.url,
            headers: secrets(self.no_header, self.header_env, self.header_file)?,
            command: self.command,
            args: (self.no_args || !self.command_args.is_empty()).then_some(self.command_args),
            env: secrets(self.no_env, self.env, self.env_file)?,
            runner: placed.then_some(Placement { pool: self.pool, labels, sandbox: None }),
            enabled: self.enabled,
            tools: if self.all_tools { Some(None) } else { listed },
            risk: self.risk.map(Risk::from),
            risks: self.tool_risk.into_iter().map(|(tool, risk)| (tool, Some(Risk::from(risk)))).collect(),
        };
        Ok((self.name, change, self.args))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_with_the_place_of_its_value() {
        assert_eq!(pair("Authorization=TOKEN"), Ok(("Authorization".to_owned(), "TOKEN".to_owned())));
        assert!(pair("Authorization: Bearer abc").is_err());
        assert_eq!(variable("TOKEN"), Ok(("TOKEN".to_owned(), "TOKEN".to_owned())));
        assert_eq!(variable("TOKEN=MINE"), Ok(("TOKEN".to_owned(), "MINE".to_owned())));
        assert!(matches!(tool_risk("find=low"), Ok((tool, RiskWord::Low)) if tool == "find"));
        assert!(tool_risk("find=none").is_err());
    }
}
