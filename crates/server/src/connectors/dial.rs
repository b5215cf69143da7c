//! What a connection is made with: how the connector is reached, what it signs in with, and how much it may take and say.

use std::collections::BTreeMap;

use tenure_account::owner::{Command, Settings, Transport};
use tenure_model::Span;
use tenure_model::id::UserId;
use tenure_runtime::Roster;
use tracing::warn;

use super::Hub;
use super::failure::{Failure, Kind};
use super::line::Line;
use super::wire::Wire;
use crate::auth::secret_keys::{Credential, Opened, Place};

/// What a connection is made with.
pub struct Dial<'a> {
    pub owner: UserId,
    pub name: &'a str,
    pub settings: &'a Settings,
    /// The headers or variables, by name, in clear.
    pub credentials: Vec<(String, String)>,
    pub wire: Wire,
    pub roster: Roster,
    pub bounds: Bounds,
}

/// How long a connector may take, and how much it may say.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub greet_within: Span,
    pub call_within: Span,
    pub answer_bytes_max: usize,
    pub tools_max: usize,
}

impl Hub {
    /// Returns what a connection is made with. What was sealed under an older key is sealed anew.
    pub(super) async fn dial<'a>(&self, line: &'a Line) -> Result<Dial<'a>, Failure> {
        let transport = &line.settings.transport;
        if let Transport::Http { url, .. } = transport {
            // The operator may have become stricter since it was set.
            let read = self.reach.read(url);
            read.map_err(|why| Failure::new(Kind::TooNear, format!("is not reached: {why}")))?;
        }
        let (mut credentials, mut stale) = (vec![], BTreeMap::new());
        for (name, sealed) in transport.sealed() {
            let credential = match transport {
                Transport::Http { .. } => Credential::Header(name),
                Transport::Command { .. } => Credential::Variable(name),
            };
            let place = Place { owner: line.owner.0, connector: &line.name, credential };
            match self.keys.open(place, sealed) {
                Opened::Secret { secret, stale: old } => {
                    if old {
                        stale.insert(name.clone(), (sealed.clone(), self.keys.seal(place, &secret)));
                    }
                    credentials.push((name.clone(), secret));
                }
                Opened::KeyUnknown(id) => {
                    let what = format!(
                        "that is sealed under the key {id}, which the server does not have; give that key back to it (server.secret_key_file)"
                    );
                    return Err(lost(&line.name, credential, &what));
                }
                Opened::Unreadable => {
                    return Err(lost(&line.name, credential, "that cannot be opened; restore it from a backup"));
                }
            }
        }
        if !stale.is_empty() {
            let reseal = Command::ResealConnector { name: line.name.clone(), headers: stale };
            if let Err(error) = self.runtime.owners.ask(line.owner, reseal).await {
                warn!(connector = line.name, "what {} signs in with stays under an older key: {error}", line.name);
            }
        }
        let (wire, roster, bounds) = (self.wire.clone(), self.runtime.roster.clone(), self.bounds);
        Ok(Dial { owner: line.owner, name: &line.name, settings: &line.settings, credentials, wire, roster, bounds })
    }
}

fn lost(connector: &str, credential: Credential<'_>, what: &str) -> Failure {
    let (kind, name, flag) = match credential {
        Credential::Header(name) => ("header", name, "header-env"),
        Credential::Variable(name) => ("variable", name, "env"),
    };
    let fix = format!("set it anew: `tenure connector set {connector} --{flag} {name}=VARIABLE`");
    Failure::new(Kind::KeyLost, format!("has a {kind} {name} {what}, or {fix}"))
}
