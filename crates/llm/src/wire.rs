//! One question to a model server and its streamed answer.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use genai::chat::{
    ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent, ContentPart, MessageContent, StopReason, StreamEnd, Tool,
    ToolCall, ToolResponse,
};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ClientConfig, ModelIden, ServiceTarget};
use tenure_model::chat::Usage;

use crate::server::ModelServer;
use crate::talk::{Call, Entry, Image, Offered, Question};

/// How long a model server may take to be reached.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// The longest answer to an error that people are shown.
const WORDS_BYTES_MAX: usize = 1_000;

/// A model server, ready to be asked.
pub struct Wire {
    client: Client,
}

/// One piece of an answer.
pub enum Piece {
    Text(String),
    Reasoning(String),
    End(Ended),
}

/// How an answer ended.
pub struct Ended {
    pub calls: Vec<Call>,
    pub usage: Usage,
    /// Why it is not whole, when it is not.
    pub cut: Option<String>,
}

/// What went wrong, and what can be done about it.
#[derive(Debug)]
pub struct Trouble {
    pub words: String,
    pub remedy: Remedy,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The same model may answer later, at the earliest after this long.
    TryAgain(Option<Duration>),
    /// Another model may answer.
    AnotherModel,
    /// No model will: the question or the key is at fault.
    Nothing,
}

/// An answer on its way. Dropping it ends the call.
pub type Answer = Pin<Box<dyn Stream<Item = Result<Piece, Trouble>> + Send>>;

impl Wire {
    pub fn new() -> Result<Self, String> {
        // Somebody else in this process may have chosen already, and chose the same.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let http =
            reqwest::Client::builder().connect_timeout(CONNECT_WITHIN).redirect(reqwest::redirect::Policy::none());
        let http = http.build().map_err(|error| format!("failed to prepare the client of model servers: {error}"))?;
        let client = Client::builder().with_reqwest(http).build();
        Ok(Self { client: client.map_err(|error| error.to_string())? })
    }

    /// Asks; the answer comes in pieces.
    pub async fn ask(&self, server: &ModelServer, question: &Question<'_>) -> Result<Answer, Trouble> {
        let nothing = |words| Trouble { words, remedy: Remedy::Nothing };
        let key = server.key().map_err(nothing)?;
        let target = target(server, question.model, key.as_deref()).await.map_err(|error| trouble(&error, None))?;
        let mut options = ChatOptions::default()
            .with_capture_usage(true)
            .with_capture_tool_calls(true)
            .with_stream_header_timeout(server.silence_max)
            .with_stream_read_timeout(server.silence_max);
        if let Some(tokens) = question.tokens_max {
            options = options.with_max_tokens(tokens);
        }
        let asked = self.client.exec_chat_stream(target, request(question), Some(&options)).await;
        let stream = asked.map_err(|error| trouble(&error, key.as_deref()))?.stream;
        let model = question.model.to_owned();
        let pieces = stream.filter_map(move |event| {
            let piece = match event {
                Ok(ChatStreamEvent::Chunk(chunk)) => Some(Ok(Piece::Text(chunk.content))),
                Ok(ChatStreamEvent::ReasoningChunk(chunk)) => Some(Ok(Piece::Reasoning(chunk.content))),
                Ok(ChatStreamEvent::End(end)) => Some(Ok(Piece::End(ended(end, &model)))),
                // Calls are taken whole, at the end; the rest carries nothing for people.
                Ok(_) => None,
                Err(error) => Some(Err(trouble(&error, key.as_deref()))),
            };
            std::future::ready(piece)
        });
        Ok(Box::pin(pieces))
    }
}

/// Returns where the question goes, and with what.
async fn target(server: &ModelServer, model: &str, key: Option<&str>) -> genai::Result<ServiceTarget> {
    let model = ModelIden::new(server.provider.0, model.to_owned());
    let usual = ClientConfig::default().resolve_service_target(model).await?;
    let endpoint = match &server.base_url {
        // The crate wants it to end with a slash.
        Some(url) => Endpoint::from_owned(format!("{}/", url.trim_end_matches('/'))),
        None => usual.endpoint,
    };
    // A server that wants no key is sent one that says so: some adapters insist on one.
    Ok(ServiceTarget { endpoint, auth: AuthData::from_single(key.unwrap_or("none").to_owned()), ..usual })
}

fn request(question: &Question) -> ChatRequest {
    let mut messages: Vec<ChatMessage> = question.entries.iter().map(message).collect();
    if !question.said.is_empty() {
        messages.push(ChatMessage::assistant(question.said));
        let go_on = "Your answer was cut off here. Go on exactly where it ended, and repeat nothing of it.";
        messages.push(ChatMessage::user(go_on));
    }
    let request = ChatRequest::new(messages).with_system(question.system);
    let described = |tool: &Offered| {
        Tool::new(tool.name.clone()).with_description(tool.description.clone()).with_schema(tool.schema.clone())
    };
    match question.tools.is_empty() {
        true => request,
        false => request.with_tools(question.tools.iter().map(described)),
    }
}

fn message(entry: &Entry) -> ChatMessage {
    match entry {
        Entry::User { text, images } => {
            let picture = |image: &Image| ContentPart::from_binary_base64(image.mime.clone(), image.data.clone(), None);
            let parts: Vec<ContentPart> =
                std::iter::once(ContentPart::from_text(text)).chain(images.iter().map(picture)).collect();
            ChatMessage::user(MessageContent::from_parts(parts))
        }
        Entry::Assistant { text, calls } => {
            let mut parts = Vec::new();
            if !text.is_empty() {
                parts.push(ContentPart::from_text(text));
            }
            parts.extend(calls.iter().map(|call| {
                ContentPart::ToolCall(ToolCall {
                    call_id: call.id.clone(),
                    fn_name: call.tool.clone(),
                    fn_arguments: call.arguments.clone(),
                    thought_signatures: (!call.signatures.is_empty()).then(|| call.signatures.clone()),
                })
            }));
            ChatMessage::assistant(MessageContent::from_parts(parts))
        }
        Entry::Output { call, tool, text } => {
            ChatMessage::from(ToolResponse::new(call.clone(), text.clone()).with_fn_name(tool.clone()))
        }
        Entry::Summary { text } => ChatMessage::user(format!("What was said and done before, in short:\n{text}")),
    }
}

fn ended(end: StreamEnd, model: &str) -> Ended {
    let tokens = |count: Option<i32>| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    let used = end.captured_usage.as_ref();
    let usage = Usage {
        model: Some(model.to_owned()),
        input_tokens: tokens(used.and_then(|used| used.prompt_tokens)),
        output_tokens: tokens(used.and_then(|used| used.completion_tokens)),
    };
    let cut = match &end.captured_stop_reason {
        Some(StopReason::MaxTokens(_)) => Some("the model reached its limit of tokens".to_owned()),
        Some(StopReason::ContentFilter(_)) => Some("the model server's filter stopped the answer".to_owned()),
        _ => None,
    };
    let calls = end.captured_into_tool_calls().unwrap_or_default();
    let call = |call: ToolCall| Call {
        id: call.call_id,
        tool: call.fn_name,
        arguments: call.fn_arguments,
        signatures: call.thought_signatures.unwrap_or_default(),
    };
    Ended { calls: calls.into_iter().map(call).collect(), usage, cut }
}

/// Says what went wrong. Some servers repeat the key that they refuse, so it is taken out.
fn trouble(error: &genai::Error, key: Option<&str>) -> Trouble {
    // What the server answered stands inside of the error that says that the stream failed.
    let error = match error {
        genai::Error::WebStream { error: inner, .. } => inner.downcast_ref().unwrap_or(error),
        error => error,
    };
    let remedy = match error.status().map(|status| status.as_u16()) {
        Some(408 | 409 | 425 | 429 | 500..) => Remedy::TryAgain(retry_after(error)),
        Some(404) => Remedy::AnotherModel,
        Some(_) => Remedy::Nothing,
        None => match error {
            genai::Error::ChatResponse { .. }
            | genai::Error::StreamParse { .. }
            | genai::Error::WebStream { .. }
            | genai::Error::WebModelCall { .. }
            | genai::Error::WebAdapterCall { .. }
            | genai::Error::InvalidJsonResponseElement { .. }
            | genai::Error::NoChatResponse { .. } => Remedy::TryAgain(None),
            _ => Remedy::Nothing,
        },
    };
    let words = match key.filter(|key| !key.is_empty()) {
        Some(key) => error.to_string().replace(key, "…"),
        None => error.to_string(),
    };
    let words = words[..words.floor_char_boundary(WORDS_BYTES_MAX)].trim().to_owned();
    Trouble { words, remedy }
}

fn retry_after(error: &genai::Error) -> Option<Duration> {
    let seconds = error.headers()?.get("retry-after")?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}
