//! The prompt `workflows`, which teaches a model to write and run workflows: the guide, one topic at a time.

use rmcp::model::{
    ErrorData, GetPromptRequestParams, GetPromptResult, ListPromptsResult, Prompt, PromptArgument, PromptMessage, Role,
};
use serde_json::Value;

use crate::guide::{self, Topic, Topics};

const NAME: &str = "workflows";
const TOPIC: &str = "topic";
const ABOUT: &str = "How to write, run and mend workflows with these tools.";

/// Lists the prompts.
pub fn listed() -> ListPromptsResult {
    let about = format!("Which part of the guide, one of {Topics}; without it, the overview.");
    let topic = PromptArgument::new(TOPIC).with_description(about).with_required(false);
    ListPromptsResult::with_all_items(vec![Prompt::new(NAME, Some(ABOUT), Some(vec![topic])).with_title("Workflows")])
}

/// Returns a prompt.
pub fn told(request: GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
    let wrong = |detail: String| ErrorData::invalid_params(detail, None);
    if request.name != NAME {
        return Err(wrong(format!("there is no prompt \"{}\"; there is {NAME}", request.name)));
    }
    let arguments = request.arguments.unwrap_or_default();
    if let Some(unknown) = arguments.keys().find(|name| *name != TOPIC) {
        return Err(wrong(format!("{NAME} takes no argument \"{unknown}\", only {TOPIC}")));
    }
    let topic = match arguments.get(TOPIC) {
        None | Some(Value::Null) => Some(Topic::Overview),
        Some(Value::String(name)) if name.is_empty() => Some(Topic::Overview),
        Some(said) => said.as_str().and_then(Topic::named),
    };
    let topic = topic.ok_or_else(|| wrong(format!("{TOPIC} is one of {Topics}")))?;
    let message = PromptMessage::new_text(Role::User, guide::text(topic));
    Ok(GetPromptResult::new(vec![message]).with_description(topic.about()))
}
