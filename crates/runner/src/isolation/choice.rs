//! Which isolation a runner has: the one that was asked for, or the strongest that works, which is found out by trying.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::bubblewrap::Bubblewrap;
use super::inside::{Inside, expanded};
use super::limited::WayOut;
use super::limits::Limiter;
use super::podman::Podman;
use super::policy::{IsolationMode, IsolationPolicy, Network};
use super::programs::on_path;
use super::{Cage, Isolation};

/// How long a trial may take.
const TRIAL_WITHIN: Duration = Duration::from_secs(30);

/// Returns the isolation of the policy, and why it is not a stronger one, if that is so. `data` is the runner's folder.
pub async fn choose(policy: &IsolationPolicy, data: &Path) -> Result<(Isolation, Option<String>), String> {
    let way_out = match policy.network {
        Network::Limited => Some(WayOut::new(policy.allow.clone(), &policy.bridge, data)?),
        Network::Full | Network::None => None,
    };
    let limiter = Limiter::new(policy.limits.clone())?;
    let network = policy.network;
    let (cage, weaker) = match policy.mode {
        Some(IsolationMode::None) => (Cage::None, None),
        Some(IsolationMode::Container) => {
            let tried = container(policy, data, way_out.as_ref()).await;
            let found = tried.map_err(|why| format!("the isolation \"container\" does not work here: {why}"))?;
            (Cage::Container(Box::new(found)), None)
        }
        Some(IsolationMode::Bubblewrap) => {
            let tried = bubblewrap(policy, data, way_out.as_ref()).await;
            let found = tried.map_err(|why| format!("the isolation \"bubblewrap\" does not work here: {why}"))?;
            (Cage::Bubblewrap(Box::new(found)), None)
        }
        None => match bubblewrap(policy, data, way_out.as_ref()).await {
            Ok(found) => (Cage::Bubblewrap(Box::new(found)), None),
            Err(why) => (Cage::None, Some(format!("bubblewrap does not work here: {why}"))),
        },
    };
    if let (Cage::None, Network::None | Network::Limited) = (&cage, network) {
        let why = weaker.map(|why| format!(" ({why})")).unwrap_or_default();
        return Err(format!("no network can be kept from processes under the isolation \"none\"{why}"));
    }
    Ok((Isolation { cage, network, way_out, limiter, hidden: hidden(policy, data) }, weaker))
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
async fn bubblewrap(policy: &IsolationPolicy, data: &Path, way_out: Option<&WayOut>) -> Result<Bubblewrap, String> {
    let program = on_path("bwrap").ok_or("there is no program `bwrap`; Debian has it in the package bubblewrap")?;
    let mut found = Bubblewrap::new(program, policy, hidden(policy, data));
    let Err(why) = works(&found, data, way_out).await else {
        return Ok(found);
    };
    found.hardened = false;
    // The first complaint is the one to tell: the second trial only asks for less.
    works(&found, data, way_out).await.map(|()| found).map_err(|_| why)
}

/// Tries `podman` and the image with all that real commands will have.
async fn container(policy: &IsolationPolicy, data: &Path, way_out: Option<&WayOut>) -> Result<Podman, String> {
    let Some(program) = on_path("podman") else {
        return Err(
            "there is no program `podman`, the one engine that is known; for another one, put the whole runner into \
                    a container, and give it a network and limits there"
                .to_owned(),
        );
    };
    let image = policy.image.clone().ok_or("name an image that is there in `image` of [isolation]")?;
    let found = Podman::new(program, image, policy, hidden(policy, data));
    trial(data, way_out, |inside| found.command(inside, inside.workspace, Vec::new())).await?;
    Ok(found)
}

async fn works(bubblewrap: &Bubblewrap, data: &Path, way_out: Option<&WayOut>) -> Result<(), String> {
    trial(data, way_out, |inside| bubblewrap.command(inside, inside.workspace, "/bin/sh", Vec::new())).await
}

/// Runs a command in a workspace, and sees whether it could write there.
async fn trial(
    data: &Path,
    way_out: Option<&WayOut>,
    make: impl FnOnce(&Inside<'_>) -> io::Result<Command>,
) -> Result<(), String> {
    let trial = data.join("trial");
    let tried = async {
        let (workspace, home) = (trial.join("workspace"), trial.join("home"));
        fs::create_dir_all(&workspace)?;
        fs::create_dir_all(&home)?;
        let outlet = way_out.map(|way_out| way_out.open("trial".to_owned())).transpose()?;
        let inside = Inside { workspace: &workspace, home: &home, lent: &[], outlet: outlet.as_ref(), door: None };
        let mut command = make(&inside)?;
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
