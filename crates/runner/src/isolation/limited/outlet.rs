//! The way out of one work: a socket that only its own processes see, and the proxy behind it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::task::AbortOnDropHandle;

use super::allow::AllowList;
use super::bridge::{NETWORK, PORT};
use super::proxy::Proxy;
use crate::isolation::inside::BRIDGE_WITHIN;
use crate::sockets::{Socket, Sockets};

/// Where sockets are kept in the runner's folder, which nobody within sees.
const FOLDER: &str = "outlets";
/// Where the socket stands within.
const SOCKET: &str = "/run/tenure/proxy";

/// How works of a runner get out.
pub struct WayOut {
    allow: Arc<AllowList>,
    sockets: Sockets,
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl WayOut {
    /// Makes the folder for sockets in `data`; what an earlier start left there is removed. `bridge` is the command that
    /// becomes the bridge, a program and its first arguments.
    pub fn new(allow: AllowList, bridge: &[OsString], data: &Path) -> Result<Self, String> {
        if allow.is_empty() {
            return Err("the network \"limited\" needs `allow`, the hosts that are reached; or use \"none\"".to_owned());
        }
        let (program, arguments) = bridge.split_first().ok_or("there is no program for the bridge")?;
        let folder = data.join(FOLDER);
        let sockets = Sockets::in_folder(folder.clone());
        let sockets = sockets.map_err(|error| format!("failed to make the folder {}: {error}", folder.display()))?;
        Ok(Self { allow: Arc::new(allow), sockets, program: program.into(), arguments: arguments.to_vec() })
    }

    /// Says in a list what is reached.
    pub fn in_words(&self) -> String {
        self.allow.in_words()
    }

    /// Opens a way out, which is shut when it is dropped. `work` is whose it is, for the log.
    pub fn open(&self, work: String) -> io::Result<Outlet> {
        let (socket, listener) = self.sockets.bind()?;
        let proxy = Arc::new(Proxy { allow: Arc::clone(&self.allow), work });
        let serving = AbortOnDropHandle::new(tokio::spawn(proxy.serve(listener)));
        let mut words: Vec<OsString> = vec![BRIDGE_WITHIN.into()];
        words.extend(self.arguments.iter().cloned());
        words.extend([NETWORK.into(), SOCKET.into()]);
        words.extend(self.allow.services().iter().map(|service| service.to_string().into()));
        words.push("--".into());
        Ok(Outlet { socket, program: self.program.clone(), words, _serving: serving })
    }
}

/// The way out of one work.
pub struct Outlet {
    socket: Socket,
    program: PathBuf,
    words: Vec<OsString>,
    _serving: AbortOnDropHandle<()>,
}

impl Outlet {
    /// Lists what is to be seen within, and where.
    pub fn shown(&self) -> [(&Path, &'static str); 2] {
        [(self.socket.path(), SOCKET), (&self.program, BRIDGE_WITHIN)]
    }

    /// Returns the words that come before a command within.
    pub fn words(&self) -> &[OsString] {
        &self.words
    }

    /// Returns the variables by which programs know of a proxy. What listens within is reached without it.
    pub fn variables() -> impl Iterator<Item = (OsString, OsString)> {
        let proxy = format!("http://127.0.0.1:{PORT}");
        let proxies = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
        let proxies = proxies.map(|name| (name, proxy.clone()));
        let others = [("no_proxy", "localhost,127.0.0.1,::1"), ("NO_PROXY", "localhost,127.0.0.1,::1")];
        // Node looks at these variables only when it is told to.
        let others = others.into_iter().chain([("NODE_USE_ENV_PROXY", "1")]);
        proxies
            .into_iter()
            .chain(others.map(|(name, value)| (name, value.to_owned())))
            .map(|(n, v)| (n.into(), v.into()))
    }
}
