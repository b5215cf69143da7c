//! One step of a draft is found and swapped for another; everything else of the draft stays as it was written.

use serde_json::Value;

use crate::definition::FORM;
use crate::path::StepPath;
use crate::read::mistake::Mistakes;
use crate::read::node::{Content, Mark, Node};
use crate::read::reader::Reader;
use crate::read::{Mistake, WORKFLOW, located};

/// A step of a draft, which may be wrong in many ways.
#[derive(Debug)]
pub struct Spot {
    /// As mistakes name it: `workflow.steps[2].then[0]`.
    pub place: String,
    /// What the step is called, also when the draft does not say so.
    pub id: String,
    /// Where it stands in the values, as a JSON pointer.
    pointer: String,
    mark: Mark,
    text: String,
    whole: Value,
}

/// Why a step is not found.
#[derive(Debug, PartialEq)]
pub enum Lost {
    /// The draft is no YAML.
    Unreadable(Vec<Mistake>),
    /// It has no such step, but these.
    Unknown(Vec<String>),
}

/// Finds a step in a draft, which is YAML.
pub fn find(text: &str, step: &StepPath) -> Result<Spot, Lost> {
    let mut mistakes = Mistakes::default();
    let Some(node) = located(text, &WORKFLOW, &mut mistakes) else {
        return Err(Lost::Unreadable(mistakes.sorted()));
    };
    let mut reader = Reader::default();
    reader.object(&node, &FORM, "workflow");
    let places = &reader.places;
    let stands = |place: &str| {
        step.containers().all(|(outer, _)| places.get(outer.as_str()).is_some_and(|outer| is_in(place, &outer.path)))
    };
    let place = places.get(step.id().as_str()).filter(|place| stands(&place.path));
    let found = place.and_then(|place| Some((place, place.mark?, pointer_to(&node, place.mark?)?)));
    let Some((place, _, (pointer, mark))) = found else {
        return Err(Lost::Unknown(places.keys().cloned().collect()));
    };
    let (place, id) = (place.path.clone(), step.id().to_string());
    Ok(Spot { place, id, pointer, mark, text: text.to_owned(), whole: node.json() })
}

/// Tells whether what stands at `place` is `outer` or stands in it.
fn is_in(place: &str, outer: &str) -> bool {
    place.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Returns the way to the object that begins here, or whose id stands here, and where it begins.
fn pointer_to(node: &Node, at: Mark) -> Option<(String, Mark)> {
    let below = |name: String, node: &Node| pointer_to(node, at).map(|(rest, mark)| (format!("/{name}{rest}"), mark));
    match &node.content {
        Content::List(items) => items.iter().enumerate().find_map(|(n, item)| below(n.to_string(), item)),
        Content::Map(entries) => {
            let id = node.entry("id").and_then(|entry| entry.value.mark);
            if id == Some(at) || node.mark == Some(at) {
                return Some((String::new(), node.mark?));
            }
            let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
            entries.iter().find_map(|entry| below(escaped(&entry.name), &entry.value))
        }
        _ => None,
    }
}

impl Spot {
    /// Returns the step as it is written.
    pub fn step(&self) -> &Value {
        self.whole.pointer(&self.pointer).expect("the step was found there")
    }

    /// Tells whether a mistake is one of this step.
    pub fn holds(&self, path: &str) -> bool {
        is_in(path, &self.place)
    }

    /// Takes the step out of a whole definition, when that is the draft in everything else.
    pub fn taken_from(&self, whole: &Value) -> Option<Value> {
        let step = whole.pointer(&self.pointer)?.clone();
        (self.with(&Value::Null) == with(whole, &self.pointer, &Value::Null)).then_some(step)
    }

    /// Returns the draft with another step in this place.
    pub fn with(&self, step: &Value) -> Value {
        with(&self.whole, &self.pointer, step)
    }

    /// Writes the draft with another step in this place; `written` is that step as YAML. Every line outside of the step stays
    /// as it is. Nothing is returned where that cannot be: where steps stand in one line, or one is named by an anchor.
    pub fn written_with(&self, step: &Value, written: &str) -> Option<String> {
        let lines: Vec<&str> = self.text.split_inclusive('\n').collect();
        let first = self.mark.line.checked_sub(1)?;
        let before = lines.get(first)?.get(..self.mark.column.checked_sub(1)?)?;
        let indent = before.find('-').filter(|dash| before[..*dash].trim().is_empty())?;
        if !before[indent + 1..].trim().is_empty() {
            return None;
        }
        let last = end(&lines, first, indent);
        let mut text = lines[..first].concat();
        for (n, line) in written.trim_end().lines().enumerate() {
            let lead = if n == 0 { "- " } else { "  " };
            match line {
                "" => text.push('\n'),
                line => text += &format!("{:indent$}{lead}{line}\n", ""),
            }
        }
        text += &lines[last + 1..].concat();
        let mut mistakes = Mistakes::default();
        let read = located(&text, &WORKFLOW, &mut mistakes)?.json();
        (read == self.with(step)).then_some(text)
    }
}

fn with(whole: &Value, pointer: &str, step: &Value) -> Value {
    let mut whole = whole.clone();
    if let Some(place) = whole.pointer_mut(pointer) {
        *place = step.clone();
    }
    whole
}

/// Returns the last line of the item whose dash stands in the line `first`, with so much before it. Empty lines and comments
/// after the item belong to what follows.
fn end(lines: &[&str], first: usize, indent: usize) -> usize {
    let mut last = first;
    for (n, line) in lines.iter().enumerate().skip(first + 1) {
        let bare = line.trim_start_matches(' ');
        if line.len() - bare.len() > indent && !bare.trim().is_empty() {
            last = n;
        } else if !bare.trim().is_empty() && !bare.starts_with('#') {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DRAFT: &str = "# Ours.
name: Release
steps:
  # Builds it.
  - id: build   # first
    type: bash
    command: |
      make

      # not a comment
  # Decides.

  - {id: gate, type: approval, prompt: Go?}
  - type: conditional
    id: check
    condition: outputs.gate.approved
    then:
    - id: push
      type: bash
      command: git push
    - type: bash
      command: echo no id
outputs: {said: done}   # kept
";

    fn spot(text: &str, path: &str) -> Spot {
        find(text, &path.parse().expect("a path")).expect(path)
    }

    fn swapped(path: &str) -> Option<String> {
        let spot = spot(DRAFT, path);
        let step = json!({ "id": spot.id, "type": "bash", "command": "a\n\nb\n" });
        let written = format!("id: {}\ntype: bash\ncommand: |\n  a\n\n  b\n", spot.id);
        spot.written_with(&step, &written)
    }

    #[test]
    fn every_line_outside_of_the_step_stays() {
        for (path, from, to) in [
            ("build", "  - id: build", "  # Decides."),
            ("gate", "  - {id: gate", "  - type: conditional"),
            ("check", "  - type: conditional", "outputs:"),
            ("check:then/push", "    - id: push", "    - type: bash\n      command: echo no id"),
        ] {
            let text = swapped(path).expect(path);
            let (from, to) = (DRAFT.find(from).expect(from), DRAFT.find(to).expect(to));
            assert!(text.starts_with(&DRAFT[..from]) && text.ends_with(&DRAFT[to..]), "{path}:\n{text}");
            let middle = &text[from..text.len() - (DRAFT.len() - to)];
            assert!(middle.contains("a\n") && !middle.contains("make"), "{path}:\n{middle}");
        }
    }

    #[test]
    fn a_step_is_known_by_its_id_its_path_or_the_id_that_it_would_get() {
        assert_eq!(spot(DRAFT, "push").place, "workflow.steps[2].then[0]");
        assert_eq!(spot(DRAFT, "check:then/push").step()["command"], "git push");
        assert_eq!(spot(DRAFT, "step_2_then_1").step()["command"], "echo no id");
        let branches = "name: A\nsteps:\n  - id: fork\n    type: parallel\n    branches:\n      a/b:\n        - {id: x, type: bash, command: ls}\n";
        assert_eq!(spot(branches, "fork:b0/x").step()["id"], "x");
        for wrong in ["none", "gate:then/push"] {
            let lost = find(DRAFT, &wrong.parse().expect("a path")).expect_err(wrong);
            assert!(matches!(lost, Lost::Unknown(known) if known.contains(&"push".to_owned())), "{wrong}");
        }
        let path: StepPath = "x".parse().expect("a path");
        assert!(matches!(find("a: [", &path), Err(Lost::Unreadable(mistakes)) if !mistakes.is_empty()));
    }

    #[test]
    fn what_cannot_be_done_in_the_text_is_done_in_the_values() {
        let shared = "name: A\nsteps:\n  - &one {id: x, type: bash, command: ls}\nother: *one\n";
        let spot = spot(shared, "x");
        let step = json!({ "id": "x", "type": "stop" });
        assert_eq!(spot.written_with(&step, "id: x\ntype: stop\n"), None);
        assert_eq!(spot.with(&step)["steps"][0], step);
        assert_eq!(spot.with(&step)["other"]["command"], "ls");
    }

    #[test]
    fn a_whole_definition_gives_its_step_only_when_all_else_is_the_same() {
        let spot = spot(DRAFT, "push");
        let mut whole = spot.with(&json!({ "id": "push", "type": "stop" }));
        assert_eq!(spot.taken_from(&whole), Some(json!({ "id": "push", "type": "stop" })));
        whole["outputs"]["said"] = json!("more");
        assert_eq!(spot.taken_from(&whole), None);
    }
}
