//! Where settings come from: the file, then the environment, then flags; every mistake is named with its place.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use toml::{Table, Value};

use super::options::{Section, sections};
use super::{Config, rules};
use crate::failure::{Failure, Outcome};
use crate::nearest::nearest;

const FILE: &str = "tenure.toml";

/// The flags of every command that reads a configuration.
#[derive(Args, Clone, Debug, Default)]
pub struct FileArgs {
    /// The configuration file [default: ./tenure.toml, when there is one]
    #[arg(long, env = "TENURE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Settings on their way to a [`Config`], each with the place it came from.
pub struct Layers {
    sections: Vec<Section>,
    settings: BTreeMap<String, (Value, String)>,
}

impl Layers {
    /// Reads the file and the environment of this process.
    pub fn read(args: &FileArgs) -> Outcome<Self> {
        let mut layers = Self { sections: sections(), settings: BTreeMap::new() };
        let (path, named) = match &args.config {
            Some(path) => (path.as_path(), true),
            None => (Path::new(FILE), false),
        };
        match fs::read_to_string(path) {
            Ok(text) => layers.file(&text, &path.display().to_string())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {}
            Err(error) => return Err(Failure::Usage(format!("{} cannot be read: {error}", path.display()))),
        }
        layers.environment(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )?;
        Ok(layers)
    }

    /// Sets what a flag says, when it was given.
    pub fn flag(&mut self, path: &str, flag: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.settings.insert(path.to_owned(), (value.into(), flag.to_owned()));
        }
    }

    /// Sets what a command has as its default, unless something was said.
    pub fn usual(&mut self, path: &str, value: impl Into<Value>) {
        self.settings.entry(path.to_owned()).or_insert_with(|| (value.into(), "the command's defaults".to_owned()));
    }

    /// Makes a configuration of what was set; what was not has its default.
    pub fn config(self) -> Outcome<Config> {
        let mut whole = Table::new();
        for (path, (value, place)) in self.settings {
            let one = nested(&path, value);
            // Each setting is tried for itself, so that a mistake can be laid at its door.
            if let Err(error) = one.clone().try_into::<Config>() {
                let why = error.message().lines().next().unwrap_or_default().to_owned();
                return Err(Failure::Usage(format!("{path} in {place} cannot be used: {why}")));
            }
            merge(&mut whole, one);
        }
        let config: Config = whole
            .try_into()
            .map_err(|error| Failure::Usage(format!("the configuration cannot be used: {}", error.message())))?;
        rules::check(&config).map_err(Failure::Usage)?;
        Ok(config)
    }

    fn file(&mut self, text: &str, place: &str) -> Outcome {
        let table: Table = toml::from_str(text)
            .map_err(|error| Failure::Usage(format!("{place} is not TOML: {}", error.to_string().trim_end())))?;
        for (name, value) in table {
            match value {
                Value::Table(options) if self.sections.iter().any(|section| section.name == name) => {
                    for (option, value) in options {
                        self.set(format!("{name}.{option}"), value, place)?;
                    }
                }
                value => self.set(name, value, place)?,
            }
        }
        Ok(())
    }

    fn set(&mut self, path: String, value: Value, place: &str) -> Outcome {
        let known: Vec<String> = self.paths();
        if !known.contains(&path) {
            let names = known.iter().map(String::as_str).chain(self.sections.iter().map(|section| section.name));
            let meant = nearest(&path, names).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            return Err(Failure::Usage(format!("there is no option {path}, in {place}{meant}")));
        }
        self.settings.insert(path, (value, place.to_owned()));
        Ok(())
    }

    /// Takes `TENURE_<SECTION>_<OPTION>`. Other names that begin with a section's are mistakes.
    fn environment(&mut self, variables: impl Iterator<Item = (String, String)>) -> Outcome {
        let names: BTreeMap<String, (String, bool)> = self
            .sections
            .iter()
            .flat_map(|section| section.options.iter().map(|option| (section.path(&option.name), option.text)))
            .map(|(path, text)| (variable(&path), (path, text)))
            .collect();
        for (name, text) in variables {
            let Some((path, is_text)) = names.get(&name) else {
                if let Some(section) = self.section_of(&name) {
                    let meant = nearest(&name, names.keys().map(String::as_str));
                    let meant = meant.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                    let why = format!("there is no option {name} of the section {section}, in the environment{meant}");
                    return Err(Failure::Usage(why));
                }
                continue;
            };
            let value = if *is_text { Value::String(text) } else { value_of(text) };
            self.settings.insert(path.clone(), (value, name));
        }
        Ok(())
    }

    fn section_of(&self, variable_name: &str) -> Option<&'static str> {
        let begins = |name: &str| !name.is_empty() && variable_name.starts_with(&format!("{}_", variable(name)));
        self.sections.iter().map(|section| section.name).find(|name| begins(name))
    }

    fn paths(&self) -> Vec<String> {
        let of =
            |section: &Section| section.options.iter().map(|option| section.path(&option.name)).collect::<Vec<_>>();
        self.sections.iter().flat_map(of).collect()
    }
}

/// Returns the environment variable of an option. The filter of logs has the short name that people know.
fn variable(path: &str) -> String {
    match path {
        "log.filter" => "TENURE_LOG".to_owned(),
        path => format!("TENURE_{}", path.replace('.', "_").to_uppercase()),
    }
}

/// Reads numbers, truth values and lists as TOML does; what is none of these is a text.
fn value_of(text: String) -> Value {
    let read = toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
    read.unwrap_or(Value::String(text))
}

fn nested(path: &str, value: Value) -> Table {
    match path.split_once('.') {
        Some((section, option)) => Table::from_iter([(section.to_owned(), Value::Table(nested(option, value)))]),
        None => Table::from_iter([(path.to_owned(), value)]),
    }
}

fn merge(whole: &mut Table, more: Table) {
    for (name, value) in more {
        match (whole.get_mut(&name), value) {
            (Some(Value::Table(held)), Value::Table(more)) => merge(held, more),
            (_, value) => {
                whole.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layered(file: &str, variables: &[(&str, &str)]) -> Outcome<Config> {
        let mut layers = Layers { sections: sections(), settings: BTreeMap::new() };
        layers.file(file, "tenure.toml")?;
        layers.environment(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))?;
        layers.flag("log.format", "--log-format", Some("json"));
        layers.config()
    }

    fn mistake(file: &str, variables: &[(&str, &str)]) -> String {
        match layered(file, variables) {
            Err(Failure::Usage(why)) => why,
            other => panic!("{other:?} is no mistake"),
        }
    }

    #[test]
    fn the_environment_goes_before_the_file_and_flags_before_both() {
        let file = "data = \"here\"\n[server]\nlisten = \"a:1\"\npage_max = 7\n[log]\nformat = \"text\"";
        let variables =
            [("TENURE_SERVER_LISTEN", "b:2"), ("TENURE_LOG", "debug"), ("TENURE_TOKEN", "x"), ("HOME", "y")];
        let config = layered(file, &variables).unwrap();
        assert_eq!(config.data, "here");
        assert_eq!(config.server.listen, "b:2");
        assert_eq!(config.server.page_max, 7);
        assert_eq!(config.log.filter, "debug");
        assert_eq!(config.log.format, crate::config::LogFormat::Json);
    }

    #[test]
    fn texts_of_the_environment_stay_texts_and_lists_are_read() {
        let variables =
            [("TENURE_RUNNER_NAME", "42"), ("TENURE_RUNNER_TOKEN", "7"), ("TENURE_RUNNER_LABELS", "[\"gpu\"]")];
        let config = layered("", &variables).unwrap();
        assert_eq!(config.runner.name, "42");
        assert_eq!(config.runner.token.as_deref(), Some("7"));
        assert_eq!(config.runner.labels, ["gpu"]);
    }

    #[test]
    fn an_unknown_option_names_the_nearest_one_and_the_place() {
        let why = mistake("[server]\nlisten_adress = \"x\"\nlistne = 1", &[]);
        assert!(why.starts_with("there is no option server.listen"), "{why}");
        assert_eq!(
            mistake("[server]\nlistne = 1", &[]),
            "there is no option server.listne, in tenure.toml; did you mean server.listen?"
        );
        assert_eq!(mistake("[sever]\n", &[]), "there is no option sever, in tenure.toml; did you mean server?");
        let why = mistake("", &[("TENURE_SERVER_LISTNE", "x")]);
        assert!(why.ends_with("did you mean TENURE_SERVER_LISTEN?"), "{why}");
    }

    #[test]
    fn a_wrong_value_is_laid_at_its_door() {
        let why = mistake("[server]\npage_max = \"many\"", &[]);
        assert!(why.starts_with("server.page_max in tenure.toml cannot be used: invalid type: string"), "{why}");
        let why = mistake("", &[("TENURE_SERVER_PAGE_MAX", "-1")]);
        assert!(why.starts_with("server.page_max in TENURE_SERVER_PAGE_MAX cannot be used"), "{why}");
        assert!(mistake("a = ", &[]).starts_with("tenure.toml is not TOML"));
    }
}
