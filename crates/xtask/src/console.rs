//! `cargo xtask console`: builds the web console into `crates/console/dist`, where debug builds of the server read it and release builds
//! take it in; and proves it, when that is asked for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{command, demo};

const WEB: &str = "crates/console/web";
const PAGE: &str = "crates/console/dist/index.html";
/// What Vite asks for.
const NODE_MIN: Version = Version(20, 19, 0);

/// What is done besides building.
#[derive(clap::Args, Default, Debug)]
pub struct Options {
    /// Checks types and style, and runs the unit tests.
    #[arg(long)]
    pub check: bool,
    /// Plays the stories in a Chromium, against a real server.
    #[arg(long)]
    pub stories: bool,
    /// A binary `tenure` for the stories that is built already.
    #[arg(long, value_name = "PATH", requires = "stories")]
    pub binary: Option<PathBuf>,
}

/// Builds the console, then does what else is asked for.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let web = Web::find(root)?;
    web.build()?;
    if options.check {
        web.check()?;
    }
    if options.stories {
        let binary = match &options.binary {
            Some(binary) => binary.canonicalize().with_context(|| format!("failed to find {}", binary.display()))?,
            None => demo::build::tenure(root)?,
        };
        web.stories(&binary)?;
    }
    Ok(())
}

/// The console's sources, and a Node that can build them.
pub struct Web {
    folder: PathBuf,
    page: PathBuf,
}

impl Web {
    /// Finds what is needed, or says what is missing.
    pub fn find(root: &Path) -> Result<Self> {
        let folder = root.join(WEB);
        ensure!(folder.join("package.json").is_file(), "there is no console to build: {WEB} has no package.json");
        for program in ["node", "npm"] {
            let fix = format!("install Node {NODE_MIN} or newer, which the console is built with (https://nodejs.org)");
            ensure!(command::on_path(program), "{program} is not on the PATH; {fix}");
        }
        let told = command::output(Command::new("node").arg("--version").current_dir(root))?;
        let Some(version) = Version::read(&told) else { bail!("`node --version` said {told:?}, which is no version") };
        ensure!(
            version >= NODE_MIN,
            "node is {version}, and the console is built with {NODE_MIN} or newer; update Node"
        );
        Ok(Self { folder, page: root.join(PAGE) })
    }

    /// Installs what the lock file names, unless that is there, and builds.
    pub fn build(&self) -> Result<()> {
        let (lock, installed) =
            (self.folder.join("package-lock.json"), self.folder.join("node_modules/.package-lock.json"));
        if !is_current(&lock, &installed)? {
            self.npm(&["ci", "--no-audit", "--no-fund"], &[])?;
        }
        self.npm(&["run", "build"], &[])?;
        ensure!(self.page.is_file(), "the build left no page at {PAGE}");
        Ok(())
    }

    /// Checks types and style, and runs the unit tests.
    pub fn check(&self) -> Result<()> {
        self.npm(&["run", "check"], &[])
    }

    /// Plays the stories against servers of this binary.
    pub fn stories(&self, binary: &Path) -> Result<()> {
        let chromium = match std::env::var_os("CHROMIUM") {
            Some(named) => PathBuf::from(named),
            None => {
                command::found("chromium").context("chromium is not on the PATH; install Debian's package chromium")?
            }
        };
        self.npm(&["run", "stories"], &[("TENURE_BINARY", binary), ("CHROMIUM", &chromium)])
    }

    fn npm(&self, arguments: &[&str], environment: &[(&str, &Path)]) -> Result<()> {
        command::run(Command::new("npm").args(arguments).envs(environment.iter().copied()).current_dir(&self.folder))
    }
}

/// Tells whether what was installed is what the lock file names.
fn is_current(lock: &Path, installed: &Path) -> Result<bool> {
    let written = |path: &Path| path.metadata().and_then(|metadata| metadata.modified());
    let lock = written(lock).with_context(|| format!("failed to look at {}", lock.display()))?;
    Ok(written(installed).is_ok_and(|installed| installed >= lock))
}

/// A version of Node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Version(u32, u32, u32);

impl Version {
    /// Reads `v20.19.4`.
    fn read(text: &str) -> Option<Self> {
        let mut numbers = text.trim().strip_prefix('v')?.split(['.', '-', '+']).map(|part| part.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self(next()?, next()?, next()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, patch) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn versions_of_node_are_compared_by_their_numbers() {
        for (text, enough) in
            [("v20.19.0\n", true), ("v20.20.2", true), ("v22.1.0-pre", true), ("v20.9.0", false), ("v18.20.4", false)]
        {
            assert_eq!(Version::read(text).expect("a version") >= NODE_MIN, enough, "{text}");
        }
        for text in ["", "20.19.0", "v20", "v20.x.1", "node"] {
            assert_eq!(Version::read(text), None, "{text}");
        }
    }

    #[test]
    fn packages_are_installed_again_when_the_lock_file_is_newer() {
        let folder = tempfile::tempdir().expect("a folder");
        let (lock, installed) = (folder.path().join("lock"), folder.path().join("installed"));
        assert!(is_current(&lock, &installed).is_err(), "a console without a lock file is not built");
        fs::write(&lock, "").expect("a file");
        assert!(!is_current(&lock, &installed).expect("it is looked at"));
        fs::write(&installed, "").expect("a file");
        let at = |path: &Path, time| {
            File::options().write(true).open(path).and_then(|file| file.set_modified(time)).expect("a time");
        };
        let now = SystemTime::now();
        at(&lock, now);
        for (time, current) in
            [(now, true), (now + Duration::from_secs(1), true), (now - Duration::from_secs(1), false)]
        {
            at(&installed, time);
            assert_eq!(is_current(&lock, &installed).expect("it is looked at"), current);
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let why = Web::find(folder.path()).err().expect("nothing is there").to_string();
        assert!(why.contains("crates/console/web"), "{why}");
    }
}
