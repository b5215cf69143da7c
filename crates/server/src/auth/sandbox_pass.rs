//! The pass of a sandbox's runner: which session, which start of its sandbox. It is signed, so no row is kept of it; it is
//! good for as long as the session wants that start.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tenure_model::id::SessionId;
use uuid::Uuid;

use super::secret::hex;
use super::signing_key::SigningKey;

/// Tells people, and programs that search for leaked secrets, what it is.
pub const PREFIX: &str = "tenure_sandbox_";
/// Keeps its signatures apart from those of anything else that the key may come to sign.
const PURPOSE: &[u8] = b"tenure sandbox pass 1\0";
/// Hexadecimal digits of the session, of the generation and of the signature.
const SESSION: usize = 32;
const GENERATION: usize = 8;
const SIGNATURE: usize = 64;

/// What a pass says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxPass {
    pub session: SessionId,
    pub generation: u32,
}

impl SandboxPass {
    /// Writes the pass down, signed.
    pub fn written(self, key: &SigningKey) -> String {
        let said = self.said();
        let signature = mac(key, &said).finalize().into_bytes();
        format!("{PREFIX}{said}{}", hex(&signature))
    }

    /// Reads a pass that this key has signed; none when it is anything else. Whether it still holds is for the session to say.
    pub fn read(key: &SigningKey, token: &str) -> Option<Self> {
        let digits = token.strip_prefix(PREFIX)?;
        let plain = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !plain || digits.len() != SESSION + GENERATION + SIGNATURE {
            return None;
        }
        let (said, signature) = digits.split_at(SESSION + GENERATION);
        let pairs = (0..SIGNATURE).step_by(2).map(|at| u8::from_str_radix(&signature[at..at + 2], 16));
        let signature: Vec<u8> = pairs.collect::<Result<_, _>>().ok()?;
        // Compares in constant time.
        mac(key, said).verify_slice(&signature).ok()?;
        let session = SessionId(Uuid::try_parse(&said[..SESSION]).ok()?);
        Some(Self { session, generation: u32::from_str_radix(&said[SESSION..], 16).ok()? })
    }

    fn said(self) -> String {
        format!("{}{:08x}", self.session.0.simple(), self.generation)
    }
}

fn mac(key: &SigningKey, said: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
    mac.update(PURPOSE);
    mac.update(said.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASS: SandboxPass = SandboxPass { session: SessionId(Uuid::from_u128(7)), generation: 3 };

    fn key(byte: u8) -> SigningKey {
        SigningKey::from([byte; 32])
    }

    #[test]
    fn a_pass_is_read_as_it_was_written_and_by_its_own_key_only() {
        let token = PASS.written(&key(1));
        assert_eq!(SandboxPass::read(&key(1), &token), Some(PASS));
        assert_eq!(SandboxPass::read(&key(2), &token), None);
    }

    #[test]
    fn whoever_changes_any_digit_holds_no_pass() {
        let token = PASS.written(&key(1));
        for at in PREFIX.len()..token.len() {
            let other = if token.as_bytes()[at] == b'0' { "1" } else { "0" };
            let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
            assert_eq!(SandboxPass::read(&key(1), &changed), None, "digit {at}");
        }
    }

    #[test]
    fn what_is_no_pass_is_not_read() {
        let token = PASS.written(&key(1));
        let longer = format!("{token}0");
        let umlaut = format!("{}ä", &token[..token.len() - 2]);
        for wrong in ["", PREFIX, &token[1..], &longer, &umlaut, &token[..token.len() - 1], &token.to_uppercase()] {
            assert_eq!(SandboxPass::read(&key(1), wrong), None, "{wrong}");
        }
    }
}
