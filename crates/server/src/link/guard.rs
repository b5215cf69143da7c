//! The guard of sockets: it ends those that do not read, do not answer, or lost news for too long, from outside.
//!
//! A websocket actor freezes while more than 32 KiB of its output are unwritten, so nothing inside it can end it. The
//! guard keeps a duplicate of every connection's descriptor and shuts the connection down under the actor.
//!
//! ```text
//!   on_connect ── small send buffer, no delay, duplicate kept ──▶ Connection
//!   upgrade ──── watch(Weak of it) ─▶ Watched { lost, heard, blocked }
//!   every 500 ms: lost news > 2 s · silent > pong deadline · blocked > pong deadline ─▶ linger 0, shutdown
//! ```

use std::any::Any;
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::{SockRef, Socket};
use tenure_runtime::LostMark;
use tracing::{debug, warn};

use crate::options::ServerOptions;

/// How often the guard looks.
const SWEEP_EVERY: Duration = Duration::from_millis(500);

/// A duplicate of one connection's descriptor, kept as long as the connection.
#[derive(Clone)]
pub struct Connection(Arc<Socket>);

/// Prepares a fresh connection, and keeps a duplicate of it for the guard.
pub fn adopt(options: &ServerOptions, connection: &dyn Any, data: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else {
        return;
    };
    match prepared(options, stream) {
        Ok(duplicate) => {
            data.insert(Connection(Arc::new(duplicate)));
        }
        // Without a duplicate the connection still serves plain requests; sockets are refused on it.
        Err(error) => warn!("a connection could not be put under guard: {error}"),
    }
}

fn prepared(options: &ServerOptions, stream: &TcpStream) -> std::io::Result<Socket> {
    let socket = SockRef::from(stream);
    socket.set_tcp_nodelay(true)?;
    socket.set_send_buffer_size(options.send_buffer_bytes)?;
    socket.set_tcp_user_timeout(Some(options.unacknowledged_ms_max.duration()))?;
    Ok(Socket::from(stream.as_fd().try_clone_to_owned()?))
}

/// Why the guard ended a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    LostNews,
    Silent,
    Blocked,
}

/// What the guard knows of one socket.
pub struct Watched {
    connection: Weak<Socket>,
    lost: Mutex<Option<Arc<LostMark>>>,
    /// When the other side was last heard, in milliseconds since the guard began.
    heard: AtomicU64,
    /// Since when the socket's task has been waiting to write; zero when it is not.
    blocked: AtomicU64,
    /// Whether silence ends it; a reader of server-sent events has nothing to say.
    answers: bool,
    ended: AtomicBool,
    start: Instant,
}

impl Watched {
    /// Notes that the other side was heard.
    pub fn heard(&self) {
        self.heard.store(self.now(), Ordering::Release);
    }

    /// Watches this subscription from now on.
    pub fn lost_by(&self, mark: Arc<LostMark>) {
        *self.lost.lock().expect("noting a mark does not panic") = Some(mark);
    }

    /// Notes that the socket's task waits to write, or no longer.
    pub fn blocked(&self, blocked: bool) {
        self.blocked.store(if blocked { self.now().max(1) } else { 0 }, Ordering::Release);
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    fn judge(&self, limits: &Limits) -> Option<Cause> {
        let lost = self.lost.lock().expect("noting a mark does not panic").as_ref().and_then(|mark| mark.since());
        if lost.is_some_and(|since| since.elapsed() > limits.lost) {
            return Some(Cause::LostNews);
        }
        let blocked = self.blocked.load(Ordering::Acquire);
        if blocked > 0 && self.now().saturating_sub(blocked) > limits.blocked {
            return Some(Cause::Blocked);
        }
        let silent = self.now().saturating_sub(self.heard.load(Ordering::Acquire));
        (self.answers && silent > limits.silent).then_some(Cause::Silent)
    }

    /// Shuts the connection down without waiting for what is unwritten.
    fn end(&self) {
        self.ended.store(true, Ordering::Release);
        let Some(socket) = self.connection.upgrade() else {
            return;
        };
        // A connection that is gone already cannot be told anything.
        let _ = socket.set_linger(Some(Duration::ZERO));
        let _ = socket.shutdown(Shutdown::Both);
    }
}

struct Limits {
    lost: Duration,
    silent: u64,
    blocked: u64,
}

/// Watches every socket of the server.
pub struct Guard {
    watched: Mutex<Vec<Weak<Watched>>>,
    limits: Limits,
    start: Instant,
    ended: [AtomicU64; 3],
}

impl Guard {
    /// Makes a guard with the server's deadlines.
    pub fn new(options: &ServerOptions) -> Arc<Self> {
        let deadline = options.ping_every_ms.0 + options.pong_deadline_ms.0;
        Arc::new(Self {
            watched: Mutex::default(),
            limits: Limits { lost: options.lagging_ms_max.duration(), silent: deadline, blocked: deadline },
            start: Instant::now(),
            ended: Default::default(),
        })
    }

    /// Watches a socket until the returned handle is dropped. `answers` tells whether it must be heard now and then.
    pub fn watch(&self, connection: &Connection, answers: bool) -> Arc<Watched> {
        let watched = Arc::new(Watched {
            connection: Arc::downgrade(&connection.0),
            lost: Mutex::default(),
            heard: AtomicU64::new(self.start.elapsed().as_millis() as u64),
            blocked: AtomicU64::new(0),
            answers,
            ended: AtomicBool::new(false),
            start: self.start,
        });
        self.watched.lock().expect("the list is only pushed and filtered").push(Arc::downgrade(&watched));
        watched
    }

    /// Returns how many sockets were ended for `cause`.
    pub fn ended(&self, cause: Cause) -> u64 {
        self.ended[cause as usize].load(Ordering::Relaxed)
    }

    /// Looks at every socket again and again, for as long as the guard is needed.
    pub async fn run(guard: Weak<Guard>) {
        let mut ticks = actix_web::rt::time::interval(SWEEP_EVERY);
        loop {
            ticks.tick().await;
            let Some(guard) = guard.upgrade() else { return };
            guard.sweep();
        }
    }

    fn sweep(&self) {
        let mut all = self.watched.lock().expect("the list is only pushed and filtered");
        all.retain(|watched| {
            let Some(watched) = watched.upgrade() else { return false };
            if watched.ended.load(Ordering::Acquire) {
                return false;
            }
            if let Some(cause) = watched.judge(&self.limits) {
                debug!("ended a socket: {cause:?}");
                self.ended[cause as usize].fetch_add(1, Ordering::Relaxed);
                watched.end();
                return false;
            }
            true
        });
    }
}
