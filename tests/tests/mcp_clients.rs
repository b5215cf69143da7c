//! The official clients of the Model Context Protocol, from npm and PyPI, against `/mcp` of the real binary: the TypeScript SDK and its
//! successor in every revision they speak, the Python SDK, the inspector's command line, and the conformance suite.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tenure_tests::harness::{Server, in_time, packages};
use tokio::process::Command;

const SDK: &str = "node_modules/@modelcontextprotocol";

/// What a program has said, and whether it went well.
struct Said {
    ok: bool,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}\n{}", self.out, self.err))
    }
}

async fn installed() -> PathBuf {
    let folder =
        tokio::task::spawn_blocking(|| packages::npm("mcp", "ci")).await.expect("the clients can be installed");
    // The inspector's command line looks for the manifest of the package that it is usually a part of.
    std::fs::write(folder.join(SDK).join("package.json"), r#"{"name":"inspector","version":"1.0.3"}"#)
        .expect("the target folder can be written");
    folder
}

async fn node(folder: &Path, args: &[&str], token: &str) -> Said {
    said(Command::new("node").args(args).current_dir(folder).env("MCP_TOKEN", token)).await
}

/// Runs a program to its end.
async fn said(program: &mut Command) -> Said {
    let ending = program.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = in_time("the end of a client", ending).await.expect("the client can be started");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Said { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

fn url(server: &Server) -> String {
    format!("http://{}/mcp", server.address())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_sdks_find_call_and_are_told_in_every_revision() {
    let (folder, server) = tokio::join!(installed(), Server::start());
    let url = url(&server);
    for (client, revision) in
        [("sdk", "2025-11-25"), ("client", "2025-06-18"), ("client", "2025-11-25"), ("client", "2026-07-28")]
    {
        let said = node(&folder, &["talk.mjs", client, revision, &url, server.token()], "").await.json();
        let what = format!("{client} in {revision}");
        assert_eq!((&said["agreed"], &said["server"]["name"]), (&json!(revision), &json!("tenure")), "{what}: {said}");
        assert!(said["capabilities"]["tools"].is_object() && said["capabilities"]["prompts"].is_object(), "{what}");
        let names = said["tools"].as_array().expect("tools").iter().map(|tool| &tool["name"]);
        assert!(names.clone().any(|name| name == "sync_workflow"), "{what}: {said}");
        assert!(names.clone().all(|name| name != "approve_execution"), "an agent decides nothing, {what}");
        assert_eq!(said["read"]["isError"], false, "{what}: {said}");
        assert_eq!(said["read"]["structuredContent"]["data"]["items"], json!([]), "{what}");
        for (refused, code) in [("refused", "workflow_unknown"), ("invalid", "json_invalid")] {
            let result = &said[refused];
            assert_eq!(result["isError"], true, "{what}: {result}");
            assert_eq!(result["structuredContent"]["error"]["code"], code, "{what}: {result}");
            assert!(result["content"][0]["text"].as_str().is_some_and(|text| text.contains(code)), "{what}: {result}");
        }
        for wrong in ["unknown", "no_topic", "no_prompt"] {
            let thrown = said[wrong]["thrown"].as_str().unwrap_or_else(|| panic!("{what}, {wrong}: {}", said[wrong]));
            assert!(!thrown.is_empty(), "{what}");
        }
        assert!(said["unknown"]["thrown"].as_str().is_some_and(|thrown| thrown.contains("dance")), "{what}");
        assert_eq!(said["prompts"]["prompts"][0]["name"], "workflows", "{what}: {}", said["prompts"]);
        let text =
            |prompt: &str| said[prompt]["messages"][0]["content"]["text"].as_str().unwrap_or_default().to_owned();
        assert!(text("overview").starts_with("# Workflows") && text("steps").contains("## agent_prompt"), "{what}");

        let wrong = node(&folder, &["talk.mjs", client, revision, &url, "wrong"], "").await.json();
        let thrown = wrong["thrown"].as_str().unwrap_or_else(|| panic!("{what} with a wrong token: {wrong}"));
        assert!(thrown.contains("401") || thrown.contains("unauthorized"), "{what}: {thrown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_sdk_of_python_finds_calls_and_is_told() {
    let installed = tokio::task::spawn_blocking(|| packages::pypi("mcp_python"));
    let (folder, server) = tokio::join!(installed, Server::start());
    let folder = folder.expect("the client can be installed");
    let talk = async |mode: &str, token: &str| {
        let mut python = Command::new(folder.join("venv/bin/python"));
        said(python.args(["talk.py", mode, &url(&server), token]).current_dir(&folder)).await.json()
    };
    for (mode, revision) in [("legacy", "2025-11-25"), ("auto", "2026-07-28")] {
        let said = talk(mode, server.token()).await;
        assert_eq!((&said["agreed"], &said["server"]["name"]), (&json!(revision), &json!("tenure")), "{mode}: {said}");
        let names = said["tools"].as_array().expect("tools").iter().map(|tool| &tool["name"]);
        assert!(names.clone().any(|name| name == "sync_workflow"), "{mode}: {said}");
        assert_eq!(said["read"]["isError"], false, "{mode}: {said}");
        assert_eq!(said["read"]["structuredContent"]["data"]["items"], json!([]), "{mode}");
        let refused = &said["refused"];
        assert_eq!(refused["structuredContent"]["error"]["code"], "workflow_unknown", "{mode}: {refused}");
        assert!(said["unknown"]["thrown"].as_str().is_some_and(|thrown| thrown.contains("dance")), "{mode}: {said}");
        let steps = said["steps"]["messages"][0]["content"]["text"].as_str().unwrap_or_default();
        assert!(steps.contains("## agent_prompt"), "{mode}: {said}");
        let wrong = talk(mode, "wrong").await;
        assert!(wrong["thrown"].is_string() && wrong["tools"].is_null(), "{mode} with a wrong token: {wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_lists_calls_and_is_refused() {
    let (folder, server) = tokio::join!(installed(), Server::start());
    let (program, url) = (format!("{SDK}/inspector-cli/build/index.js"), url(&server));
    let ask = |token: &str, rest: &str| {
        let header = format!("Authorization: Bearer {token}");
        let (program, url, folder, rest) = (program.clone(), url.clone(), folder.clone(), rest.to_owned());
        async move {
            let mut args = vec![&*program, &*url, "--transport", "http", "--header", &*header, "--method"];
            args.extend(rest.split(' '));
            node(&folder, &args, "").await
        }
    };
    let listed = ask(server.token(), "tools/list").await.json();
    let named =
        |name: &str| listed["tools"].as_array().is_some_and(|tools| tools.iter().any(|tool| tool["name"] == name));
    assert!(named("sync_workflow") && !named("approve_execution"), "{listed}");
    let read = ask(server.token(), "tools/call --tool-name list_workflows --tool-arg query=none").await.json();
    assert_eq!(read["isError"], false, "{read}");
    let refused = ask(server.token(), "tools/call --tool-name get_workflow --tool-arg workflow_id=none").await.json();
    assert_eq!(refused["structuredContent"]["error"]["code"], "workflow_unknown", "{refused}");
    let unknown = ask(server.token(), "tools/call --tool-name dance").await;
    assert!(!unknown.ok && unknown.err.contains("dance"), "{}", unknown.err);
    let prompt = ask(server.token(), "prompts/get --prompt-name workflows --prompt-args topic=triggers").await.json();
    let text = prompt["messages"][0]["content"]["text"].as_str().unwrap_or_default();
    assert!(text.starts_with("# Triggers"), "{prompt}");
    let wrong = ask("wrong", "tools/list").await;
    assert!(!wrong.ok && wrong.err.contains("401"), "{}", wrong.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conformance_suite_finds_nothing_wrong() {
    let (folder, server) = tokio::join!(installed(), Server::start());
    let (program, url) = (format!("{SDK}/conformance/dist/index.js"), url(&server));
    // Those of its scenarios that ask for no tools or prompts of its own making.
    for scenario in ["server-initialize", "ping", "tools-list", "prompts-list", "dns-rebinding-protection"] {
        let args = ["--import", "./auth.mjs", &program, "server", "--url", &url, "--scenario", scenario];
        let said = node(&folder, &args, server.token()).await;
        let passed = said.out.contains(" 0 failed, 0 warnings") && !said.out.contains("Passed: 0/");
        assert!(said.ok && passed, "{scenario}: {}\n{}", said.out, said.err);
    }
    let args = ["--import", "./auth.mjs", &program, "server", "--url", &url, "--scenario", "tools-list"];
    assert!(!node(&folder, &args, "wrong").await.ok, "the suite is able to fail");
}
