//! What a fresh Debian machine with Rust lacks: programs that the tests start.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::command;

/// A program, the Debian package that holds it, and who starts it.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("cc", "gcc", "the linker, and the recorder of the power-cut suite"),
    ("git", "git", "tidy and the demo"),
    ("bwrap", "bubblewrap", "the escape suite"),
    ("strace", "strace", "the power-cut suite"),
    ("node", "nodejs", "the build of the console, which says which version it takes"),
    ("npm", "npm", "the build of the console"),
    ("chromium", "chromium", "the stories of the console"),
    ("python3", "python3-venv", "the official client of the Model Context Protocol"),
];

/// Installs the programs that are missing, as root, and the rustup components of the checks.
pub fn ensure(root: &Path) -> Result<()> {
    let missing: Vec<_> = PROGRAMS.iter().filter(|(program, ..)| !is_there(program)).collect();
    for (program, package, user) in &missing {
        println!("{program} is missing (package {package}): needed by {user}");
    }
    if !missing.is_empty() {
        install(root, missing.iter().map(|(_, package, _)| *package).collect())?;
    }
    tell_isolation();
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        component_ready(root, component, probe)?;
    }
    command::run(Command::new("cargo").arg("--version").current_dir(root))
}

/// Tells whether a program can be used: Debian's Python makes no environments until another package is there.
fn is_there(program: &str) -> bool {
    let whole = || Command::new(program).args(["-c", "import ensurepip"]).output().is_ok_and(|o| o.status.success());
    command::on_path(program) && (program != "python3" || whole())
}

/// Says whether the escape suite can prove anything here: an installed `bwrap` may still be forbidden by the kernel.
fn tell_isolation() {
    let trial = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"];
    match Command::new("bwrap").args(trial).output() {
        Ok(output) if output.status.success() => println!("bubblewrap works here: the escape suite runs in full"),
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            println!("bubblewrap does NOT work here, the escape suite proves nothing: {why}");
        }
        Err(error) => println!("bubblewrap does NOT work here, the escape suite proves nothing: {error}"),
    }
}

fn install(root: &Path, packages: Vec<&str>) -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        bail!("install them with: sudo apt-get install {}", packages.join(" "));
    }
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").current_dir(root);
        apt
    };
    command::run(apt().args(["update", "--quiet"]))?;
    command::run(apt().args(["install", "--quiet", "--yes", "--no-install-recommends"]).args(packages))
}

/// Checks that a part of the toolchain is there, and asks rustup for it when there is one.
fn component_ready(root: &Path, component: &str, probe: &str) -> Result<()> {
    let there = || {
        Command::new("cargo").args([probe, "--version"]).current_dir(root).output().is_ok_and(|o| o.status.success())
    };
    if there() {
        return Ok(());
    }
    ensure!(command::on_path("rustup"), "the toolchain has no {component}, and there is no rustup to ask for it");
    command::run(Command::new("rustup").args(["component", "add", component]).current_dir(root))
}
