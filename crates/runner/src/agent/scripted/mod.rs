//! The agent `scripted`: plays a YAML script against the real workspace, with real tool calls. It is no model, and says so.

pub mod emitted;

mod play;
mod script;
mod template;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};

use script::Script;

use super::{Turn, TurnEnd};

/// The variable that scales every pause when the configuration does not.
const PACE_VARIABLE: &str = "TENURE_SCRIPT_PACE_PERCENT";

/// An agent with its scripts.
pub struct Scripted {
    pub name: String,
    scripts: Vec<Script>,
    pace_percent: u32,
}

impl Scripted {
    /// Reads one script, or every `.yaml` file of a folder in the order of their names.
    pub fn load(name: &str, path: &Path, pace_percent: Option<u32>) -> Result<Self, String> {
        let scripts = script_files(path)?
            .iter()
            .map(|file| {
                let yaml = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
                Script::parse(&yaml).map_err(|error| format!("{}: {error}", file.display()))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if scripts.is_empty() {
            return Err(format!("{} holds no script (*.yaml)", path.display()));
        }
        let pace_percent = match (pace_percent, std::env::var(PACE_VARIABLE)) {
            (Some(percent), _) => percent,
            (None, Ok(text)) => {
                text.parse().map_err(|_| format!("{PACE_VARIABLE} is \"{text}\", which is no number"))?
            }
            (None, Err(_)) => 100,
        };
        Ok(Self { name: name.to_owned(), scripts, pace_percent })
    }

    pub fn description(&self) -> String {
        let names: Vec<&str> = self.scripts.iter().map(|script| script.name.as_str()).collect();
        format!("Plays a written script with real tool calls; it is no model. Scripts: {}.", names.join(", "))
    }

    pub async fn take(&self, turn: &Turn) -> TurnEnd {
        let round = turn.spec.step.as_ref().map_or(0, |step| step.round);
        let script = self.script_for(&turn.spec.text, round);
        turn.voice.create(&self.name, Some(format!("script:{}", script.name)), None);
        match play::play(script, turn, self.pace_percent).await {
            Ok(()) => TurnEnd::said_all(),
            Err(error) => TurnEnd::failed(error),
        }
    }

    /// Returns the first script that is for the prompt; the last one when none is.
    fn script_for(&self, prompt: &str, round: u32) -> &Script {
        let fitting = self.scripts.iter().find(|script| script.is_for(prompt, round));
        fitting.or(self.scripts.last()).expect("an agent without scripts is not loaded")
    }
}

fn script_files(path: &Path) -> Result<Vec<PathBuf>, String> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"))
        .collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_script_is_the_default() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1.yaml"), "name: one\nmatch: one\nsteps: []\n").unwrap();
        fs::write(folder.path().join("2.yaml"), "name: two\nmatch: two\nsteps: []\n").unwrap();
        let agent = Scripted::load("s", folder.path(), Some(0)).unwrap();
        assert_eq!(agent.script_for("ONE please", 0).name, "one");
        assert_eq!(agent.script_for("nothing", 0).name, "two");
        assert!(agent.description().contains("no model"));
    }

    #[test]
    fn a_folder_without_scripts_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Scripted::load("s", folder.path(), None).is_err());
        assert!(Scripted::load("s", &folder.path().join("missing"), None).is_err());
    }
}
