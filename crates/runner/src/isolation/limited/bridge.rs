//! What stands within, around a command: it takes connections on the loopback device there, and passes them to the socket of
//! the runner's proxy.
//!
//! The command leads a group of its own, to which signals are passed on. The bridge ends when the command does, and as it did.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::rc::Rc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::process::Command;
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::task::LocalSet;
use tokio::time::sleep;

/// The word by which the bridge is told what to do.
pub const NETWORK: &str = "network";
/// Where the proxy is found within.
pub const PORT: u16 = 3128;
/// The longest answer of the proxy to the request for a service.
const ANSWER_BYTES_MAX: usize = 1024;
/// What asks a command for something.
const PASSED_ON: [Signal; 6] = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT, Signal::USR1, Signal::USR2];
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
        let signals = PASSED_ON.into_iter().map(|kind| Ok((kind, signal(SignalKind::from_raw(kind.as_raw()))?)));
        let signals: Vec<(Signal, unix::Signal)> = signals.collect::<io::Result<_>>()?;
        let started = Command::new(&self.program).args(self.arguments).process_group(0).spawn();
        let program = self.program.display();
        let mut child = started.map_err(|error| io::Error::other(format!("failed to start `{program}`: {error}")))?;
        let group = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).expect("it was not waited for yet");
        for (kind, mut heard) in signals {
            tokio::task::spawn_local(async move {
                while heard.recv().await.is_some() {
                    // It may be gone by now, which is as well.
                    let _ = kill_process_group(group, kind);
                }
            });
        }
        child.wait().await
    }
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
