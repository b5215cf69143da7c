//! Where the processes of one work run: the one seam through which all of them are made.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::process::Command;

use super::inside::Inside;
use super::limited::Outlet;
use super::{Cage, Isolation};
use crate::secrets::Secrets;
use crate::shell::base_environment;
use crate::tools::Door;

/// The surroundings of one work.
pub struct Place {
    pub isolation: Arc<Isolation>,
    pub workspace: PathBuf,
    /// The folder that stands for the home; none where there is no isolation.
    pub home: Option<PathBuf>,
    /// What can be read besides, although it lies in a folder that nobody sees.
    pub lent: Vec<PathBuf>,
    /// The way out to the network, when that is limited.
    pub outlet: Option<Outlet>,
    /// The way to the server's tools, for agents that are handed them.
    pub door: Option<Door>,
    pub secrets: Arc<Secrets>,
    /// The secrets that this work gets, by name.
    pub granted: Vec<(String, String)>,
}

impl Place {
    /// Returns surroundings without isolation, limits and secrets.
    #[cfg(test)]
    pub fn open() -> Self {
        let (isolation, secrets) = (Arc::new(Isolation::none()), Arc::new(Secrets::default()));
        let (workspace, lent, granted) = (PathBuf::new(), Vec::new(), Vec::new());
        Self { isolation, workspace, home: None, lent, outlet: None, door: None, secrets, granted }
    }

    /// Returns a command under the isolation and its limits. Its environment is built from nothing: the usual variables,
    /// the granted secrets, then `env`.
    pub fn command(
        &self,
        program: &str,
        arguments: &[String],
        env: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
        folder: &Path,
    ) -> io::Result<Command> {
        let granted = self.granted.iter().map(|(name, value)| (name.into(), value.into()));
        let given = env.into_iter().map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned()));
        let variables: Vec<(OsString, OsString)> = granted.chain(given).collect();
        let limiter = self.isolation.limiter.arguments();
        let mut command = match &self.isolation.cage {
            Cage::None => {
                let mut words = limiter.into_iter().chain([OsString::from(program)]);
                let mut command = Command::new(words.next().expect("the program is one of them"));
                command.args(words).current_dir(folder).env_clear().envs(base_environment()).envs(variables);
                command
            }
            Cage::Bubblewrap(bubblewrap) => {
                let mut command = bubblewrap.command(&self.inside()?, folder, program, variables)?;
                command.args(limiter).arg(program);
                command
            }
            Cage::Container(podman) => {
                let mut command = podman.command(&self.inside()?, folder, variables)?;
                command.arg(program);
                command
            }
        };
        command.args(arguments);
        Ok(command)
    }

    fn inside(&self) -> io::Result<Inside<'_>> {
        let home = self.home.as_deref().ok_or_else(|| io::Error::other("the session has no home"))?;
        let (outlet, door) = (self.outlet.as_ref(), self.door.as_ref());
        Ok(Inside { workspace: &self.workspace, home, lent: &self.lent, outlet, door })
    }

    /// Says which limit the end of a process is owed to, if any.
    pub fn limit_reached(&self, exit: Option<i32>, signal: Option<i32>) -> Option<String> {
        self.isolation.limiter.reached(exit, signal)
    }
}
