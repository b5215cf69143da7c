//! What webhooks are known by: their addresses and the secrets of their senders, made of the signing key or sealed by it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tenure_workflow::trigger::webhook::{Address, Scheme, Secret};
use uuid::Uuid;

use super::seal::{self, Purpose};
use super::signing_key::SigningKey;

/// Keeps its uses apart from those of anything else that the key may come to sign.
const PURPOSE: Purpose = Purpose { salt: b"tenure webhook secret salt 1\0", seal: b"tenure webhook secret seal 1\0" };

impl SigningKey {
    /// Writes the address of a webhook.
    pub fn hook_address(&self, address: &Address) -> String {
        address.write(self.bytes())
    }

    /// Reads an address that this server has written.
    pub fn read_hook_address(&self, text: &str) -> Option<Address> {
        Address::read(text, self.bytes())
    }

    /// Returns a sender's secret in clear; `of` is the trigger or, for GitHub's own inlet, the owner.
    pub fn hook_secret(&self, secret: &Secret, of: Uuid, scheme: Scheme) -> Option<String> {
        secret.clear(self.bytes(), of, scheme, |sealed| self.open_secret(of, sealed))
    }

    /// Seals a secret that a sender has chosen, for one trigger or owner only.
    pub fn seal_secret(&self, of: Uuid, secret: &str) -> String {
        URL_SAFE_NO_PAD.encode(seal::seal(self.bytes(), &PURPOSE, of.as_bytes(), secret))
    }

    /// Opens what was sealed for this trigger or owner.
    fn open_secret(&self, of: Uuid, sealed: &str) -> Option<String> {
        seal::open(self.bytes(), &PURPOSE, of.as_bytes(), URL_SAFE_NO_PAD.decode(sealed).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn opened(key: &SigningKey, of: Uuid, sealed: &str) -> Option<String> {
        key.hook_secret(&Secret::Given { sealed: sealed.to_owned() }, of, Scheme::Hmac)
    }

    #[test]
    fn a_secret_comes_out_as_it_went_in_and_shows_nothing_of_itself() {
        let key = SigningKey::from([7; 32]);
        for secret in ["s", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "pässwörd ☂", &"x".repeat(500)] {
            let sealed = key.seal_secret(ONE, secret);
            assert_eq!(opened(&key, ONE, &sealed).as_deref(), Some(secret));
            assert!(secret.len() < 5 || !sealed.contains(secret));
            assert_eq!(key.seal_secret(ONE, secret), sealed, "a repeat is the same request");
        }
        assert_ne!(key.seal_secret(ONE, "a"), key.seal_secret(OTHER, "a"), "equal secrets do not show");
    }

    #[test]
    fn what_was_sealed_before_stays_readable() {
        let sealed = "ili3k1VQyYLOUTczh9r_VXv_PhrE1DkXGpxVpQwWMPcaScve3aja1oNGKfk";
        assert_eq!(opened(&SigningKey::from([7; 32]), ONE, sealed).as_deref(), Some("whsec_golden"));
    }

    #[test]
    fn what_was_not_sealed_for_it_by_this_key_is_not_opened() {
        let key = SigningKey::from([7; 32]);
        let sealed = key.seal_secret(ONE, "secret");
        assert_eq!(opened(&key, OTHER, &sealed), None, "another trigger");
        assert_eq!(opened(&SigningKey::from([8; 32]), ONE, &sealed), None, "another server");
        let mut bytes = URL_SAFE_NO_PAD.decode(&sealed).expect("it is base64");
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert_eq!(opened(&key, ONE, &URL_SAFE_NO_PAD.encode(&bytes)), None, "byte {at}");
            bytes[at] ^= 1;
        }
        for wrong in ["", "AAAA", "no base64!", &sealed[..sealed.len() - 4]] {
            assert_eq!(opened(&key, ONE, wrong), None, "{wrong}");
        }
    }
}
