//! What the built-in agent needs to be told: where its model is, and how far it may go.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tenure_llm::{ModelServer, Provider};
use tenure_model::time::Span;

/// The settings of one built-in agent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    pub name: String,
    pub provider: Provider,
    /// Where the model server is; the provider's own address when absent.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The models to try, one after the other; a prompt's own models come first.
    pub models: Vec<String>,
    /// The environment variable of the runner that holds the key; the key itself is never written anywhere.
    #[serde(default)]
    pub key_env: Option<String>,
    /// A file that holds the key; read for every answer, so that it can be changed.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Added to what the agent is told about itself.
    #[serde(default)]
    pub instructions: Option<String>,
    /// How many tokens the model has room for.
    #[serde(default = "context_tokens")]
    pub context_tokens: u32,
    /// At which share of that room the conversation is shortened.
    #[serde(default = "compact_percent")]
    pub compact_percent: u8,
    /// The most answers of the model in one turn.
    #[serde(default = "rounds_max")]
    pub rounds_max: u32,
    /// The most bytes of a tool's output that the model is shown.
    #[serde(default = "output_bytes_max")]
    pub output_bytes_max: usize,
    /// How long a command of the model may run.
    #[serde(default = "command_time_max_ms")]
    pub command_time_max_ms: Span,
    /// How long a model server may be silent before it counts as hanging.
    #[serde(default = "silence_max_ms")]
    pub silence_max_ms: Span,
}

impl ModelConfig {
    /// Returns the usual settings for models of a server.
    pub fn new(name: impl Into<String>, provider: Provider, models: Vec<String>) -> Self {
        Self {
            name: name.into(),
            provider,
            base_url: None,
            models,
            key_env: None,
            key_file: None,
            instructions: None,
            context_tokens: context_tokens(),
            compact_percent: compact_percent(),
            rounds_max: rounds_max(),
            output_bytes_max: output_bytes_max(),
            command_time_max_ms: command_time_max_ms(),
            silence_max_ms: silence_max_ms(),
        }
    }

    /// Returns how large a conversation may grow before it is shortened.
    pub fn compact_at(&self) -> usize {
        let at = u64::from(self.context_tokens) * u64::from(self.compact_percent.min(100)) / 100;
        usize::try_from(at).unwrap_or(usize::MAX)
    }

    /// Returns where the model is.
    pub fn server(&self) -> ModelServer {
        ModelServer {
            provider: self.provider,
            base_url: self.base_url.clone(),
            key_env: self.key_env.clone(),
            key_file: self.key_file.clone(),
            silence_max: self.silence_max_ms.duration(),
        }
    }
}

fn context_tokens() -> u32 {
    128_000
}

fn compact_percent() -> u8 {
    70
}

fn rounds_max() -> u32 {
    50
}

fn output_bytes_max() -> usize {
    32 * 1024
}

fn command_time_max_ms() -> Span {
    Span::mins(2)
}

fn silence_max_ms() -> Span {
    Span::mins(2)
}
