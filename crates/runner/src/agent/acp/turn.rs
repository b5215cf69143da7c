//! One turn over the protocol: open the conversation, choose the model, prompt, and cancel when asked to.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use agent_client_protocol::v1::schema::{
    CancelNotification, ContentBlock, EmbeddedResource, EmbeddedResourceResource, ImageContent, PromptRequest,
    PromptResponse, SessionId, StopReason, TextResourceContents,
};
use serde_json::json;
use tenure_model::chat::{AgentStatus, Attachment, FinishReason, Usage};

use super::connection::{Connection, Failure};
use super::models::{self, Offered, Preferences};
use super::stage::Act;
use super::terminals::Terminals;
use super::{Acp, conversation};
use crate::agent::{Turn, TurnEnd, attachment, note};

/// How a turn ended, and which processes of the agent ran when it was prompted.
pub struct Taken {
    pub end: TurnEnd,
    pub before: BTreeSet<i32>,
}

/// Takes the turn with an agent that has introduced itself.
pub async fn take(agent: &Acp, connection: &Connection, turn: &Turn) -> Result<Taken, Failure> {
    tokio::select! {
        biased;
        // Nothing was asked of the agent yet that it could cancel.
        _ = turn.voice.work().stop_asked() => Ok(Taken { end: TurnEnd::canceled(), before: BTreeSet::new() }),
        ready = prepare(agent, connection, turn) => {
            let (conversation, mut preferences) = ready?;
            let act = connection.stage.enter(Act {
                conversation: conversation.clone(),
                voice: turn.voice.clone(),
                workspace: turn.workspace.clone(),
                files: Arc::clone(&turn.files),
                permissions: turn.permissions,
                terminals: Terminals::of(&turn.groups),
                said: AtomicBool::new(false),
            });
            let before = connection.process.groups.running();
            let end = Box::pin(ask(connection, &act, &mut preferences, turn)).await;
            connection.stage.leave();
            end.map(|end| Taken { end, before })
        }
    }
}

/// Opens the conversation and the message, and has the preferred model answer.
async fn prepare(agent: &Acp, connection: &Connection, turn: &Turn) -> Result<(SessionId, Preferences), Failure> {
    let opened = conversation::open(connection, turn).await?;
    let mut preferences = Preferences::of(&turn.spec);
    preferences.apply_next(connection, &opened.id).await?;
    let mode_is_missing = match &agent.mode {
        Some(mode) => !models::apply_mode(connection, &opened.id, mode).await?,
        None => false,
    };
    let offered = Offered::of(&connection.stage.known(&opened.id).options);
    let current = offered.as_ref().map(|offered| offered.current.clone());
    let voice = &turn.voice;
    voice.create(&agent.name, current.clone(), Some(opened.id.to_string()));
    if let Some(offered) = offered {
        voice.models(offered.names, Some(offered.current));
    }
    if let Some(why) = opened.lost {
        note::fresh_start(voice, &why);
    }
    if !preferences.missing.is_empty() {
        let stays =
            current.map_or_else(|| "the agent chooses the model itself".to_owned(), |model| format!("it uses {model}"));
        let title = format!("The agent does not offer {}; {stays}", preferences.missing.join(", "));
        voice.tool(note::note("models", &title, json!({ "wanted": preferences.missing })));
    }
    if let Some(mode) = agent.mode.as_ref().filter(|_| mode_is_missing) {
        voice.tool(note::note("mode", &format!("The agent has no mode {mode}"), json!({ "wanted": mode })));
    }
    Ok((opened.id, preferences))
}

/// Prompts until a model answers: another one gets the prompt only while nothing of an answer was seen.
async fn ask(
    connection: &Connection,
    act: &Act,
    preferences: &mut Preferences,
    turn: &Turn,
) -> Result<TurnEnd, Failure> {
    loop {
        let error = match prompt(connection, act, turn).await {
            Ok(answer) => return Ok(concluded(connection, act, answer)),
            Err(Failure::Refused(error)) => error,
            Err(gone) => return Err(gone),
        };
        if !act.is_untouched() || !models::is_retriable(&error) || turn.voice.work().stopped().is_some() {
            return Err(Failure::Refused(error));
        }
        let before = Offered::of(&connection.stage.known(&act.conversation).options).map(|offered| offered.current);
        let Some(next) = preferences.apply_next(connection, &act.conversation).await? else {
            return Err(Failure::Refused(error));
        };
        turn.voice.switched_model(before, next, &error);
    }
}

/// Sends the prompt and waits for the end of the turn; asks the agent to cancel when the work is stopped.
async fn prompt(connection: &Connection, act: &Act, turn: &Turn) -> Result<PromptResponse, Failure> {
    let request = PromptRequest::new(act.conversation.clone(), content(connection, turn));
    let mut answer = std::pin::pin!(connection.ask(request));
    tokio::select! {
        answer = &mut answer => answer,
        _ = turn.voice.work().stop_asked() => {
            connection.tell(CancelNotification::new(act.conversation.clone()));
            answer.await
        }
    }
}

fn concluded(connection: &Connection, act: &Act, answer: PromptResponse) -> TurnEnd {
    let known = connection.stage.known(&act.conversation);
    if let Some(usage) = answer.usage {
        let model = Offered::of(&known.options).map(|offered| offered.current);
        let (input_tokens, output_tokens) = (usage.input_tokens, usage.output_tokens);
        act.voice.usage(Usage { model, input_tokens, output_tokens });
    }
    if let Some((used, size)) = known.context {
        act.voice.status(AgentStatus::Idle, Some(format!("context: {used} of {size} tokens")));
    }
    match answer.stop_reason {
        StopReason::EndTurn => TurnEnd::said_all(),
        StopReason::Cancelled => TurnEnd { reason: FinishReason::Canceled, error: None, result: None },
        StopReason::Refusal => TurnEnd::failed("the agent refused to go on"),
        StopReason::MaxTokens => TurnEnd::failed("the agent reached its limit of tokens"),
        StopReason::MaxTurnRequests => TurnEnd::failed("the agent reached its limit of requests in one turn"),
        other => TurnEnd::failed(format!("the agent stopped: {other:?}")),
    }
}

/// Returns the prompt as the protocol has it: the text, then the attachments as the agent can take them.
fn content(connection: &Connection, turn: &Turn) -> Vec<ContentBlock> {
    let able = &connection.able().prompt_capabilities;
    let mut blocks = vec![ContentBlock::from(turn.told())];
    for file in &turn.spec.attachments {
        let Attachment { name, mime, data } = file;
        blocks.push(match attachment::text(file) {
            _ if mime.starts_with("image/") && able.image => {
                ContentBlock::Image(ImageContent::new(data.clone(), mime.clone()))
            }
            Some(text) if able.embedded_context => {
                let contents = TextResourceContents::new(text, format!("attachment:///{name}")).mime_type(mime.clone());
                ContentBlock::Resource(EmbeddedResource::new(EmbeddedResourceResource::TextResourceContents(contents)))
            }
            Some(text) => ContentBlock::from(format!("Attached file {name} ({mime}):\n{text}")),
            None => ContentBlock::from(format!("[attached: {name} ({mime}), which this agent cannot be handed]")),
        });
    }
    blocks
}
