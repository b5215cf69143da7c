//! Tools that check a definition, save one, and change how a workflow is called and found.

use actix_web::web::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use tenure_model::id::derived;
use tenure_model::request::RequestId;
use tenure_protocol::tool::{Does, Risk};
use tenure_protocol::workflow::{SavedWorkflow, WorkflowPatch};

use super::{Answer, At, Tool, count, input};
use crate::api::workflows::{Found, named, saving};
use crate::problem::Rejection;

pub struct ValidateWorkflow;

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Text {
    /// The definition, as YAML or JSON.
    pub definition: Option<String>,
    /// The definition as a text holding JSON, instead of `definition`.
    pub workflow_json: Option<String>,
}

impl Tool for ValidateWorkflow {
    type Params = Text;
    const NAME: &'static str = "validate_workflow";
    const ABOUT: &'static str = "Says everything that is wrong with a definition, each with its place and how to \
                                 mend it. Nothing is stored.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str =
        r#"{"definition": "name: Hello\nsteps:\n  - id: say\n    type: bash\n    command: echo hello\n"}"#;

    async fn call(at: &At<'_>, params: Text) -> Result<Answer, Rejection> {
        let text = one_text(params.definition, params.workflow_json, None, Overlay::default())?;
        let validity = saving::check(at.desk, at.caller, text).await?;
        let headline = match validity.mistakes.len() {
            0 => "The definition is right. Save it with sync_workflow.".to_owned(),
            number => format!("The definition has {}. Mend all of it, then ask again.", count(number, "mistake")),
        };
        Answer::new(headline, validity)
    }
}

pub struct SyncWorkflow;

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    /// The id of a workflow that exists, to change that one; without it the slug says which.
    pub id: Option<String>,
    /// The name in commands and addresses; without it, one is made of `name`.
    pub slug: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// One sentence for people.
    pub description: Option<String>,
    /// Such as 1.2.0.
    pub version: Option<String>,
    /// The whole definition, as YAML or JSON; it says name and slug itself.
    pub definition: Option<String>,
    /// The definition as a text holding JSON, instead of `definition`; `name` and its kin are put into it.
    pub data_json: Option<String>,
    /// The same as `data_json`.
    pub workflow_json: Option<String>,
}

impl Tool for SyncWorkflow {
    type Params = Sync;
    const NAME: &'static str = "sync_workflow";
    const ABOUT: &'static str = "Saves a definition as the current version of a workflow, which is created when \
                                 there is none. The same definition again changes nothing. A wrong one is refused \
                                 with every mistake.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Authors;
    const EXAMPLE: &'static str =
        r#"{"definition": "name: Hello\nsteps:\n  - id: say\n    type: bash\n    command: echo hello\n"}"#;

    async fn call(at: &At<'_>, params: Sync) -> Result<Answer, Rejection> {
        let Sync { id, slug, name, description, version, definition, data_json, workflow_json } = params;
        let overlay = Overlay { slug, name, description: description.map(Some), version, tags: None };
        let text = one_text(definition, workflow_json, data_json, overlay)?;
        let saved = match id {
            None => saving::make_current(at.desk, at.caller, at.key.clone(), text, None).await?,
            Some(id) => {
                let found = named(at.desk, &id, at.caller).await?;
                saving::put(at.desk, at.caller, at.key.clone(), &found, text, None).await?
            }
        };
        told(saved)
    }
}

pub struct UpdateWorkflow;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// The workflow's id or slug.
    pub workflow_id: String,
    /// What people call it.
    pub name: Option<String>,
    /// One sentence for people.
    pub description: Option<String>,
    /// Takes the description away.
    #[serde(default)]
    pub clear_description: bool,
    /// Such as 1.2.0.
    pub version: Option<String>,
    /// Whether it may run.
    pub enabled: Option<bool>,
    /// A text holding a JSON list of words to find it by.
    pub tags_json: Option<String>,
    /// A text holding the whole new definition as JSON; the other fields are put into it.
    pub data_json: Option<String>,
}

impl Tool for UpdateWorkflow {
    type Params = Update;
    const NAME: &'static str = "update_workflow";
    const ABOUT: &'static str = "Changes what a workflow is called, how it is found, whether it may run, or its \
                                 definition. What is absent stays; the slug always does.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Authors;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report", "enabled": false}"#;

    async fn look(at: &At<'_>, params: Update) -> Result<(), Rejection> {
        named(at.desk, &params.workflow_id, at.caller).await.map(drop)
    }

    async fn call(at: &At<'_>, params: Update) -> Result<Answer, Rejection> {
        let Update { workflow_id, name, description, clear_description, version, enabled, tags_json, data_json } =
            params;
        let description = match (description, clear_description) {
            (Some(_), true) => {
                return Err(input::invalid("clear_description: give a description, or clear it, not both")
                    .field("clear_description"));
            }
            (given, clear) => given.map(Some).or(clear.then_some(None)),
        };
        let tags = tags_json.map(|text| input::texts("tags_json", &text)).transpose()?;
        let overlay = Overlay { slug: None, name, description, version, tags };
        if overlay == Overlay::default() && enabled.is_none() && data_json.is_none() {
            return Err(input::invalid("name: say what is to change").field("name"));
        }
        let found = named(at.desk, &workflow_id, at.caller).await?;
        let saved = change(at, &found, overlay, data_json).await?;
        match (saved, enabled) {
            (Some(saved), None) => told(saved),
            (_, Some(enabled)) => {
                let key = part_of(at.key.as_ref(), "enabled");
                let row = saving::switch(at.desk, at.caller, key, &found, enabled).await?;
                let may = if row.enabled { "may run" } else { "may not run" };
                Answer::new(format!("The workflow \"{}\" {may}.", row.slug), row)
            }
            (None, None) => Err(input::invalid("name: say what is to change").field("name")),
        }
    }
}

/// Changes the definition or what it is called; nothing when neither is asked for.
async fn change(
    at: &At<'_>,
    found: &Found,
    overlay: Overlay,
    data_json: Option<String>,
) -> Result<Option<SavedWorkflow>, Rejection> {
    let key = part_of(at.key.as_ref(), "definition");
    if data_json.is_some() {
        let slug = found.about()?.definition.slug.to_string();
        let text = one_text(None, None, data_json, Overlay { slug: Some(slug), ..overlay })?;
        return saving::put(at.desk, at.caller, key, found, text, None).await.map(Some);
    }
    if overlay == Overlay::default() {
        return Ok(None);
    }
    let Overlay { name, description, version, tags, slug: _ } = overlay;
    let patch = WorkflowPatch { name, description, version, tags };
    saving::patch(at.desk, at.caller, key, found, patch, None).await.map(Some)
}

/// Derives the request id of one of a call's commands.
fn part_of(key: Option<&RequestId>, part: &str) -> Option<RequestId> {
    let derived = derived(&["update_workflow", part, &key?.to_string()]).to_string();
    Some(RequestId::parse(derived).expect("a UUID is short enough"))
}

fn told(saved: SavedWorkflow) -> Result<Answer, Rejection> {
    let outcome = serde_json::to_value(saved.outcome).unwrap_or_default();
    let outcome = outcome.as_str().unwrap_or_default().replace('_', " ");
    Answer::new(format!("The workflow \"{}\" is {outcome}.", saved.slug), saved)
}

/// What a call says of a workflow beside its definition.
#[derive(Default, PartialEq)]
struct Overlay {
    slug: Option<String>,
    name: Option<String>,
    description: Option<Option<String>>,
    version: Option<String>,
    tags: Option<Vec<String>>,
}

impl Overlay {
    fn put_into(self, definition: &mut Map<String, Value>) {
        let texts = [("slug", self.slug), ("name", self.name), ("version", self.version)];
        for (field, value) in texts {
            if let Some(value) = value {
                definition.insert(field.to_owned(), value.into());
            }
        }
        match self.description {
            Some(Some(text)) => drop(definition.insert("description".to_owned(), text.into())),
            Some(None) => drop(definition.shift_remove("description")),
            None => {}
        }
        if let Some(tags) = self.tags {
            definition.insert("tags".to_owned(), tags.into());
        }
    }
}

/// Returns the one definition that was given, with what was said beside it.
fn one_text(
    definition: Option<String>,
    workflow_json: Option<String>,
    data_json: Option<String>,
    overlay: Overlay,
) -> Result<Bytes, Rejection> {
    let (field, json) = match (definition, workflow_json, data_json) {
        (Some(text), None, None) if overlay == Overlay::default() => return Ok(text.into()),
        (Some(_), None, None) => {
            let why = "definition: it says name, slug, description and version itself; leave those out";
            return Err(input::invalid(why).field("definition"));
        }
        (None, Some(json), None) => ("workflow_json", json),
        (None, None, Some(json)) => ("data_json", json),
        _ => return Err(input::invalid("definition: give the definition once").field("definition")),
    };
    let mut definition = input::object(field, &json)?;
    overlay.put_into(&mut definition);
    Ok(Value::Object(definition).to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(overlay: Overlay) -> String {
        let data = r#"{"name":"a","description":"b","steps":[]}"#.to_owned();
        let bytes = one_text(None, None, Some(data), overlay).expect("it is right");
        String::from_utf8(bytes.to_vec()).expect("it is text")
    }

    #[test]
    fn what_is_said_beside_a_definition_is_put_into_it() {
        assert_eq!(text(Overlay::default()), r#"{"name":"a","description":"b","steps":[]}"#);
        let overlay = Overlay { name: Some("c".into()), description: Some(None), ..Overlay::default() };
        assert_eq!(text(overlay), r#"{"name":"c","steps":[]}"#);
        let overlay = Overlay { slug: Some("s".into()), tags: Some(vec!["t".into()]), ..Overlay::default() };
        assert_eq!(text(overlay), r#"{"name":"a","description":"b","steps":[],"slug":"s","tags":["t"]}"#);
    }

    #[test]
    fn a_definition_is_given_once() {
        let some = || Some("{}".to_owned());
        for (definition, workflow, data) in [(None, None, None), (some(), some(), None), (None, some(), some())] {
            let refused = one_text(definition, workflow, data, Overlay::default()).expect_err("it is wrong");
            assert_eq!(refused.0.field.as_deref(), Some("definition"));
        }
        let beside = Overlay { name: Some("c".into()), ..Overlay::default() };
        assert!(one_text(some(), None, None, beside).is_err());
        let broken = one_text(None, None, Some("[]".into()), Overlay::default()).expect_err("it is no object");
        assert_eq!(broken.0.field.as_deref(), Some("data_json"));
    }
}
