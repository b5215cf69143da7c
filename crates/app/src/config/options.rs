//! The list of all options, read off the types: names, what they mean, defaults.

use serde::Serialize;
use serde_json::Value;
use tenure_server::{DraftOptions, ServerOptions};
use tenure_session::Limits;
use tenure_workflow::{execution, gate};
use utoipa::PartialSchema;

use super::{Config, IsolationConfig, LogConfig, RunnerConfig, RuntimeConfig, StoreConfig, Top};

/// A group of options.
pub struct Section {
    /// Empty for the options that stand above all sections.
    pub name: &'static str,
    pub doc: String,
    pub options: Vec<OptionInfo>,
}

/// One option.
pub struct OptionInfo {
    pub name: String,
    pub doc: String,
    /// Nothing when the option is not set by default.
    pub default: Option<toml::Value>,
    /// Whether its value is a text.
    pub text: bool,
}

impl Section {
    /// Returns the full name of an option: `server.listen`.
    pub fn path(&self, option: &str) -> String {
        if self.name.is_empty() { option.to_owned() } else { format!("{}.{option}", self.name) }
    }
}

/// Lists every option there is.
pub fn sections() -> Vec<Section> {
    let config = Config::default();
    vec![
        section::<Top>("", &Top { data: config.data, sandboxes: config.sandboxes, secrets: config.secrets }),
        section::<LogConfig>("log", &config.log),
        section::<ServerOptions>("server", &config.server),
        section::<RuntimeConfig>("runtime", &config.runtime),
        section::<Limits>("session", &config.session),
        section::<execution::Limits>("execution", &config.execution),
        section::<gate::Limits>("gate", &config.gate),
        section::<DraftOptions>("draft", &config.draft),
        section::<StoreConfig>("store", &config.store),
        section::<RunnerConfig>("runner", &config.runner),
        section::<IsolationConfig>("isolation", &config.isolation),
    ]
}

fn section<T: PartialSchema + Serialize>(name: &'static str, defaults: &T) -> Section {
    let schema = serde_json::to_value(T::schema()).expect("a schema is plain data");
    let defaults = toml::Table::try_from(defaults).expect("options are plain data");
    let properties = schema["properties"].as_object().expect("a section has options");
    let option = |(name, schema): (&String, &Value)| {
        let default = defaults.get(name).cloned();
        OptionInfo {
            name: name.clone(),
            doc: one_line(&schema["description"]),
            text: default.as_ref().is_some_and(toml::Value::is_str) || is_text(&schema["type"]),
            default,
        }
    };
    Section { name, doc: one_line(&schema["description"]), options: properties.iter().map(option).collect() }
}

fn is_text(kind: &Value) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(is_text),
        kind => kind == "string",
    }
}

fn one_line(doc: &Value) -> String {
    doc.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_says_what_it_is() {
        for section in sections() {
            for option in &section.options {
                assert!(!option.doc.is_empty(), "{} has no description", section.path(&option.name));
            }
        }
    }

    #[test]
    fn the_sections_are_those_of_the_configuration() {
        let config = toml::Table::try_from(Config::default()).unwrap();
        let named: Vec<_> = sections().iter().map(|section| section.name).filter(|name| !name.is_empty()).collect();
        let tables: Vec<_> =
            config.iter().filter(|(_, value)| value.is_table()).map(|(name, _)| name.as_str()).collect();
        assert_eq!(named.len(), tables.len());
        assert!(tables.iter().all(|name| named.contains(name)));
    }
}
