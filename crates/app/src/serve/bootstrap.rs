//! The first credentials of a server: made here, because nobody could ask for them yet.

use std::sync::Arc;

use tenure_account::realm::{Command, NewToken, RunnerScope, TokenRole};
use tenure_account::realm_id;
use tenure_runtime::Runtime;
use tenure_server::{fresh_secret, hash_secret};

use crate::failure::{Failure, Outcome};

/// The name of the first administrator.
const ADMIN: &str = "admin";
/// The pool of the runners next to `tenure dev`.
const POOL: &str = "dev";

/// A secret, and what it is good for.
pub struct Credential {
    pub secret: String,
    name: String,
    role: TokenRole,
}

impl Credential {
    /// Draws a credential of an administrator.
    pub fn admin(name: &str) -> Self {
        Self { secret: fresh_secret("tenure"), name: name.to_owned(), role: TokenRole::Admin }
    }

    /// Draws a credential for runners.
    pub fn runner(name: &str) -> Self {
        let role = TokenRole::Runner(RunnerScope::Pool(POOL.to_owned()));
        Self { secret: fresh_secret("tenure_runner"), name: name.to_owned(), role }
    }
}

/// Makes the first administrator with a token when the server has no users yet; returns that token.
pub async fn first_credential(runtime: &Arc<Runtime>) -> Outcome<Option<Credential>> {
    if !runtime.realm_view().users.is_empty() {
        return Ok(None);
    }
    let credential = Credential::admin("first");
    add_credentials(runtime, &[&credential]).await?;
    Ok(Some(credential))
}

/// Gives credentials to the first administrator, who is made when missing. Whoever can open the store may do that.
pub async fn add_credentials(runtime: &Arc<Runtime>, credentials: &[&Credential]) -> Outcome {
    let token = |credential: &&Credential| NewToken {
        name: credential.name.clone(),
        role: credential.role.clone(),
        hash: hash_secret(&credential.secret),
        expires_at: None,
    };
    let tokens = credentials.iter().map(token).collect();
    let command = Command::Bootstrap { admin: ADMIN.to_owned(), tokens };
    let answer = runtime.realm.ask(realm_id(), command).await;
    answer.map_err(|error| Failure::Error(anyhow::anyhow!("failed to make the first credentials: {error}")))?;
    Ok(())
}

/// Tells whether a secret still opens something.
pub fn is_good(runtime: &Runtime, secret: &str) -> bool {
    runtime.realm_view().token_by_hash(&hash_secret(secret), runtime.clock.now()).is_some()
}
