//! Step paths: where a step runs. `deploy:i2/check:then/push` is the step `push` in the `then` body of `check`, in the
//! third iteration of the loop `deploy`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::definition::StepId;
use crate::limits::STEP_DEPTH_MAX;

/// Which body of a step, and in which round. The order is the one that paths are listed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The iteration of a loop, from 0.
    Item(u32),
    /// The branch of a parallel step, from 0.
    Branch(u32),
    Then,
    Else,
    /// What runs when the step has failed for good.
    Catch,
}

/// The path of one step. Parents come before what runs inside them, iteration 2 before iteration 10.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepPath(Vec<Segment>);

/// One id, and for all but the last the place inside it. A segment without a place is less than one with a place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Segment {
    id: StepId,
    place: Option<Place>,
}

/// Why a text is no step path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no step path: {why}")]
pub struct BadPath {
    pub text: String,
    pub why: String,
}

impl StepPath {
    /// Returns the path of a step that stands at the top of the definition.
    pub fn top(id: StepId) -> Self {
        Self(vec![Segment { id, place: None }])
    }

    /// Returns the path of the step `id` at this place inside the step that this path names.
    pub fn inside(&self, place: Place, id: StepId) -> Self {
        let mut segments = self.0.clone();
        segments.last_mut().expect("a path has at least one segment").place = Some(place);
        segments.push(Segment { id, place: None });
        Self(segments)
    }

    /// Returns the id of the step that the path names.
    pub fn id(&self) -> &StepId {
        &self.0.last().expect("a path has at least one segment").id
    }

    /// Returns the path of the step that this one stands in, and where in it; none at the top.
    pub fn parent(&self) -> Option<(StepPath, Place)> {
        let (_, outer) = self.0.split_last()?;
        let mut segments = outer.to_vec();
        let place = segments.last_mut()?.place.take()?;
        Some((Self(segments), place))
    }

    /// Tells whether this step runs somewhere inside the step that `outer` names.
    pub fn is_inside(&self, outer: &StepPath) -> bool {
        let depth = outer.0.len();
        self.0.len() > depth && self.0[..depth - 1] == outer.0[..depth - 1] && self.0[depth - 1].id == *outer.id()
    }

    /// Lists the containers from the outermost to the innermost, each with the place inside it.
    pub fn containers(&self) -> impl Iterator<Item = (&StepId, Place)> {
        self.0.iter().filter_map(|segment| Some((&segment.id, segment.place?)))
    }

    /// Returns how many steps this one stands in.
    pub fn depth(&self) -> usize {
        self.0.len() - 1
    }

    /// Returns the path without the id of the step: the iteration path, empty at the top.
    pub fn iteration_path(&self) -> String {
        self.parent().map_or_else(String::new, |(outer, place)| format!("{outer}:{place}"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Item(n) => write!(f, "i{n}"),
            Place::Branch(n) => write!(f, "b{n}"),
            Place::Then => f.write_str("then"),
            Place::Else => f.write_str("else"),
            Place::Catch => f.write_str("catch"),
        }
    }
}

impl FromStr for Place {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = match text {
            "then" => Some(Place::Then),
            "else" => Some(Place::Else),
            "catch" => Some(Place::Catch),
            _ => text
                .strip_prefix('i')
                .and_then(number)
                .map(Place::Item)
                .or_else(|| text.strip_prefix('b').and_then(number).map(Place::Branch)),
        };
        known.ok_or_else(|| format!("{text:?} is none of i<n>, b<n>, then, else, catch"))
    }
}

/// Reads a number in the one way that it is printed: no sign, no leading zero.
fn number(digits: &str) -> Option<u32> {
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            f.write_str(segment.id.as_str())?;
            if let Some(place) = segment.place {
                write!(f, ":{place}/")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepPath({self})")
    }
}

impl FromStr for StepPath {
    type Err = BadPath;
    fn from_str(text: &str) -> Result<Self, BadPath> {
        let bad = |why: String| BadPath { text: text.chars().take(200).collect(), why };
        let parts: Vec<&str> = text.split('/').take(STEP_DEPTH_MAX + 2).collect();
        if parts.len() > STEP_DEPTH_MAX + 1 {
            return Err(bad(format!("more than {} steps stand in each other", STEP_DEPTH_MAX)));
        }
        let mut segments = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let (id, place) = match part.split_once(':') {
                Some((id, place)) => (id, Some(place.parse().map_err(&bad)?)),
                None => (*part, None),
            };
            let last = index + 1 == parts.len();
            if place.is_some() == last {
                return Err(bad("all but the last segment name a place, as in `deploy:i2/check`".to_owned()));
            }
            let id = id.parse().map_err(|why| bad(format!("{id:?} {why}")))?;
            segments.push(Segment { id, place });
        }
        Ok(Self(segments))
    }
}

impl Serialize for StepPath {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StepPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> StepPath {
        text.parse().expect("a step path")
    }

    #[test]
    fn a_path_reads_back_as_it_was_printed() {
        for text in ["push", "deploy:i2/check:then/push", "a:b0/b:else/c:catch/d", "step_0:i4294967295/x-1"] {
            assert_eq!(path(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in
            ["", "/", "a/b", "a:then", "a:i/b", "a:i01/b", "a:i-1/b", "a:i+1/b", "a:x/b", "a b", "a:then/", ":then/b"]
        {
            assert!(text.parse::<StepPath>().is_err(), "{text:?}");
        }
        assert!("a:then/".repeat(1_000_000).parse::<StepPath>().is_err());
    }

    #[test]
    fn a_path_knows_its_parent() {
        let push = path("deploy:i2/check:then/push");
        assert_eq!(push.parent(), Some((path("deploy:i2/check"), Place::Then)));
        assert_eq!(path("deploy:i2/check").inside(Place::Then, "push".parse().expect("an id")), push);
        assert_eq!(push.iteration_path(), "deploy:i2/check:then");
        assert_eq!((push.id().as_str(), push.depth()), ("push", 2));
        assert_eq!(path("push").parent(), None);
        assert_eq!(path("push").iteration_path(), "");
    }

    #[test]
    fn a_path_knows_what_it_is_inside_of() {
        let push = path("deploy:i2/check:then/push");
        assert!(push.is_inside(&path("deploy")) && push.is_inside(&path("deploy:i2/check")));
        assert!(!push.is_inside(&push) && !push.is_inside(&path("deploy:i1/check")) && !push.is_inside(&path("dep")));
    }

    #[test]
    fn paths_are_listed_parents_first_and_numbers_as_numbers() {
        let ordered = ["a", "a:i2/x", "a:i2/x:then/y", "a:i10/x", "a:catch/z", "b"];
        let mut shuffled: Vec<StepPath> = ordered.iter().rev().map(|text| path(text)).collect();
        shuffled.sort();
        assert_eq!(shuffled.iter().map(ToString::to_string).collect::<Vec<_>>(), ordered);
    }
}
