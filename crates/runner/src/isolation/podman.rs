//! Processes in containers, made by the program `podman`, which needs no service of its own.
//!
//! The processes of a container run beside the runner's others and carry the mark of their work: that is how they are ended,
//! even when `podman` itself was killed. What stays of a container then is removed by the engine's own watcher.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, getrlimit};
use tokio::process::Command;

use super::home::MountPoints;
use super::inside::{Inside, NO_HOME, expanded, is_steering, outermost};
use super::limited::Outlet;
use super::limits::CPU_GRACE_SECONDS;
use super::policy::{IsolationPolicy, Network, ProcessLimits};
use crate::shell::{COOKIE, base_environment};

/// One container for one command: nothing of it stays, nothing is fetched, and no right can be had or gained.
const FIXED: [&str; 18] = [
    "run",
    "--rm",
    "--interactive",
    "--init",
    "--pull=never",
    "--log-driver=none",
    "--entrypoint=",
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--security-opt=label=disable",
    "--ipc=private",
    "--pid=private",
    "--uts=private",
    "--hostname=sandbox",
    "--ulimit=core=0:0",
    // By name only: everybody on the machine can read arguments, only this user the environment.
    "--env",
];
/// Variables of the usual ones that say something within an image as well.
const CARRIED: [&str; 5] = ["LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM"];
/// Variables of the runner that `podman` itself needs.
const OF_ENGINE: [&str; 7] = [
    "PATH",
    "HOME",
    "XDG_RUNTIME_DIR",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "CONTAINERS_CONF",
    "DBUS_SESSION_BUS_ADDRESS",
];

/// Variables by which `podman` would find another engine, other images or other settings. None is a place for a secret.
const STEERING_ENGINE: [&str; 15] = [
    "CONTAINERS_CONF_OVERRIDE",
    "CONTAINERS_REGISTRIES_CONF",
    "CONTAINERS_STORAGE_CONF",
    "CONTAINER_CONNECTION",
    "CONTAINER_HOST",
    "CONTAINER_SSHKEY",
    "DOCKER_CONFIG",
    "DOCKER_HOST",
    "GODEBUG",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "PODMAN_USERNS",
    "REGISTRY_AUTH_FILE",
    "STORAGE_DRIVER",
    "STORAGE_OPTS",
];

/// Open files, and processes of the user, where nothing is asked for and the runner may have as many.
const OPEN_FILES: u64 = 1 << 20;
const PROCESSES: u64 = 1 << 14;

/// A way to run commands through `podman`.
pub struct Podman {
    program: PathBuf,
    image: String,
    network: Network,
    /// Where a folder is, and where it stands within.
    shared: Vec<(PathBuf, PathBuf)>,
    hidden: Vec<PathBuf>,
    /// The arguments that are the same for all commands.
    limits: Vec<String>,
}

impl Podman {
    /// Takes the policy in. Nobody sees what lies in `hidden`, a list of real folders.
    pub fn new(program: PathBuf, image: String, policy: &IsolationPolicy, hidden: Vec<PathBuf>) -> Self {
        let home = std::env::home_dir().unwrap_or_default();
        let shared = policy.share.iter().map(|path| (expanded(path, &home), expanded(path, NO_HOME.as_ref())));
        let shared = shared.filter(|(outside, _)| outside.exists()).collect();
        let limits = limits(&policy.limits, policy.tmp_bytes_max).into_iter().chain(user()).collect();
        Self { program, image, network: policy.network, shared, hidden, limits }
    }

    pub fn image(&self) -> &str {
        &self.image
    }

    /// Returns the command up to where the words of the wrapped one begin.
    pub fn command(
        &self,
        inside: &Inside<'_>,
        folder: &Path,
        variables: Vec<(OsString, OsString)>,
    ) -> io::Result<Command> {
        let mut command = Command::new(&self.program);
        command.args(FIXED).arg(COOKIE).args(&self.limits);
        let network = if self.network == Network::Full { "--network=host" } else { "--network=none" };
        command.arg(network);
        for mount in self.mounts(inside)? {
            command.arg("--mount").arg(mount);
        }
        let engine = OF_ENGINE.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.env_clear().envs(engine).args(["--env", &format!("HOME={NO_HOME}")]);
        let base = base_environment().into_iter().filter(|(name, _)| CARRIED.iter().any(|carried| name == carried));
        let proxied = inside.outlet.into_iter().flat_map(|_| Outlet::variables());
        for (name, value) in base.chain(proxied).chain(variables) {
            command.arg("--env");
            if is_of_engine(&name) {
                command.arg([name, value].join(OsStr::new("=")));
            } else {
                command.env(&name, value).arg(name);
            }
        }
        command.arg("--workdir").arg(folder).arg(&self.image);
        command.args(inside.outlet.into_iter().flat_map(Outlet::words));
        Ok(command)
    }

    /// Lists the mounts; the engine makes those first that lie further out.
    fn mounts(&self, inside: &Inside<'_>) -> io::Result<Vec<String>> {
        let Inside { workspace, home, lent, .. } = *inside;
        if self.hidden.iter().any(|hidden| hidden == workspace) {
            return Err(io::Error::other(format!(
                "{} is to be hidden, and cannot be a workspace",
                workspace.display()
            )));
        }
        let mut mounts = vec![bind(home, NO_HOME.as_ref(), "")?, bind(workspace, workspace, "")?];
        let mut in_home = MountPoints::below(NO_HOME.as_ref(), home);
        for (outside, within) in &self.shared {
            mounts.extend(pins(&in_home.prepare(within, outside.is_dir())?)?);
            mounts.push(bind(outside, within, "")?);
        }
        let mut in_workspace = MountPoints::below(workspace, workspace);
        for hidden in outermost(self.hidden.iter().filter(|hidden| hidden.starts_with(workspace))) {
            mounts.extend(pins(&in_workspace.prepare(hidden, true)?)?);
            mounts.push(format!("type=tmpfs,{},ro=true,notmpcopyup", field("destination", hidden)?));
        }
        for path in lent.iter().filter(|path| path.exists()) {
            mounts.push(bind(path, path, ",ro=true")?);
        }
        for (from, to) in inside.ways_out() {
            mounts.push(bind(from, to.as_ref(), ",ro=true")?);
        }
        Ok(mounts)
    }
}

/// Returns the mounts that hold the way to a mount point in place.
fn pins(words: &[OsString]) -> io::Result<Vec<String>> {
    words.chunks_exact(3).map(|pin| bind(pin[1].as_ref(), pin[2].as_ref(), "")).collect()
}

fn bind(from: &Path, to: &Path, more: &str) -> io::Result<String> {
    Ok(format!("type=bind,{},{}{more}", field("source", from)?, field("destination", to)?))
}

/// Writes one field of a mount, whose fields are parted by commas.
fn field(name: &str, path: &Path) -> io::Result<String> {
    match path.to_str().filter(|path| !path.contains([',', '"', '\n'])) {
        Some(path) => Ok(format!("{name}={path}")),
        None => Err(io::Error::other(format!("{} cannot be shown in a container: rename it", path.display()))),
    }
}

/// Has files belong to the runner's user, inside as outside.
fn user() -> Vec<String> {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    let as_user = format!("--user={}:{}", user.as_raw(), group.as_raw());
    match user.is_root() {
        true => vec![as_user],
        false => vec![as_user, "--userns=keep-id".to_owned()],
    }
}

fn limits(limits: &ProcessLimits, tmp_bytes_max: u64) -> Vec<String> {
    let ProcessLimits { cpu_seconds, memory_bytes, processes_max, open_files_max, file_bytes_max } = *limits;
    // The engine's own choice may be more than it is allowed to give.
    let open_files = if open_files_max > 0 { open_files_max } else { own_limit(Resource::Nofile, OPEN_FILES) };
    let processes = own_limit(Resource::Nproc, PROCESSES);
    let mut words = vec![
        format!("--ulimit=nofile={open_files}:{open_files}"),
        format!("--ulimit=nproc={processes}:{processes}"),
        format!("--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,notmpcopyup,size={tmp_bytes_max}"),
        format!("--tmpfs=/var/tmp:rw,exec,nosuid,nodev,mode=1777,notmpcopyup,size={tmp_bytes_max}"),
        format!("--shm-size={tmp_bytes_max}"),
    ];
    let hard_cpu = cpu_seconds.saturating_add(CPU_GRACE_SECONDS);
    let others = [
        (cpu_seconds, format!("--ulimit=cpu={cpu_seconds}:{hard_cpu}")),
        (file_bytes_max, format!("--ulimit=fsize={file_bytes_max}:{file_bytes_max}")),
        (memory_bytes, format!("--memory={memory_bytes}")),
        (processes_max, format!("--pids-limit={processes_max}")),
    ];
    words.extend(others.into_iter().filter(|(limit, _)| *limit > 0).map(|(_, word)| word));
    words
}

fn own_limit(resource: Resource, usual: u64) -> u64 {
    getrlimit(resource).maximum.map_or(usual, |limit| limit.min(usual))
}

/// Says whether `podman` would take a variable as meant for itself.
fn is_of_engine(name: &OsStr) -> bool {
    is_steering(name) || OF_ENGINE.into_iter().chain(STEERING_ENGINE).any(|known| name == known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(policy: &IsolationPolicy, env: &[(&str, &str)]) -> (Command, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().canonicalize().unwrap();
        let data = workspace.join("deep/.tenure");
        std::fs::create_dir_all(&data).unwrap();
        let podman = Podman::new("/usr/bin/podman".into(), "image".to_owned(), policy, vec![data]);
        let inside = Inside { workspace: &workspace, home: &workspace, lent: &[], outlet: None, door: None };
        let env = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let command = podman.command(&inside, &workspace, env).unwrap();
        let place = workspace.to_str().unwrap();
        let said = |word: &OsStr| word.to_str().unwrap().replace(place, "WORKSPACE");
        let words = command.as_std().get_args().map(said).collect();
        (command, words)
    }

    #[test]
    fn secrets_are_no_arguments_and_what_steers_the_engine_stays_within() {
        let env = [("GOOGLE_API_KEY", "hidden"), ("DOCKER_PASSWORD", "hidden"), ("CONTAINER_HOST", "ssh://x")];
        let (command, words) = words(&IsolationPolicy::default(), &env);
        assert!(words.windows(2).any(|pair| pair == ["--env", "CONTAINER_HOST=ssh://x"]));
        assert!(words.windows(2).any(|pair| pair == ["--env", "GOOGLE_API_KEY"]));
        assert!(!words.iter().any(|word| word.contains("hidden")));
        let outside: Vec<_> = command.as_std().get_envs().map(|(name, _)| name).collect();
        assert!(outside.contains(&OsStr::new("DOCKER_PASSWORD")) && !outside.contains(&OsStr::new("CONTAINER_HOST")));
    }

    #[test]
    fn a_hidden_folder_in_the_workspace_is_covered_and_held_in_place() {
        let (_, words) = words(&IsolationPolicy::default(), &[]);
        let has = |mount: &str| words.iter().any(|word| word == mount);
        assert!(has("type=bind,source=WORKSPACE/deep,destination=WORKSPACE/deep"));
        assert!(has("type=tmpfs,destination=WORKSPACE/deep/.tenure,ro=true,notmpcopyup"));
    }

    #[test]
    fn limits_and_network_are_the_policys() {
        let limits =
            ProcessLimits { cpu_seconds: 3, memory_bytes: 1 << 20, processes_max: 9, ..ProcessLimits::default() };
        let (_, strict) = words(&IsolationPolicy { network: Network::None, limits, ..IsolationPolicy::default() }, &[]);
        for word in ["--network=none", "--ulimit=cpu=3:8", "--memory=1048576", "--pids-limit=9", "image"] {
            assert!(strict.iter().any(|said| said == word), "{word}");
        }
        let (_, open) = words(&IsolationPolicy::default(), &[]);
        assert!(
            open.iter().any(|said| said == "--network=host") && !open.iter().any(|said| said.starts_with("--memory"))
        );
    }

    #[test]
    fn a_path_that_would_say_more_is_refused() {
        assert!(bind(Path::new("/a,ro=false"), Path::new("/b"), "").is_err());
    }
}
