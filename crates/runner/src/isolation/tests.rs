//! What an isolation promises of the commands that it makes.

use std::ffi::OsStr;
use std::path::Path;

use tokio::process::Command;

use super::bubblewrap::Bubblewrap;
use super::choice::hidden;
use super::inside::Inside;
use super::*;

/// Returns the command of `bwrap` for a workspace in `data`, as it would be run.
fn made(policy: &IsolationPolicy, data: &Path, env: &[(&str, &str)]) -> Command {
    let workspace = data.join("workspaces/w");
    let home = data.join("homes/h");
    std::fs::create_dir_all(&workspace).unwrap();
    std::fs::create_dir_all(&home).unwrap();
    let bubblewrap = Bubblewrap::new("/usr/bin/bwrap".into(), policy, hidden(policy, data));
    let env = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let inside = Inside { workspace: &workspace, home: &home, lent: &[], outlet: None, door: None };
    bubblewrap.command(&inside, &workspace, "sh", env).unwrap()
}

fn words(command: &Command) -> Vec<&str> {
    command.as_std().get_args().map(|word| word.to_str().unwrap()).collect()
}

fn follow(words: &[&str], expected: &[&str]) -> bool {
    words.windows(expected.len()).any(|window| window == expected)
}

#[test]
fn secrets_are_no_arguments_and_what_steers_the_loader_stays_within() {
    let data = tempfile::tempdir().unwrap();
    let command = made(&IsolationPolicy::default(), data.path(), &[("TOKEN", "hidden"), ("LD_PRELOAD", "/x.so")]);
    let words = words(&command);
    assert!(follow(&words, &["--setenv", "LD_PRELOAD", "/x.so"]));
    assert!(!words.contains(&"hidden"));
    let outside: Vec<_> = command.as_std().get_envs().map(|(name, _)| name).collect();
    assert!(outside.contains(&OsStr::new("TOKEN")));
    assert!(!outside.contains(&OsStr::new("LD_PRELOAD")) && !outside.contains(&OsStr::new("TMPDIR")));
}

#[test]
fn the_network_goes_only_where_the_policy_says_so() {
    let data = tempfile::tempdir().unwrap();
    let none = IsolationPolicy { network: Network::None, ..IsolationPolicy::default() };
    assert!(words(&made(&none, data.path(), &[])).contains(&"--unshare-net"));
    assert!(!words(&made(&IsolationPolicy::default(), data.path(), &[])).contains(&"--unshare-net"));
}

#[test]
fn what_is_hidden_is_covered_before_the_workspace_shows_through() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().canonicalize().unwrap();
    // The operator shows the folder that holds the runner's own one.
    let show = vec![data.parent().unwrap().to_string_lossy().into_owned()];
    let policy = IsolationPolicy { show, ..IsolationPolicy::default() };
    let command = made(&policy, &data, &[]);
    let words = words(&command);
    let place = |expected: &[&str]| words.windows(expected.len()).position(|window| window == expected).unwrap();
    let workspace = data.join("workspaces/w");
    let covered = place(&["--tmpfs", data.to_str().unwrap()]);
    let bound = place(&["--bind", workspace.to_str().unwrap(), workspace.to_str().unwrap()]);
    let closed = place(&["--remount-ro", data.to_str().unwrap()]);
    assert!(covered < bound && bound < closed);
}

#[test]
fn a_hidden_folder_in_the_workspace_cannot_be_moved_away() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().canonicalize().unwrap();
    let data = workspace.join("deep/.tenure");
    let home = data.join("homes/h");
    std::fs::create_dir_all(&home).unwrap();
    let policy = IsolationPolicy::default();
    let bubblewrap = Bubblewrap::new("/usr/bin/bwrap".into(), &policy, hidden(&policy, &data));
    let lent = [data.join("mirror")];
    let inside = Inside { workspace: &workspace, home: &home, lent: &lent, outlet: None, door: None };
    let command = bubblewrap.command(&inside, &workspace, "sh", Vec::new()).unwrap();
    let words = words(&command);
    let deep = workspace.join("deep");
    assert!(follow(&words, &["--bind", deep.to_str().unwrap(), deep.to_str().unwrap()]));
    let (data, mirror) = (data.to_str().unwrap(), lent[0].to_str().unwrap());
    assert!(follow(&words, &["--tmpfs", data, "--ro-bind-try", mirror, mirror, "--remount-ro", data]));
    let wrong = Inside { workspace: data.as_ref(), ..inside };
    assert!(bubblewrap.command(&wrong, data.as_ref(), "sh", Vec::new()).is_err(), "a hidden folder is no workspace");
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_with_the_reason() {
    let data = tempfile::tempdir().unwrap();
    let refused = async |policy: IsolationPolicy| match choose(&policy, data.path()).await {
        Err(why) => why,
        Ok(_) => panic!("it is taken"),
    };
    let none = IsolationPolicy::none();
    let why = refused(IsolationPolicy { network: Network::None, ..none.clone() }).await;
    assert_eq!(why, "no network can be kept from processes under the isolation \"none\"");
    let why = refused(IsolationPolicy { network: Network::Limited, ..none.clone() }).await;
    assert!(why.contains("needs `allow`"), "{why}");
    let allow = AllowList::read(&["example.com".to_owned()]).unwrap();
    let limited = IsolationPolicy { network: Network::Limited, allow, bridge: vec!["bridge".into()], ..none };
    assert_eq!(refused(limited).await, "no network can be kept from processes under the isolation \"none\"");
    let container = IsolationPolicy { mode: Some(IsolationMode::Container), ..IsolationPolicy::default() };
    assert!(refused(container).await.starts_with("the isolation \"container\" does not work here: "));
}
