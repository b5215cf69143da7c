//! The pass of an agent at work: which session, which work, until when. It is signed, so no row is kept of it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tenure_model::Timestamp;
use tenure_model::id::{SessionId, WorkId};
use uuid::Uuid;

use super::secret::hex;
use super::signing_key::SigningKey;

/// Tells people, and programs that search for leaked secrets, what it is.
pub const PREFIX: &str = "tenure_agent_";
/// Keeps its signatures apart from those of anything else that the key may come to sign.
const PURPOSE: &[u8] = b"tenure agent pass 1\0";
/// Two ids, the generation, two moments.
const BYTES: usize = 2 * 16 + 4 + 2 * 8;
const SIGNATURE_BYTES: usize = 32;

/// What a pass says. For whom the agent works stands in its session, whose owner never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPass {
    pub session: SessionId,
    pub work: WorkId,
    /// Rises when the work is given to somebody anew: the pass of the one before is good no more.
    pub generation: u32,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

impl AgentPass {
    /// Writes the pass down, signed.
    pub fn written(&self, key: &SigningKey) -> String {
        let said = self.bytes();
        let signature = mac(key, &said).finalize().into_bytes();
        format!("{PREFIX}{}{}", hex(&said), hex(&signature))
    }

    /// Reads a pass that this key has signed; none when it is anything else. Whether it still holds is not looked at.
    pub fn read(key: &SigningKey, token: &str) -> Option<Self> {
        let bytes = unhex(token.strip_prefix(PREFIX)?)?;
        let (said, signature) = bytes.split_at_checked(BYTES)?;
        // Compares in constant time; a signature of another length is none.
        mac(key, said).verify_slice(signature).ok()?;
        let mut fields = Fields(said);
        Some(Self {
            session: SessionId(fields.id()?),
            work: WorkId(fields.id()?),
            generation: u32::from_be_bytes(fields.take()?),
            issued_at: Timestamp(u64::from_be_bytes(fields.take()?)),
            expires_at: Timestamp(u64::from_be_bytes(fields.take()?)),
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES + SIGNATURE_BYTES);
        for id in [self.session.0, self.work.0] {
            bytes.extend(id.as_bytes());
        }
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.issued_at.0.to_be_bytes());
        bytes.extend(self.expires_at.0.to_be_bytes());
        bytes
    }
}

fn mac(key: &SigningKey, said: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
    mac.update(PURPOSE);
    mac.update(said);
    mac
}

/// The rest of what is read.
struct Fields<'b>(&'b [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn id(&mut self) -> Option<Uuid> {
        self.take().map(Uuid::from_bytes)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some((digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from([byte; 32])
    }

    fn pass() -> AgentPass {
        AgentPass {
            session: SessionId(Uuid::from_u128(1)),
            work: WorkId(Uuid::from_u128(3)),
            generation: 4,
            issued_at: Timestamp(5),
            expires_at: Timestamp(6),
        }
    }

    #[test]
    fn a_pass_is_read_as_it_was_written_and_by_its_own_key_only() {
        let token = pass().written(&key(1));
        assert_eq!(AgentPass::read(&key(1), &token), Some(pass()));
        assert_eq!(AgentPass::read(&key(2), &token), None);
    }

    #[test]
    fn whoever_changes_any_digit_holds_no_pass() {
        let token = pass().written(&key(1));
        for at in PREFIX.len()..token.len() {
            let other = if token.as_bytes()[at] == b'0' { "1" } else { "0" };
            let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
            assert_eq!(AgentPass::read(&key(1), &changed), None, "digit {at}");
        }
    }

    #[test]
    fn what_is_no_pass_is_not_read() {
        let token = pass().written(&key(1));
        let (longer, short) = (format!("{token}00"), &token[..token.len() - 2]);
        let (odd, loud) = (&token[..token.len() - 1], token.to_uppercase());
        let (umlaut, foreign) = (format!("{odd}ä"), "tenure_agent_zz");
        for wrong in ["", PREFIX, &token[1..], &longer, short, odd, &loud, &umlaut, foreign] {
            assert_eq!(AgentPass::read(&key(1), wrong), None, "{wrong}");
        }
    }
}
