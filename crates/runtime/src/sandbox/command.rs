//! Sandboxes that programs of the operator start and stop: docker, podman, kubectl, or a cloud's own tool.

use super::run::{Ran, run};
use super::{Provider, Providing, SandboxCall};

/// The programs, each as a list of arguments. They hear of the sandbox by environment variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandProvider {
    /// Ends with 0 once the sandbox is started; the last line that it writes names the sandbox.
    pub start: Vec<String>,
    /// Ends with 0 once nothing of the sandbox runs any more, also when nothing did.
    pub stop: Vec<String>,
    /// Ends with 0 when the sandbox runs.
    pub status: Option<Vec<String>>,
}

impl Provider for CommandProvider {
    fn start<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, Option<String>> {
        Box::pin(async move { done(run(&self.start, environment(call)).await?, "start").map(|ran| ran.said) })
    }

    fn stop<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, ()> {
        Box::pin(async move { done(run(&self.stop, environment(call)).await?, "stop").map(|_| ()) })
    }

    /// Asks; without a program for that, nobody knows, so it is stopped and started anew.
    fn is_there<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, bool> {
        Box::pin(async move {
            let Some(status) = &self.status else { return Ok(false) };
            Ok(run(status, environment(call)).await?.code == Some(0))
        })
    }
}

fn done(ran: Ran, what: &str) -> Result<Ran, String> {
    if ran.code == Some(0) { Ok(ran) } else { Err(format!("the {what} command has failed: {}", ran.told())) }
}

/// Returns what a program is told of the sandbox.
fn environment(call: &SandboxCall) -> [(&'static str, String); 10] {
    [
        ("TENURE_SERVER", call.server.clone()),
        ("TENURE_TOKEN_FILE", call.token_file.display().to_string()),
        ("TENURE_SESSION", call.session.to_string()),
        ("TENURE_GENERATION", call.generation.to_string()),
        ("TENURE_SANDBOX", call.sandbox.clone()),
        // The same for all generations of a session: what is kept under it is its workspace.
        ("TENURE_WORKSPACE_KEY", call.session.0.simple().to_string()),
        ("TENURE_FOLDER", call.folder.display().to_string()),
        ("TENURE_LABELS", call.labels.join(",")),
        ("TENURE_HANDLE", call.handle.clone().unwrap_or_default()),
        ("TENURE_KEEP", if call.ends { "0".into() } else { "1".into() }),
    ]
}
