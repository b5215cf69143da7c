//! What a sandbox holds of the machine besides the system, however it is made.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::limited::Outlet;
use crate::tools::Door;

/// Variables by which the C library can be made to load or read other files. glibc ignores these in privileged programs;
/// what makes a sandbox stands outside of it, so it must not see them either.
const STEERING: [&str; 12] = [
    "GCONV_PATH",
    "GETCONF_DIR",
    "GLIBC_TUNABLES",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "LOCPATH",
    "NIS_PATH",
    "NLSPATH",
    "RESOLV_HOST_CONF",
    "RES_OPTIONS",
    "TMPDIR",
    "TZDIR",
];

/// Where the program stands within that passes on what leads out.
pub const BRIDGE_WITHIN: &str = "/run/tenure/bridge";

/// Where the home is when the runner has none that could stand for it.
pub const NO_HOME: &str = "/home/agent";

/// What one sandbox holds of the machine besides the system.
pub struct Inside<'a> {
    pub workspace: &'a Path,
    /// The folder that stands for the home.
    pub home: &'a Path,
    /// Read-only, even where it lies in a hidden folder.
    pub lent: &'a [PathBuf],
    /// Absent unless the network is limited.
    pub outlet: Option<&'a Outlet>,
    /// Absent unless an agent stands within that may call the server's tools.
    pub door: Option<&'a Door>,
}

impl<'a> Inside<'a> {
    /// Lists what leads out, and where it stands within: sockets, and the program that passes on to them.
    pub fn ways_out(&self) -> Vec<(&'a Path, &'static str)> {
        let network = self.outlet.into_iter().flat_map(Outlet::shown);
        let mut all: Vec<_> = network.chain(self.door.into_iter().flat_map(Door::shown)).collect();
        all.sort_unstable_by_key(|(_, within)| *within);
        all.dedup_by_key(|(_, within)| *within);
        all
    }
}

/// Leaves out what lies in another one: it is hidden with that.
pub fn outermost<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) -> Vec<&'p PathBuf> {
    let mut outer: Vec<&PathBuf> = Vec::new();
    let mut paths: Vec<&PathBuf> = paths.into_iter().collect();
    paths.sort();
    for path in paths {
        if !outer.iter().any(|known| path.starts_with(known)) {
            outer.push(path);
        }
    }
    outer
}

/// Says whether a variable must not reach what makes the sandbox, which stands outside.
pub fn is_steering(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    STEERING.contains(&name.as_ref()) || name.starts_with("LD_") || name.starts_with("MALLOC_")
}

/// Puts the home in the place of `~`.
pub fn expanded(path: &str, home: &Path) -> PathBuf {
    path.strip_prefix("~/").map_or_else(|| path.into(), |rest| home.join(rest))
}
