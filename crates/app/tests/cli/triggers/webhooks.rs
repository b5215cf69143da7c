//! Webhooks: signed deliveries, what is kept of them, and other secrets.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{stage, told, with_stdin};
use crate::support::{Dev, text};

const HOOK: &str = "name: Hook
type: webhook
verify: hmac
workflow: greet
mapping: {who: $.user.name}
";

fn sign(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Delivers a body to a webhook; returns the status, and what was said.
fn deliver(dev: &Dev, path: &str, signature: &str, body: &str) -> (u16, String) {
    let authority = dev.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-type: application/json");
    let length = body.len();
    write!(stream, "{head}\r\nx-webhook-signature: {signature}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    (status, answer)
}

#[test]
fn a_webhook_starts_a_run_once_and_is_replayed() {
    let dev = stage();
    fs::write(dev.folder.path().join("hook.yaml"), HOOK).unwrap();
    let saved = told(&dev, &["trigger", "sync", "hook.yaml"]);
    assert!(saved.starts_with("Hook: created, ") && saved.contains("(shown here, and nowhere again)"), "{saved}");
    let fact = |text: &str, name: &str| -> String {
        let line = text.lines().find_map(|line| line.trim_start().strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    };
    let (address, secret) = (fact(&saved, "address"), fact(&saved, "secret"));
    let path = address.strip_prefix(&dev.address).unwrap();
    assert!(!told(&dev, &["trigger", "sync", "hook.yaml"]).contains("secret"), "it is shown once");
    assert!(told(&dev, &["trigger", "show", "hook"]).contains(&address));

    let body = r#"{"user": {"name": "ann"}}"#;
    let signature = sign(&secret, body);
    assert_eq!(deliver(&dev, path, &sign("guessed", body), body).0, 401);
    assert_eq!(deliver(&dev, path, &signature, body).0, 202);
    let (status, again) = deliver(&dev, path, &signature, body);
    assert!(status == 200 && again.contains(r#""duplicate":true"#), "{again}");
    let page = dev.json(&["trigger", "deliveries", "--json"]);
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    let firing = page["items"][0]["firing"].as_str().unwrap();
    let listed = told(&dev, &["trigger", "deliveries"]);
    assert!(listed.contains("Hook     matched  delivered") && listed.contains(firing), "{listed}");
    let whole = told(&dev, &["trigger", "deliveries", "hook", firing]);
    assert!(whole.contains("inputs\n  who: ann\n") && whole.contains(r#""name": "ann""#), "{whole}");
    assert!(whole.contains("again     tenure trigger replay hook "), "{whole}");
    assert!(told(&dev, &["trigger", "replay", "hook", firing]).contains(" starts; `tenure execution watch "));

    fs::write(dev.folder.path().join("body.json"), body).unwrap();
    assert_eq!(told(&dev, &["trigger", "test", "hook", "body.json"]), "it would run `greet`\ninputs\n  who: ann\n");
    fs::write(dev.folder.path().join("form"), "user=ann").unwrap();
    assert_eq!(dev.ask(&["trigger", "test", "hook", "form"]).status.code(), Some(2));
    let form = ["trigger", "test", "hook", "form", "--header", "Content-Type: application/x-www-form-urlencoded"];
    assert!(told(&dev, &form).starts_with("it would run `greet`"));

    let rotated = told(&dev, &["trigger", "rotate", "hook", "--overlap", "1h"]);
    assert_ne!(fact(&rotated, "secret"), secret);
    assert!(told(&dev, &["trigger", "show", "hook"]).contains(&format!("old       {address}, until ")));
    fs::write(dev.folder.path().join("secret"), "the sender's own\n").unwrap();
    let args = ["trigger", "rotate", "hook", "--secret-from", "-"];
    let theirs = text(&with_stdin(&dev, &args, "secret").stdout);
    assert_eq!(theirs, format!("address  {}\n", fact(&rotated, "address")));
    let path = fact(&rotated, "address").strip_prefix(&dev.address).unwrap().to_owned();
    let other = r#"{"user": {"name": "bob"}}"#;
    assert_eq!(deliver(&dev, &path, &sign("the sender's own", other), other).0, 202);
    assert!(told(&dev, &["trigger", "rotate", "--github"]).contains("secret   "));
    dev.stop();
}
