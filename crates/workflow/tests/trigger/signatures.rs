//! Signatures: the official example of each scheme, and everything that is near it and wrong.

use std::collections::BTreeMap;

use tenure_model::{Span, Timestamp};
use tenure_workflow::trigger::webhook::verify::check;
use tenure_workflow::trigger::webhook::{Inlet, KeyedBy, Proof, Request, Unverified};
use tenure_workflow::trigger::{On, Patch};

fn inlet(verify: &str) -> Inlet {
    let text = format!("name: x\ntype: webhook\nworkflow: w\nverify: {verify}\n");
    match Patch::text(&text).and_then(|patch| patch.onto(None)).unwrap_or_else(|wrong| panic!("{wrong:#?}")).on {
        On::Webhook(inlet) => inlet,
        other => panic!("a webhook, not {other:?}"),
    }
}

/// An example that somebody else has published.
#[derive(Clone)]
struct Example {
    verify: &'static str,
    secret: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
    now_s: u64,
}

impl Example {
    fn judge(&self) -> Result<Proof, Unverified> {
        let request = Request { method: "POST", headers: &self.headers, query: "", body: &self.body };
        check(&inlet(self.verify), std::slice::from_ref(&self.secret), request, Timestamp(self.now_s * 1_000))
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Result<Proof, Unverified> {
        let mut changed = self.clone();
        change(&mut changed);
        changed.judge()
    }
}

fn example(verify: &'static str, secret: &str, headers: &[(&str, &str)], body: &str, now_s: u64) -> Example {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Example { verify, secret: secret.to_owned(), headers, body: body.into(), now_s }
}

/// From the specification and the libraries of Standard Webhooks.
fn standard() -> Example {
    example(
        "standard_webhooks",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        &[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
        r#"{"test": 2432232314}"#,
        1_614_265_330,
    )
}

/// From GitHub's page on validating deliveries.
fn github() -> Example {
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let headers = [("x-hub-signature-256", signature), ("x-github-delivery", "1")];
    example("github", "It's a Secret to Everybody", &headers, "Hello, World!", 0)
}

/// From Slack's page on verifying requests.
fn slack() -> Example {
    example(
        "slack",
        "8f742231b10e8888abcd99yyyzzz85a5",
        &[
            ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ("x-slack-request-timestamp", "1531420618"),
        ],
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar\
         &user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com\
         %2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d\
         10d2c447fce8b6703c",
        1_531_420_618,
    )
}

#[test]
fn the_published_examples_are_believed() {
    assert_eq!(standard().judge().unwrap().keyed_by, KeyedBy::Id);
    assert_eq!(github().judge().unwrap().keyed_by, KeyedBy::Bytes);
    assert_eq!(slack().judge().unwrap().keyed_by, KeyedBy::Time);
}

#[test]
fn whatever_is_changed_is_not_believed() {
    for example in [standard(), github(), slack(), stripe(), plain()] {
        assert!(example.judge().is_ok(), "{}", example.verify);
        let wrong = |change: fn(&mut Example)| assert!(example.with(change).is_err(), "{}", example.verify);
        wrong(|one| one.body.push(b' '));
        wrong(|one| one.body[0] ^= 1);
        wrong(|one| one.body.clear());
        wrong(|one| one.secret.push('x'));
        wrong(|one| one.secret = String::new());
        wrong(|one| one.headers.clear());
        wrong(|one| one.headers.values_mut().for_each(|value| *value = "ä".into()));
        wrong(|one| one.headers.values_mut().for_each(|value| *value = String::new()));
        wrong(|one| one.headers.values_mut().for_each(|value| value.truncate(value.len() / 2)));
    }
}

#[test]
fn an_old_or_early_time_is_refused_and_the_edge_is_not() {
    for example in [standard(), slack(), stripe()] {
        for (off, right) in [(300, true), (301, false), (100_000, false)] {
            assert_eq!(example.with(|one| one.now_s += off).is_ok(), right, "{} late by {off}", example.verify);
            assert_eq!(example.with(|one| one.now_s -= off).is_ok(), right, "{} early by {off}", example.verify);
        }
        let stale = example.with(|one| one.now_s += 301).unwrap_err();
        assert_eq!(stale, Unverified::Stale { off: Span::secs(301), tolerance: Span::mins(5) });
    }
    let header = |example: Example, name: &str, value: &str| {
        example.with(|one| drop(one.headers.insert(name.to_owned(), value.to_owned())))
    };
    assert!(header(standard(), "webhook-timestamp", "1614265331").is_err(), "the time is signed");
    assert!(header(standard(), "webhook-timestamp", "-9223372036854775808").is_err());
    assert!(header(standard(), "webhook-id", "msg_other").is_err(), "the id is signed");
}

#[test]
fn several_signatures_and_several_secrets_are_tried() {
    let both = |example: &Example, name: &str, value: &str| {
        example.with(|one| drop(one.headers.insert(name.to_owned(), value.to_owned())))
    };
    let right = standard().headers["webhook-signature"].clone();
    assert!(both(&standard(), "webhook-signature", &format!("v1a,xx v1,AAAA {right}")).is_ok());
    assert!(both(&standard(), "webhook-signature", &right.replace("v1,", "v2,")).is_err());
    let example = github();
    let request = Request { method: "POST", headers: &example.headers, query: "", body: &example.body };
    let secrets = ["an older one".to_owned(), example.secret.clone()];
    assert!(check(&inlet("github"), &secrets, request, Timestamp(0)).is_ok(), "while a rotation overlaps");
    assert_eq!(check(&inlet("github"), &[], request, Timestamp(0)), Err(Unverified::NoSecret));
}

#[test]
fn a_delivery_is_known_by_what_is_signed_of_it() {
    let key = |example: Result<Proof, Unverified>| example.unwrap().key;
    let other_id = github().with(|one| drop(one.headers.insert("x-github-delivery".into(), "2".into())));
    assert_eq!(key(github().judge()), key(other_id), "an id that is not signed could be anybody's");
    assert_eq!(github().judge().unwrap().kept_ms, Span::mins(5));
    assert_eq!(slack().judge().unwrap().kept_ms, Span::mins(10), "early by the tolerance, and late by it");
    assert_eq!(stripe().judge().unwrap().keyed_by, KeyedBy::Id, "the event's own id is signed with the body");
    assert!(standard().judge().unwrap().kept_ms >= Span::hours(24));
}

/// Signed as Stripe's libraries do; computed with another implementation of HMAC.
fn stripe() -> Example {
    example(
        "stripe",
        "whsec_test_secret",
        &[(
            "stripe-signature",
            "t=1700000000,v1=0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd,v0=abcd",
        )],
        r#"{"id":"evt_1","object":"event"}"#,
        1_700_000_000,
    )
}

/// A plain HMAC with a secret that is no ASCII; computed with another implementation of HMAC.
fn plain() -> Example {
    let headers = [("x-webhook-signature", "sha256=d7cf95c884fc923177e277248b9d516752ea28b55c872e5a0ce8e0cd3bf30149")];
    example("hmac", "schlüssel-鍵", &headers, r#"{"a":1}"#, 0)
}

#[test]
fn a_plain_signature_may_stand_elsewhere_and_look_otherwise() {
    let bare = plain().headers["x-webhook-signature"].replace("sha256=", "");
    let elsewhere = |verify: &'static str, name: &str, value: &str| {
        let mut example = plain();
        example.verify = verify;
        example.headers = [(name.to_owned(), value.to_owned())].into();
        example.judge()
    };
    assert!(elsewhere("hmac", "x-webhook-signature", &bare).is_ok(), "with or without `sha256=`");
    assert!(elsewhere("hmac", "x-webhook-signature", &bare.to_uppercase()).is_ok());
    assert!(elsewhere("hmac", "x-hub-signature-256", &format!("sha256={bare}")).is_ok());
    assert!(elsewhere("{scheme: hmac, header: X-Sig}", "x-sig", &bare).is_ok());
    assert!(elsewhere("{scheme: hmac, header: X-Sig, prefix: 'hash:'}", "x-sig", &format!("hash:{bare}")).is_ok());
    assert!(elsewhere("{scheme: hmac, header: X-Sig}", "x-webhook-signature", &bare).is_err());
    assert!(
        elsewhere(
            "{scheme: hmac, encoding: base64}",
            "x-webhook-signature",
            "18+VyIT8kjF34ncki51RZ1LqKLVchy5aDOjgzTvzAUk="
        )
        .is_ok()
    );
}

#[test]
fn without_a_scheme_the_address_is_the_proof() {
    let headers = BTreeMap::new();
    let request = |query| Request { method: "GET", headers: &headers, query, body: b"" };
    let proof = check(&inlet("none"), &[], request("a=1"), Timestamp(0)).unwrap();
    assert_eq!((proof.keyed_by, proof.kept_ms), (KeyedBy::Bytes, Span::mins(5)));
    assert_ne!(proof.key, check(&inlet("none"), &[], request("a=2"), Timestamp(0)).unwrap().key);
}
