//! The inlet that an address leads to: its rules, the secrets that are good now, and the headers that it looks at.

use std::collections::BTreeMap;

use actix_web::http::header::HeaderMap;
use tenure_workflow::scheduler::{Command, Keys, Reply, Shown, Which};
use tenure_workflow::trigger::On;
use tenure_workflow::trigger::webhook::{Address, Inlet as Rules};
use uuid::Uuid;

use super::{hidden, unknown};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, unavailable};

/// The headers that a signature or a payload may depend on; triggers name others themselves.
const HEADERS: &[&str] = &[
    "content-type",
    "user-agent",
    "x-request-id",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "x-webhook-signature",
    "x-hub-signature-256",
    "x-github-event",
    "x-github-delivery",
    "x-slack-signature",
    "x-slack-request-timestamp",
    "stripe-signature",
];

/// What a call is judged by.
pub struct Inlet {
    pub rules: Rules,
    /// Those that are good now, in clear.
    pub secrets: Vec<String>,
    /// Whether its firings start runs; one of GitHub may lead to triggers of both sorts.
    pub starts_runs: bool,
}

impl Inlet {
    /// Finds the inlet of an address that is good, and takes calls.
    pub async fn find(desk: &Desk, address: Address) -> Result<Self, Rejection> {
        let which = address.trigger.map_or(Which::Github, Which::Id);
        let shown = desk.runtime.schedulers.ask(address.owner, Command::Show(which)).await;
        match shown.map_err(of_ask).map_err(hidden)?.reply {
            Reply::Shown(shown) => Self::of_trigger(desk, address, &shown),
            Reply::Github(keys) => {
                let rules = Rules::of_github();
                Self::with(desk, address, rules, &keys, address.owner.0, false)
            }
            other => Err(unavailable(&format!("the scheduler answered {other:?}"))),
        }
    }

    fn of_trigger(desk: &Desk, address: Address, shown: &Shown) -> Result<Self, Rejection> {
        match &shown.definition.on {
            On::Webhook(rules) if shown.definition.enabled => {
                let starts_runs = shown.definition.workflow.is_some();
                Self::with(desk, address, rules.clone(), &shown.keys, shown.id.0, starts_runs)
            }
            _ => Err(unknown()),
        }
    }

    fn with(
        desk: &Desk,
        address: Address,
        rules: Rules,
        keys: &Keys,
        of: Uuid,
        starts_runs: bool,
    ) -> Result<Self, Rejection> {
        let now = desk.now();
        if !keys.takes(address.generation, now) {
            return Err(unknown());
        }
        let clear = |secret| desk.signing_key.hook_secret(secret, of, rules.verify.scheme);
        let secrets = keys.secrets(now).filter_map(clear).collect();
        Ok(Self { rules, secrets, starts_runs })
    }

    /// Takes the headers that mean something here. What is no text is left out.
    pub fn headers(&self, all: &HeaderMap) -> BTreeMap<String, String> {
        let verify = &self.rules.verify;
        let own = [Some(verify.header()), verify.timestamp_header.as_deref()].into_iter().flatten();
        let known = HEADERS.iter().copied().chain(own);
        known.filter_map(|name| Some((name.to_owned(), all.get(name)?.to_str().ok()?.to_owned()))).collect()
    }
}
