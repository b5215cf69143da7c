//! The options of the runner's isolation, as they stand in the configuration.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tenure_runner::{AllowList, IsolationMode, IsolationPolicy, Network, ProcessLimits};
use utoipa::ToSchema;

/// The hidden command that stands around a command under the network `limited`.
pub const BRIDGE: &str = "bridge";

/// How a runner keeps agents and commands in. Limits are those of one process; 0 is no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IsolationConfig {
    /// `bubblewrap` (the system read-only, the workspace and a home per session writable, nothing else there), `container`
    /// (the same with an image in the place of the system, by podman) or `none` (all that the runner's user can reach);
    /// bubblewrap where it works, else none, when absent.
    #[schema(value_type = Option<String>)]
    pub mode: Option<IsolationMode>,
    /// What processes reach: `full` (whatever the machine reaches, itself included; agents need a model's address), `limited`
    /// (the hosts of `allow`, through a proxy of the runner's) or `none`.
    #[schema(value_type = String)]
    pub network: Network,
    /// The hosts that the network `limited` reaches: `api.example.com`, `*.example.com`, `host:port`, or an address. Without a
    /// port they are reached on 80 and 443. A service of this machine, such as `127.0.0.1:11434`, stands within where it
    /// stands outside. A name leads to no address of this machine, one with `*` to none of a private network either.
    pub allow: Vec<String>,
    /// The image of containers, which must be there already. It holds the agents and all programs; `show` is for bubblewrap.
    pub image: Option<String>,
    /// Files and folders that can be read besides the system's own, where they are there; `~/` is the home of the runner's
    /// user. The folders of PATH are always shown.
    pub show: Vec<String>,
    /// Files and folders that can be written besides the workspace, such as `~/.local/share/opencode`, where an agent
    /// keeps whom it is signed in as.
    pub share: Vec<String>,
    /// Folders that nobody sees, even in a workspace. The data folders of server and runner always are.
    pub hide: Vec<String>,
    /// The size of the private /tmp and of /dev/shm, in bytes.
    pub tmp_bytes_max: u64,
    /// Processor time, in seconds; then the process gets SIGXCPU.
    pub cpu_seconds: u64,
    /// Writable memory, in bytes.
    pub memory_bytes: u64,
    /// Processes and threads at once: of one command under an isolation, else of the runner's user. The kernel does not
    /// count those of root.
    pub processes_max: u64,
    /// Open files.
    pub open_files_max: u64,
    /// The size of a file that is written, in bytes; then the process gets SIGXFSZ.
    pub file_bytes_max: u64,
}

impl Default for IsolationConfig {
    fn default() -> Self {
        let IsolationPolicy { mode, network, show, share, hide, tmp_bytes_max, limits, .. } =
            IsolationPolicy::default();
        let ProcessLimits { cpu_seconds, memory_bytes, processes_max, open_files_max, file_bytes_max } = limits;
        Self {
            mode,
            network,
            allow: Vec::new(),
            image: None,
            show,
            share,
            hide,
            tmp_bytes_max,
            cpu_seconds,
            memory_bytes,
            processes_max,
            open_files_max,
            file_bytes_max,
        }
    }
}

impl IsolationConfig {
    /// Checks what types cannot: a mistake is told with the option, the rule and what to do.
    pub fn check(&self) -> Result<(), String> {
        let allow = AllowList::read(&self.allow)?;
        match self.network {
            Network::Limited if allow.is_empty() => {
                Err("network is limited, but allow names no host that is reached; name some, or set network to none"
                    .to_owned())
            }
            Network::Full | Network::None | Network::Limited => Ok(()),
        }
    }

    /// Returns what the runner is asked for; it hides `data`, too.
    pub fn policy(&self, data: &Path) -> std::io::Result<IsolationPolicy> {
        let absolute = |path: &Path| Ok::<_, std::io::Error>(std::path::absolute(path)?.to_string_lossy().into_owned());
        let hidden = |path: &String| if path.starts_with("~/") { Ok(path.clone()) } else { absolute(path.as_ref()) };
        let mut hide = self.hide.iter().map(hidden).collect::<std::io::Result<Vec<_>>>()?;
        hide.push(absolute(data)?);
        let limits = ProcessLimits {
            cpu_seconds: self.cpu_seconds,
            memory_bytes: self.memory_bytes,
            processes_max: self.processes_max,
            open_files_max: self.open_files_max,
            file_bytes_max: self.file_bytes_max,
        };
        Ok(IsolationPolicy {
            mode: self.mode,
            network: self.network,
            allow: AllowList::read(&self.allow).map_err(std::io::Error::other)?,
            image: self.image.clone(),
            bridge: vec![std::env::current_exe()?.into(), BRIDGE.into()],
            show: self.show.clone(),
            share: self.share.clone(),
            hide,
            tmp_bytes_max: self.tmp_bytes_max,
            limits,
        })
    }
}
