//! The configuration of drafting: which model, where, with which key, and how much of it.

use serde::{Deserialize, Serialize};
use tenure_llm::{ModelServer, Provider};
use tenure_model::Span;

/// The model that drafts workflows (`tenure workflow draft`). Without `model`, drafting is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DraftOptions {
    /// The model, as its server names it.
    pub model: Option<String>,
    /// Whose protocol the model server speaks: `openai` (chat completions, which most servers offer), `anthropic`, `gemini`,
    /// `ollama`, `groq`, `mistral`, …
    #[schema(value_type = String)]
    pub provider: Provider,
    /// Where the model server is, such as `http://127.0.0.1:8080/v1`; the provider's own address when absent.
    pub base_url: Option<String>,
    /// The environment variable of the server that holds the key; the key itself is never written anywhere.
    pub key_env: Option<String>,
    /// A file that holds the key; read for every question, so that it can be changed.
    pub key_file: Option<String>,
    /// Drafts of one user and their agents at once.
    pub at_once_max: usize,
    /// The longest description of what is wanted, in bytes.
    pub prompt_bytes_max: usize,
    /// The largest draft to go on from, in bytes.
    pub base_bytes_max: usize,
    /// The longest reply that the model is asked for, in tokens.
    pub reply_tokens_max: u32,
    /// The longest reply that is listened to, thoughts included, in bytes.
    pub reply_bytes_max: usize,
    /// How long the model server may be silent, in milliseconds.
    pub silence_max_ms: Span,
    /// How long one draft may take, all its repairs included, in milliseconds.
    pub time_max_ms: Span,
}

impl Default for DraftOptions {
    fn default() -> Self {
        Self {
            model: None,
            provider: Provider::OPENAI,
            base_url: None,
            key_env: None,
            key_file: None,
            at_once_max: 2,
            prompt_bytes_max: 32 * 1024,
            base_bytes_max: 32 * 1024,
            reply_tokens_max: 16_384,
            reply_bytes_max: 256 * 1024,
            silence_max_ms: Span::mins(1),
            time_max_ms: Span::mins(5),
        }
    }
}

impl DraftOptions {
    /// Checks what no single option can say; a mistake begins with the option.
    pub fn check(&self) -> Result<(), String> {
        let about_a_model = [
            ("base_url", self.base_url.is_some()),
            ("key_env", self.key_env.is_some()),
            ("key_file", self.key_file.is_some()),
        ];
        if let Some((option, _)) = about_a_model.iter().find(|(_, set)| *set && self.model.is_none()) {
            return Err(format!("{option} is set, but model is not, so nothing would be drafted; set it too"));
        }
        if self.key_env.is_some() && self.key_file.is_some() {
            return Err("key_env and key_file are both set; keep one of them".to_owned());
        }
        if let Some(address) = &self.base_url
            && !["http://", "https://"].iter().any(|scheme| address.starts_with(scheme))
        {
            return Err(format!("base_url is \"{address}\"; write it as https://host/v1 or http://host:port/v1"));
        }
        let least = [
            ("at_once_max", self.at_once_max),
            ("prompt_bytes_max", self.prompt_bytes_max),
            ("base_bytes_max", self.base_bytes_max),
            ("reply_tokens_max", self.reply_tokens_max as usize),
            ("reply_bytes_max", self.reply_bytes_max),
            ("silence_max_ms", self.silence_max_ms.0 as usize),
            ("time_max_ms", self.time_max_ms.0 as usize),
        ];
        match least.iter().find(|(_, value)| *value == 0) {
            Some((option, _)) => Err(format!("{option} is 0; set it to 1 or more")),
            None => Ok(()),
        }
    }

    /// Returns where the model is.
    pub(super) fn server(&self) -> ModelServer {
        ModelServer {
            provider: self.provider,
            base_url: self.base_url.clone(),
            key_env: self.key_env.clone(),
            key_file: self.key_file.clone().map(Into::into),
            silence_max: self.silence_max_ms.duration(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_work_is_told_by_its_option() {
        let usual = DraftOptions { model: Some("m".into()), ..DraftOptions::default() };
        assert_eq!((usual.check(), DraftOptions::default().check()), (Ok(()), Ok(())));
        let key = || Some("KEY".to_owned());
        for (wrong, option) in [
            (DraftOptions { key_env: key(), ..DraftOptions::default() }, "key_env"),
            (DraftOptions { key_env: key(), key_file: key(), ..usual.clone() }, "key_env and key_file"),
            (DraftOptions { base_url: Some("host:1".into()), ..usual.clone() }, "base_url"),
            (DraftOptions { at_once_max: 0, ..usual.clone() }, "at_once_max is 0"),
            (DraftOptions { time_max_ms: Span::ZERO, ..usual }, "time_max_ms is 0"),
        ] {
            let why = wrong.check().expect_err(option);
            assert!(why.starts_with(option), "{why}");
        }
    }
}
