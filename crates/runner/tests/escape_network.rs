//! Tries to reach more of the network than `allow` lists; each try must fail. Where a machine has no isolation the suite says
//! so, and proves nothing.

mod support;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::sandbox::{Sandbox, processes_of};
use support::{shell_spec, until};
use tenure_model::link::WorkSpec;
use tenure_model::time::Span;
use tenure_runner::{AllowList, Network};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// A server of this machine that answers each request with the request itself.
struct Site {
    port: u16,
    visits: Arc<AtomicUsize>,
    _serving: AbortOnDropHandle<()>,
}

impl Site {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        let serve = async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::Relaxed);
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { break };
                    head.push(byte);
                }
                let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", head.len());
                // Whoever went away does not hear it.
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.write_all(&head).await;
            }
        };
        Self { port, visits, _serving: AbortOnDropHandle::new(tokio::spawn(serve)) }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::Relaxed)
    }
}

/// A sandbox that reaches only what is listed.
async fn limited_to(allow: &[&str]) -> Option<Sandbox> {
    let allow: Vec<String> = allow.iter().map(|text| (*text).to_owned()).collect();
    Sandbox::start(|config, _| {
        config.isolation.network = Network::Limited;
        config.isolation.allow = AllowList::read(&allow).unwrap();
    })
    .await
}

/// Returns a command that sends `head` to the proxy and prints what it answers.
fn ask_proxy(head: &str) -> String {
    let head = head.replace('\n', "\\r\\n");
    format!("bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128; printf \"{head}\\r\\n\\r\\n\" >&3; head -c 4000 <&3'")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_reached() {
    let site = Site::open().await;
    let port = site.port;
    let Some(mut sandbox) = limited_to(&[&format!("localhost:{port}")]).await else { return };
    let direct = sandbox.run(&format!("curl -sS http://127.0.0.1:{port}/direct")).await;
    assert!(direct.stdout.starts_with("GET /direct HTTP/1.1"), "{} {}", direct.stdout, direct.stderr);
    let asked = format!(
        "env -u no_proxy -u NO_PROXY curl -sS -H 'Connection: x-secret' -H 'X-Secret: 1' http://LOCALHOST.:{port}/asked"
    );
    let asked = sandbox.run(&asked).await;
    assert!(asked.stdout.starts_with("GET /asked HTTP/1.1"), "{} {}", asked.stdout, asked.stderr);
    let told = asked.stdout.to_lowercase();
    assert!(told.contains(&format!("host: localhost:{port}")), "{told}");
    assert!(!told.contains("x-secret") && !told.contains("proxy-connection"), "{told}");
    let tunnel = format!("env -u no_proxy -u NO_PROXY curl -sSp -d @- http://localhost:{port}/tunnel < /etc/passwd");
    let tunnel = sandbox.run(&tunnel).await;
    assert!(tunnel.stdout.starts_with("POST /tunnel HTTP/1.1"), "{} {}", tunnel.stdout, tunnel.stderr);
    assert_eq!(site.visits(), 3);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_allowed_is_refused_and_the_option_is_named() {
    let site = Site::open().await;
    let closed = Site::open().await;
    let (open, shut) = (site.port, closed.port);
    let Some(mut sandbox) = limited_to(&[&format!("localhost:{open}"), "*.example.com"]).await else { return };
    sandbox
        .refuses(&[
            &format!("curl -sf --max-time 5 http://127.0.0.1:{shut}/"),
            "curl -sf --max-time 5 --noproxy '*' http://1.1.1.1/",
            "bash -c 'exec 3<>/dev/tcp/1.1.1.1/443'",
            "curl -sf --max-time 5 http://example.org/",
            "curl -sf --max-time 5 https://example.org/",
            "getent hosts example.org",
            &format!("curl -sf --max-time 5 http://[::ffff:127.0.0.1]:{shut}/"),
        ])
        .await;
    for (asked, status) in [
        (format!("CONNECT 127.0.0.1:{shut} HTTP/1.1"), "403"),
        (format!("CONNECT localhost:{shut} HTTP/1.1"), "403"),
        (format!("CONNECT LOCALHOST.:{shut} HTTP/1.1"), "403"),
        (format!("CONNECT [::ffff:127.0.0.1]:{shut} HTTP/1.1"), "403"),
        (format!("CONNECT [::ffff:7f00:1]:{shut} HTTP/1.1"), "403"),
        (format!("CONNECT 0.0.0.0:{open} HTTP/1.1"), "403"),
        (format!("CONNECT 127.0.0.2:{open} HTTP/1.1"), "403"),
        (format!("CONNECT 2130706433:{open} HTTP/1.1"), "400"),
        (format!("CONNECT 0x7f000001:{open} HTTP/1.1"), "400"),
        (format!("CONNECT 0177.0.0.1:{open} HTTP/1.1"), "400"),
        (format!("CONNECT localhost:{open}@127.0.0.1:{shut} HTTP/1.1"), "400"),
        ("CONNECT a.example.com:22 HTTP/1.1".to_owned(), "403"),
        ("CONNECT example.com:443 HTTP/1.1".to_owned(), "403"),
        ("CONNECT a.example.com.evil.org:443 HTTP/1.1".to_owned(), "403"),
        ("CONNECT example.com HTTP/1.1".to_owned(), "400"),
        (format!("GET http://localhost:{open}@127.0.0.1:{shut}/ HTTP/1.1\nHost: localhost:{open}"), "400"),
        (format!("GET http://127.0.0.1:{shut}/ HTTP/1.1\nHost: localhost:{open}"), "403"),
        (format!("GET https://localhost:{open}/ HTTP/1.1\nHost: localhost:{open}"), "400"),
        (format!("GET / HTTP/1.1\nHost: localhost:{open}"), "400"),
        ("rubbish".to_owned(), "400"),
    ] {
        let told = sandbox.run(&ask_proxy(&format!("{asked}\nConnection: close"))).await.stdout;
        assert!(told.starts_with(&format!("HTTP/1.1 {status} ")), "{asked}: {told}");
        assert!(
            status != "403" || told.contains("is not among the hosts of `allow` in [isolation]"),
            "{asked}: {told}"
        );
    }
    let long = sandbox.run(&ask_proxy(&format!("GET http://localhost:{open}/{} HTTP/1.1", "x".repeat(40_000)))).await;
    assert!(!long.stdout.starts_with("HTTP/1.1 200"), "{}", long.stdout);
    assert_eq!((site.visits(), closed.visits()), (0, 0));
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_a_connection_is_judged() {
    let site = Site::open().await;
    let closed = Site::open().await;
    let (open, shut) = (site.port, closed.port);
    let Some(mut sandbox) = limited_to(&[&format!("localhost:{open}")]).await else { return };
    let first = format!("GET http://localhost:{open}/ HTTP/1.1\nHost: x\n\n");
    let second = format!("GET http://localhost:{shut}/ HTTP/1.1\nHost: x\nConnection: close");
    let told = sandbox.run(&ask_proxy(&format!("{first}{second}"))).await.stdout;
    assert!(told.starts_with("HTTP/1.1 200 ") && told.contains("HTTP/1.1 403 "), "{told}");
    assert_eq!((site.visits(), closed.visits()), (1, 0));
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_sees_no_socket_but_its_own_which_goes_with_it() {
    let Some(mut sandbox) = limited_to(&["example.com"]).await else { return };
    let outlets = sandbox.path("data/outlets");
    assert_eq!(
        sandbox.run("find /run/tenure -not -type d | sort").await.stdout,
        "/run/tenure/bridge\n/run/tenure/proxy\n"
    );
    let sockets = sandbox.run("grep '[/@]' /proc/net/unix").await;
    assert_eq!(sockets.stdout, "", "none has a name in this network");
    sandbox.refuses(&[&format!("ls {}", outlets.display()), "rm /run/tenure/proxy", "touch /run/tenure/bridge"]).await;
    let devices = sandbox.run("tail -n +3 /proc/net/dev | cut -d: -f1").await;
    assert_eq!(devices.stdout.trim(), "lo");
    let left = sandbox.run("setsid sh -c 'trap \"\" TERM HUP; sleep 600' & true").await;
    assert_eq!(processes_of(&left.spec), [] as [std::path::PathBuf; 0]);
    until(|| fs::read_dir(&outlets).unwrap().next().is_none()).await;
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_ends_as_it_would_without_the_bridge() {
    let Some(mut sandbox) = limited_to(&["example.com"]).await else { return };
    for (command, exit) in [("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("true", 0)] {
        assert_eq!(sandbox.run(command).await.exit, Some(exit), "{command}");
    }
    let Some(mut plain) = Sandbox::start(|_, _| {}).await else { return };
    let descriptors = "for fd in /proc/$$/fd/*; do basename $fd; done";
    assert_eq!(sandbox.run(descriptors).await.stdout, plain.run(descriptors).await.stdout);
    plain.stop().await;
    let command = "trap 'echo tidy > tidied; exit 3' TERM; while :; do sleep 0.1; done";
    let asked = sandbox.work(WorkSpec { timeout_ms: Span(5_000), ..shell_spec(command) }).await;
    assert_eq!(asked.error.as_deref(), Some("bash_timeout:5000"));
    assert_eq!(fs::read_to_string(sandbox.path("workspace/tidied")).unwrap(), "tidy\n");
    assert_eq!(processes_of(&asked.spec), [] as [std::path::PathBuf; 0]);
    sandbox.stop().await;
}
