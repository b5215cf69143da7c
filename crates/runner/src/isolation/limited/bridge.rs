//! What stands within, around a command: it takes connections on the loopback device there, and passes them to the socket of
//! the runner's proxy.
//!
//! A signal to the group of the command reaches both. The bridge takes none: it ends when the command does, and as it did.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;
use tokio::time::sleep;

/// Where the proxy is found within.
pub const PORT: u16 = 3128;
/// The longest answer of the proxy to the request for a service.
const ANSWER_BYTES_MAX: usize = 1024;
/// How long is waited when no connection can be taken.
const PAUSE: Duration = Duration::from_millis(100);
/// What a shell answers for a command that cannot be started.
const NOT_STARTED: u8 = 127;
const MISUSED: u8 = 2;

/// Runs a command with the bridge around it and returns how it ended, a signal as 128 more than its number. The words are
/// the socket, the services of the machine outside that stand within as well, `--`, and the command.
pub fn bridge(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Some(job) = Job::read(words) else {
        eprintln!("the words are: SOCKET [ADDRESS:PORT]... -- PROGRAM [ARGUMENT]...");
        return ExitCode::from(MISUSED);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| LocalSet::new().block_on(&runtime, job.run())) {
        Ok(status) => ExitCode::from(as_told_by_shells(status)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(NOT_STARTED)
        }
    }
}

fn as_told_by_shells(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

struct Job {
    socket: PathBuf,
    services: Vec<SocketAddr>,
    program: OsString,
    arguments: Vec<OsString>,
}

impl Job {
    fn read(words: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut words = words.into_iter();
        let socket = PathBuf::from(words.next()?);
        let mut services = Vec::new();
        for word in words.by_ref().take_while(|word| word != "--") {
            services.push(word.to_str()?.parse().ok()?);
        }
        Some(Self { socket, services, program: words.next()?, arguments: words.collect() })
    }

    async fn run(self) -> io::Result<ExitStatus> {
        let socket: Rc<Path> = self.socket.into();
        let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).await?;
        tokio::task::spawn_local(take(proxy, Rc::clone(&socket), None));
        for service in self.services {
            // Not every machine has both kinds of addresses; the other one is enough.
            if let Ok(listener) = TcpListener::bind(service).await {
                tokio::task::spawn_local(take(listener, Rc::clone(&socket), Some(service)));
            }
        }
        be_deaf()?;
        let mut command = Command::new(&self.program);
        let started = command.args(self.arguments).spawn();
        let program = self.program.display();
        let mut child = started.map_err(|error| io::Error::other(format!("failed to start `{program}`: {error}")))?;
        child.wait().await
    }
}

/// Takes no notice of what asks processes to end. The command does not inherit this.
fn be_deaf() -> io::Result<()> {
    let asking = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit()];
    for kind in asking.into_iter().chain([SignalKind::user_defined1(), SignalKind::user_defined2()]) {
        // Once it was listened for, a signal has no other effect any more.
        drop(signal(kind)?);
    }
    Ok(())
}

async fn take(listener: TcpListener, socket: Rc<Path>, service: Option<SocketAddr>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Files are used up, which may pass.
            sleep(PAUSE).await;
            continue;
        };
        let socket = Rc::clone(&socket);
        // The command hears of a broken connection itself.
        tokio::task::spawn_local(async move { pass(stream, &socket, service).await });
    }
}

async fn pass(mut within: TcpStream, socket: &Path, service: Option<SocketAddr>) -> io::Result<()> {
    within.set_nodelay(true)?;
    let mut outside = UnixStream::connect(socket).await?;
    if let Some(service) = service {
        ask_for(service, &mut outside).await?;
    }
    copy_bidirectional(&mut within, &mut outside).await.map(drop)
}

/// Has the proxy make a tunnel to a service of the machine outside.
async fn ask_for(service: SocketAddr, outside: &mut UnixStream) -> io::Result<()> {
    let request = format!("CONNECT {service} HTTP/1.1\r\nHost: {service}\r\n\r\n");
    outside.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the answer is the service's.
    while !answer.ends_with(b"\r\n\r\n") && answer.len() < ANSWER_BYTES_MAX {
        answer.push(outside.read_u8().await?);
    }
    match answer.starts_with(b"HTTP/1.1 200 ") {
        true => Ok(()),
        false => Err(io::ErrorKind::ConnectionRefused.into()),
    }
}
