//! Every change that a sandbox can go through, and no other.

/// Where a sandbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    None,
    Starting,
    Running,
    Hibernating,
    Hibernated,
    Failed,
}

/// What can happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is started, under the next generation.
    Start,
    /// Its runner has said hello.
    ComeUp,
    /// The link of its runner is lost.
    Leave,
    /// It is told to end, with its workspace kept or, when the session is over, without.
    Stop,
    /// Its end is confirmed.
    Rest,
    /// Its end is confirmed, and the session is over.
    Vanish,
    /// It did not come up, was lost, or does not end.
    Fail,
}

impl Place {
    pub const ALL: [Place; 6] =
        [Place::None, Place::Starting, Place::Running, Place::Hibernating, Place::Hibernated, Place::Failed];

    /// Returns where a change leads; nothing when it cannot happen here.
    pub fn after(self, change: Change) -> Option<Place> {
        match (self, change) {
            (Place::None | Place::Hibernated | Place::Failed, Change::Start) => Some(Place::Starting),
            (Place::Starting | Place::Running, Change::ComeUp) => Some(Place::Running),
            (Place::Running, Change::Leave) => Some(Place::Running),
            (Place::Starting | Place::Running | Place::Hibernated | Place::Failed, Change::Stop) => {
                Some(Place::Hibernating)
            }
            (Place::Hibernating, Change::Rest) => Some(Place::Hibernated),
            (Place::Hibernating, Change::Vanish) => Some(Place::None),
            (Place::Starting | Place::Running | Place::Hibernating, Change::Fail) => Some(Place::Failed),
            _ => None,
        }
    }
}

impl Change {
    pub const ALL: [Change; 7] =
        [Change::Start, Change::ComeUp, Change::Leave, Change::Stop, Change::Rest, Change::Vanish, Change::Fail];
}
