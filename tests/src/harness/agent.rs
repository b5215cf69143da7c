//! Real agents from npm, as the lock files in `tests/agents` have them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::packages;

/// An agent that is installed.
pub struct Installed {
    folder: PathBuf,
    program: &'static str,
}

/// Installs opencode: the package for Linux on x86-64, which is the program and nothing else.
pub fn opencode() -> Installed {
    install("opencode", "ci", "node_modules/opencode-linux-x64/bin/opencode")
}

/// Installs Qwen Code, a script for node.
pub fn qwen() -> Installed {
    // Its lock file names the optional packages of one platform only, which `npm ci` does not take.
    install("qwen", "install", "node_modules/.bin/qwen")
}

fn install(name: &str, how: &str, program: &'static str) -> Installed {
    Installed { folder: packages::npm(&format!("agents/{name}"), how), program }
}

impl Installed {
    /// Returns the settings of a runner that offers opencode, on a model server and in a home of its own below `home`.
    pub fn opencode_settings(&self, model_url: &str, home: &Path) -> String {
        let config = json!({
            "autoupdate": false,
            "share": "disabled",
            "snapshot": false,
            "enabled_providers": ["stub"],
            "model": "stub/stub",
            "small_model": "stub/stub",
            "permission": { "bash": "ask" },
            "provider": { "stub": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "Stub",
                "options": { "baseURL": model_url, "apiKey": "none" },
                "models": { "stub": { "name": "stub" } },
            } },
        });
        let file = home.join("opencode.json");
        fs::create_dir_all(home).expect("the folder can be written");
        fs::write(&file, config.to_string()).expect("the folder can be written");
        let quiet = ["AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS", "SHARE"];
        let mut env = home_of_its_own(home);
        env.extend(quiet.map(|what| (format!("OPENCODE_DISABLE_{what}"), "1".to_owned())));
        env.push(("OPENCODE_CONFIG".to_owned(), file.display().to_string()));
        self.settings(&["acp"], &env)
    }

    /// Returns the settings of a runner that offers Qwen Code.
    pub fn qwen_settings(&self, model_url: &str, home: &Path) -> String {
        fs::create_dir_all(home).expect("the folder can be written");
        let mut env = home_of_its_own(home);
        env.extend([("OPENAI_BASE_URL", model_url), ("OPENAI_MODEL", "stub"), ("OPENAI_API_KEY", "none")].map(own));
        self.settings(&["--acp", "--auth-type", "openai"], &env)
    }

    fn settings(&self, arguments: &[&str], env: &[(String, String)]) -> String {
        let program = self.folder.join(self.program).display().to_string();
        let command: Vec<&str> = std::iter::once(program.as_str()).chain(arguments.iter().copied()).collect();
        let env: Value =
            env.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<serde_json::Map<_, _>>().into();
        // A JSON text and a JSON list of texts are good TOML as well.
        let pairs: Vec<String> =
            env.as_object().expect("it is one").iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let (command, env) = (json!(command), pairs.join(", "));
        format!("[[runner.agents]]\nkind = \"acp\"\nname = \"real\"\ncommand = {command}\nenv = {{ {env} }}\n")
    }
}

fn home_of_its_own(home: &Path) -> Vec<(String, String)> {
    let below = |folder: &str| home.join(folder).display().to_string();
    let mut env = vec![("HOME".to_owned(), home.display().to_string())];
    env.extend(
        ["CONFIG", "DATA", "CACHE", "STATE"].map(|kind| (format!("XDG_{kind}_HOME"), below(&kind.to_lowercase()))),
    );
    env
}

fn own((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
