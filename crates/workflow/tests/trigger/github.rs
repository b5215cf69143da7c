//! What happens on GitHub, and which triggers it concerns.

use serde_json::{Value, json};
use tenure_workflow::trigger::github::{Filter, Happening};
use tenure_workflow::trigger::{On, Patch};

fn filter(rest: &str) -> Filter {
    let text = format!("name: x\ntype: github\nworkflow: w\n{rest}");
    match Patch::text(&text).and_then(|patch| patch.onto(None)).unwrap_or_else(|wrong| panic!("{wrong:#?}")).on {
        On::Github(filter) => filter,
        other => panic!("github, not {other:?}"),
    }
}

fn pull_request(action: &str, merged: bool) -> Value {
    json!({
        "action": action,
        "pull_request": { "merged": merged, "base": { "ref": "main" }, "labels": [{ "name": "Ship" }] },
        "repository": { "full_name": "Ann/Site" },
    })
}

fn push(branch: &str, files: &[&str]) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"), "repository": { "full_name": "ann/site" },
        "commits": [{ "added": files, "modified": [], "removed": ["gone.txt"] }],
    })
}

#[test]
fn merging_is_an_event_of_its_own() {
    let merged = Happening::read("pull_request", &pull_request("closed", true));
    assert_eq!(merged.names(), ["pull_request", "pull_request.closed", "pull_request.merged"]);
    let closed = Happening::read("pull_request", &pull_request("closed", false));
    assert_eq!(closed.names(), ["pull_request", "pull_request.closed"]);
    let on_merge = filter("repos: ann/site\nevents: pull_request.merged\n");
    assert_eq!(on_merge.misses(&merged), None, "a repository's case does not count");
    assert_eq!(on_merge.misses(&closed).unwrap(), "it is pull_request and pull_request.closed");
    let by_action = filter("repos: ann/site\nevents: pull_request\nfilter: {actions: merged}\n");
    assert_eq!((by_action.misses(&merged), by_action.misses(&closed).is_some()), (None, true));
}

#[test]
fn every_condition_must_hold() {
    let opened = Happening::read("pull_request", &pull_request("opened", false));
    for (rest, said) in [
        ("repos: ann/*\nevents: [push, pull_request]\n", None),
        ("repos: bob/site\nevents: pull_request\n", Some("it happened in Ann/Site")),
        ("repos: ann/site\nevents: push\n", Some("it is pull_request")),
        ("repos: ann/site\nevents: pull_request.opened\n", None),
        ("repos: ann/site\nevents: pull_request\nfilter: {actions: [closed]}\n", Some("its action is opened")),
        ("repos: ann/site\nevents: pull_request\nfilter: {branches: ['release/*', main]}\n", None),
        ("repos: ann/site\nevents: pull_request\nfilter: {branch: dev}\n", Some("its branch is main")),
        ("repos: ann/site\nevents: pull_request\nfilter: {labels: [later, ship]}\n", None),
        ("repos: ann/site\nevents: pull_request\nfilter: {label: later}\n", Some("none of the labels")),
    ] {
        let misses = filter(rest).misses(&opened);
        assert_eq!(misses.is_some(), said.is_some(), "{rest}: {misses:?}");
        assert!(misses.unwrap_or_default().contains(said.unwrap_or_default()), "{rest}");
    }
}

#[test]
fn pushes_are_judged_by_branch_and_files() {
    let docs = filter("repos: ann/site\nevents: push\nfilter: {branch: 'release/*', paths: ['docs/**', '*.md']}\n");
    let judge = |branch: &str, files: &[&str]| docs.misses(&Happening::read("push", &push(branch, files)));
    assert_eq!(judge("release/1", &["docs/a/b.txt"]), None);
    assert_eq!(judge("release/1", &["README.md"]), None);
    assert_eq!(judge("release/1", &["src/a.md"]).unwrap(), "it changes none of the paths");
    assert_eq!(judge("main", &["README.md"]).unwrap(), "its branch is main");
    let tag = json!({ "ref": "refs/tags/v1", "repository": { "full_name": "ann/site" } });
    assert_eq!(docs.misses(&Happening::read("push", &tag)).unwrap(), "it concerns no branch");
    let gone = filter("repos: ann/site\nevents: push\nfilter: {path: gone.txt}\n");
    assert_eq!(gone.misses(&Happening::read("push", &push("main", &[]))), None, "removing is changing");
}

#[test]
fn a_payload_of_any_shape_is_judged() {
    let any = filter("repos: ann/site\nevents: push\nfilter: {branch: main}\n");
    for payload in [json!(null), json!([]), json!("x"), json!({ "repository": 5 }), json!({ "commits": { "a": 1 } })] {
        assert!(any.misses(&Happening::read("push", &payload)).is_some(), "{payload}");
    }
}
