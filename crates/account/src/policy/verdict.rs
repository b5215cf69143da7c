//! The cascade: which rule decides about a call.
//!
//! ```text
//!   the organization's rule       denies for good; otherwise the loosest that the owner can have
//!   session ▸ workflow ▸ owner    the narrowest scope that has a rule speaks for the owner
//!   default of the risk           where nobody has a rule
//! ```
//! Within a scope a rule about the tool goes before one about its service, and that before one about its risk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenure_model::id::GrantId;

use super::call::Made;
use super::rule::{Mode, Rule, What, Within};
use super::state::Policy;

/// What became of a call, and everything that had a say in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub mode: Mode,
    pub source: Source,
    /// Every scope that has a rule for the call, the widest first.
    pub considered: Vec<Considered>,
}

/// What decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Source {
    /// Nobody has a rule: the risk's own default.
    Default,
    Organization {
        what: What,
    },
    Rule {
        within: Within,
        what: What,
    },
    Grant {
        id: GrantId,
    },
    /// A person decided about this very call.
    Approval,
}

/// A rule that a scope has for the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// None for the organization.
    pub within: Option<Within>,
    pub what: What,
    pub mode: Mode,
}

/// Finds the rule of a scope for a call.
pub fn matching<'r, R>(rules: &'r BTreeMap<What, R>, made: &Made) -> Option<(&'r What, &'r R)> {
    let about = [What::Tool(made.tool.clone()), What::Service(made.service.clone()), What::Risk(made.risk)];
    about.iter().find_map(|what| rules.get_key_value(what))
}

impl Policy {
    /// Judges a call by rules alone.
    pub fn judged(&self, made: &Made, organization: Option<&(What, Mode)>) -> Judged {
        let ceiling = organization.map(|(what, mode)| Considered { within: None, what: what.clone(), mode: *mode });
        let scopes =
            [Some(Within::Owner), made.caller.workflow.map(Within::Workflow), made.caller.session.map(Within::Session)];
        let of_scope = |within: Within| {
            let (what, Rule { mode, .. }) = matching(self.rules.get(&within)?, made)?;
            Some(Considered { within: Some(within), what: what.clone(), mode: *mode })
        };
        let own: Vec<_> = scopes.into_iter().flatten().filter_map(of_scope).collect();
        let narrowest = own.last();
        // The owner may be stricter than the organization, and never looser.
        let deciding = match (&ceiling, narrowest) {
            (Some(ceiling), Some(own)) if own.mode > ceiling.mode => Some(own),
            (Some(ceiling), _) => Some(ceiling),
            (None, own) => own,
        };
        let (mode, source) = deciding.map_or((made.risk.default_mode(), Source::Default), |rule| {
            let what = rule.what.clone();
            (
                rule.mode,
                rule.within.map_or(Source::Organization { what: what.clone() }, |within| Source::Rule { within, what }),
            )
        });
        Judged { mode, source, considered: ceiling.iter().chain(&own).cloned().collect() }
    }
}

impl Judged {
    /// Says in one sentence why.
    pub fn words(&self, made: &Made) -> String {
        let Made { tool, risk, .. } = made;
        let done = match self.mode {
            Mode::Allow => "is allowed",
            Mode::Ask => "needs a person's approval",
            Mode::Deny => "is denied",
        };
        let why = match &self.source {
            Source::Default => format!("its risk is {}, and nobody has made a rule for it", risk.word()),
            Source::Organization { what } => format!("the organization's rule for {what} says so"),
            Source::Rule { within: Within::Owner, what } => format!("the owner's rule for {what} says so"),
            Source::Rule { within, what } => format!("the rule for {what} in {within} says so"),
            Source::Grant { id } => format!("the grant {id} lets it through"),
            Source::Approval => "a person has approved it".to_owned(),
        };
        format!("{tool} {done}: {why}")
    }
}
