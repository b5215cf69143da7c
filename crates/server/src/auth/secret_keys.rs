//! The keys under which the server keeps what connectors sign in with: the first one seals, all of them open.
//!
//! A sealed text names its key: `v1.<id of the key>.<sealed bytes>`. The key that signs passes always comes last, so that a server without keys of
//! its own has one, and what was sealed before it got some can still be opened.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::seal::{self, Purpose, derived};
use super::secret::hex;
use super::signing_key::SigningKey;

const PURPOSE: Purpose =
    Purpose { salt: b"tenure connector header salt 1\0", seal: b"tenure connector header seal 1\0" };
const ID_PURPOSE: &[u8] = b"tenure secret key id 1\0";
const ID_BYTES: usize = 4;
const VERSION: &str = "v1";
/// Shorter ones could be searched.
const KEY_CHARS_MIN: usize = 32;
const KEYS_MAX: usize = 16;

/// The keys. What debugs them shows nothing of them: there is no such implementation.
#[derive(Clone)]
pub struct SecretKeys(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: String,
    bytes: Vec<u8>,
}

/// Where a secret belongs: one credential of a connector of an owner. It is opened nowhere else.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub owner: Uuid,
    pub connector: &'a str,
    pub credential: Credential<'a>,
}

/// What a connector signs in with, by name.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    Header(&'a str),
    /// A variable of its command.
    Variable(&'a str),
}

/// What came out of a sealed text.
#[derive(PartialEq, Eq, Debug)]
pub enum Opened {
    Secret {
        secret: String,
        /// Whether it was sealed with another key than the first.
        stale: bool,
    },
    /// The server has no key of this id.
    KeyUnknown(String),
    /// It was sealed for something else, or is damaged.
    Unreadable,
}

impl SecretKeys {
    /// Reads keys, one on each line, the one that seals first.
    pub fn read(text: &str, signing: &SigningKey) -> Result<Self, String> {
        let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if let Some(at) = lines.iter().position(|line| line.chars().count() < KEY_CHARS_MIN) {
            let number = at + 1;
            return Err(format!(
                "key {number} has less than {KEY_CHARS_MIN} characters; `openssl rand -base64 32` makes a good one"
            ));
        }
        if lines.len() > KEYS_MAX {
            return Err(format!("there are {} keys, at most {KEYS_MAX} are taken", lines.len()));
        }
        let own = Key::of(signing.bytes());
        Ok(Self(lines.into_iter().map(|line| Key::of(line.as_bytes())).chain([own]).collect()))
    }

    /// Returns the id of the key that seals.
    pub fn sealing(&self) -> &str {
        &self.first().id
    }

    /// Seals a secret for one place.
    pub fn seal(&self, place: Place<'_>, secret: &str) -> String {
        let Key { id, bytes } = self.first();
        let sealed = seal::seal(bytes, &PURPOSE, &place.bytes(), secret);
        format!("{VERSION}.{id}.{}", URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what was sealed for a place.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Opened {
        let mut parts = sealed.splitn(3, '.');
        let (Some(VERSION), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Opened::Unreadable;
        };
        let Some((at, key)) = self.0.iter().enumerate().find(|(_, key)| key.id == id) else {
            return Opened::KeyUnknown(id.to_owned());
        };
        let sealed = URL_SAFE_NO_PAD.decode(text).ok();
        let secret = sealed.and_then(|sealed| seal::open(&key.bytes, &PURPOSE, &place.bytes(), sealed));
        secret.map_or(Opened::Unreadable, |secret| Opened::Secret { secret, stale: at > 0 })
    }

    fn first(&self) -> &Key {
        self.0.first().expect("the signing key is always there")
    }
}

impl From<SigningKey> for SecretKeys {
    fn from(signing: SigningKey) -> Self {
        Self(vec![Key::of(signing.bytes())])
    }
}

impl Key {
    fn of(bytes: &[u8]) -> Self {
        let id = hex(&derived(bytes, ID_PURPOSE, &[])[..ID_BYTES]);
        Self { id, bytes: bytes.to_vec() }
    }
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let Self { owner, connector, credential } = self;
        // No name can hold a line break, so that no two places read alike.
        let (kind, name): (&[u8], _) = match credential {
            Credential::Header(name) => (b"\n", name),
            Credential::Variable(name) => (b"\nenv\n", name),
        };
        [owner.as_bytes(), connector.as_bytes(), kind, name.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old key that is long enough to be one";
    const NEW: &str = "a new key that is long enough to be one..";
    const HERE: Place<'static> =
        Place { owner: Uuid::from_u128(1), connector: "tracker", credential: Credential::Header("authorization") };

    fn keys(text: &str) -> SecretKeys {
        SecretKeys::read(text, &SigningKey::from([7; 32])).expect("they are keys")
    }

    fn secret(text: &str, stale: bool) -> Opened {
        Opened::Secret { secret: text.to_owned(), stale }
    }

    #[test]
    fn the_first_key_seals_and_all_of_them_open() {
        let sealed = keys(OLD).seal(HERE, "Bearer abc");
        assert!(!sealed.contains("abc") && sealed.starts_with("v1."));
        assert_eq!(keys(OLD).open(HERE, &sealed), secret("Bearer abc", false));
        let rotated = keys(&format!("{NEW}\n{OLD}\n"));
        assert_eq!(rotated.open(HERE, &sealed), secret("Bearer abc", true));
        assert_eq!(rotated.open(HERE, &rotated.seal(HERE, "Bearer abc")), secret("Bearer abc", false));
        assert_eq!(keys(NEW).open(HERE, &sealed), Opened::KeyUnknown(keys(OLD).sealing().to_owned()));
    }

    #[test]
    fn a_server_that_gets_keys_still_opens_what_it_sealed_before() {
        let sealed = keys("").seal(HERE, "Bearer abc");
        assert_eq!(SecretKeys::from(SigningKey::from([7; 32])).open(HERE, &sealed), secret("Bearer abc", false));
        assert_eq!(keys(NEW).open(HERE, &sealed), secret("Bearer abc", true));
    }

    #[test]
    fn a_secret_is_opened_for_its_own_place_only() {
        let keys = keys(OLD);
        let sealed = keys.seal(HERE, "Bearer abc");
        for elsewhere in [
            Place { owner: Uuid::from_u128(2), ..HERE },
            Place { connector: "other", ..HERE },
            Place { credential: Credential::Header("x-key"), ..HERE },
            Place { credential: Credential::Variable("authorization"), ..HERE },
        ] {
            assert_eq!(keys.open(elsewhere, &sealed), Opened::Unreadable);
        }
        for wrong in ["", "v1", "v2.a.b", &sealed[..sealed.len() - 2]] {
            assert_eq!(keys.open(HERE, wrong), Opened::Unreadable, "{wrong}");
        }
    }

    #[test]
    fn a_key_is_long_enough() {
        let refused = SecretKeys::read("short", &SigningKey::from([7; 32])).err().expect("it is refused");
        assert!(refused.contains("32 characters") && !refused.contains("\"short\""), "{refused}");
    }
}
