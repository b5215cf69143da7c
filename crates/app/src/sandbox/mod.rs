//! The kinds of sandboxes of this server, made of its configuration.

mod process;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tenure_model::sandbox::SandboxProvider;
use tenure_runtime::sandbox::{CommandProvider, ExternalProvider, Provider, SandboxKind};
use tenure_runtime::{Sandboxes, SandboxesOptions};
use tenure_server::{SigningKey, sandbox_credential};

use crate::config::{Config, SandboxConfig};
use crate::failure::Outcome;
use process::ProcessProvider;

/// The folder of all sandboxes, in the data folder.
const FOLDER: &str = "sandboxes";

/// Makes what the configuration says. `file` is the configuration that the runners of processes read as well.
pub fn sandboxes(config: &Config, file: Option<&Path>, key: SigningKey) -> Outcome<Sandboxes> {
    let folder = std::path::absolute(Path::new(&config.data).join(FOLDER)).context("failed to find the data folder")?;
    let kind = |one: &SandboxConfig| -> Outcome<(String, SandboxKind)> {
        let kind = SandboxKind {
            policy: one.policy(),
            labels: one.labels.clone(),
            server: one.server.clone().unwrap_or_else(|| address(&config.server.listen)),
            running_max: one.running_max,
            provider: provider(one, config, file)?,
        };
        Ok((one.name.clone(), kind))
    };
    let kinds = config.sandboxes.iter().map(kind).collect::<Outcome<_>>()?;
    let mint = Arc::new(move |session, generation| sandbox_credential(&key, session, generation));
    Ok(Sandboxes::new(SandboxesOptions { kinds, folder, mint }))
}

fn provider(one: &SandboxConfig, config: &Config, file: Option<&Path>) -> Outcome<Arc<dyn Provider>> {
    Ok(match one.provider {
        SandboxProvider::Process => Arc::new(ProcessProvider::new(config, file, &one.runner)?),
        SandboxProvider::Command => {
            let (start, stop, status) = (one.start.clone(), one.stop.clone(), one.status.clone());
            Arc::new(CommandProvider { start, stop, status })
        }
        SandboxProvider::External => Arc::new(ExternalProvider),
    })
}

/// Returns where a runner on this machine finds a server that listens there.
fn address(listen: &str) -> String {
    let listen = listen.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:");
    format!("http://{listen}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_found_nearby() {
        assert_eq!(address("0.0.0.0:7420"), "http://127.0.0.1:7420");
        assert_eq!(address("[::]:7420"), "http://[::1]:7420");
        assert_eq!(address("host:1"), "http://host:1");
    }
}
