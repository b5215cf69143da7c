//! Addresses and secrets that the server makes.

use tenure_model::id::{TriggerId, UserId};
use tenure_workflow::trigger::webhook::{Address, Scheme, Secret};
use uuid::Uuid;

const KEY: &[u8] = b"the server's own key";

fn address() -> Address {
    Address { owner: UserId(Uuid::from_u128(1)), trigger: Some(TriggerId(Uuid::from_u128(2))), generation: 3 }
}

#[test]
fn an_address_says_whose_trigger_is_meant_and_nobody_else_can_make_one() {
    let text = address().write(KEY);
    assert_eq!(Address::read(&text, KEY), Some(address()));
    assert!(text.len() < 80 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_eq!(Address::read(&text, b"another key"), None);
    for place in 0..text.len() {
        let mut forged = text.clone().into_bytes();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(Address::read(&forged, KEY), None, "character {place}");
    }
    for wrong in ["", "x", &text[1..], &format!("{text}A"), "ä", &"A".repeat(10_000)] {
        assert_eq!(Address::read(wrong, KEY), None);
    }
}

#[test]
fn rotating_makes_another_address_and_another_secret() {
    let next = Address { generation: 4, ..address() };
    assert_ne!(next.write(KEY), address().write(KEY));
    let github = Address { trigger: None, ..address() };
    assert_eq!(Address::read(&github.write(KEY), KEY), Some(github));
    let made = |generation, scheme| {
        let secret = Secret::Made { generation };
        secret.clear(KEY, Uuid::from_u128(2), scheme, |_| None).unwrap()
    };
    assert_eq!(made(1, Scheme::Hmac), made(1, Scheme::Hmac));
    assert_ne!(made(1, Scheme::Hmac), made(2, Scheme::Hmac));
    assert!(made(1, Scheme::StandardWebhooks).starts_with("whsec_"));
    let given = Secret::Given { sealed: "s".into() };
    assert_eq!(
        given.clear(KEY, Uuid::nil(), Scheme::Slack, |sealed| Some(format!("open {sealed}"))).unwrap(),
        "open s"
    );
}
