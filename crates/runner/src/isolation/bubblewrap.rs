//! Processes in namespaces of their own, made by the program `bwrap`.
//!
//! The outer `bwrap` leads the process group and dies with the runner; when it goes, the kernel ends everything within.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::home::MountPoints;
use super::inside::{Inside, NO_HOME, expanded, is_steering, outermost};
use super::limited::Outlet;
use super::policy::{IsolationPolicy, Network};
use super::programs::{needed_by, path_folders};
use super::syscalls::Denied;
use super::system::System;
use crate::shell::base_environment;

/// Namespaces and rights: none of the latter, and no way to more.
const FIXED: [&str; 10] = [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--cap-drop",
    "ALL",
    "--hostname",
    "sandbox",
];

/// A way to run commands through `bwrap`.
pub struct Bubblewrap {
    pub program: PathBuf,
    /// Nobody within can make namespaces of their own, and `/tmp` has a size; older versions cannot promise this.
    pub hardened: bool,
    denied: Option<Denied>,
    network: Network,
    system: System,
    /// Where the home stands within.
    home: PathBuf,
    shown: Vec<PathBuf>,
    shared: Vec<PathBuf>,
    hidden: Vec<PathBuf>,
    tmp_bytes_max: u64,
}

impl Bubblewrap {
    /// Takes the policy in. Nobody sees what lies in `hidden`, a list of real folders.
    pub fn new(program: PathBuf, policy: &IsolationPolicy, hidden: Vec<PathBuf>) -> Self {
        let system = System::of_this_machine();
        let real_home = std::env::home_dir().and_then(|home| home.canonicalize().ok());
        let home = real_home.filter(|home| home.parent().is_some() && !system.shows(home));
        let home = home.unwrap_or_else(|| NO_HOME.into());
        let of_people = |paths: &[String]| paths.iter().map(|path| expanded(path, &home)).collect::<Vec<_>>();
        let certificates = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
        let mut shown = of_people(&policy.show);
        shown.extend(path_folders().into_iter().chain(certificates));
        shown.retain(|path| path.is_absolute() && path.exists() && !system.shows(path));
        let (network, tmp_bytes_max) = (policy.network, policy.tmp_bytes_max);
        let shared = of_people(&policy.share).into_iter().filter(|path| path.exists()).collect();
        Self {
            program,
            hardened: true,
            denied: Denied::compiled(),
            network,
            system,
            home,
            shown,
            shared,
            hidden,
            tmp_bytes_max,
        }
    }

    /// Says whether the home of the runner's user lies in `workspace`, where it cannot be kept from anybody.
    pub fn home_is_in(&self, workspace: &Path) -> bool {
        self.home.starts_with(workspace)
    }

    /// Returns the command up to where the words of the wrapped one begin; `variables` come on top of the usual ones.
    pub fn command(
        &self,
        inside: &Inside<'_>,
        folder: &Path,
        program: &str,
        variables: Vec<(OsString, OsString)>,
    ) -> io::Result<Command> {
        let mut command = Command::new(&self.program);
        command.args(FIXED);
        match &self.denied {
            Some(denied) if self.hardened => denied.add_to(&mut command)?,
            None if self.hardened => {
                command.arg("--disable-userns");
            }
            _ => {}
        }
        if self.network != Network::Full {
            command.arg("--unshare-net");
        }
        command.args(self.system.arguments()).args(self.own_devices());
        command.args(self.mounts(inside, program)?);
        let seen = inside.ways_out().into_iter();
        command.args(seen.flat_map(|(from, to)| bind("--ro-bind", from, to.as_ref())));
        command.env_clear().arg("--setenv").arg("HOME").arg(&self.home);
        let base = base_environment().into_iter().filter(|(name, _)| name != "HOME" && name != "TMPDIR");
        // Everybody on the machine can read arguments, only this user the environment: that is where secrets go.
        let proxied = inside.outlet.into_iter().flat_map(|_| Outlet::variables());
        for (name, value) in base.chain(proxied).chain(variables) {
            if is_steering(&name) {
                command.arg("--setenv").arg(name).arg(value);
            } else {
                command.env(name, value);
            }
        }
        command.args(["--remount-ro", "/", "--chdir"]).arg(folder).arg("--");
        command.args(inside.outlet.into_iter().flat_map(Outlet::words));
        Ok(command)
    }

    /// Returns the arguments for what every sandbox has anew. The terminal of the runner is not among the devices.
    fn own_devices(&self) -> Vec<OsString> {
        let size = self.tmp_bytes_max.to_string();
        let sized: &[&str] = if self.hardened { &["--size", &size] } else { &[] };
        let words: [&[&str]; 5] = [
            &["--proc", "/proc", "--dev", "/dev"],
            sized,
            &["--tmpfs", "/dev/shm", "--dev-bind", "/dev/null", "/dev/tty", "--remount-ro", "/dev", "--perms", "1777"],
            sized,
            &["--tmpfs", "/tmp", "--dir", "/run", "--dir", "/var", "--symlink", "/tmp", "/var/tmp"],
        ];
        words.concat().into_iter().map(OsString::from).collect()
    }

    fn mounts(&self, inside: &Inside<'_>, program: &str) -> io::Result<Vec<OsString>> {
        let Inside { workspace, home, lent, .. } = *inside;
        if let Some(hidden) = self.hidden.iter().find(|hidden| *hidden == workspace) {
            return Err(io::Error::other(format!("{} is to be hidden, and cannot be a workspace", hidden.display())));
        }
        let mut mounts = bind("--bind", home, &self.home).to_vec();
        let mut in_home = MountPoints::below(&self.home, home);
        let needed = needed_by(program);
        let mut shown: Vec<&PathBuf> = self.shown.iter().chain(&needed).collect();
        // The outer ones first: what lies in one of them is there already.
        shown.sort();
        let shown = shown.into_iter().map(|path| ("--ro-bind", path));
        let shared = self.shared.iter().map(|path| ("--bind", path));
        let mut roots: Vec<&Path> = Vec::new();
        for (how, path) in shown.chain(shared).filter(|(_, path)| !path.starts_with(workspace)) {
            let there = self.system.shows(path) || roots.iter().any(|root| path.starts_with(root));
            if !there {
                mounts.extend(in_home.prepare(path, path.is_dir())?);
            }
            if !there || how == "--bind" {
                mounts.extend(bind(how, path, path));
                roots.push(path);
            }
        }
        // What is hidden may hold the workspace, as the runner's folder does: then the workspace shows through.
        let (within, around): (Vec<_>, Vec<_>) = self.hidden.iter().partition(|hidden| hidden.starts_with(workspace));
        let seen = |path: &Path| self.system.shows(path) || roots.iter().any(|root| path.starts_with(root));
        let around = outermost(around.into_iter().filter(|hidden| seen(hidden)));
        let within = outermost(within);
        mounts.extend(around.iter().flat_map(|hidden| ["--tmpfs".into(), hidden.into()]));
        if !seen(workspace) {
            mounts.extend(in_home.prepare(workspace, true)?);
        }
        mounts.extend(bind("--bind", workspace, workspace));
        let mut in_workspace = MountPoints::below(workspace, workspace);
        for hidden in &within {
            mounts.extend(in_workspace.prepare(hidden, true)?);
            mounts.extend(["--tmpfs".into(), hidden.into()]);
        }
        mounts.extend(lent.iter().flat_map(|path| bind("--ro-bind-try", path, path)));
        // Only now, because what shows through needs its place to be made.
        mounts.extend(around.into_iter().chain(within).flat_map(|hidden| ["--remount-ro".into(), hidden.into()]));
        Ok(mounts)
    }
}

fn bind(how: &str, from: &Path, to: &Path) -> [OsString; 3] {
    [how.into(), from.into(), to.into()]
}
