//! The address of a webhook: it says whose trigger is meant, and only the server can make one.
//!
//! Routing needs no index, and an address that was guessed is refused before anybody is asked. Rotating counts the generation up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tenure_model::id::{TriggerId, UserId};
use uuid::Uuid;

/// Bytes of the proof at the end of an address.
const PROOF: usize = 16;
/// Whose it is, which trigger, which generation.
const SAID: usize = 16 + 16 + 4;

/// What an address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// Whose scheduler is meant.
    pub owner: UserId,
    /// None for the one address to which GitHub posts everything of an owner.
    pub trigger: Option<TriggerId>,
    pub generation: u32,
}

impl Address {
    /// Writes the address; `key` is the server's own.
    pub fn write(&self, key: &[u8]) -> String {
        let mut bytes = self.said().to_vec();
        bytes.extend_from_slice(&proof(key, &bytes));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads an address that this server has written.
    pub fn read(text: &str, key: &[u8]) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == SAID + PROOF)?;
        let (said, given) = bytes.split_at(SAID);
        if !bool::from(proof(key, said).ct_eq(given)) {
            return None;
        }
        let id = |at: usize| Uuid::from_slice(&said[at..at + 16]).ok();
        let trigger = TriggerId(id(16)?);
        let generation = u32::from_be_bytes(said[32..].try_into().ok()?);
        Some(Self { owner: UserId(id(0)?), trigger: (!trigger.0.is_nil()).then_some(trigger), generation })
    }

    fn said(&self) -> [u8; SAID] {
        let mut said = [0; SAID];
        said[..16].copy_from_slice(self.owner.0.as_bytes());
        said[16..32].copy_from_slice(self.trigger.unwrap_or_default().0.as_bytes());
        said[32..].copy_from_slice(&self.generation.to_be_bytes());
        said
    }
}

fn proof(key: &[u8], said: &[u8]) -> [u8; PROOF] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(b"webhook-address\0");
    mac.update(said);
    let whole = mac.finalize().into_bytes();
    std::array::from_fn(|place| whole[place])
}
