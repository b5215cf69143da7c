//! How processes of agents and commands are kept in: decided once at the start of the runner, by trying it.
//!
//! ```text
//!   none        the command as it is: it reaches all that the runner's user can
//!   bubblewrap  bwrap ─▶ namespaces of its own ─▶ (prlimit ─▶) the command
//!               sees: the system, read-only · its workspace and its session's home · a private /tmp, /proc, /dev
//! ```

mod bubblewrap;
mod choice;
mod home;
mod limits;
mod place;
mod policy;
mod programs;
mod syscalls;
mod system;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use choice::choose;
pub use place::Place;
pub use policy::{IsolationMode, IsolationPolicy, Network, ProcessLimits};

use bubblewrap::Bubblewrap;
use limits::Limiter;

/// The isolation of one runner.
pub struct Isolation {
    cage: Cage,
    network: Network,
    limiter: Limiter,
    /// The folders that nobody sees, even in a workspace.
    hidden: Vec<PathBuf>,
}

/// What stands around a process.
enum Cage {
    None,
    Bubblewrap(Box<Bubblewrap>),
}

impl Isolation {
    /// Returns no isolation and no limits.
    #[cfg(test)]
    pub fn none() -> Self {
        Self { cage: Cage::None, network: Network::Full, limiter: Limiter::default(), hidden: Vec::new() }
    }

    pub fn mode(&self) -> IsolationMode {
        match self.cage {
            Cage::None => IsolationMode::None,
            Cage::Bubblewrap(_) => IsolationMode::Bubblewrap,
        }
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
        !matches!(self.cage, Cage::None)
    }

    /// Says what the isolation means for whoever runs this runner.
    pub fn in_words(&self) -> String {
        let network = match self.network {
            Network::Full => "they reach the network, this machine's own services included",
            Network::Limited | Network::None => "they reach no network",
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
        }
    }

    /// Says whether a workspace shows the home of the runner's user to everybody within.
    pub fn shows_home_in(&self, workspace: &Path) -> bool {
        match &self.cage {
            Cage::None => false,
            Cage::Bubblewrap(bubblewrap) => workspace.canonicalize().is_ok_and(|real| bubblewrap.home_is_in(&real)),
        }
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
