//! Tries to leave the isolation in every way that is known here; each try must fail. Where a machine has no isolation the
//! suite says so, and proves nothing.

mod support;

use std::fs;
use std::os::unix::process::CommandExt;
use std::time::Duration;

use support::repo::Repo;
use support::sandbox::{Sandbox, processes_of};
use support::shell_spec;
use tenure_model::chat::FinishReason;
use tenure_model::id::SessionId;
use tenure_model::link::WorkSpec;
use tenure_model::time::Span;
use tenure_runner::{IsolationPolicy, Network, Workspaces};

#[tokio::test(flavor = "multi_thread")]
async fn the_systems_secrets_cannot_be_read() {
    assert!(fs::exists("/etc/shadow").unwrap(), "there is something to keep");
    let Some(mut sandbox) = Sandbox::start(|_, _| {}).await else { return };
    sandbox.refuses(&["cat /etc/shadow", "ln -s /etc/shadow link; cat link", "cat /proc/1/root/etc/shadow"]).await;
    let passwd = sandbox.run("cat /etc/passwd").await;
    assert_eq!((passwd.exit, passwd.stdout.is_empty()), (Some(0), false), "{}", passwd.stderr);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_of_the_workspace_can_be_read() {
    let Some(mut sandbox) = Sandbox::start(|_, folder| fs::write(folder.join("outside"), "kept").unwrap()).await else {
        return;
    };
    let (outside, data) = (sandbox.path("outside"), sandbox.path("data"));
    let (outside, data) = (outside.display(), data.display());
    sandbox
        .refuses(&[
            &format!("cat {outside}"),
            "cat ../outside",
            &format!("ln -s {outside} door; cat door"),
            &format!("cat /proc/1/root{outside}"),
            &format!("cat {data}/runner.json"),
            &format!("ls {data}/spool"),
            "cat \"$OLDPWD/outside\"",
        ])
        .await;
    let found = sandbox.run("find / -name runner.json -o -name '*.jsonl' 2>/dev/null | grep -v ^/proc").await;
    assert_eq!(found.stdout, "");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_of_the_workspace_can_be_written() {
    let Some(mut sandbox) = Sandbox::start(|_, _| {}).await else { return };
    sandbox
        .refuses(&["touch /etc/tenure-escape", "touch /usr/tenure-escape", "touch /tenure-escape", "rm /etc/passwd"])
        .await;
    let stray = std::env::temp_dir().join(format!("tenure-escape-{}", std::process::id()));
    let private = sandbox.run(&format!("touch {} && touch /tmp/mine && touch here", stray.display())).await;
    assert_eq!(private.exit, Some(0), "{}", private.stderr);
    assert!(!stray.exists(), "its /tmp is its own");
    assert!(sandbox.path("workspace/here").exists());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_processes_cannot_be_seen_nor_signalled() {
    let Some(mut sandbox) = Sandbox::start(|_, _| {}).await else { return };
    let runner = std::process::id();
    sandbox
        .refuses(&[
            &format!("kill -9 {runner}"),
            &format!("cat /proc/{runner}/status"),
            &format!("cat /proc/{runner}/mem"),
            &format!("ls /proc/{runner}/root"),
        ])
        .await;
    let seen = sandbox.run("ls /proc | grep -c '^[0-9]'").await;
    let seen: u32 = seen.stdout.trim().parse().unwrap();
    assert!(seen < 10, "{seen} processes are seen");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_cannot_be_gained() {
    let Some(mut sandbox) = Sandbox::start(|_, _| {}).await else { return };
    sandbox
        .refuses(&[
            "mount -t tmpfs none /tmp",
            "mount -o remount,rw /usr",
            "mount --bind / /tmp",
            "umount /etc/shadow",
            "mknod disk b 8 0",
            "chroot . /bin/true",
            "unshare --user --map-root-user --mount true",
            "unshare --user true",
            "unshare --mount true",
            "bwrap --ro-bind / / true",
            "nsenter --target 1 --user --mount true",
        ])
        .await;
    let status = sandbox.run("grep -E 'NoNewPrivs|CapBnd|CapEff' /proc/self/status").await;
    let values: Vec<_> = status.stdout.lines().map(|line| line.rsplit('\t').next().unwrap()).collect();
    assert_eq!(values, ["0000000000000000", "0000000000000000", "1"]);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_nothing_is_reached() {
    for (network, reached) in [(Network::None, false), (Network::Full, true)] {
        let Some(mut sandbox) = Sandbox::start(|config, _| config.isolation.network = network).await else { return };
        let address = sandbox.server.url().replace("http://", "").replace(':', "/");
        let tried = sandbox.run(&format!("bash -c 'exec 3<>/dev/tcp/{address}'")).await;
        assert_eq!(tried.exit == Some(0), reached, "{}", tried.stderr);
        let devices = sandbox.run("tail -n +3 /proc/net/dev | cut -d: -f1").await;
        assert!(reached || devices.stdout.trim() == "lo", "{}", devices.stdout);
        sandbox.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_has_a_home_of_its_own() {
    let Some(mut sandbox) = Sandbox::start(|_, _| {}).await else { return };
    let mine = sandbox.run("echo mine > ~/note; cat ~/note").await;
    assert_eq!(mine.stdout, "mine\n", "{}", mine.stderr);
    let note = sandbox.path("data/homes").join(mine.spec.session.to_string()).join("note");
    assert_eq!(fs::read_to_string(note).unwrap(), "mine\n");
    let others = sandbox.work(WorkSpec { session: SessionId::default(), ..shell_spec("cat ~/note") }).await;
    assert_ne!(others.exit, Some(0));
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_folder_in_a_workspace_is_covered() {
    // As `tenure dev` has it: the project is the workspace, and the server's folder stands in it.
    let dev = Sandbox::start(|config, folder| {
        config.workspaces = Workspaces::Shared(folder.to_owned());
        config.data = folder.join(".tenure/runner");
        fs::create_dir_all(&config.data).unwrap();
        fs::write(folder.join(".tenure/dev.json"), "token").unwrap();
        config.isolation.hide = vec![folder.join(".tenure").to_string_lossy().into_owned()];
    });
    let Some(mut sandbox) = dev.await else { return };
    sandbox
        .refuses(&["cat .tenure/dev.json", "touch .tenure/x", "mv .tenure away", "rm -r .tenure", "rmdir .tenure"])
        .await;
    assert_eq!(sandbox.run("ls -A .tenure").await.stdout, "");
    assert_eq!(fs::read_to_string(sandbox.path(".tenure/dev.json")).unwrap(), "token");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_outlives_its_work() {
    let Some(mut sandbox) = Sandbox::start(|_, _| {}).await else { return };
    let daemon = sandbox.run("setsid sh -c 'trap \"\" TERM HUP; sleep 600' & (sleep 600 &) ; sleep 600 & true").await;
    assert_eq!((daemon.exit, daemon.error), (Some(0), None));
    assert_eq!(processes_of(&daemon.spec), [] as [std::path::PathBuf; 0]);
    let command = "trap '' TERM; setsid sleep 600 & while :; do sleep 1; done";
    let deaf = sandbox.work(WorkSpec { timeout_ms: Span(1_000), ..shell_spec(command) }).await;
    assert_eq!((deaf.reason, deaf.error.as_deref()), (FinishReason::Error, Some("bash_timeout:1000")));
    assert_eq!(processes_of(&deaf.spec), [] as [std::path::PathBuf; 0]);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_out_of_time_may_tidy_up() {
    let Some(mut sandbox) = Sandbox::start(|_, _| {}).await else { return };
    let command = "trap 'echo tidy > tidied; exit 3' TERM; while :; do sleep 0.1; done";
    let asked = sandbox.work(WorkSpec { timeout_ms: Span(1_000), ..shell_spec(command) }).await;
    assert_eq!(asked.error.as_deref(), Some("bash_timeout:1000"));
    assert_eq!(fs::read_to_string(sandbox.path("workspace/tidied")).unwrap(), "tidy\n");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_end_what_goes_beyond_them_and_are_named() {
    let limited = |policy: &mut IsolationPolicy| {
        policy.limits.file_bytes_max = 1_000_000;
        policy.limits.cpu_seconds = 1;
        policy.limits.memory_bytes = 64 << 20;
        policy.tmp_bytes_max = 1_000_000;
    };
    let Some(mut sandbox) = Sandbox::start(|config, _| limited(&mut config.isolation)).await else { return };
    let file = sandbox.run("exec head -c 2000000 /dev/zero > big").await;
    assert_eq!(
        file.error.as_deref(),
        Some("killed by SIGXFSZ: the limit file_bytes_max is 1000000"),
        "{}",
        file.stderr
    );
    assert_eq!(fs::metadata(sandbox.path("workspace/big")).unwrap().len(), 1_000_000);
    let spin = sandbox.run("while :; do :; done").await;
    assert_eq!(spin.error.as_deref(), Some("killed by SIGXCPU: the limit cpu_seconds is 1"), "{}", spin.stderr);
    // The shell keeps the whole line in its memory.
    sandbox.refuses(&["x=$(head -c 100000000 /dev/zero | tr '\\0' x); echo ${#x} | grep 100000000"]).await;
    sandbox.refuses(&["head -c 900000 /dev/zero > /tmp/a && head -c 900000 /dev/zero > /tmp/b"]).await;
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_bomb_is_held_down() {
    if rustix::process::geteuid().is_root() {
        return as_nobody("a_fork_bomb_is_held_down");
    }
    let Some(mut sandbox) = Sandbox::start(|config, _| config.isolation.limits.processes_max = 20).await else {
        return;
    };
    let command = "for i in $(seq 40); do sleep 5 & done 2>/dev/null; ls /proc | grep -c '^[0-9]'";
    let bomb = tokio::time::timeout(Duration::from_secs(60), sandbox.run(command)).await.unwrap();
    assert!(bomb.stdout.trim().parse().is_ok_and(|count: u32| count <= 22) || bomb.exit != Some(0), "{}", bomb.stdout);
    sandbox.stop().await;
}

/// Runs a test of this file again as a user whose processes the kernel counts; those of root it does not.
fn as_nobody(test: &str) {
    const NOBODY: u32 = 65_534;
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args([test, "--exact"]).uid(NOBODY).gid(NOBODY).current_dir("/").env_remove("HOME");
    match again.output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && told.contains("1 passed"), "{told}");
        }
        Err(error) => eprintln!("SKIPPED, because nobody may not run this test: {error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_works_within_and_the_copy_that_it_leans_on_stays_as_it_is() {
    let repo = Repo::new();
    let each = |config: &mut tenure_runner::Config, _: &std::path::Path| {
        config.workspaces = Workspaces::PerSession;
        config.git.protocols.push("file".into());
    };
    let Some(mut sandbox) = Sandbox::start(each).await else { return };
    let first = WorkSpec { repo: Some(repo.context()), ..shell_spec("git log --oneline | wc -l && cat a.txt") };
    let said = sandbox.work(first.clone()).await;
    assert_eq!(
        (said.exit, said.stdout.as_str()),
        (Some(0), "2\none\ntwo\nthree\n"),
        "{} {:?}",
        said.stderr,
        said.error
    );
    // It is the runner's, and read by the clones of others.
    let spoil = "cd \"$(cat .git/objects/info/alternates)\" && touch mine";
    let again = WorkSpec { session: first.session, repo: Some(repo.context()), ..shell_spec(spoil) };
    let spoiled = sandbox.work(again).await;
    assert_ne!(spoiled.exit, Some(0), "{}", spoiled.stdout);
    assert!(spoiled.stderr.contains("Read-only"), "{}", spoiled.stderr);
    let commit = "git -c user.name=a -c user.email=a@b commit -q --allow-empty -m more && git rev-list --count HEAD";
    let committed =
        sandbox.work(WorkSpec { session: first.session, repo: Some(repo.context()), ..shell_spec(commit) }).await;
    assert_eq!((committed.exit, committed.stdout.as_str()), (Some(0), "3\n"), "{}", committed.stderr);
    sandbox.stop().await;
}
