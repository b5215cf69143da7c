//! The secrets with which senders sign: made by the server when they are needed, or given by the sender and kept sealed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::form::Scheme;

/// Where a secret comes from. A journal never holds one in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// Made of the server's own key each time: nothing is kept of it.
    Made { generation: u32 },
    /// Given by whoever signs, as Slack and Stripe do; sealed by the server.
    Given { sealed: String },
}

impl Secret {
    /// Returns the secret in clear; `open` opens what the server has sealed, and `of` is the trigger or, for GitHub, the owner.
    pub fn clear(&self, key: &[u8], of: Uuid, scheme: Scheme, open: impl Fn(&str) -> Option<String>) -> Option<String> {
        match self {
            Secret::Made { generation } => Some(made(key, of, *generation, scheme)),
            Secret::Given { sealed } => open(sealed),
        }
    }
}

/// Makes a secret in the form that a scheme wants.
fn made(key: &[u8], of: Uuid, generation: u32, scheme: Scheme) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(b"webhook-secret\0");
    mac.update(of.as_bytes());
    mac.update(&generation.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    match scheme {
        Scheme::StandardWebhooks => format!("{}{}", super::verify::STANDARD_PREFIX, STANDARD.encode(bytes)),
        _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
