//! Which isolation a runner has: the one that was asked for, or the strongest that works, which is found out by trying.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::time::timeout;

use super::bubblewrap::{Bubblewrap, Inside, expanded};
use super::limits::Limiter;
use super::policy::{IsolationMode, IsolationPolicy, Network};
use super::programs::on_path;
use super::{Cage, Isolation};

/// How long a trial may take.
const TRIAL_WITHIN: Duration = Duration::from_secs(10);

/// Returns the isolation of the policy, and why it is not a stronger one, if that is so. `data` is the runner's folder.
pub async fn choose(policy: &IsolationPolicy, data: &Path) -> Result<(Isolation, Option<String>), String> {
    if policy.network == Network::Limited {
        return Err("the network \"limited\" is not there yet; use \"full\" or \"none\"".to_owned());
    }
    let limiter = Limiter::new(policy.limits.clone())?;
    let network = policy.network;
    let (cage, weaker) = match policy.mode {
        Some(IsolationMode::None) => (Cage::None, None),
        Some(IsolationMode::Container) => {
            return Err("the isolation \"container\" is not there yet; use \"bubblewrap\" or \"none\"".to_owned());
        }
        Some(IsolationMode::Bubblewrap) => {
            let tried = bubblewrap(policy, data).await;
            let found = tried.map_err(|why| format!("the isolation \"bubblewrap\" does not work here: {why}"))?;
            (Cage::Bubblewrap(Box::new(found)), None)
        }
        None => match bubblewrap(policy, data).await {
            Ok(found) => (Cage::Bubblewrap(Box::new(found)), None),
            Err(why) => (Cage::None, Some(format!("bubblewrap does not work here: {why}"))),
        },
    };
    if let (Cage::None, Network::None) = (&cage, network) {
        let why = weaker.map(|why| format!(" ({why})")).unwrap_or_default();
        return Err(format!("no network can be kept from processes under the isolation \"none\"{why}"));
    }
    Ok((Isolation { cage, network, limiter, hidden: hidden(policy, data) }, weaker))
}

/// Lists the folders that nobody sees, as they really are.
pub fn hidden(policy: &IsolationPolicy, data: &Path) -> Vec<PathBuf> {
    let home = std::env::home_dir().unwrap_or_default();
    let named = policy.hide.iter().map(|path| expanded(path, &home));
    named
        .chain([data.to_owned()])
        .filter_map(|folder| folder.canonicalize().ok())
        .filter(|path| path.is_dir())
        .collect()
}

/// Tries `bwrap` with all that real commands will have; in its strictest form first.
async fn bubblewrap(policy: &IsolationPolicy, data: &Path) -> Result<Bubblewrap, String> {
    let program = on_path("bwrap").ok_or("there is no program `bwrap`; Debian has it in the package bubblewrap")?;
    let mut found = Bubblewrap::new(program, policy, hidden(policy, data));
    let Err(why) = works(&found, data).await else {
        return Ok(found);
    };
    found.hardened = false;
    // The first complaint is the one to tell: the second trial only asks for less.
    works(&found, data).await.map(|()| found).map_err(|_| why)
}

async fn works(bubblewrap: &Bubblewrap, data: &Path) -> Result<(), String> {
    let trial = data.join("trial");
    let tried = async {
        let (workspace, home) = (trial.join("workspace"), trial.join("home"));
        fs::create_dir_all(&workspace)?;
        fs::create_dir_all(&home)?;
        let inside = Inside { workspace: &workspace, home: &home, lent: &[] };
        let mut command = bubblewrap.command(&inside, &workspace, "/bin/sh", Vec::new())?;
        command.args(["/bin/sh", "-c", "touch it"]).stdin(Stdio::null()).kill_on_drop(true);
        let output = timeout(TRIAL_WITHIN, command.output()).await??;
        let written = workspace.join("it").exists();
        Ok::<_, io::Error>((output, written))
    };
    let outcome = tried.await;
    // A trial that stays behind does no harm.
    let _ = fs::remove_dir_all(&trial);
    match outcome {
        Ok((output, true)) if output.status.success() => Ok(()),
        Ok((output, _)) => Err(String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ")),
        Err(error) => Err(error.to_string()),
    }
}
