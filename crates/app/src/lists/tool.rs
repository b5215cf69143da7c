//! `tenure tool`: the tools that agents call, for people and scripts.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use tenure_protocol::http::Page;
use tenure_protocol::tool::{CallTool, Does, Risk, ToolAnswer, ToolRow};

use super::table::table;
use super::{ListArgs, query};
use crate::client::api::Api;
use crate::failure::{Failure, Outcome};

/// List and call the server's tools: the same that agents have.
#[derive(Args, Debug)]
pub struct ToolArgs {
    #[command(subcommand)]
    command: ToolCommand,
}

#[derive(Subcommand, Debug)]
enum ToolCommand {
    /// List the tools; with --json also what each takes, and an example
    List {
        /// Only those with these words in the name or the description
        words: Vec<String>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Tell how workflows are written, run and mended: what agents read
    Guide {
        /// A part of it: overview, steps, expressions, triggers or debugging
        topic: Option<String>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Call a tool and print its answer
    Call {
        name: String,
        /// A parameter as NAME=VALUE, or a JSON object with several; given again, it adds to what came before
        #[arg(long = "input", value_name = "NAME=VALUE|JSON", value_parser = given)]
        input: Vec<Given>,
        #[command(flatten)]
        args: ListArgs,
    },
}

/// What one `--input` gives.
#[derive(Clone, Debug, PartialEq)]
enum Given {
    One(String, String),
    Several(Map<String, Value>),
}

/// Runs the command.
pub async fn run(args: ToolArgs) -> Outcome {
    match args.command {
        ToolCommand::List { words, args } => {
            let page = tools(&args.api()?, &words.join(" ")).await?;
            args.print(&page, rows)
        }
        ToolCommand::Guide { topic, args } => {
            let text = args.api()?.text(&format!("/schema/workflow.md{}", query(&[("topic", topic)]))).await?;
            args.print(&text, Clone::clone)
        }
        ToolCommand::Call { name, input, args } => {
            let api = args.api()?;
            let params = params(&api, &name, input).await?;
            let answer: ToolAnswer = api.post(&path(&name)?, &CallTool { params }).await?;
            args.print(&answer, |answer| answer.text.clone())
        }
    }
}

async fn tools(api: &Api, words: &str) -> Outcome<Page<ToolRow>> {
    let words = Some(words.to_owned()).filter(|words| !words.is_empty());
    api.get(&format!("/api/tools{}", query(&[("q", words)]))).await
}

/// Returns the address of a tool; a name that would lead elsewhere is none of a tool.
fn path(name: &str) -> Outcome<String> {
    let plain =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    match plain {
        true => Ok(format!("/api/tools/{name}/call")),
        false => Err(Failure::Usage(format!("\"{name}\" is no name of a tool; tenure tool list tells them"))),
    }
}

/// Returns the parameters, each of the type that the tool's schema says.
async fn params(api: &Api, name: &str, input: Vec<Given>) -> Outcome<Map<String, Value>> {
    let typed = input.iter().any(|given| matches!(given, Given::One(..)));
    let known = if typed { tools(api, name).await?.items } else { vec![] };
    let schema = known.into_iter().find(|tool| tool.name == name).map(|tool| tool.schema).unwrap_or_default();
    let mut params = Map::new();
    for given in input {
        match given {
            Given::Several(fields) => params.extend(fields),
            Given::One(field, text) => {
                let value = value(&schema["properties"][&field]["type"], text);
                params.insert(field, value);
            }
        }
    }
    Ok(params)
}

/// Reads a value: as text when the schema takes text, or does not say; what else is no JSON goes on as it is, because the
/// server says best what is wrong with it.
fn value(kind: &Value, text: String) -> Value {
    let takes_text = match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
        Value::String(kind) => kind == "string",
        _ => true,
    };
    match takes_text {
        true => text.into(),
        false => serde_json::from_str(&text).unwrap_or_else(|_| text.into()),
    }
}

fn given(text: &str) -> Result<Given, String> {
    if text.trim_start().starts_with('{') {
        let fields = serde_json::from_str(text).map_err(|error| format!("this is no JSON object: {error}"))?;
        return Ok(Given::Several(fields));
    }
    let (name, value) = text.split_once('=').ok_or("a parameter is written NAME=VALUE, or as a JSON object")?;
    Ok(Given::One(name.trim().to_owned(), value.to_owned()))
}

fn rows(page: &Page<ToolRow>) -> String {
    if page.items.is_empty() {
        return "no tool has these words".to_owned();
    }
    let rows = page.items.iter().map(|tool| [tool.name.clone(), risk(tool.risk), does(tool.does), first(&tool.about)]);
    table(["NAME", "RISK", "DOES", "WHAT IT IS GOOD FOR"], rows.collect())
}

/// Returns the first sentence.
fn first(about: &str) -> String {
    about.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned()
}

/// Returns the word for a risk.
pub fn risk(risk: Risk) -> String {
    let word = match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
        Risk::Critical => "critical",
    };
    word.to_owned()
}

fn does(does: Does) -> String {
    let word = match does {
        Does::Reads => "reads",
        Does::Acts => "acts",
        Does::Authors => "authors",
        Does::Reviews => "reviews",
        Does::Decides => "decides",
        Does::Outside => "outside",
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_read_as_what_the_tool_takes() {
        let text = |text: &str| text.to_owned();
        assert_eq!(value(&json!(["string", "null"]), text("7")), json!("7"));
        assert_eq!(value(&json!(["integer", "null"]), text("7")), json!(7));
        assert_eq!(value(&json!("boolean"), text("true")), json!(true));
        assert_eq!(value(&json!("boolean"), text("yes")), json!("yes"), "the server says what is wrong");
        assert_eq!(value(&Value::Null, text("7")), json!("7"));
    }

    #[test]
    fn what_is_given_is_a_pair_or_an_object() {
        assert_eq!(given("a=b=c"), Ok(Given::One("a".into(), "b=c".into())));
        assert!(matches!(given(r#" {"a": 1}"#), Ok(Given::Several(fields)) if fields["a"] == 1));
        assert!(given("a").is_err() && given("{a}").is_err());
    }

    #[test]
    fn only_names_of_tools_become_addresses() {
        assert!(path("list_workflows").is_ok());
        for name in ["", "../tokens", "a/b", "a?b"] {
            assert!(path(name).is_err(), "{name}");
        }
    }
}
