//! Agents that are known by name: what makes them speak the Agent Client Protocol, and which of their own variables they get.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::config::AgentConfig;

/// An agent whose ways are known.
pub struct Known {
    pub name: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
    /// Set for it, because its documentation says that this keeps it quiet.
    sets: &'static [(&'static str, &'static str)],
    /// Its documented variables, handed on from the runner's environment when they are there.
    passes: &'static [&'static str],
}

/// In the order in which they are offered; the first one that is found is the default.
pub const KNOWN: [Known; 5] = [
    Known {
        name: "opencode",
        program: "opencode",
        arguments: &["acp"],
        sets: &[("OPENCODE_DISABLE_AUTOUPDATE", "1")],
        passes: &["OPENCODE_CONFIG", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"],
    },
    Known {
        name: "qwen",
        program: "qwen",
        arguments: &["--acp"],
        sets: &[],
        passes: &["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"],
    },
    Known {
        name: "claude-code",
        program: "claude-code-acp",
        arguments: &[],
        sets: &[],
        passes: &["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"],
    },
    Known {
        name: "gemini",
        program: "gemini",
        arguments: &["--experimental-acp"],
        sets: &[],
        passes: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    },
    Known {
        name: "codex",
        program: "codex-acp",
        arguments: &[],
        sets: &[],
        passes: &["OPENAI_API_KEY", "CODEX_API_KEY"],
    },
];

/// Finds the known agents that are installed: programs on the path.
pub fn found(path: &OsStr, variable: impl Fn(&str) -> Option<String>) -> Vec<AgentConfig> {
    KNOWN.iter().filter_map(|known| Some(known.config(&program(path, known.program)?, &variable))).collect()
}

impl Known {
    fn config(&self, program: &Path, variable: impl Fn(&str) -> Option<String>) -> AgentConfig {
        let mut command = vec![program.to_string_lossy().into_owned()];
        command.extend(self.arguments.iter().map(|argument| (*argument).to_owned()));
        let set = self.sets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let passed = self.passes.iter().filter_map(|name| Some(((*name).to_owned(), variable(name)?)));
        let env: BTreeMap<String, String> = set.chain(passed).collect();
        AgentConfig::acp(self.name, command, env)
    }
}

fn program(path: &OsStr, name: &str) -> Option<PathBuf> {
    let is_program = |file: &PathBuf| {
        fs::metadata(file).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(path).map(|folder| folder.join(name)).find(is_program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_on_the_path_are_found_with_their_own_variables() {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("qwen", 0o755), ("gemini", 0o644)] {
            let file = folder.path().join(name);
            fs::write(&file, "#!/bin/sh\n").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        }
        let variable = |name: &str| (name == "OPENAI_API_KEY").then(|| "key".to_owned());
        let found = found(folder.path().as_os_str(), variable);
        let AgentConfig::Acp { name, command, env, .. } = &found[0] else { panic!("it speaks the protocol") };
        assert_eq!((found.len(), name.as_str(), command[1].as_str()), (1, "qwen", "--acp"));
        assert_eq!(env.iter().collect::<Vec<_>>(), [(&"OPENAI_API_KEY".to_owned(), &"key".to_owned())]);
    }
}
