//! Secrets: how they are drawn, and what is kept of them.

use sha2::{Digest, Sha256};
use tenure_model::Timestamp;
use uuid::Uuid;

/// Draws a new secret with a prefix that tells people, and programs that search for leaked secrets, what it is.
pub fn fresh(prefix: &str) -> String {
    format!("{prefix}_{}", hex(&random::<32>()))
}

/// Returns what is kept of a secret: its SHA-256 in lower-case hexadecimal.
///
/// Secrets have 128 random bits or more, so that a plain hash cannot be searched, and looking it up tells nothing by its time.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Draws a UUIDv7.
pub fn fresh_id(now: Timestamp) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now.0, &random::<10>()).into_uuid()
}

pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_and_its_hash_is_the_known_one() {
        assert_eq!(fresh("tenure").len(), "tenure_".len() + 64);
        assert_ne!(fresh("tenure"), fresh("tenure"));
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
