//! What the console's types are generated from, without a server, is what the server says of itself.

use std::path::PathBuf;

use serde_json::Value;

use crate::world::World;

/// Set to anything, it has the files written anew instead of compared.
const WRITE: &str = "TENURE_WRITE_SCHEMA";

/// Compares a kept file with what the server answers; returns how to mend it when they differ.
fn differs(name: &str, answer: &Value) -> Option<String> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../console/web/schema"));
    let path = folder.join(name);
    let text = serde_json::to_string_pretty(answer).expect("JSON") + "\n";
    if std::env::var_os(WRITE).is_some() {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(&path, &text).expect("the file is written");
        return None;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let difference = kept.lines().zip(text.lines()).enumerate().find(|(_, (kept, told))| kept != told);
    let first = difference.map(|(n, (kept, told))| format!("; line {}: {kept:?}, and now {told:?}", n + 1));
    (kept != text).then(|| format!("crates/console/web/schema/{name} is out of date{}", first.unwrap_or_default()))
}

#[actix_web::test]
async fn the_console_is_built_from_what_the_server_says() {
    let world = World::start().await;
    let mut wrong = vec![];
    for (name, path) in [("openapi.json", "/api/openapi.json"), ("frames.json", "/schema/frames.json")] {
        let (status, answer) = world.send(world.request("GET", path)).await;
        assert_eq!(status, 200);
        wrong.extend(differs(name, &answer));
    }
    let hint = format!("write them anew: {WRITE}=1 cargo test -p tenure-server --test it console_schema");
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
}
