//! What shell commands promise: order, limits, and that nothing of them survives.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tenure_model::id::WorkId;
use uuid::Uuid;

use super::*;
use crate::isolation::Place;

fn groups() -> Arc<Groups> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    let groups = Groups::new(WorkId(Uuid::from_bytes(bytes)), 1);
    groups.locate(Arc::new(Place::open()));
    Arc::new(groups)
}

fn shell<'a>(command: &'a str, folder: &'a Path) -> Shell<'a> {
    Shell::plain(command, folder, None)
}

async fn pid_in(file: &Path) -> i32 {
    let wait = async {
        loop {
            match std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok()) {
                Some(pid) => return pid,
                None => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the process writes its id")
}

fn runs(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, fields)| !fields.trim_start().starts_with(['Z', 'X']))
}

#[tokio::test]
async fn both_outputs_come_live_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = String::new();
    let command = "echo one; echo two >&2; echo three; exit 3";
    let ended = run(shell(command, folder.path()), &groups(), |text| told.push_str(text)).await.unwrap();
    assert_eq!(told, "one\ntwo\nthree\n");
    assert_eq!((ended.exit, ended.passed(), ended.output.last_line()), (Some(3), false, "three"));
}

#[tokio::test]
async fn a_background_process_does_not_hold_the_command_up_but_ends_with_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let groups = groups();
    let command = "sleep 600 & echo $! > pid; echo done";
    let ended = run(shell(command, folder.path()), &groups, |_| {}).await.unwrap();
    assert!(ended.passed());
    let pid = pid_in(&folder.path().join("pid")).await;
    assert!(runs(pid));
    assert!(groups.end_all(Duration::ZERO).await);
    assert!(!runs(pid));
}

#[tokio::test]
async fn a_command_out_of_time_is_ended_with_its_grandchildren() {
    let folder = tempfile::tempdir().unwrap();
    let command = "sh -c 'sleep 600 & echo $! > pid; wait'";
    let shell = Shell::plain(command, folder.path(), Some(Duration::from_millis(500)));
    let ended = run(shell, &groups(), |_| {}).await.unwrap();
    assert!(ended.timed_out && !ended.passed());
    assert!(!runs(pid_in(&folder.path().join("pid")).await));
}

#[tokio::test]
async fn a_process_that_ignores_the_request_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let groups = groups();
    let running = {
        let (groups, folder) = (Arc::clone(&groups), folder.path().to_owned());
        tokio::spawn(async move {
            let command = "trap '' TERM; echo $$ > pid; while :; do sleep 600; done";
            run(shell(command, &folder), &groups, |_| {}).await.unwrap()
        })
    };
    let pid = pid_in(&folder.path().join("pid")).await;
    assert!(groups.end_all(Duration::from_millis(100)).await);
    assert!(!runs(pid));
    assert_eq!(running.await.unwrap().signal, Some(9));
}

#[tokio::test]
async fn a_process_that_left_its_group_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let groups = groups();
    let command = "setsid sh -c 'echo $$ > pid; exec sleep 600' & true";
    run(shell(command, folder.path()), &groups, |_| {}).await.unwrap();
    let pid = pid_in(&folder.path().join("pid")).await;
    assert!(groups.end_all(Duration::ZERO).await);
    assert!(!runs(pid));
}

#[tokio::test]
async fn a_process_that_forked_twice_and_left_its_session_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let groups = groups();
    let command = "(setsid sh -c '(setsid sh -c \"echo \\$\\$ > pid; exec sleep 600\" &) &' &); true";
    run(shell(command, folder.path()), &groups, |_| {}).await.unwrap();
    let pid = pid_in(&folder.path().join("pid")).await;
    assert!(runs(pid));
    assert!(groups.end_all(Duration::ZERO).await);
    assert!(!runs(pid));
}

#[tokio::test]
async fn an_endless_output_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = 0;
    let ended = run(shell("yes | head -c 1000000", folder.path()), &groups(), |text| told += text.len()).await.unwrap();
    assert!(told < 65_000, "streamed {told} bytes");
    assert!(ended.output.text().ends_with("[cut here: 936000 more characters]"));
}

#[tokio::test]
async fn outputs_that_are_kept_apart_still_come_live() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = String::new();
    let env = std::collections::BTreeMap::from([("NAME".to_owned(), "it's $HOME".to_owned())]);
    let command = "printf '%s' \"$NAME\"; printf 'oops\\377' >&2; exit 4";
    let shell = Shell { apart: true, login: true, env, ..shell(command, folder.path()) };
    let ended = run(shell, &groups(), |text| told.push_str(text)).await.unwrap();
    assert_eq!((ended.output.kept(), ended.errors.kept()), ("it's $HOME", "oops\u{FFFD}"));
    assert_eq!(ended.exit, Some(4));
    assert!(told.contains("it's $HOME") && told.contains("oops"), "{told}");
}

#[tokio::test]
async fn each_output_has_its_own_limit_and_tells_its_whole_size() {
    let folder = tempfile::tempdir().unwrap();
    let command = "yes | head -c 70000; yes | head -c 10 >&2";
    let shell = Shell { apart: true, ..shell(command, folder.path()) };
    let ended = run(shell, &groups(), |_| {}).await.unwrap();
    assert_eq!((ended.output.kept().len(), ended.output.chars_in_all()), (64_000, 70_000));
    assert!(ended.output.is_cut() && !ended.errors.is_cut());
}

#[tokio::test]
async fn what_was_ended_for_good_begins_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let groups = groups();
    assert!(groups.end_for_good(Duration::ZERO).await);
    let refused = run(shell("touch it", folder.path()), &groups, |_| {}).await.err().unwrap();
    assert_eq!(refused.to_string(), "it was ended before it began");
    assert!(!folder.path().join("it").exists());
}
