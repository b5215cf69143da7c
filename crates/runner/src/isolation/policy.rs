//! What is asked of the isolation: the settings, before it is known what this machine can do.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use super::limited::AllowList;

/// How the processes of agents and commands are kept in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IsolationPolicy {
    /// The strongest that works on this machine when absent.
    pub mode: Option<IsolationMode>,
    pub network: Network,
    /// The hosts that are reached when the network is limited.
    pub allow: AllowList,
    /// The program, and its first arguments, that calls [`crate::bridge`] with the arguments that follow.
    pub bridge: Vec<OsString>,
    /// The image of containers, which holds the programs of agents and commands.
    pub image: Option<String>,
    /// Files and folders that can be read besides the system's own, and those that can be written besides the workspace;
    /// `~/` stands for the runner's home. What is not there is passed over.
    pub show: Vec<String>,
    pub share: Vec<String>,
    /// Folders that nobody sees, wherever they lie. The runner's own data folder is always one of them.
    pub hide: Vec<String>,
    /// The size of the private `/tmp` and `/dev/shm` of each process.
    pub tmp_bytes_max: u64,
    pub limits: ProcessLimits,
}

impl IsolationPolicy {
    /// Returns the policy of a runner whose processes can do what its user can.
    pub fn none() -> Self {
        Self { mode: Some(IsolationMode::None), ..Self::default() }
    }
}

impl Default for IsolationPolicy {
    fn default() -> Self {
        Self {
            mode: None,
            network: Network::Full,
            allow: AllowList::default(),
            bridge: Vec::new(),
            image: None,
            show: TOOLCHAINS.map(str::to_owned).to_vec(),
            share: Vec::new(),
            hide: Vec::new(),
            tmp_bytes_max: 1 << 30,
            limits: ProcessLimits::default(),
        }
    }
}

/// Where people have their compilers and interpreters; none of these holds a credential.
const TOOLCHAINS: [&str; 12] = [
    "~/.rustup",
    "~/.nvm",
    "~/.pyenv",
    "~/.rbenv",
    "~/.volta",
    "~/.asdf",
    "~/.bun",
    "~/.deno",
    "~/.opencode",
    "~/.local/lib",
    "~/.local/share/pnpm",
    "~/.local/share/mise",
];

/// The means by which processes are kept in.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum IsolationMode {
    /// Processes can do what the runner's user can.
    None,
    /// Namespaces of the kernel, through the program `bwrap`.
    Bubblewrap,
    /// A container engine.
    Container,
}

impl IsolationMode {
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bubblewrap => "bubblewrap",
            Self::Container => "container",
        }
    }
}

/// What processes reach over the network.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Whatever the machine reaches, itself included. Agents need a model's address, so this is the default.
    #[default]
    Full,
    /// Named hosts only.
    Limited,
    /// Nothing but a loopback device of its own.
    None,
}

impl Network {
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Limited => "limited",
            Self::None => "none",
        }
    }
}

/// What each process may use up; 0 is no limit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProcessLimits {
    /// Processor time of one process.
    pub cpu_seconds: u64,
    /// Writable memory of one process.
    pub memory_bytes: u64,
    /// Processes and threads at once: of one command under an isolation, else of the runner's user.
    pub processes_max: u64,
    pub open_files_max: u64,
    /// The size of any file that is written.
    pub file_bytes_max: u64,
}
