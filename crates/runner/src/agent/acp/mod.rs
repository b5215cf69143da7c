//! Agents that speak the Agent Client Protocol. The only files that name its crate are in this folder.

mod client;
mod files;
mod permission;
mod process;
mod updates;

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Turn, TurnEnd};

/// How long an agent may take to end its turn after it was asked to cancel; then its processes are killed.
pub const CANCEL_GRACE: Duration = Duration::from_secs(5);

/// An agent that is started anew for each turn, and goes on with the conversation by the id it gave for it.
pub struct Acp {
    pub name: String,
    program: String,
    arguments: Vec<String>,
    env: BTreeMap<String, String>,
}

impl Acp {
    pub fn new(name: &str, command: &[String], env: &BTreeMap<String, String>) -> Result<Self, String> {
        let Some((program, arguments)) = command.split_first() else {
            return Err("its command is empty".to_owned());
        };
        Ok(Self { name: name.to_owned(), program: program.clone(), arguments: arguments.to_vec(), env: env.clone() })
    }

    pub fn description(&self) -> String {
        format!("Speaks the Agent Client Protocol: `{}`.", self.program)
    }

    pub async fn take(&self, turn: &Turn) -> TurnEnd {
        let mut process = match process::Process::start(self, turn) {
            Ok(process) => process,
            Err(error) => return TurnEnd::failed(format!("failed to start `{}`: {error}", self.program)),
        };
        let talked = client::talk(&self.name, &mut process, turn).await;
        match talked {
            Ok(end) => end,
            Err(error) => TurnEnd::failed(process.explain(&error).await),
        }
    }
}
