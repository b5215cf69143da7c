//! Signatures of webhooks, checked over the raw body in constant time, and what makes a delivery the same as another.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use tenure_model::time::{Span, Timestamp};

use super::form::{Encoding, Inlet, Scheme, Verify};
use super::request::Request;

/// How the secrets of standard webhooks begin.
pub(super) const STANDARD_PREFIX: &str = "whsec_";

/// Ids that senders put into what they sign are remembered so long: they send again for days.
const ID_KEPT: Span = Span::hours(24);

/// That a request is of who it says, and what it is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Two deliveries with the same key are one.
    pub key: String,
    pub keyed_by: KeyedBy,
    /// How long the key is remembered; nothing takes every delivery.
    pub kept_ms: Span,
}

/// What a delivery is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyedBy {
    /// An id that is signed.
    Id,
    /// A time that is signed, and the body.
    Time,
    /// The body alone: two honest deliveries of the same bytes count as one within the window.
    Bytes,
}

/// Why a request is not believed. It is told to nobody but the operator's log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    #[error("the header {0} is missing")]
    Missing(String),
    #[error("the header {0} cannot be read")]
    Unreadable(String),
    #[error("no signature fits")]
    Wrong,
    #[error("the signed time is {off} off, the tolerance is {tolerance}")]
    Stale { off: Span, tolerance: Span },
    #[error("there is no secret to check with")]
    NoSecret,
}

/// What a sender has signed, and how.
struct Claim {
    /// The pieces that are signed, one after the other.
    signed: Vec<Vec<u8>>,
    signatures: Vec<Vec<u8>>,
    at: Option<i64>,
    id: Option<String>,
}

/// Checks a request against the secrets that are good now: one of them suffices.
pub fn check(inlet: &Inlet, secrets: &[String], request: Request<'_>, now: Timestamp) -> Result<Proof, Unverified> {
    let verify = &inlet.verify;
    if verify.scheme == Scheme::None {
        let whole = [request.method.as_bytes(), request.query.as_bytes(), request.body];
        return Ok(Proof { key: digest(&whole), keyed_by: KeyedBy::Bytes, kept_ms: inlet.dedup_window_ms });
    }
    if secrets.is_empty() {
        return Err(Unverified::NoSecret);
    }
    let claim = claim(verify, request)?;
    let fits = secrets.iter().fold(Choice::from(0), |fits, secret| fits | claim.fits(&key_of(verify.scheme, secret)));
    if !bool::from(fits) {
        return Err(Unverified::Wrong);
    }
    if let Some(at) = claim.at {
        timely(at, now, verify.tolerance_ms)?;
    }
    Ok(claim.proof(verify, inlet.dedup_window_ms, request.body))
}

fn claim(verify: &Verify, request: Request<'_>) -> Result<Claim, Unverified> {
    let need = |name: &str| request.header(name).ok_or_else(|| Unverified::Missing(name.to_owned()));
    let time = |name: &str, text: &str| text.parse::<i64>().map_err(|_| Unverified::Unreadable(name.to_owned()));
    let body = || request.body.to_vec();
    let claim = match verify.scheme {
        Scheme::StandardWebhooks => {
            let (id, at) = (need("webhook-id")?, need("webhook-timestamp")?);
            let listed = need("webhook-signature")?.split(' ').filter_map(|one| one.strip_prefix("v1,"));
            Claim {
                signatures: listed.filter_map(|one| STANDARD.decode(one).ok()).collect(),
                signed: vec![format!("{id}.{at}.").into(), body()],
                at: Some(time("webhook-timestamp", at)?),
                id: Some(id.to_owned()),
            }
        }
        Scheme::Github => {
            let given = need("x-hub-signature-256")?;
            Claim { signatures: hex(given, "sha256="), signed: vec![body()], at: None, id: None }
        }
        Scheme::Slack => {
            let (given, at) = (need("x-slack-signature")?, need("x-slack-request-timestamp")?);
            Claim {
                signatures: hex(given, "v0="),
                signed: vec![format!("v0:{at}:").into(), body()],
                at: Some(time("x-slack-request-timestamp", at)?),
                id: text_of(request.body, "event_id"),
            }
        }
        Scheme::Stripe => {
            let given = need("stripe-signature")?;
            let of = |name: &'static str| {
                given.split(',').filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
            };
            let at = of("t").next().ok_or_else(|| Unverified::Unreadable("stripe-signature".to_owned()))?;
            Claim {
                signatures: of("v1").flat_map(|one| hex(one, "")).collect(),
                signed: vec![format!("{at}.").into(), body()],
                at: Some(time("stripe-signature", at)?),
                id: text_of(request.body, "id"),
            }
        }
        Scheme::Hmac => {
            let given = request.header(verify.header()).or_else(|| {
                // GitHub's header is understood as well, when no other was chosen.
                request.header("x-hub-signature-256").filter(|_| verify.header.is_none())
            });
            let given = given.ok_or_else(|| Unverified::Missing(verify.header().to_owned()))?;
            let given = verify.prefix.as_deref().and_then(|prefix| given.strip_prefix(prefix)).unwrap_or(given);
            let signatures = match verify.encoding {
                Encoding::Hex => hex(given, "sha256="),
                Encoding::Base64 => STANDARD.decode(given).into_iter().collect(),
            };
            match &verify.timestamp_header {
                Some(header) => {
                    let at = need(header)?;
                    let signed = vec![format!("{at}.").into(), body()];
                    Claim { signatures, signed, at: Some(time(header, at)?), id: None }
                }
                None => Claim { signatures, signed: vec![body()], at: None, id: None },
            }
        }
        Scheme::None => unreachable!("nothing is claimed where nothing is signed"),
    };
    Ok(claim)
}

impl Claim {
    /// Tells, in a time that depends on nothing secret, whether one of the signatures is right.
    fn fits(&self, key: &[u8]) -> Choice {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
        self.signed.iter().for_each(|piece| mac.update(piece));
        let right = mac.finalize().into_bytes();
        self.signatures.iter().fold(Choice::from(0), |fits, given| fits | right.as_slice().ct_eq(given.as_slice()))
    }

    fn proof(self, verify: &Verify, window: Span, body: &[u8]) -> Proof {
        // What was signed for a time to come can be sent again until that time and the tolerance have passed.
        let signed_time = Span(verify.tolerance_ms.0.saturating_mul(2));
        match (self.id, self.at) {
            (Some(id), _) => Proof {
                key: digest(&[b"id", id.as_bytes()]),
                keyed_by: KeyedBy::Id,
                kept_ms: ID_KEPT.max(signed_time).max(window),
            },
            (None, Some(at)) => Proof {
                key: digest(&[at.to_string().as_bytes(), body]),
                keyed_by: KeyedBy::Time,
                kept_ms: signed_time.max(window),
            },
            (None, None) => Proof { key: digest(&[b"", body]), keyed_by: KeyedBy::Bytes, kept_ms: window },
        }
    }
}

fn timely(at: i64, now: Timestamp, tolerance: Span) -> Result<(), Unverified> {
    let signed = i128::from(at) * 1_000;
    let off = Span(u64::try_from((i128::from(now.0) - signed).unsigned_abs()).unwrap_or(u64::MAX));
    if off > tolerance { Err(Unverified::Stale { off, tolerance }) } else { Ok(()) }
}

/// Returns the bytes that a secret stands for: standard webhooks write them in base64, all others are the text itself.
fn key_of(scheme: Scheme, secret: &str) -> Vec<u8> {
    let encoded = secret.strip_prefix(STANDARD_PREFIX).filter(|_| scheme == Scheme::StandardWebhooks);
    encoded.and_then(|encoded| STANDARD.decode(encoded).ok()).unwrap_or_else(|| secret.as_bytes().to_vec())
}

fn hex(text: &str, prefix: &str) -> Vec<Vec<u8>> {
    let digits = text.strip_prefix(prefix).unwrap_or(text);
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return vec![];
    }
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("two hexadecimal digits are a byte");
    vec![(0..digits.len()).step_by(2).map(byte).collect()]
}

fn text_of(body: &[u8], field: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.get(field)?.as_str().map(str::to_owned)
}

fn digest(pieces: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update((piece.len() as u64).to_be_bytes());
        hash.update(piece);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
