//! How processes of agents and commands are kept in: decided once at the start of the runner, by trying it.
//!
//! ```text
//!   none        the command as it is: it reaches all that the runner's user can
//!   container   podman ─▶ a container of its own ─▶ the command
//!               sees: the image, read-only · its workspace and its session's home · a private /tmp, /proc, /dev
//!   bubblewrap  bwrap ─▶ namespaces of its own ─▶ (prlimit ─▶) the command
//!               sees: the system, read-only · its workspace and its session's home · a private /tmp, /proc, /dev
//! ```

mod bubblewrap;
mod choice;
mod home;
mod inside;
mod limited;
mod limits;
mod place;
mod podman;
mod policy;
mod programs;
mod syscalls;
mod system;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use choice::choose;
pub use inside::BRIDGE_WITHIN;
pub use limited::{AllowList, NETWORK, bridge};
pub use place::Place;
pub use policy::{IsolationMode, IsolationPolicy, Network, ProcessLimits};

use bubblewrap::Bubblewrap;
use limited::{Outlet, WayOut};
use limits::Limiter;
use podman::Podman;

/// The isolation of one runner.
pub struct Isolation {
    cage: Cage,
    network: Network,
    /// Absent unless the network is limited.
    way_out: Option<WayOut>,
    limiter: Limiter,
    /// The folders that nobody sees, even in a workspace.
    hidden: Vec<PathBuf>,
}

/// What stands around a process.
enum Cage {
    None,
    Bubblewrap(Box<Bubblewrap>),
    Container(Box<Podman>),
}

impl Isolation {
    /// Returns no isolation and no limits.
    #[cfg(test)]
    pub fn none() -> Self {
        let (cage, network, limiter) = (Cage::None, Network::Full, Limiter::default());
        Self { cage, network, way_out: None, limiter, hidden: Vec::new() }
    }

    pub fn mode(&self) -> IsolationMode {
        match self.cage {
            Cage::None => IsolationMode::None,
            Cage::Bubblewrap(_) => IsolationMode::Bubblewrap,
            Cage::Container(_) => IsolationMode::Container,
        }
    }

    /// Says whether processes stand in a sandbox, and see what is shown to them only.
    pub fn is_caged(&self) -> bool {
        !matches!(self.cage, Cage::None)
    }

    /// Says whether processes reach the network as the runner does.
    pub fn has_network(&self) -> bool {
        self.network == Network::Full
    }

    /// Returns the folders that nobody sees, even in a workspace: commands do where there is no isolation.
    pub fn hidden(&self) -> &[PathBuf] {
        &self.hidden
    }

    /// Returns the labels by which people and placement know it.
    pub fn labels(&self) -> [String; 2] {
        [format!("isolation:{}", self.mode().word()), format!("network:{}", self.network.word())]
    }

    /// Says whether the leader of a process group stands outside, so that its end is the end of all within.
    pub fn has_keeper(&self) -> bool {
        matches!(self.cage, Cage::Bubblewrap(_))
    }

    /// Says what the isolation means for whoever runs this runner.
    pub fn in_words(&self) -> String {
        let network = match &self.way_out {
            Some(way_out) => format!("of the network they reach {} only", way_out.in_words()),
            None if self.network == Network::Full => {
                "they reach the network, this machine's own services included".to_owned()
            }
            None => "they reach no network".to_owned(),
        };
        match &self.cage {
            Cage::None => "isolation none: an agent's shell can read, write and reach all that the runner's user can, \
                           credentials and this runner's own token included"
                .to_owned(),
            Cage::Bubblewrap(_) => format!(
                "isolation bubblewrap: agents and commands see the system read-only, and write to their workspace and \
                 their session's own home; {network}; what an agent keeps in your home, such as a sign-in, is shared with \
                 it by `share` in [isolation]"
            ),
            Cage::Container(podman) => format!(
                "isolation container: agents and commands see the image {} read-only, and write to their workspace and their \
                 session's own home; {network}; agents must be installed in the image",
                podman.image()
            ),
        }
    }

    /// Says whether a workspace shows the home of the runner's user to everybody within.
    pub fn shows_home_in(&self, workspace: &Path) -> bool {
        match &self.cage {
            Cage::None | Cage::Container(_) => false,
            Cage::Bubblewrap(bubblewrap) => workspace.canonicalize().is_ok_and(|real| bubblewrap.home_is_in(&real)),
        }
    }

    /// Opens the way out to the network for a work, when that is limited.
    pub fn outlet(&self, work: String) -> std::io::Result<Option<Outlet>> {
        self.way_out.as_ref().map(|way_out| way_out.open(work)).transpose()
    }

    /// Returns the folder that stands for the home of a session, made when it is missing; none where there is no isolation.
    pub fn home(&self, data: &Path, session: &str) -> std::io::Result<Option<PathBuf>> {
        if let Cage::None = self.cage {
            return Ok(None);
        }
        let home = data.join("homes").join(session);
        std::fs::create_dir_all(&home)?;
        home.canonicalize().map(Some)
    }
}
