//! Reads steps: their ids, their types, the fields of each type, and bodies inside bodies.

use serde_json::{Map, Value};

use super::form::Form;
use super::node::{Content, Node};
use super::reader::{Place, Reader};
use crate::definition::StepId;
use crate::limits::{STEP_DEPTH_MAX, STEPS_MAX};
use crate::nearest::nearest;
use crate::step::{COMMON, FORMS};

/// Types of steps that there were once, with what to write instead.
const REMOVED: &[(&str, &str)] = &[
    ("agent", "use `agent_prompt`"),
    ("subworkflow", "use `workflow` to run another workflow, or write its steps here"),
    ("agent_message", "use `agent_prompt` to talk to the agent, or `notify` to tell the orchestrator"),
];

/// Words that people write when they mean a shell command.
const SHELL_WORDS: &[&str] = &["shell", "sh", "command", "cmd", "run", "script", "exec", "terminal"];

impl Reader {
    /// Reads the list of steps that stands under a field.
    pub(super) fn body(&mut self, node: &Node, field: &str, path: &str) -> Option<Value> {
        let items = match &node.content {
            Content::List(items) if !items.is_empty() => items,
            Content::List(_) | Content::Null => {
                self.wrong(node, path, "empty_body", "has no steps", Some("add a step, or leave the field out".into()));
                return None;
            }
            _ => {
                self.wrong_type(node, path, "a list of steps");
                return None;
            }
        };
        if self.depth == STEP_DEPTH_MAX {
            let message = format!("steps stand more than {STEP_DEPTH_MAX} deep in each other");
            self.wrong(node, path, "too_deep", message, Some("move inner steps to a workflow of their own".into()));
            return None;
        }
        let (outer, owner) = (self.prefix.clone(), self.owner.clone());
        let mut steps = Vec::new();
        self.depth += 1;
        for (index, item) in items.iter().enumerate() {
            self.steps += 1;
            if self.steps > STEPS_MAX {
                if self.steps == STEPS_MAX + 1 {
                    let message = format!("a definition has at most {STEPS_MAX} steps");
                    self.wrong(item, path, "too_many_steps", message, Some("use a loop, or several workflows".into()));
                }
                break;
            }
            let generated = match outer.as_str() {
                "" => format!("step_{index}"),
                // A branch is already named by its number.
                prefix if path.contains("branches") && field == "steps" => format!("{prefix}_{index}"),
                prefix => format!("{prefix}_{field}_{index}"),
            };
            self.prefix.clone_from(&generated);
            steps.extend(self.step(item, &format!("{path}[{index}]"), &generated).map(Value::Object));
            self.owner.clone_from(&owner);
        }
        self.depth -= 1;
        self.prefix = outer;
        Some(Value::Array(steps))
    }

    fn step(&mut self, node: &Node, path: &str, generated: &str) -> Option<Map<String, Value>> {
        if !matches!(node.content, Content::Map(_)) {
            self.wrong_type(node, path, "a step, which is an object with a `type`");
            return None;
        }
        let id = self.step_id(node, path, generated);
        self.owner = Some(id.clone());
        let form = self.step_form(node, path);
        let begun = Map::from_iter([("id".to_owned(), Value::from(id))]);
        let mut step = match form {
            Some(form) => self.fields(node, &[COMMON, form.fields], form, path, &["type"], begun)?,
            None => {
                // Without a type only the common fields mean something; the others are not judged.
                let names: Vec<&str> = match &node.content {
                    Content::Map(entries) => entries.iter().map(|entry| entry.name.as_str()).collect(),
                    _ => Vec::new(),
                };
                let form = Form { word: "", description: "", fields: &[], check: super::form::no_rules };
                self.fields(node, &[COMMON], &form, path, &names, begun)?
            }
        };
        step.insert("type".to_owned(), form.map_or("", |form| form.word).into());
        Some(step)
    }

    /// Returns the written id, or the generated one where there is none or a wrong one, and remembers where it stands.
    fn step_id(&mut self, node: &Node, path: &str, generated: &str) -> String {
        let entry = node.entry("id");
        let written = entry.and_then(|entry| match &entry.value.content {
            Content::Text(text) if text.parse::<StepId>().is_ok() => Some(text.clone()),
            _ => None,
        });
        let id = written.unwrap_or_else(|| generated.to_owned());
        let mark = entry.and_then(|entry| entry.value.mark).or(node.mark);
        match self.places.get(&id) {
            Some(first) => {
                let message = format!("`{id}` is already the id of {}", first.path);
                let fix = "give each step of the workflow an id of its own, also in different bodies".to_owned();
                self.mistakes.add(&format!("{path}.id"), mark, "duplicate_id", message, Some(fix));
            }
            None => {
                self.places.insert(id.clone(), Place { path: path.to_owned(), mark });
            }
        }
        id
    }

    fn step_form(&mut self, node: &Node, path: &str) -> Option<&'static Form> {
        let words = || FORMS.iter().map(|form| form.word);
        let list = || format!("there are {}", words().collect::<Vec<_>>().join(", "));
        let Some(entry) = node.entry("type") else {
            self.mistakes.add(path, node.mark, "missing_field", "`type` is missing", Some(list()));
            return None;
        };
        let path = format!("{path}.type");
        let Content::Text(word) = &entry.value.content else {
            self.wrong_type(&entry.value, &path, "the type of a step");
            return None;
        };
        if let Some(form) = FORMS.iter().find(|form| form.word == word) {
            return Some(form);
        }
        if let Some((_, instead)) = REMOVED.iter().find(|(removed, _)| removed == word) {
            let message = format!("there is no step type `{word}` any more");
            self.wrong(&entry.value, &path, "removed_step_type", message, Some((*instead).to_owned()));
            return None;
        }
        let fix = if SHELL_WORDS.contains(&word.as_str()) {
            "use `bash` for shell commands".to_owned()
        } else {
            match nearest(word, words()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => list(),
            }
        };
        self.wrong(&entry.value, &path, "unknown_step_type", format!("there is no step type `{word}`"), Some(fix));
        None
    }
}
