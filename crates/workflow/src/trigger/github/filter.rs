//! What a github trigger listens to, and its judgement of what happens.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::glob::matches;
use super::happening::Happening;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape, no_rules};
use crate::trigger::definition::{self, MAPPING};
use crate::trigger::mapping::Mapped;

/// What a trigger listens to. Every condition that is given must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// `owner/repo`, or a pattern of it.
    pub repos: Vec<String>,
    /// `push`, `pull_request`, `pull_request.opened`, `pull_request.merged`.
    pub events: Vec<String>,
    #[serde(default)]
    pub filter: Conditions,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mapping: Vec<Mapped>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
}

impl Filter {
    /// Tells why what has happened does not concern the trigger; nothing when it does.
    pub fn misses(&self, happening: &Happening) -> Option<String> {
        let repo = happening.repo.as_deref().unwrap_or_default().to_lowercase();
        if !self.repos.iter().any(|pattern| matches(&pattern.to_lowercase(), &repo)) {
            return Some(format!("it happened in {}", happening.repo.as_deref().unwrap_or("no repository")));
        }
        if !self.events.iter().any(|event| happening.is(event)) {
            return Some(format!("it is {}", happening.names().join(" and ")));
        }
        let Conditions { branches, labels, actions, paths } = &self.filter;
        if !actions.is_empty() && !actions.iter().any(|action| happening.actions().any(|said| said == action)) {
            return Some(format!("its action is {}", happening.action.as_deref().unwrap_or("not said")));
        }
        if !branches.is_empty() {
            let Some(branch) = &happening.branch else { return Some("it concerns no branch".to_owned()) };
            if !branches.iter().any(|pattern| matches(pattern, branch)) {
                return Some(format!("its branch is {branch}"));
            }
        }
        if !labels.is_empty() && !labels.iter().any(|label| happening.has_label(label)) {
            return Some("it has none of the labels".to_owned());
        }
        let touched = |pattern: &String| happening.paths.iter().any(|path| matches(pattern, path));
        if !paths.is_empty() && !happening.paths_cut && !paths.iter().any(touched) {
            return Some("it changes none of the paths".to_owned());
        }
        None
    }
}

pub(crate) const FORM: Form = Form {
    word: "github",
    description: "Fires on what happens in repositories on GitHub.",
    fields: &[
        Field::new("repos", Shape::Texts, "The repositories, as `owner/repo`; `owner/*` is all of an owner.")
            .required(),
        Field::new(
            "events",
            Shape::Texts,
            "What is listened to: `push`, `issues.opened`, `pull_request` with every action, `pull_request.merged`.",
        )
        .or(&["event"])
        .required(),
        Field::new("filter", Shape::Object { form: &CONDITIONS, short: None }, "Conditions, all of which must hold.")
            .default("{}"),
        MAPPING,
    ],
    check,
};

const CONDITIONS: Form = Form {
    word: "",
    description: "Conditions, all of which must hold.",
    fields: &[
        Field::new("branches", Shape::Texts, "The branch pushed to or merged into: `main`, `release/*`, `**`.")
            .or(&["branch"]),
        Field::new("labels", Shape::Texts, "One of these labels.").or(&["label"]),
        Field::new("actions", Shape::Texts, "One of these actions.").or(&["action"]),
        Field::new("paths", Shape::Texts, "A push that changes one of these files: `docs/**`, `*.md`.").or(&["path"]),
    ],
    check: no_rules,
};

fn check(draft: &mut Draft<'_, '_>) {
    definition::check(draft);
    let texts = |field: &str, draft: &Draft<'_, '_>| -> Vec<String> {
        let list = draft.object.get(field).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let is_repo = |repo: &String| {
        let parts: Vec<&str> = repo.split('/').collect();
        parts.len() == 2 && parts.iter().all(|part| !part.is_empty())
    };
    if let Some(wrong) = texts("repos", draft).iter().find(|repo| !is_repo(repo)) {
        draft.wrong("repos", "bad_repo", format!("`{wrong}` is no repository"), "write it like `owner/repo`");
    }
    for field in ["repos", "events"] {
        if draft.has(field) && draft.is_empty(field) {
            draft.wrong(field, "empty", "is empty", "name at least one");
        }
    }
    let events = texts("events", draft);
    let is_event = |event: &String| event.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '.' | '0'..='9'));
    if let Some(wrong) = events.iter().find(|event| !is_event(event) || event.split('.').count() > 2) {
        let fix = "write it like `push` or `pull_request.opened`";
        draft.wrong("events", "bad_event", format!("`{wrong}` is no event of GitHub"), fix);
    }
    let on_paths = draft.object.get("filter").and_then(|filter| filter.get("paths")).is_some();
    if let Some(event) = events.iter().find(|event| *event != "push").filter(|_| on_paths) {
        let message = format!("GitHub does not say which files a `{event}` changes");
        draft.wrong("filter", "never_used", message, "leave `paths` out, or listen to `push` only");
    }
}
