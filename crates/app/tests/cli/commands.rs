//! The commands, as people and scripts use them.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Dev, done, free_port, tenure, text};

#[test]
fn a_prompt_is_answered_listed_and_kept() {
    let dev = Dev::start();
    let chat = dev.ask(&["chat", "--title", "first steps", "--prompt", "hello there", "--once"]);
    let said = text(&chat.stdout);
    assert_eq!(chat.status.code(), Some(0), "{said}{}", text(&chat.stderr));
    assert!(said.contains("hello there"), "{said}");
    assert!(said.contains("no model"), "{said}");

    let list = dev.json(&["session", "list", "--json"]);
    assert_eq!(list["items"][0]["title"], "first steps");
    let id = list["items"][0]["id"].as_str().unwrap();
    let table = text(&dev.ask(&["session", "list"]).stdout);
    assert!(table.contains(id) && table.contains("first steps"), "{table}");

    let messages = dev.json(&["session", "messages", id, "--json"]);
    assert_eq!(messages["items"][0]["role"], "user");
    assert_eq!(messages["items"][1]["finish"], "end_turn");
    assert_eq!(dev.json(&["runner", "list", "--json"])["items"][0]["connected"], true);
    let entities = dev.json(&["admin", "list", "session", "--json"]);
    assert_eq!(entities["items"][0]["id"].as_str(), Some(id));
    dev.json(&["admin", "journal", "session", id, "--json"]);
    dev.stop();
}

#[test]
fn events_come_as_lines_of_json() {
    let dev = Dev::start();
    let chat = dev.ask(&["chat", "--json", "--prompt", "hello", "--once"]);
    assert_eq!(chat.status.code(), Some(0), "{}", text(&chat.stderr));
    let events: Vec<Value> =
        text(&chat.stdout).lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect();
    assert_eq!(events.first().unwrap()["type"], "init");
    assert!(events.iter().any(|event| event["type"] == "message.part.text-delta"));
    assert!(events.iter().any(|event| event["type"] == "message.finalize"));
    dev.stop();
}

#[test]
fn a_killed_server_finds_its_runner_and_its_sessions_again() {
    let listen = format!("127.0.0.1:{}", free_port());
    let mut dev = Dev::in_folder(tempfile::tempdir().unwrap(), &listen);
    assert_eq!(dev.ask(&["chat", "--prompt", "before", "--once"]).status.code(), Some(0));
    let runner = dev.runner().expect("there is a runner");
    dev.end("KILL");
    assert_eq!(dev.runner(), Some(runner), "the runner ended with its server");

    let folder = std::mem::replace(&mut dev.folder, tempfile::tempdir().unwrap());
    let dev = Dev::in_folder(folder, &listen);
    assert_eq!(dev.runner(), Some(runner), "the runner was not taken over");
    assert_eq!(dev.ask(&["chat", "--prompt", "after", "--once"]).status.code(), Some(0));
    assert_eq!(dev.json(&["session", "list", "--json"])["items"].as_array().unwrap().len(), 2);
    dev.stop();
}

#[test]
fn tokens_are_issued_and_revoked() {
    let dev = Dev::start();
    let issued = dev.json(&["token", "issue", "--name", "ci", "--role", "user", "--json"]);
    let (id, secret) = (issued["id"].as_str().unwrap(), issued["secret"].as_str().unwrap());
    let with = |args: &[&str]| done(tenure().args(args).args(["--server", &dev.address, "--token", secret]));
    assert_eq!(with(&["session", "list"]).status.code(), Some(0));
    let refused = with(&["admin", "list", "realm"]);
    assert_eq!(refused.status.code(), Some(4), "{}", text(&refused.stderr));
    assert_eq!(dev.ask(&["token", "revoke", id]).status.code(), Some(0));
    assert_eq!(with(&["session", "list"]).status.code(), Some(4));
    assert_eq!(with(&["chat", "--prompt", "x", "--once"]).status.code(), Some(4));
    dev.stop();
}

#[test]
fn browsers_are_sent_to_the_console_with_a_code_of_their_own() {
    let dev = Dev::start();
    let beginning = format!("{}/#sign-in=code_", dev.address);
    let printed = dev.json(&["console", "--json"])["address"].as_str().unwrap().to_owned();
    assert!(dev.console.starts_with(&beginning) && printed.starts_with(&beginning), "{} {printed}", dev.console);
    assert_ne!(dev.console, printed);
    for address in [&dev.console, &printed] {
        let (server, code) = address.split_once("/#sign-in=").unwrap();
        let token = signed_in(server, code);
        let listed = done(tenure().args(["token", "list", "--server", server, "--token", &token]));
        assert!(text(&listed.stdout).contains("console"), "{}", text(&listed.stderr));
    }
    let told = text(&dev.ask(&["console"]).stdout);
    assert!(told.starts_with(&beginning) && told.contains("good once, until"), "{told}");
    dev.stop();
}

/// Signs in as the console's page does, and returns the token.
fn signed_in(server: &str, code: &str) -> String {
    let body = format!(r#"{{"code":"{code}"}}"#);
    let host = server.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let length = body.len();
    let request = format!(
        "POST /api/sign-in HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    answer["secret"].as_str().unwrap().to_owned()
}

#[test]
fn tokens_of_runners_are_for_one_runner_or_for_a_pool() {
    let dev = Dev::start();
    let issue = |more: &[&str]| {
        let args = ["token", "issue", "--name", "box", "--role", "runner"];
        dev.ask(&[&args[..], more].concat()).status.code()
    };
    let runner = "00000000-0000-7000-8000-000000000001";
    assert_eq!(issue(&["--pool", "gpu"]), Some(0));
    assert_eq!(issue(&["--runner", runner]), Some(0));
    assert_eq!(issue(&["--runner", runner, "--pool", "gpu"]), Some(2));
    let listed = text(&dev.ask(&["token", "list"]).stdout);
    assert!(listed.contains("runner (pool gpu)") && listed.contains(&format!("runner ({runner})")), "{listed}");
    dev.stop();
}

#[test]
fn exit_codes_tell_what_is_wrong() {
    let code = |args: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let output = done(tenure().current_dir(folder.path()).args(args));
        assert!(!output.stderr.is_empty(), "{args:?} says nothing");
        output.status.code()
    };
    assert_eq!(code(&["frobnicate"]), Some(2));
    assert_eq!(code(&["chat", "--once"]), Some(2));
    assert_eq!(code(&["chat", "--session", "not-an-id"]), Some(2));
    assert_eq!(code(&["chat", "--server", "ftp://127.0.0.1:1", "--token", "x"]), Some(2));
    assert_eq!(code(&["session", "list"]), Some(2));
    assert_eq!(code(&["session", "list", "--server", "127.0.0.1:1", "--token", "x"]), Some(5));
    assert_eq!(code(&["runner", "--token", "x"]), Some(2));
    assert_eq!(code(&["serve", "--config", "missing.toml"]), Some(2));
    assert_eq!(code(&["serve", "--listen", "nowhere"]), Some(1));
    assert_eq!(code(&["workflow", "show", "a/b", "--token", "x"]), Some(2));
    assert_eq!(code(&["workflow", "sync-all", ".", "--token", "x"]), Some(2));
    assert_eq!(code(&["run", "missing.yaml", "--token", "x"]), Some(2));
    assert_eq!(code(&["run", "stored", "--input", "no-value", "--token", "x"]), Some(2));
    assert_eq!(code(&["run", "stored", "--yes", "--no", "--token", "x"]), Some(2));
    assert_eq!(code(&["run", "stored", "--server", "127.0.0.1:1", "--token", "x"]), Some(5));
    assert_eq!(code(&["execution", "list", "--status", "asleep", "--token", "x"]), Some(2));
    assert_eq!(code(&["execution", "resolve", NOBODY, "step", "--token", "x"]), Some(2));
    assert_eq!(code(&["execution", "resolve", NOBODY, "step", "--retry", "--fail", "--token", "x"]), Some(2));
    assert_eq!(code(&["execution", "event", NOBODY, "name", "{", "--token", "x"]), Some(2));
    assert_eq!(code(&["approval", "approve", "not-an-id", "--token", "x"]), Some(2));
    assert_eq!(code(&["trigger", "show", "a/b", "--token", "x"]), Some(2));
    assert_eq!(code(&["trigger", "run", "nightly", "--yes", "--token", "x"]), Some(2));
    assert_eq!(code(&["trigger", "sync", "missing.yaml", "--token", "x"]), Some(1));
    assert_eq!(code(&["trigger", "list", "--server", "127.0.0.1:1", "--token", "x"]), Some(5));
}

#[test]
fn a_command_whose_reader_has_left_ends_quietly() {
    for args in [&["init", "--print-config"][..], &["workflow", "validate", "right.yaml"]] {
        let folder = tempfile::tempdir().unwrap();
        let step = "{id: a, type: set, variables: {b: 1}}";
        fs::write(folder.path().join("right.yaml"), format!("name: Right\nsteps: [{step}]\n")).unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = tenure();
        let output =
            command.current_dir(folder.path()).args(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(141), ""), "{args:?}");
    }
}

const NOBODY: &str = "00000000-0000-7000-8000-000000000001";

#[test]
fn an_unknown_session_is_refused() {
    let dev = Dev::start();
    let nobody = NOBODY;
    assert_eq!(dev.ask(&["chat", "--session", nobody, "--prompt", "x", "--once"]).status.code(), Some(4));
    assert_eq!(dev.ask(&["session", "show", nobody]).status.code(), Some(4));
    dev.stop();
}

#[test]
fn a_mistake_in_the_file_names_the_nearest_option() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tenure.toml"), "[server]\nlistne = \"127.0.0.1:0\"\n").unwrap();
    let output = done(tenure().current_dir(folder.path()).arg("serve"));
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("server.listne, in tenure.toml; did you mean server.listen?"), "{said}");
}

/// Writes a definition of the workflow `greet` into a folder.
fn write_greeting(folder: &Path, words: &str) {
    let steps = format!("steps:\n  - id: say\n    type: bash\n    command: echo {words}\n");
    let open = "constraints:\n  allow_self_modification: true\n";
    fs::write(folder.join("greet.yaml"), format!("name: Greet\nslug: greet\n{open}{steps}")).unwrap();
}

#[test]
fn mistakes_are_told_like_a_compiler_tells_them_and_need_no_server() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.yaml"), "name: Bad\nsteps:\n  - id: a\n    type: bsh\n    command: ls\n")
        .unwrap();
    write_greeting(folder.path(), "hello");
    let validate =
        |files: &[&str]| done(tenure().current_dir(folder.path()).args(["workflow", "validate"]).args(files));
    let output = validate(&["greet.yaml", "bad.yaml"]);
    assert_eq!(output.status.code(), Some(4));
    let said = text(&output.stderr);
    assert!(said.starts_with("bad.yaml:4:11: workflow.steps[0].type: "), "{said}");
    assert!(said.contains("bash"), "it names the nearest type: {said}");
    assert!(text(&output.stdout).starts_with("greet.yaml: right, sha256:"));
    assert_eq!(validate(&["greet.yaml"]).status.code(), Some(0));
    assert_eq!(validate(&["missing.yaml"]).status.code(), Some(1));
    let told: Value = serde_json::from_slice(&validate(&["--json", "bad.yaml"]).stdout).unwrap();
    assert_eq!((&told[0]["valid"], &told[0]["mistakes"][0]["line"]), (&false.into(), &4.into()));
}

#[test]
fn a_workflow_is_stored_shown_and_brought_back() {
    let dev = Dev::start();
    let here = dev.folder.path();
    write_greeting(here, "hello");
    let sync = || dev.json(&["workflow", "sync", "greet.yaml", "--json"]);
    let first = sync()[0]["version"]["hash"].as_str().unwrap().to_owned();
    assert_eq!(sync()[0]["outcome"], "unchanged");
    write_greeting(here, "goodbye");
    assert_eq!(sync()[0]["outcome"], "updated");

    let list = text(&dev.ask(&["workflow", "list"]).stdout);
    assert!(list.contains("greet") && list.contains("1.0.0"), "{list}");
    assert_eq!(dev.json(&["workflow", "list", "nothing like it", "--json"])["items"], Value::Array(vec![]));
    let diff = text(&dev.ask(&["workflow", "diff", "greet", &first]).stdout);
    assert_eq!(diff, "~ steps.say.command\n  - echo hello\n  + echo goodbye\n");
    assert_eq!(dev.json(&["workflow", "versions", "greet", "--json"])["items"].as_array().unwrap().len(), 2);

    // What is shown as YAML is the same version when it is stored again.
    let shown = dev.ask(&["workflow", "show", "greet", "--yaml"]).stdout;
    fs::write(here.join("shown.yaml"), shown).unwrap();
    assert_eq!(dev.json(&["workflow", "sync", "shown.yaml", "--json"])[0]["outcome"], "unchanged");

    let back = dev.json(&["workflow", "rollback", "greet", &first[7..19], "--json"]);
    assert_eq!(back["version"]["hash"], first.as_str());
    assert_eq!(dev.ask(&["workflow", "sync", "greet.yaml", "--expect", &first]).status.code(), Some(0));
    assert_eq!(dev.ask(&["workflow", "rollback", "greet", &first, "--json"]).status.code(), Some(0));
    assert_eq!(dev.json(&["workflow", "disable", "greet", "--json"])["enabled"], false);
    assert_eq!(dev.json(&["workflow", "enable", "greet", "--json"])["enabled"], true);

    let made = dev.json(&["workflow", "propose", "greet", "greet.yaml", "--note", "please", "--json"]);
    let id = made["id"].as_str().unwrap();
    let shown = text(&dev.ask(&["workflow", "proposal", "greet", id]).stdout);
    assert!(shown.contains("is pending") && shown.contains("+ echo goodbye"), "{shown}");
    assert_eq!(dev.ask(&["workflow", "apply", "greet", id]).status.code(), Some(4));
    assert_eq!(dev.json(&["workflow", "review", "greet", id, "--approve", "--json"])["status"], "approved");
    assert_eq!(dev.json(&["workflow", "apply", "greet", id, "--json"])["outcome"], "updated");
    assert_eq!(dev.json(&["workflow", "proposals", "greet", "--json"])["items"][0]["status"], "applied");

    fs::create_dir(here.join("flows")).unwrap();
    let other = fs::read_to_string(here.join("greet.yaml")).unwrap().replace("greet", "other");
    fs::write(here.join("flows/other.yml"), other).unwrap();
    let all = |more: &[&str]| dev.json(&[&["workflow", "sync-all", "flows", "--json"][..], more].concat());
    let outcomes = |answer: Value| -> Vec<String> {
        answer["items"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(outcomes(all(&["--prune", "--dry-run"])), ["created", "deleted"]);
    assert_eq!(outcomes(all(&[])), ["created", "kept"]);
    assert_eq!(outcomes(all(&["--prune"])), ["unchanged", "deleted"]);
    assert_eq!(dev.ask(&["workflow", "show", "greet"]).status.code(), Some(4));
    assert_eq!(dev.ask(&["workflow", "delete", "other"]).status.code(), Some(0));
    dev.stop();
}

#[test]
fn init_makes_the_first_token_once() {
    let folder = tempfile::tempdir().unwrap();
    let init = |args: &[&str]| {
        let output = done(tenure().current_dir(folder.path()).args(["init", "--json"]).args(args));
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let first = init(&[]);
    assert!(first["token"].is_string());
    assert!(init(&[])["token"].is_null());
    assert_ne!(init(&["--new-token"])["token"], first["token"]);
}

#[test]
fn the_example_configuration_is_up_to_date() {
    let output = done(tenure().args(["init", "--print-config"]));
    let kept =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/config.example.toml")).unwrap();
    let printed = text(&output.stdout);
    let changed = printed.lines().zip(kept.lines()).find(|(printed, kept)| printed != kept);
    let hint = "write it anew: tenure init --print-config > deploy/config.example.toml";
    assert!(printed == kept, "{hint}; the first difference: {changed:?}");
}
