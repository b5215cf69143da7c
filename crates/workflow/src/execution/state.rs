//! What a run remembers in order to decide. The trace of its steps is read from the journal.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::chat::Usage;
use tenure_model::id::{ApprovalId, LinkId, SessionId};
use tenure_model::step::RunEnd;
use tenure_model::time::Timestamp;

use super::command::{Decision, Start};
use super::error::StepError;
use super::limits::Limits;
use super::link::Link;
use super::reply::Reply;
use super::running::{Body, StepRun};
use super::values::Values;
use crate::definition::Definition;
use crate::path::{Place, StepPath};
use crate::people::Author;
use crate::requests::Requests;
use crate::step::Step;

/// The state of one run. The default is a run that was not started yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// What it was started as; none when there is no such run.
    pub about: Option<Arc<About>>,
    pub slot: Slot,
    pub paused: Option<Author>,
    pub ending: Option<Ending>,
    pub ended: Option<Ended>,
    /// The steps at the top of the definition.
    pub root: Body,
    /// The steps that were started and have not ended; what ended is in the journal.
    pub steps: BTreeMap<StepPath, StepRun>,
    /// Where the run can go on by itself.
    pub ready: BTreeSet<Spot>,
    pub counts: Counts,
    pub usage: Usage,
    /// Events that no step has waited for yet, the oldest first.
    pub events: VecDeque<KeptEvent>,
    pub decided: Arc<BTreeMap<ApprovalId, Decided>>,
    pub requests: Arc<Requests<Reply>>,
    pub updated_at: Timestamp,
}

/// What a run was started as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub start: Arc<Start>,
    pub inputs: Arc<Values>,
    /// What templates read as `run`.
    pub run: Arc<Values>,
    pub session: Option<SessionId>,
    pub key: Option<String>,
    pub started_at: Timestamp,
    /// When the run has taken too long.
    pub due: Option<Timestamp>,
}

/// How the run stands with the gate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Slot {
    /// It has none and needs none: it was not started, waits for something, or is over.
    #[default]
    None,
    /// It has asked for its first one.
    Asked {
        /// When the gate was last asked.
        at: Timestamp,
        since: Timestamp,
        queue: Option<Queue>,
    },
    Held,
}

/// A place in the gate's queue, when the run came to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    pub ahead: u32,
    pub why: String,
}

/// How the run is to end, when everything in it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    pub end: RunEnd,
    pub error: Option<StepError>,
    pub reason: Option<String>,
    pub by: Option<Author>,
    pub since: Timestamp,
}

/// How the run has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    pub end: RunEnd,
    pub outputs: Arc<Values>,
    pub error: Option<StepError>,
    pub reason: Option<String>,
    pub at: Timestamp,
}

/// How many steps, over all branches and iterations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Started, attempts not counted. `max_steps` limits these.
    pub started: u32,
    /// Ended, skipped ones counted.
    pub ended: u32,
    /// Bytes of everything that steps have given.
    pub output_bytes: u64,
}

/// An event that waits for a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptEvent {
    pub name: String,
    pub payload: Arc<Value>,
}

/// Who decided an approval, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub decision: Decision,
    /// None when the deadline has decided.
    pub by: Option<Author>,
    /// The link by which it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkId>,
    pub at: Timestamp,
    /// The links that could have decided it: whoever holds one is told who was first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Whom it was asked of by name, apart from the run's owner: their lists know of it as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
}

/// A place where the run can go on: a body whose next step can start, or a step whose bodies have moved on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    Root,
    Body(StepPath, Place),
    Container(StepPath),
}

impl Spot {
    /// Returns the body that a step stands in.
    pub fn around(path: &StepPath) -> Spot {
        path.parent().map_or(Spot::Root, |(outer, place)| Spot::Body(outer, place))
    }
}

/// Returns what the step at this path says.
pub(crate) fn find<'a>(definition: &'a Definition, path: &StepPath) -> Option<&'a Step> {
    let mut body: &[Step] = &definition.steps;
    for (id, place) in path.containers() {
        body = body.iter().find(|step| step.id == *id)?.body(place);
    }
    body.iter().find(|step| step.id == *path.id())
}

/// Returns the steps that run at this spot.
pub(crate) fn steps_of<'a>(definition: &'a Definition, spot: &Spot) -> &'a [Step] {
    match spot {
        Spot::Root => &definition.steps,
        Spot::Body(path, place) => find(definition, path).map_or(&[], |step| step.body(*place)),
        Spot::Container(_) => &[],
    }
}

impl Execution {
    /// Returns what the run was started as.
    ///
    /// # Panics
    /// When the run was not started: rules look at `about` first.
    pub(crate) fn about(&self) -> &About {
        self.about.as_ref().expect("only a started run has steps and rules")
    }

    /// Returns what the step at this path says.
    pub fn step(&self, path: &StepPath) -> Option<&Step> {
        find(&self.about.as_ref()?.start.definition, path)
    }

    /// Returns the limits that the run was started with.
    pub fn limits(&self) -> &Limits {
        static DEFAULT: LazyLock<Limits> = LazyLock::new(Limits::default);
        self.about.as_ref().map_or(&DEFAULT, |about| &about.start.limits)
    }

    /// Returns the body at this spot while it is open.
    pub fn body(&self, spot: &Spot) -> Option<&Body> {
        match spot {
            Spot::Root => Some(&self.root),
            Spot::Body(path, place) => self.steps.get(path)?.bodies()?.open.get(place),
            Spot::Container(_) => None,
        }
    }

    pub(crate) fn body_mut(&mut self, spot: &Spot) -> Option<&mut Body> {
        match spot {
            Spot::Root => Some(&mut self.root),
            Spot::Body(path, place) => self.steps.get_mut(path)?.bodies_mut()?.open.get_mut(place),
            Spot::Container(_) => None,
        }
    }

    /// Returns how many attempts a step at this path may have had before the one around it was tried again.
    pub(crate) fn attempts_before(&self, path: &StepPath) -> u32 {
        path.parent().and_then(|(outer, _)| self.steps.get(&outer)).map_or(0, |outer| outer.base)
    }

    /// Lists the steps that run inside the step at this path.
    pub fn inside<'a>(&'a self, outer: &'a StepPath) -> impl Iterator<Item = (&'a StepPath, &'a StepRun)> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.steps.range((Excluded(outer), Unbounded)).take_while(|(path, _)| path.is_inside(outer))
    }

    /// Tells whether what runs at this spot is to end: the run does, or a step around it.
    pub fn is_closing(&self, spot: &Spot) -> bool {
        let mut outer = match spot {
            Spot::Root => None,
            Spot::Body(path, _) => Some(path.clone()),
            Spot::Container(path) => path.parent().map(|(outer, _)| outer),
        };
        while let Some(path) = outer {
            if self.steps.get(&path).is_some_and(StepRun::is_closing) {
                return true;
            }
            outer = path.parent().map(|(outer, _)| outer);
        }
        self.ending.is_some()
    }

    /// Tells whether the run goes on by itself where it is ready.
    pub fn advances(&self) -> bool {
        if self.ended.is_some() || self.about.is_none() {
            return false;
        }
        self.ending.is_some() || (self.paused.is_none() && !matches!(self.slot, Slot::Asked { .. }))
    }
}
