//! Secrets of the runner's configuration: handed by name to the works that they are for, and masked in everything that is
//! told, whoever says it.

mod forms;
mod masker;
mod settings;
mod stream;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use masker::Masker;
pub use settings::{SECRET_BYTES_MIN, SecretConfig};
pub use stream::MaskedStream;

/// Who asks for secrets: one work.
pub struct Recipient<'a> {
    pub agent: Option<&'a str>,
    /// The path of the step that the work is for.
    pub step: Option<&'a str>,
    /// The labels of this runner.
    pub labels: &'a [String],
}

/// All secrets of one runner.
#[derive(Default)]
pub struct Secrets {
    secrets: Vec<Secret>,
    masker: Arc<Masker>,
}

struct Secret {
    name: String,
    value: String,
    recipients: Vec<String>,
}

impl Secrets {
    /// Reads the secrets; the reason why one cannot be used never holds its value.
    pub fn load(configs: &[SecretConfig]) -> Result<Self, String> {
        settings::check(configs)?;
        let read = |config: &SecretConfig| {
            let value = config.value().map_err(|why| format!("the secret {} {why}", config.name))?;
            Ok(Secret { name: config.name.clone(), value, recipients: config.recipients.clone() })
        };
        let secrets = configs.iter().map(read).collect::<Result<Vec<_>, String>>()?;
        let masker = Masker::new(secrets.iter().map(|secret| (secret.name.as_str(), secret.value.as_str())));
        Ok(Self { secrets, masker: Arc::new(masker) })
    }

    /// Returns the secrets that the recipient gets, by name.
    pub fn granted(&self, recipient: &Recipient) -> Vec<(String, String)> {
        let granted = self.secrets.iter().filter(|secret| secret.recipients.iter().any(|word| recipient.is(word)));
        granted.map(|secret| (secret.name.clone(), secret.value.clone())).collect()
    }

    /// Returns nothing to hand out, and what masks all of these and some more.
    pub fn beside(&self, more: &BTreeMap<String, String>) -> Self {
        let own = self.secrets.iter().map(|secret| (secret.name.as_str(), secret.value.as_str()));
        let more = more.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Self { secrets: Vec::new(), masker: Arc::new(Masker::new(own.chain(more))) }
    }

    /// Returns what masks all of them.
    pub fn masker(&self) -> &Arc<Masker> {
        &self.masker
    }
}

impl Recipient<'_> {
    /// Says whether a word of `for` means this recipient. A step is meant by its path, or by the id at its end.
    fn is(&self, word: &str) -> bool {
        match word.split_once(':') {
            Some(("agent", name)) => self.agent == Some(name),
            Some(("label", label)) => self.labels.iter().any(|own| own == label),
            Some(("step", wanted)) => {
                self.step.is_some_and(|path| path == wanted || path.rsplit('/').next() == Some(wanted))
            }
            _ => word == "all",
        }
    }
}
