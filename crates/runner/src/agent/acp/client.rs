//! One turn over the protocol: initialize, open or resume the conversation, prompt, and cancel when asked to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    AgentCapabilities, CancelNotification, ClientCapabilities, ContentBlock, FileSystemCapabilities, ImageContent,
    Implementation, InitializeRequest, LoadSessionRequest, NewSessionRequest, PromptRequest, ReadTextFileRequest,
    RequestPermissionRequest, ResumeSessionRequest, SessionConfigOption, SessionId, SessionNotification, StopReason,
    WriteTextFileRequest,
};
use agent_client_protocol::{Agent, ByteStreams, Client, on_receive_notification, on_receive_request};
use tenure_model::chat::FinishReason;
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};
use tracing::info;

use super::process::Process;
use super::{Turn, TurnEnd, files, permission, updates};

/// The word of the protocol for an error: its sentence, and its data when there is some.
type Failed = agent_client_protocol::Error;

/// Takes the turn with a started agent.
pub async fn talk(agent: &str, process: &mut Process, turn: &Turn) -> Result<TurnEnd, String> {
    let (stdin, stdout) = process.pipes();
    let transport = ByteStreams::new(stdin.compat_write(), stdout.compat());
    // Told before the prompt: the history that a loaded conversation replays, which is known already.
    let live = Arc::new(AtomicBool::new(false));
    let told = (turn.voice.clone(), Arc::clone(&live));
    let (reading, writing, asking) = (turn.workspace.clone(), turn.workspace.clone(), turn.voice.clone());
    let policy = turn.permissions;
    let talk = Client
        .v1()
        .name("tenure")
        .on_receive_notification(
            async move |notification: SessionNotification, _connection| {
                if told.1.load(Ordering::Acquire) {
                    updates::tell(&told.0, notification.update);
                }
                Ok(())
            },
            on_receive_notification!(),
        )
        .on_receive_request(
            async move |request: RequestPermissionRequest, responder, connection: ConnectionTo<Agent>| {
                // People may take long; what else the agent says must go on meanwhile.
                let voice = asking.clone();
                connection.spawn(async move { responder.respond(permission::decide(policy, &voice, request).await) })
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: ReadTextFileRequest, responder, _connection| {
                responder.respond_with_result(files::read(&reading, &request))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: WriteTextFileRequest, responder, _connection| {
                responder.respond_with_result(files::write(&writing, &request))
            },
            on_receive_request!(),
        )
        .connect_with(transport, async move |connection: ConnectionTo<Agent>| {
            let session = open(&connection, agent, turn).await?;
            live.store(true, Ordering::Release);
            prompt(&connection, session, turn).await
        });
    talk.await.map_err(|error| in_words(&error))
}

/// Opens the conversation and the message.
async fn open(connection: &ConnectionTo<Agent>, agent: &str, turn: &Turn) -> Result<SessionId, Failed> {
    let files = FileSystemCapabilities::new().read_text_file(true).write_text_file(true);
    let introduction = InitializeRequest::new(ProtocolVersion::V1)
        .client_capabilities(ClientCapabilities::new().fs(files))
        .client_info(Implementation::new("tenure", env!("CARGO_PKG_VERSION")));
    let agent_says = connection.send_request(introduction).block_task().await?;
    let (session, options) = match resume(connection, turn, &agent_says.agent_capabilities).await {
        Some(resumed) => resumed,
        None => {
            let opened = connection.send_request(NewSessionRequest::new(turn.workspace.clone())).block_task().await?;
            (opened.session_id, opened.config_options)
        }
    };
    let models = updates::models(options.as_deref().unwrap_or_default());
    let model = models.as_ref().and_then(|(_, current)| current.clone());
    turn.voice.create(agent, model, Some(session.to_string()));
    if let Some((models, current)) = models {
        turn.voice.models(models, current);
    }
    Ok(session)
}

/// Goes on with the thread's conversation, when there is one and the agent still has it.
async fn resume(
    connection: &ConnectionTo<Agent>,
    turn: &Turn,
    able: &AgentCapabilities,
) -> Option<(SessionId, Option<Vec<SessionConfigOption>>)> {
    let session = SessionId::from(turn.spec.agent_session.clone()?);
    let folder = turn.workspace.clone();
    let resumed = if able.session_capabilities.resume.is_some() {
        let request = ResumeSessionRequest::new(session.clone(), folder);
        connection.send_request(request).block_task().await.map(|answer| answer.config_options)
    } else if able.load_session {
        let request = LoadSessionRequest::new(session.clone(), folder);
        connection.send_request(request).block_task().await.map(|answer| answer.config_options)
    } else {
        return None;
    };
    match resumed {
        Ok(options) => Some((session, options)),
        Err(error) => {
            info!(
                "the agent could not go on with the conversation {session} and begins a new one: {}",
                in_words(&error)
            );
            None
        }
    }
}

/// Sends the prompt and waits for the end of the turn; asks the agent to cancel when the work is stopped.
async fn prompt(connection: &ConnectionTo<Agent>, session: SessionId, turn: &Turn) -> Result<TurnEnd, Failed> {
    let request = PromptRequest::new(session.clone(), content(turn));
    let mut answer = std::pin::pin!(connection.send_request(request).block_task());
    let answer = tokio::select! {
        answer = &mut answer => answer,
        _ = turn.voice.work().stop_asked() => {
            connection.send_notification(CancelNotification::new(session))?;
            answer.await
        }
    };
    Ok(match answer?.stop_reason {
        StopReason::EndTurn => TurnEnd::said_all(),
        StopReason::Cancelled => TurnEnd { reason: FinishReason::Canceled, error: None, result: None },
        StopReason::Refusal => TurnEnd::failed("the agent refused to go on"),
        StopReason::MaxTokens => TurnEnd::failed("the agent reached its limit of tokens"),
        StopReason::MaxTurnRequests => TurnEnd::failed("the agent reached its limit of requests in one turn"),
        other => TurnEnd::failed(format!("the agent stopped: {other:?}")),
    })
}

/// Returns the prompt as the protocol has it: the text, images as images, other files by name.
fn content(turn: &Turn) -> Vec<ContentBlock> {
    let mut blocks = vec![ContentBlock::from(turn.told())];
    for attachment in &turn.spec.attachments {
        blocks.push(if attachment.mime.starts_with("image/") {
            ContentBlock::Image(ImageContent::new(attachment.data.clone(), attachment.mime.clone()))
        } else {
            let (name, mime) = (&attachment.name, &attachment.mime);
            ContentBlock::from(format!("[attached: {name} ({mime}); only images can be handed to this agent]"))
        });
    }
    blocks
}

fn in_words(error: &Failed) -> String {
    match &error.data {
        Some(data) => format!("{} ({data})", error.message),
        None => error.message.clone(),
    }
}
