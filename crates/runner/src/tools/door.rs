//! The door of one agent's process to the server's tools: a socket that only this process and its children see.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::service::serve_server;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use tracing::debug;

use super::bridge::TOOLS;
use super::calls::{Calling, Calls};
use super::service::Service;
use crate::isolation::BRIDGE_WITHIN;
use crate::sockets::{Socket, Sockets};

/// Where sockets are kept in the runner's folder, which nobody within sees.
const FOLDER: &str = "doors";
/// Where the socket stands within.
const SOCKET: &str = "/run/tenure/tools";
/// Bridges of one process at once; further ones are hung up on.
const BRIDGES_MAX: usize = 16;
/// The longest message of an agent.
const MESSAGE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How long is waited when no connection can be taken, as when files are used up.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes the doors of a runner.
pub struct Doors {
    sockets: Sockets,
    program: PathBuf,
    arguments: Vec<String>,
    calls: Arc<Calls>,
}

/// The door of one process.
pub struct Door {
    socket: Socket,
    program: PathBuf,
    /// The program that an agent starts to come through the door, and its words.
    bridge: (PathBuf, Vec<String>),
    turn: Arc<Mutex<Option<Calling>>>,
    _serving: AbortOnDropHandle<()>,
}

/// A turn whose agent may come through a door, until it is dropped.
pub struct Admitted<'a>(&'a Door);

impl Doors {
    /// Makes the folder for sockets in `data`. `bridge` is the command that becomes the bridge, a program and its first
    /// arguments; without one there are no doors.
    pub fn new(data: &Path, bridge: &[OsString], calls: Arc<Calls>) -> io::Result<Option<Self>> {
        let Some((program, arguments)) = bridge.split_first() else { return Ok(None) };
        let arguments = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Ok(Some(Self { sockets: Sockets::in_folder(data.join(FOLDER))?, program: program.into(), arguments, calls }))
    }

    /// Opens a door; `caged` says whether what comes through it stands in a sandbox.
    pub fn open(&self, caged: bool) -> io::Result<Door> {
        let (socket, listener) = self.sockets.bind()?;
        let turn = Arc::default();
        let service = Service { calls: Arc::clone(&self.calls), turn: Arc::clone(&turn) };
        let (bridge, way): (&Path, &Path) = match caged {
            true => (BRIDGE_WITHIN.as_ref(), SOCKET.as_ref()),
            false => (&self.program, socket.path()),
        };
        let mut words = self.arguments.clone();
        words.extend([TOOLS.to_owned(), way.to_string_lossy().into_owned()]);
        let (bridge, program) = ((bridge.to_owned(), words), self.program.clone());
        let serving = AbortOnDropHandle::new(tokio::spawn(serve(listener, service)));
        Ok(Door { socket, program, bridge, turn, _serving: serving })
    }
}

impl Door {
    /// Lists what is to be seen within, and where.
    pub fn shown(&self) -> [(&Path, &'static str); 2] {
        [(self.socket.path(), SOCKET), (&self.program, BRIDGE_WITHIN)]
    }

    /// Returns the program that an agent starts to come through, and its words.
    pub fn bridge(&self) -> (&Path, &[String]) {
        (&self.bridge.0, &self.bridge.1)
    }

    /// Makes calls for this turn from now on: a process takes one turn at a time.
    pub fn admit(&self, turn: Calling) -> Admitted<'_> {
        *self.turn.lock().expect("no holder of this lock panics") = Some(turn);
        Admitted(self)
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        *self.0.turn.lock().expect("no holder of this lock panics") = None;
    }
}

/// Takes bridges until it is dropped, and they with it.
async fn serve(listener: UnixListener, service: Service) {
    let mut bridges = JoinSet::new();
    loop {
        while bridges.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) if bridges.len() < BRIDGES_MAX => {
                bridges.spawn(attend(stream, service.clone()));
            }
            Ok(_) => debug!("an agent has {BRIDGES_MAX} bridges; one more is hung up on"),
            Err(error) => {
                debug!("the door to the tools cannot take a connection: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn attend(stream: UnixStream, service: Service) {
    let (read, write) = stream.into_split();
    let transport = AsyncRwTransport::<RoleServer, _, _>::new(read, write).with_max_line_length(MESSAGE_BYTES_MAX);
    match serve_server(service, transport).await {
        // How it ended is known to the agent.
        Ok(serving) => drop(serving.waiting().await),
        Err(error) => debug!("an agent began no conversation with the tools: {error}"),
    }
}
