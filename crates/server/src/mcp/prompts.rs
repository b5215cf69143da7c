//! The prompt `workflows`, which teaches a model to write and run workflows: the guide, one topic at a time. At `/mcp` and over a
//! runner's link it is the same.

use rmcp::model::{
    ErrorData, GetPromptRequestParams, GetPromptResult, ListPromptsResult, Prompt, PromptArgument as Argument,
    PromptMessage, Role,
};
use serde_json::{Map, Value};
use tenure_protocol::tool::{PromptArgument, PromptRow};

use crate::guide::{self, Topic, Topics};
use crate::problem::{Rejection, problem};

const NAME: &str = "workflows";
const TOPIC: &str = "topic";
const ABOUT: &str = "How to write, run and mend workflows with these tools.";

/// Lists the prompts.
pub fn rows() -> Vec<PromptRow> {
    let about = format!("Which part of the guide, one of {Topics}; without it, the overview.");
    let topic = PromptArgument { name: TOPIC.to_owned(), about, required: false };
    vec![PromptRow {
        name: NAME.to_owned(),
        title: "Workflows".to_owned(),
        about: ABOUT.to_owned(),
        arguments: vec![topic],
    }]
}

/// Returns what a prompt is about, and its text.
pub fn read(name: &str, arguments: &Map<String, Value>) -> Result<(&'static str, String), Rejection> {
    let wrong = |field: &str, detail: String| problem(422, "prompt_invalid", detail).field(field);
    if name != NAME {
        return Err(problem(404, "prompt_unknown", format!("there is no prompt \"{name}\"; there is {NAME}")));
    }
    if let Some(unknown) = arguments.keys().find(|name| *name != TOPIC) {
        return Err(wrong("arguments", format!("{NAME} takes no argument \"{unknown}\", only {TOPIC}")));
    }
    let topic = match arguments.get(TOPIC) {
        None | Some(Value::Null) => Some(Topic::Overview),
        Some(Value::String(name)) if name.is_empty() => Some(Topic::Overview),
        Some(said) => said.as_str().and_then(Topic::named),
    };
    let topic = topic.ok_or_else(|| wrong("arguments", format!("{TOPIC} is one of {Topics}")))?;
    Ok((topic.about(), guide::text(topic)))
}

/// Lists the prompts in the words of the Model Context Protocol.
pub fn listed() -> ListPromptsResult {
    let argument =
        |PromptArgument { name, about, required }| Argument::new(name).with_description(about).with_required(required);
    let prompt = |PromptRow { name, title, about, arguments }: PromptRow| {
        let arguments = arguments.into_iter().map(argument).collect();
        Prompt::new(name, Some(about), Some(arguments)).with_title(title)
    };
    ListPromptsResult::with_all_items(rows().into_iter().map(prompt).collect())
}

/// Returns a prompt in the words of the Model Context Protocol.
pub fn told(request: GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
    let read = read(&request.name, &request.arguments.unwrap_or_default());
    let (about, text) = read.map_err(|refused| ErrorData::invalid_params(refused.0.detail, None))?;
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(about))
}
