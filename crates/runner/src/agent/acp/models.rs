//! Which model answers: what the agent offers, what the prompt prefers, and when another one is tried.

use std::collections::VecDeque;

use agent_client_protocol::v1::schema::{
    SessionConfigKind, SessionConfigOption, SessionConfigOptionCategory, SessionConfigOptionValue,
    SessionConfigSelectOptions, SessionConfigValueId, SessionId, SetSessionConfigOptionRequest,
};
use tenure_model::link::WorkSpec;
use tracing::info;

use super::connection::{Connection, Failure, READY_WITHIN};

/// The models of an agent, and the one in use.
#[derive(Debug, PartialEq, Eq)]
pub struct Offered {
    option: String,
    pub names: Vec<String>,
    pub current: String,
}

impl Offered {
    /// Finds the models among the agent's options.
    pub fn of(options: &[SessionConfigOption]) -> Option<Self> {
        choice(options, &SessionConfigOptionCategory::Model)
    }

    /// Returns the agent's own name of a wanted model; a name without its provider is enough when only one has it.
    fn named(&self, wanted: &str) -> Option<&str> {
        if let Some(exact) = self.names.iter().find(|name| *name == wanted) {
            return Some(exact);
        }
        let mut alike = self.names.iter().filter(|name| name.rsplit('/').next() == Some(wanted));
        alike.next().filter(|_| alike.next().is_none()).map(String::as_str)
    }
}

/// Finds an option that is a choice among values.
fn choice(options: &[SessionConfigOption], category: &SessionConfigOptionCategory) -> Option<Offered> {
    let option = options.iter().find(|option| option.category.as_ref() == Some(category))?;
    let SessionConfigKind::Select(select) = &option.kind else { return None };
    let names = match &select.options {
        SessionConfigSelectOptions::Ungrouped(options) => options.iter().collect::<Vec<_>>(),
        SessionConfigSelectOptions::Grouped(groups) => groups.iter().flat_map(|group| &group.options).collect(),
        _ => Vec::new(),
    };
    let names = names.into_iter().map(|option| option.value.0.to_string()).collect();
    Some(Offered { option: option.id.0.to_string(), names, current: select.current_value.0.to_string() })
}

/// The models that a prompt prefers, and which of them were tried.
pub struct Preferences {
    left: VecDeque<String>,
    /// Those that the agent does not offer.
    pub missing: Vec<String>,
}

impl Preferences {
    pub fn of(spec: &WorkSpec) -> Self {
        let left =
            if spec.models.is_empty() { spec.model.iter().cloned().collect() } else { spec.models.clone().into() };
        Self { left, missing: Vec::new() }
    }

    /// Has the conversation use the next preferred model that the agent offers, and returns it; nothing when none is left.
    pub async fn apply_next(
        &mut self,
        connection: &Connection,
        conversation: &SessionId,
    ) -> Result<Option<String>, Failure> {
        while let Some(wanted) = self.left.pop_front() {
            let Some(offered) = Offered::of(&connection.stage.known(conversation).options) else {
                self.missing.push(wanted);
                continue;
            };
            let Some(model) = offered.named(&wanted).map(str::to_owned) else {
                self.missing.push(wanted);
                continue;
            };
            if model == offered.current || set(connection, conversation, &offered, &model).await? {
                return Ok(Some(model));
            }
            self.missing.push(wanted);
        }
        Ok(None)
    }
}

/// Has the conversation work in this mode; false when the agent does not know it.
pub async fn apply_mode(connection: &Connection, conversation: &SessionId, mode: &str) -> Result<bool, Failure> {
    let known = connection.stage.known(conversation);
    if let Some(offered) = choice(&known.options, &SessionConfigOptionCategory::Mode) {
        let is_offered = offered.names.iter().any(|name| name == mode);
        return Ok(offered.current == mode || (is_offered && set(connection, conversation, &offered, mode).await?));
    }
    let Some(modes) = known.modes else { return Ok(false) };
    if &*modes.current_mode_id.0 == mode {
        return Ok(true);
    }
    if !modes.available_modes.iter().any(|known| &*known.id.0 == mode) {
        return Ok(false);
    }
    let request = agent_client_protocol::v1::schema::SetSessionModeRequest::new(conversation.clone(), mode.to_owned());
    refusal_is_no(connection.ask_within(READY_WITHIN, request).await.map(|_| ()))
}

async fn set(
    connection: &Connection,
    conversation: &SessionId,
    offered: &Offered,
    value: &str,
) -> Result<bool, Failure> {
    let value = SessionConfigOptionValue::ValueId { value: SessionConfigValueId::new(value) };
    let request = SetSessionConfigOptionRequest::new(conversation.clone(), offered.option.clone(), value);
    let answer = connection.ask_within(READY_WITHIN, request).await.map(|answer| {
        connection.stage.learn(conversation, |known| known.options = answer.config_options);
    });
    refusal_is_no(answer)
}

fn refusal_is_no(answer: Result<(), Failure>) -> Result<bool, Failure> {
    match answer {
        Ok(()) => Ok(true),
        Err(Failure::Refused(why)) => {
            info!("the agent does not take the setting: {why}");
            Ok(false)
        }
        Err(gone) => Err(gone),
    }
}

/// Says whether an error is one of a busy or failing model server, so that another model may do better. Agents tell it in
/// words only.
pub fn is_retriable(error: &str) -> bool {
    const SIGNS: [&str; 12] = [
        "429",
        "500",
        "502",
        "503",
        "504",
        "529",
        "rate limit",
        "rate_limit",
        "overloaded",
        "unavailable",
        "timed out",
        "timeout",
    ];
    let error = error.to_ascii_lowercase();
    SIGNS.iter().any(|sign| error.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Offered {
        let names = ["a/one", "b/one", "a/two"].map(str::to_owned).to_vec();
        Offered { option: "model".into(), names, current: "a/one".into() }
    }

    #[test]
    fn a_model_is_found_by_its_name_when_it_is_clear_which() {
        let offered = offered();
        assert_eq!(offered.named("b/one"), Some("b/one"));
        assert_eq!(offered.named("two"), Some("a/two"));
        assert_eq!(offered.named("one"), None, "two providers have it");
        assert_eq!(offered.named("three"), None);
    }

    #[test]
    fn a_busy_server_is_worth_another_model_and_a_wrong_key_is_not() {
        assert!(is_retriable("Internal error (\"AI_APICallError: Too Many Requests 429\")"));
        assert!(is_retriable("Overloaded"));
        assert!(!is_retriable("401 Unauthorized: invalid api key"));
    }

    #[test]
    fn one_model_is_a_list_of_one() {
        let spec = WorkSpec { model: Some("a".into()), ..WorkSpec::default() };
        assert_eq!(Preferences::of(&spec).left, ["a"]);
        let spec = WorkSpec { models: vec!["b".into(), "c".into()], ..spec };
        assert_eq!(Preferences::of(&spec).left, ["b", "c"]);
    }
}
