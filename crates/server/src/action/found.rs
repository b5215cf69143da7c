//! A tool that was found by its name: the server's own, or one of a connector of the caller's.

use serde_json::{Map, Value};
use tenure_account::owner::OWN_SERVICE;
use tenure_account::policy::Made;
use tenure_protocol::tool::{Does, Risk};

use super::call::{self, unknown};
use super::{Action, admit, list};
use crate::auth::Caller;
use crate::connectors::Connected;
use crate::desk::Desk;
use crate::problem::Rejection;

/// A tool.
#[derive(Clone)]
pub enum Found {
    Own(&'static Action),
    Connected(Connected),
}

/// Finds the tool of this name.
pub async fn find(desk: &Desk, caller: &Caller, name: &str) -> Result<Found, Rejection> {
    if let Some(action) = list::find(name) {
        return Ok(Found::Own(action));
    }
    let connected = desk.hub.find(caller.user, name).await?;
    connected.map(Found::Connected).ok_or_else(|| unknown(name))
}

/// Lists what this caller may call, whatever it is called with. A connector that does not answer is left out.
pub async fn open_to(desk: &Desk, caller: &Caller) -> Result<Vec<Found>, Rejection> {
    let own = list::open_to(caller).map(Found::Own);
    let connected = desk.hub.tools(caller.user).await?.into_iter().map(Found::Connected);
    Ok(own.chain(connected).collect())
}

impl Found {
    pub fn name(&self) -> &str {
        match self {
            Self::Own(action) => action.name,
            Self::Connected(connected) => &connected.tool.name,
        }
    }

    pub fn about(&self) -> &str {
        match self {
            Self::Own(action) => action.about,
            Self::Connected(connected) => &connected.tool.about,
        }
    }

    /// Returns whose it is.
    pub fn service(&self) -> &str {
        match self {
            Self::Own(_) => OWN_SERVICE,
            Self::Connected(connected) => connected.service(),
        }
    }

    pub fn risk(&self) -> Risk {
        match self {
            Self::Own(action) => action.risk,
            Self::Connected(connected) => admit::shown(connected.risk),
        }
    }

    pub fn does(&self) -> Does {
        match self {
            Self::Own(action) => action.does,
            Self::Connected(_) => Does::Outside,
        }
    }

    pub fn schema(&self) -> Map<String, Value> {
        match self {
            Self::Own(action) => (action.schema)(),
            Self::Connected(connected) => connected.tool.schema.clone(),
        }
    }

    /// Returns parameters of a call that makes sense; a connector tells none.
    pub fn example(&self) -> Value {
        match self {
            Self::Own(action) => action.example(),
            Self::Connected(_) => Value::Null,
        }
    }

    /// Describes a call as policy judges it.
    pub fn made(&self, caller: &Caller, params: &Map<String, Value>) -> Made {
        match self {
            Self::Own(action) => call::made(caller, action, params),
            Self::Connected(connected) => connected.made(params, admit::from(caller)),
        }
    }
}
