//! One model server, and what it is reached with.

use std::path::PathBuf;
use std::time::Duration;

use crate::provider::Provider;

/// Where a model server is, and where its key is found. The key itself is read for every question and kept nowhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelServer {
    pub provider: Provider,
    /// The provider's own address when absent.
    pub base_url: Option<String>,
    /// The environment variable that holds the key.
    pub key_env: Option<String>,
    /// A file that holds the key, unless a variable does.
    pub key_file: Option<PathBuf>,
    /// How long the server may be silent before it counts as hanging.
    pub silence_max: Duration,
}

impl ModelServer {
    /// Reads the key, when there is one.
    pub fn key(&self) -> Result<Option<String>, String> {
        if let Some(name) = &self.key_env {
            let read = std::env::var(name).map_err(|_| format!("the variable {name} holds no key"))?;
            return Ok(Some(read.trim().to_owned()));
        }
        let Some(file) = &self.key_file else { return Ok(None) };
        let read = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Some(read.trim().to_owned()))
    }
}
