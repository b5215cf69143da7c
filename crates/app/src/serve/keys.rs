//! The keys of a server: where they are read from.

use std::fs;
use std::path::Path;

use anyhow::Context;
use tenure_server::{Keys, SecretKeys, SigningKey};

use crate::config::Config;
use crate::failure::{Failure, Outcome};

/// The file of the data folder that holds the key of agents' passes.
const SIGNING_KEY: &str = "signing.key";
/// Holds the keys under which credentials of connectors are kept, for those who hand secrets over in the environment.
const SECRET_KEYS: &str = "TENURE_SECRET_KEYS";

/// Reads every key; the one that signs is made when there is none.
pub fn all(config: &Config) -> Outcome<Keys> {
    let signing = signing(config)?;
    let (text, place) = match (std::env::var(SECRET_KEYS), &config.server.secret_key_file) {
        (Ok(text), _) => (text, SECRET_KEYS.to_owned()),
        (Err(_), None) => return Ok(Keys::from(signing)),
        (Err(_), Some(path)) => {
            let text = fs::read_to_string(path);
            (
                text.map_err(|error| {
                    Failure::Usage(format!("server.secret_key_file: {path} cannot be read: {error}"))
                })?,
                path.clone(),
            )
        }
    };
    let secrets = SecretKeys::read(&text, &signing)
        .map_err(|why| Failure::Usage(format!("the keys in {place} cannot be used: {why}")))?;
    Ok(Keys { signing, secrets })
}

/// Reads the key that signs.
pub fn signing(config: &Config) -> Outcome<SigningKey> {
    let path = Path::new(&config.data).join(SIGNING_KEY);
    Ok(SigningKey::open(&path).with_context(|| format!("failed to open the key in {}", path.display()))?)
}
