//! Who asks which server: flags, then the environment, then what `tenure dev` left in the data folder.

use std::path::{Path, PathBuf};

use clap::Args;
use tenure_runner::Address;

use super::api::Api;
use crate::dev::note::DevNote;
use crate::failure::{Failure, Outcome};

/// Where the server is when nothing says otherwise.
pub const ADDRESS: &str = "http://127.0.0.1:7420";
/// Where `tenure dev` and `tenure serve` keep everything when nothing says otherwise.
pub const DATA: &str = "./.tenure";

/// The flags of every command that talks to a server.
#[derive(Args, Clone, Debug, Default)]
pub struct AccountArgs {
    /// The server, as http://host:port or https://host [default: the one that `tenure dev` started here, else http://127.0.0.1:7420]
    #[arg(long, env = "TENURE_SERVER", value_name = "URL")]
    pub server: Option<String>,
    /// The credential; other people on this machine can see flags, so prefer TENURE_TOKEN
    #[arg(long, env = "TENURE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// The data folder of `tenure dev`, whose address and token are used when none are named
    #[arg(long, env = "TENURE_DATA", value_name = "DIR", default_value = DATA)]
    pub data: PathBuf,
}

impl AccountArgs {
    /// Finds the server and the token. The token that `tenure dev` left goes only to the address that it left.
    pub fn api(&self) -> Outcome<Api> {
        let (server, token) = resolve(self.server.as_deref(), self.token.as_deref(), &self.data)?;
        Ok(Api::new(server, token))
    }
}

fn resolve(server: Option<&str>, token: Option<&str>, data: &Path) -> Outcome<(Address, String)> {
    let note = DevNote::read(data)?;
    let noted = note.as_ref().and_then(|note| note.address.parse::<Address>().ok());
    let server = match (server, &noted) {
        (Some(named), _) => read(named)?,
        (None, Some(noted)) => noted.clone(),
        (None, None) => ADDRESS.parse().expect("the default address is one"),
    };
    if let Some(token) = token {
        return Ok((server, token.to_owned()));
    }
    match note {
        Some(note) if noted.as_ref() == Some(&server) => Ok((server, note.token)),
        _ => Err(Failure::Usage(format!(
            "no token for {server}; name one with --token or TENURE_TOKEN, or start `tenure dev` in this folder"
        ))),
    }
}

fn read(address: &str) -> Outcome<Address> {
    address.parse().map_err(|error| Failure::Usage(format!("failed to {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let note = DevNote {
            address: "http://127.0.0.1:9".to_owned(),
            token: "secret".to_owned(),
            runner_token: "other".to_owned(),
        };
        note.write(folder.path()).unwrap();
        folder
    }

    #[test]
    fn what_dev_left_is_found() {
        let folder = noted();
        let (server, token) = resolve(None, None, folder.path()).unwrap();
        assert_eq!((server.to_string().as_str(), token.as_str()), ("http://127.0.0.1:9", "secret"));
    }

    #[test]
    fn the_token_of_dev_goes_nowhere_else() {
        let folder = noted();
        assert!(matches!(resolve(Some("http://elsewhere:9"), None, folder.path()), Err(Failure::Usage(_))));
        assert_eq!(resolve(Some("http://127.0.0.1:9"), None, folder.path()).unwrap().1, "secret");
    }

    #[test]
    fn a_named_token_wins() {
        let folder = noted();
        assert_eq!(resolve(None, Some("mine"), folder.path()).unwrap().1, "mine");
    }
}
