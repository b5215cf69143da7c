//! Triggers over HTTP, and the webhooks that make them fire.

mod acting;
mod hooks;
mod ledger;
mod rotating;
mod saving;
mod schemes;
mod times;
mod tools;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::workflows;
use crate::world::{Person, World};

/// Sends a definition as YAML.
pub async fn send(world: &World, who: &Person, method: &str, path: &str, text: &str) -> (u16, Value) {
    workflows::send(world, who, method, path, text, &[]).await
}

/// Saves a trigger of bob's, which must be right.
pub async fn sync(world: &World, text: &str) -> Value {
    let (status, saved) = send(world, &world.bob, "POST", "/api/triggers/sync", text).await;
    assert!(status == 200 || status == 201, "{status}: {saved}");
    saved
}

/// Asks as bob; it must go well.
pub async fn ask(world: &World, method: &str, path: &str, body: Option<Value>) -> Value {
    let (status, answer) = world.ask(&world.bob, method, path, body).await;
    assert!(status < 300, "{method} {path}: {status}: {answer}");
    answer
}

/// Asks as bob and returns the status and the code of the refusal.
pub async fn refused(world: &World, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
    let (status, problem) = world.ask(&world.bob, method, path, body).await;
    assert!(status >= 400, "{method} {path}: {problem}");
    (status, problem["code"].as_str().expect("a code").to_owned())
}

/// Saves the workflow `greet` of bob's, which takes the input `who`.
pub async fn greet(world: &World) {
    let text = "name: greet\nslug: greet\ninputs:\n  who: {type: string, default: you}\n  _payload: {type: any}\nsteps:\n  - id: say\n    type: bash\n    command: echo hi\n";
    workflows::sync(world, text).await;
}

/// Delivers to an address, without any sign-in.
pub async fn deliver(world: &World, path: &str, body: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let request = world.request("POST", path).header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    world.send(request.body(body.to_owned())).await
}

/// Saves a webhook of bob's and returns its path and, when there is one, the secret that was made for it.
pub async fn webhook(world: &World, name: &str, verify: &str, rest: &str) -> (String, String) {
    let text = format!("name: {name}\ntype: webhook\nverify: {verify}\nworkflow: greet\n{rest}");
    let saved = sync(world, &text).await;
    let path = saved["address"]["path"].as_str().expect("a path").to_owned();
    (path, saved["secret"].as_str().unwrap_or_default().to_owned())
}

/// Signs as most senders do: HMAC-SHA256 in hexadecimal digits.
pub fn hmac(secret: &str, signed: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a whole list of bob's, page by page.
pub async fn all(world: &World, path: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (vec![], String::new());
    loop {
        let joint = if path.contains('?') { '&' } else { '?' };
        let page = ask(world, "GET", &format!("{path}{joint}limit={limit}{cursor}"), None).await;
        let found = page["items"].as_array().expect("items");
        assert!(found.len() <= limit);
        items.extend(found.iter().cloned());
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// Returns one field of all rows.
pub fn each(rows: &[Value], field: &str) -> Vec<Value> {
    rows.iter().map(|row| row[field].clone()).collect()
}

/// What a schedule says.
pub fn nightly(rest: &str) -> String {
    format!("name: nightly\ntype: schedule\ncron: '0 3 * * *'\ntimezone: Europe/Berlin\nworkflow: greet\n{rest}")
}

/// What bob's GitHub is signed with; it makes one if there is none yet.
pub async fn github_secret(world: &World) -> (String, String) {
    let rotated = ask(world, "POST", "/api/triggers/github/rotate", Some(json!({}))).await;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&rotated["address"]["path"]), text(&rotated["secret"]))
}
