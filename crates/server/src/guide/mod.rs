//! The guide to workflows for whoever writes them, most of all for models: what is told of steps, triggers and tools comes
//! from the schemas and the list of tools, and every example is read by the validator in a test.

mod examples;
mod fields;
mod prose;

use std::fmt;

use serde_json::Value;

use crate::action::list::ACTIONS;
use examples::{EXPRESSIONS, FIRST, STEPS, TRIGGERS};
use fields::{common, fields};

/// What a part of the guide is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    /// What there is, and how to go about it. The other parts are named there.
    Overview,
    Steps,
    Expressions,
    Triggers,
    Debugging,
}

impl Topic {
    pub const ALL: [Self; 5] = [Self::Overview, Self::Steps, Self::Expressions, Self::Triggers, Self::Debugging];

    /// Returns the topic of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Steps => "steps",
            Self::Expressions => "expressions",
            Self::Triggers => "triggers",
            Self::Debugging => "debugging",
        }
    }

    /// Says what its part tells.
    pub fn about(self) -> &'static str {
        match self {
            Self::Overview => "what a workflow is, how to make one and run it",
            Self::Steps => "every kind of step with its fields and an example",
            Self::Expressions => "templates and conditions: how steps read inputs and what other steps gave",
            Self::Triggers => "schedules, webhooks and GitHub events that start workflows",
            Self::Debugging => "why a run failed or does not get on, and how to mend it",
        }
    }
}

/// Names all topics, for whoever has named none of them.
pub struct Topics;

impl fmt::Display for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Topic::ALL.map(Topic::name).join(", "))
    }
}

/// Returns a part of the guide, as Markdown.
pub fn text(topic: Topic) -> String {
    match topic {
        Topic::Overview => overview(),
        Topic::Steps => steps(),
        Topic::Expressions => format!("# Templates and conditions\n\n{}\n{}", prose::EXPRESSIONS, shown(EXPRESSIONS)),
        Topic::Triggers => triggers(),
        Topic::Debugging => format!("# When a run does not get on\n\n{}", prose::DEBUGGING),
    }
}

/// Returns the fields of a definition as a whole, as Markdown.
pub fn definition() -> String {
    let schema = tenure_workflow::schema::schema();
    format!("## What a definition says\n\n{}", fields(&schema, &schema, &[]))
}

fn overview() -> String {
    let schema = tenure_workflow::schema::schema();
    let kinds = kinds(&schema).map(|(word, form)| format!("- `{word}`: {}\n", said(form)));
    let tools = ACTIONS.iter().map(|action| format!("- `{}`: {}\n", action.name, first_sentence(action.about)));
    let topics = Topic::ALL.into_iter().skip(1).map(|topic| format!("- `{}`: {}\n", topic.name(), topic.about()));
    let mut text = format!("# Workflows\n\n{}\n{}", prose::OVERVIEW, shown(FIRST));
    text += &format!("\n{}", definition());
    text += &format!("\n## Kinds of steps\n\n{}", kinds.collect::<String>());
    text += &format!("\n## Tools\n\n{}", tools.collect::<String>());
    text + &format!("\n## More of this guide, by `topic`\n\n{}", topics.collect::<String>())
}

fn steps() -> String {
    let schema = tenure_workflow::schema::schema();
    let shared = common(&schema);
    let (_, any) = kinds(&schema).next().expect("there are kinds");
    let every: Vec<&str> = fields::names(any).filter(|name| !shared.contains(name)).collect();
    let mut text = format!("# Steps\n\n{}\n## Fields of every step\n\n{}", prose::STEPS, fields(&schema, any, &every));
    for (word, form) in kinds(&schema) {
        let example = STEPS.iter().find(|(kind, _)| *kind == word).map_or("", |(_, example)| *example);
        text += &format!("\n## {word}\n\n{}\n\n{}{}", said(form), fields(&schema, form, &shared), shown(example));
    }
    text
}

fn triggers() -> String {
    let schema = tenure_workflow::trigger::schema();
    let shared = common(&schema);
    let (_, any) = kinds(&schema).next().expect("there are kinds");
    let every: Vec<&str> = fields::names(any).filter(|name| !shared.contains(name)).collect();
    let mut text =
        format!("# Triggers\n\n{}\n## Fields of every trigger\n\n{}", prose::TRIGGERS, fields(&schema, any, &every));
    for (word, form) in kinds(&schema) {
        let example = TRIGGERS.iter().find(|(kind, _)| *kind == word).map_or("", |(_, example)| *example);
        text += &format!("\n## {word}\n\n{}\n\n{}{}", said(form), fields(&schema, form, &shared), shown(example));
    }
    text
}

/// Lists the kinds of a schema with what each of them says.
fn kinds(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let words = schema["properties"]["type"]["enum"]
        .as_array()
        .or(schema["$defs"]["step"]["properties"]["type"]["enum"].as_array());
    let words = words.expect("a schema of kinds names them").iter().filter_map(Value::as_str);
    words.map(|word| (word, &schema["$defs"][word]))
}

fn said(form: &Value) -> String {
    let text = form["description"].as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text.trim_end_matches('.'), |(first, _)| first)
}

fn shown(yaml: &str) -> String {
    format!("\n```yaml\n{yaml}```\n")
}

#[cfg(test)]
mod tests {
    use tenure_workflow::read;
    use tenure_workflow::trigger::{Kind, Patch};

    use super::*;

    #[test]
    fn every_example_is_right() {
        let steps = STEPS.iter().map(|(_, example)| *example);
        for example in steps.chain([FIRST, EXPRESSIONS]) {
            let mistakes = read::text(example).err().unwrap_or_default();
            assert!(mistakes.is_empty(), "{example}\n{mistakes:?}");
        }
        for (kind, example) in TRIGGERS {
            let read = Patch::text(example).and_then(|patch| patch.onto(None));
            let read = read.unwrap_or_else(|mistakes| panic!("{example}\n{mistakes:?}"));
            assert_eq!(read.on.kind().word(), *kind);
        }
    }

    #[test]
    fn every_kind_has_an_example_of_it() {
        let schema = tenure_workflow::schema::schema();
        let words: Vec<_> = kinds(&schema).map(|(word, _)| word).collect();
        assert_eq!(words, STEPS.iter().map(|(word, _)| *word).collect::<Vec<_>>());
        for (word, example) in STEPS {
            assert!(example.contains(&format!("type: {word}\n")), "{word}\n{example}");
        }
        let schema = tenure_workflow::trigger::schema();
        let words: Vec<_> = kinds(&schema).map(|(word, _)| word).collect();
        assert_eq!(words, TRIGGERS.iter().map(|(word, _)| *word).collect::<Vec<_>>());
        assert!(words.contains(&Kind::Schedule.word()));
    }

    #[test]
    fn the_guide_is_short_enough_to_be_read_and_names_what_there_is() {
        for topic in Topic::ALL {
            let text = text(topic);
            assert!(text.starts_with("# ") && text.len() < 16_000, "{topic:?} has {} bytes", text.len());
            assert_eq!(Topic::named(topic.name()), Some(topic));
        }
        let overview = text(Topic::Overview);
        assert!(ACTIONS.iter().all(|action| overview.contains(&format!("`{}`", action.name))));
        assert!(Topic::ALL.iter().skip(1).all(|topic| overview.contains(&format!("`{}`", topic.name()))));
    }

    #[test]
    fn every_tool_that_is_named_exists() {
        let verbs =
            ["list", "get", "validate", "sync", "update", "run", "delete", "rollback", "debug", "approve", "cancel"];
        let all: String = Topic::ALL.map(text).concat();
        for word in all.split('`').skip(1).step_by(2) {
            let names_a_tool = word.split_once('_').is_some_and(|(verb, rest)| {
                verbs.contains(&verb) && ["workflow", "execution", "trigger"].iter().any(|noun| rest.starts_with(noun))
            });
            assert!(!names_a_tool || ACTIONS.iter().any(|action| action.name == word), "{word}");
        }
    }

    #[test]
    fn a_field_is_told_with_what_it_takes() {
        let steps = text(Topic::Steps);
        for line in [
            "- `command` (text, required): The command. It may hold `{{ values }}`, quoted or not.\n",
            "- `timeout` (length of time): ",
            "- `then` (steps): What runs when it holds.\n",
            "- `on_failure` (fail_fast | collect): ",
        ] {
            assert!(steps.contains(line), "{line}\n{steps}");
        }
        assert!(!steps.contains("outputVariable"), "old names are not taught");
    }
}
