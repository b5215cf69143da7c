//! One connection to a connector: greeted, its tools listed, good for calls until it ends.

use std::sync::Arc;

use rmcp::model::{CallToolRequestParams, CallToolResult, RequestMetaObject, RequestParamsMeta};
use serde_json::{Map, Value};
use tenure_model::Span;
use tokio::time::timeout;

use super::dial::Dial;
use super::failure::{Failure, Kind};
use super::listed::{self, Listed};
use super::peer::Peer;
use super::veil::Veil;

/// Where a call says under which key it is made: a server that knows the key can tell a repeat.
const KEY: &str = "tenure/idempotency-key";

/// A connection.
pub struct Link {
    peer: Peer,
    veil: Veil,
    call_within: Span,
    /// What the connector calls itself, with its version.
    pub server: String,
    pub tools: Arc<Vec<Listed>>,
}

impl Link {
    /// Connects, and asks for the tools.
    pub async fn open(dial: Dial<'_>) -> Result<Self, Failure> {
        let late = |_| Failure::new(Kind::Unreachable, "has not greeted in time");
        timeout(dial.bounds.greet_within.duration(), Self::greeted(dial)).await.map_err(late)?
    }

    async fn greeted(dial: Dial<'_>) -> Result<Self, Failure> {
        let Dial { name, settings, bounds, .. } = dial;
        let veil = Veil::over(dial.credentials.iter().map(|(_, value)| value.as_str()));
        let (peer, greeting) = Peer::greet(dial, &veil).await?;
        let tools = listed::read(name, greeting.tools, settings, bounds.tools_max, &veil);
        let tools = tools.map_err(|why| Failure::new(Kind::Invalid, why))?;
        let server = veil.said(&greeting.server);
        Ok(Self { peer, veil, call_within: bounds.call_within, server, tools: Arc::new(tools) })
    }

    pub fn is_over(&self) -> bool {
        self.peer.is_over()
    }

    /// Calls a tool, once.
    pub async fn call(&self, tool: &str, arguments: Map<String, Value>, key: Option<&str>) -> Result<Said, Failure> {
        let mut request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        if let Some(key) = key {
            let mut meta = RequestMetaObject::new();
            meta.0.insert(KEY.to_owned(), key.into());
            request.set_meta(meta);
        }
        let called = timeout(self.call_within.duration(), self.peer.call(request, &self.veil)).await;
        let late = |_| Failure::new(Kind::Unanswered, format!("has not answered within {}", self.call_within));
        self.said(called.map_err(late)??)
    }

    fn said(&self, result: CallToolResult) -> Result<Said, Failure> {
        let texts = result.content.iter().map(|block| match block.as_text() {
            Some(text) => self.veil.text(&text.text),
            None => "(something that is no text; it stands in the data)".to_owned(),
        });
        let text = texts.collect::<Vec<_>>().join("\n");
        if result.is_error == Some(true) {
            return Err(Failure::new(Kind::Failed, format!("says: {}", self.veil.said(&text))));
        }
        let all_text = result.content.iter().all(|block| block.as_text().is_some());
        let content = match all_text {
            true => None,
            false => Some(serde_json::to_value(&result.content).map(|content| self.veil.value(content))),
        };
        let content = content.transpose().map_err(|error| Failure::new(Kind::Invalid, error.to_string()))?;
        Ok(Said { text, data: result.structured_content.map(|data| self.veil.value(data)), content })
    }
}

/// What a tool has answered.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub text: String,
    pub data: Option<Value>,
    /// Everything in it, when there is more than text.
    pub content: Option<Value>,
}

impl Said {
    /// Returns all of it as the output of a step.
    pub fn output(self) -> Value {
        let mut output = Map::from_iter([("text".to_owned(), Value::String(self.text))]);
        output.extend(self.data.map(|data| ("data".to_owned(), data)));
        output.extend(self.content.map(|content| ("content".to_owned(), content)));
        Value::Object(output)
    }
}
