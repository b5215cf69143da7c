//! Tools that list triggers, save one, fire one, and take one away.

use actix_web::web::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tenure_model::id::derived;
use tenure_model::request::RequestId;
use tenure_protocol::tool::{Does, Risk};
use tenure_protocol::trigger::{RotateInlet, RunTrigger, SavedTrigger, TriggerType};

use super::{Answer, At, Tool, count, input};
use crate::api::triggers::listing::{self, ListQuery};
use crate::api::triggers::{acting, named, rotating, running, saving};
use crate::problem::Rejection;

pub struct ListTriggers;

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// Only those that run this workflow, by its id or slug.
    pub workflow_id: Option<String>,
    /// Only those of this type: schedule, webhook, github or manual.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Only those that are switched on (true), or off (false).
    pub enabled: Option<bool>,
    /// Rows of the answer; 50 when absent.
    pub limit: Option<u64>,
    /// The `cursor` of the answer before, to go on there.
    pub cursor: Option<String>,
}

impl Tool for ListTriggers {
    type Params = List;
    const NAME: &'static str = "list_triggers";
    const ABOUT: &'static str = "Lists the triggers, newest first: what makes each fire, what it starts, when it fires \
                                 next, and what is wrong with it.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"type": "schedule", "enabled": true}"#;

    async fn call(at: &At<'_>, params: List) -> Result<Answer, Rejection> {
        let List { workflow_id: workflow, kind, enabled, limit, cursor } = params;
        let kind = kind.map(|word| serde_json::from_value::<TriggerType>(Value::String(word))).transpose();
        let kind = kind.map_err(|error| input::invalid(&format!("type: {error}")).field("type"))?;
        let query = ListQuery { limit, cursor, kind, enabled, workflow, owner: None };
        let page = listing::page(at.desk, at.caller.user, query).await?;
        let headline = match page.items.len() {
            0 => "No trigger fits. Make one with sync_trigger.".to_owned(),
            number if page.cursor.is_some() => format!("{}, and there are more.", count(number, "trigger")),
            number => format!("{}.", count(number, "trigger")),
        };
        Answer::new(headline, page)
    }
}

pub struct SyncTrigger;

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    /// The whole definition, as YAML or JSON, for everything that the other parameters do not say; they go before it.
    pub definition: Option<String>,
    /// The id of a trigger that exists, to change that one; without it the name says which.
    pub trigger_id: Option<String>,
    /// The name, whatever its case. Saving it again changes that trigger.
    pub name: Option<String>,
    /// What makes it fire: schedule, webhook, github or manual.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether it fires. When absent, it stays as it is.
    pub enabled: Option<bool>,
    /// The workflow that it runs, by id or slug.
    pub workflow_id: Option<String>,
    /// Takes the workflow away; then there must be a schedule_prompt.
    pub clear_workflow_link: bool,
    /// Minute, hour, day of month, month, day of week; or @daily and its kin.
    pub schedule_cron: Option<String>,
    /// A zone like Europe/Berlin; UTC when it was never said.
    pub schedule_timezone: Option<String>,
    /// workflow, or orchestrator to ask the orchestrator session something instead of running a workflow.
    pub schedule_target: Option<String>,
    /// What the orchestrator is asked.
    pub schedule_prompt: Option<String>,
    /// The method that a webhook takes; POST when it was never said.
    pub webhook_method: Option<String>,
    /// How a webhook's sender signs: standard_webhooks, github, slack, stripe, hmac, or none.
    pub webhook_verify: Option<String>,
    /// The secret that the sender has chosen. Without it the server makes one, and tells it once.
    pub webhook_secret: Option<String>,
    /// A text holding a JSON object: for each input the path of its value in the payload, like $.commits[0].id.
    pub variable_mapping_json: Option<String>,
}

impl Tool for SyncTrigger {
    type Params = Sync;
    const NAME: &'static str = "sync_trigger";
    const ABOUT: &'static str = "Makes a trigger, or changes the one of that name. What is absent stays as it is; the \
                                 same again changes nothing. A wrong one is refused with every mistake. A webhook's \
                                 address, and a secret that the server has made, are in the answer.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Authors;
    const EXAMPLE: &'static str = r#"{"name": "nightly", "type": "schedule", "schedule_cron": "0 3 * * *", "schedule_timezone": "Europe/Berlin", "workflow_id": "nightly-report"}"#;

    async fn call(at: &At<'_>, mut params: Sync) -> Result<Answer, Rejection> {
        let secret = params.webhook_secret.take();
        if secret.is_some() && params.webhook_verify.is_none() && params.definition.is_none() {
            params.webhook_verify = Some("hmac".to_owned());
        }
        let trigger = params.trigger_id.take();
        let text = written(params)?;
        let owner = at.caller.user;
        let saved = match trigger {
            None => saving::upsert(at.desk, at.caller, owner, at.key.clone(), text, None).await?,
            Some(id) => {
                let old = named(at.desk, owner, &id).await?.shown;
                saving::put(at.desk, at.caller, at.key.clone(), owner, old, text, None).await?
            }
        };
        let saved = match secret {
            None => saved,
            Some(secret) => with_secret(at, saved, secret).await?,
        };
        let outcome = serde_json::to_value(saved.outcome).unwrap_or_default();
        let outcome = outcome.as_str().unwrap_or_default();
        Answer::new(format!("The trigger \"{}\" is {outcome}: it {}.", saved.name, saved.words), saved)
    }
}

/// Puts the parameters on top of the definition, as one definition.
fn written(params: Sync) -> Result<Bytes, Rejection> {
    let mut whole: Map<String, Value> = match &params.definition {
        None => Map::new(),
        Some(text) => serde_norway::from_str(text)
            .map_err(|error| input::invalid(&format!("definition: {error}")).field("definition"))?,
    };
    let texts = [
        ("name", params.name),
        ("type", params.kind),
        ("workflow", params.workflow_id),
        ("cron", params.schedule_cron),
        ("timezone", params.schedule_timezone),
        ("prompt", params.schedule_prompt),
        ("verify", params.webhook_verify),
    ];
    whole.extend(texts.into_iter().filter_map(|(field, text)| Some((field.to_owned(), Value::String(text?)))));
    whole.extend(params.enabled.map(|enabled| ("enabled".to_owned(), enabled.into())));
    whole.extend(params.webhook_method.map(|method| ("methods".to_owned(), json!([method]))));
    if let Some(text) = params.variable_mapping_json {
        whole.insert("mapping".to_owned(), input::object("variable_mapping_json", &text)?.into());
    }
    let to_orchestrator = match params.schedule_target.as_deref() {
        None => params.clear_workflow_link,
        Some("orchestrator") => true,
        Some("workflow") => {
            whole.insert("prompt".to_owned(), Value::Null);
            false
        }
        Some(other) => {
            let why = format!("schedule_target: there are workflow and orchestrator, not {other}");
            return Err(input::invalid(&why).field("schedule_target"));
        }
    };
    if to_orchestrator {
        whole.insert("workflow".to_owned(), Value::Null);
    }
    Ok(Value::Object(whole).to_string().into())
}

/// Has the trigger believe the sender's own secret. The address stays, and the same secret again changes nothing.
async fn with_secret(at: &At<'_>, saved: SavedTrigger, secret: String) -> Result<SavedTrigger, Rejection> {
    let found = named(at.desk, at.caller.user, &saved.id.to_string()).await?;
    if !rotating::believes(at.desk, &found, &secret) {
        let key = at.key.as_ref().map(|key| derived(&["webhook-secret", &key.to_string()]));
        let key = key.and_then(|key| RequestId::parse(key.to_string()).ok());
        let wanted = RotateInlet { secret: Some(secret), ..RotateInlet::default() };
        rotating::turn(at.desk, at.caller, key, &found, wanted).await?;
    }
    Ok(SavedTrigger { secret: None, ..saved })
}

pub struct RunTriggerNow;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The trigger's id or name.
    pub trigger_id: String,
    /// Inputs on top of the trigger's own, a text holding a JSON object.
    pub variables_json: Option<String>,
    /// Marks the run as a trial.
    #[serde(default)]
    pub test: bool,
}

impl Tool for RunTriggerNow {
    type Params = Run;
    const NAME: &'static str = "run_trigger";
    const ABOUT: &'static str = "Fires a trigger now, also one that is switched off, and answers with the run's id. Whether \
                                 the run has begun is in the trigger's ledger and in get_execution.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Acts;
    const EXAMPLE: &'static str = r#"{"trigger_id": "nightly", "variables_json": "{\"day\": \"monday\"}"}"#;

    async fn look(at: &At<'_>, params: Run) -> Result<(), Rejection> {
        named(at.desk, at.caller.user, &params.trigger_id).await.map(drop)
    }

    async fn call(at: &At<'_>, params: Run) -> Result<Answer, Rejection> {
        let found = named(at.desk, at.caller.user, &params.trigger_id).await?;
        let inputs = params.variables_json.map(|text| input::object("variables_json", &text)).transpose()?;
        let run = RunTrigger { inputs: inputs.unwrap_or_default(), test: params.test };
        let fired = running::fire(at.desk, at.caller, at.key.clone(), &found, run).await?;
        Answer::new(format!("The trigger \"{}\" has fired.", found.shown.definition.name), fired)
    }
}

pub struct DeleteTrigger;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The trigger's id or name.
    pub trigger_id: String,
}

impl Tool for DeleteTrigger {
    type Params = Which;
    const NAME: &'static str = "delete_trigger";
    const ABOUT: &'static str = "Deletes a trigger, so that it fires no more. Runs under way go on, and its ledger can \
                                 still be read by its id.";
    const RISK: Risk = Risk::Medium;
    const DOES: Does = Does::Authors;
    const EXAMPLE: &'static str = r#"{"trigger_id": "nightly"}"#;

    async fn look(at: &At<'_>, params: Which) -> Result<(), Rejection> {
        named(at.desk, at.caller.user, &params.trigger_id).await.map(drop)
    }

    async fn call(at: &At<'_>, params: Which) -> Result<Answer, Rejection> {
        let found = named(at.desk, at.caller.user, &params.trigger_id).await?;
        acting::remove(at.desk, at.key.clone(), at.caller, &found).await?;
        Answer::new("The trigger is deleted.", json!({ "id": found.id(), "deleted": true }))
    }
}
