//! Sealing: a secret that must come out again is kept as bytes that only whoever has the key can open, for one purpose and one place.

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;

const SALT_BYTES: usize = 16;

/// What a key is used for; each use has names of its own, so that nothing sealed for one is opened for another.
pub struct Purpose {
    pub salt: &'static [u8],
    pub seal: &'static [u8],
}

/// Seals a secret for one place only.
///
/// The same secret is sealed alike each time, so that a request that is sent again is the same request. Each other one gets a
/// key of its own, which is why the nonce may stay the same.
pub fn seal(key: &[u8], purpose: &Purpose, place: &[u8], secret: &str) -> Vec<u8> {
    let salt = derived(key, purpose.salt, &[place, secret.as_bytes()]);
    let salt = &salt[..SALT_BYTES];
    let mut sealed = secret.as_bytes().to_vec();
    one_time(key, purpose, salt)
        .seal_in_place_append_tag(nonce(), Aad::from(place), &mut sealed)
        .expect("a secret is far smaller than what can be sealed");
    [salt, &sealed].concat()
}

/// Opens what was sealed with this key, for this purpose and place.
pub fn open(key: &[u8], purpose: &Purpose, place: &[u8], mut sealed: Vec<u8>) -> Option<String> {
    let (salt, sealed) = sealed.split_at_mut_checked(SALT_BYTES)?;
    let opened = one_time(key, purpose, salt).open_in_place(nonce(), Aad::from(place), sealed).ok()?;
    String::from_utf8(opened.to_vec()).ok()
}

/// Makes a key, or a name, of a key.
pub fn derived(key: &[u8], purpose: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(purpose);
    pieces.iter().for_each(|piece| mac.update(piece));
    mac.finalize().into_bytes().into()
}

fn one_time(key: &[u8], purpose: &Purpose, salt: &[u8]) -> LessSafeKey {
    let key = derived(key, purpose.seal, &[salt]);
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).expect("the key has 32 bytes"))
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}
