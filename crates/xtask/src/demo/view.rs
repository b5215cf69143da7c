//! What a chat client has on its screen: the fold of its own events, with every promise of the stream checked.
//!
//! After a reconnect news may be told again, and a turn that ended meanwhile is told by its message alone. So repeats
//! are taken when they say the same, and a word once shown must stand in the final message; a gap is never taken.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// The session as one client came to see it, over all its reconnects.
#[derive(Default)]
pub struct View {
    pub session: Option<String>,
    position: u64,
    /// The parts of the open turns, by turn and place.
    open: BTreeMap<String, BTreeMap<u64, Value>>,
    /// The finished messages, in the order in which they were told.
    pub messages: Vec<Value>,
    /// How the last turn ended.
    pub finish: Option<String>,
    /// How many bytes of text have streamed in.
    pub streamed: usize,
    /// The server sent a whole picture in place of what was missed.
    pub resynced: bool,
    /// Everything that the last final message says had streamed before.
    pub whole: bool,
}

impl View {
    /// Takes one event; fails when it breaks a promise of the stream.
    pub fn fold(&mut self, event: &Value) -> Result<()> {
        let kind = event["type"].as_str().context("an event without a type")?;
        if let Some(position) = event["position"].as_u64() {
            let back = position < self.position && kind != "resync";
            ensure!(!back, "{kind} at position {position} after position {}", self.position);
            self.position = position;
        }
        match kind {
            "init" | "resync" => self.picture(event, kind == "resync"),
            "message.part.text-delta" => self.text(event),
            "message.part.tool-update" => self.tool(event),
            "message" => self.message(&event["message"]),
            "message.finalize" => self.finalize(&event["message"]),
            _ => Ok(()),
        }
    }

    fn picture(&mut self, event: &Value, resync: bool) -> Result<()> {
        // A second `init` is a picture in place of what was missed, just as `resync` is.
        self.resynced |= resync || self.session.is_some();
        self.session = event["session"]["id"].as_str().map(str::to_owned);
        let turns = event["session"]["turns"].as_array().context("a session without turns")?;
        self.open = turns.iter().map(open_turn).collect::<Result<_>>()?;
        Ok(())
    }

    fn text(&mut self, event: &Value) -> Result<()> {
        let text = event["text"].as_str().context("a delta without text")?;
        let offset = event["offset"].as_u64().context("a delta without an offset")?;
        let kind = event["kind"].as_str().context("a delta without a kind")?;
        let (key, fresh) = match kind {
            "text" | "reasoning" => ("text", json!({"type": kind, "text": ""})),
            "output" => ("output", Value::Null),
            other => bail!("text of the unknown kind {other}"),
        };
        let parts = self.open.entry(turn_of(event)?).or_default();
        let part = parts.entry(part_of(event)?).or_insert(fresh);
        ensure!(part.is_object(), "output of a tool call that was never told");
        let before = part[key].as_str().unwrap_or_default();
        let fresh = fresh_text(before, offset as usize, text)?;
        self.streamed += fresh.len();
        part[key] = Value::String(format!("{before}{fresh}"));
        Ok(())
    }

    fn tool(&mut self, event: &Value) -> Result<()> {
        let mut call = event["call"].clone();
        call["type"] = json!("tool_call");
        let parts = self.open.entry(turn_of(event)?).or_default();
        let part = part_of(event)?;
        if let Some(output) = parts.get(&part).map(|part| part["output"].clone()).filter(Value::is_string) {
            call["output"] = output;
        }
        parts.insert(part, call);
        Ok(())
    }

    /// Closes a turn: what had streamed must stand in the message.
    fn finalize(&mut self, message: &Value) -> Result<()> {
        let turn = message["turn"].as_str().context("a message without a turn")?;
        let streamed: Vec<Value> = self.open.remove(turn).unwrap_or_default().into_values().collect();
        let parts = message["parts"].as_array().context("a message without parts")?;
        let told = |part: &&Value| matches!(part["type"].as_str(), Some("text" | "reasoning" | "tool_call"));
        let said: Vec<Value> = parts.iter().filter(told).cloned().collect();
        let kept = streamed.len() <= said.len() && said.iter().zip(&streamed).all(|(part, shown)| goes_on(part, shown));
        if !kept {
            let (streamed, said) = (Value::from(streamed), Value::from(said));
            bail!("the final message lacks what had streamed:\n{}", super::compare::difference(&streamed, &said));
        }
        self.whole = streamed == said;
        self.finish = message["finish"].as_str().map(str::to_owned);
        self.message(message)
    }

    /// Takes a finished message; a repeat must be the same.
    fn message(&mut self, message: &Value) -> Result<()> {
        let same = |known: &&Value| known["seq"] == message["seq"] && known["role"] == message["role"];
        match self.messages.iter().find(same) {
            Some(known) => ensure!(known == message, "message {} was told twice, not the same", message["seq"]),
            None => self.messages.push(message.clone()),
        }
        Ok(())
    }
}

/// Returns what a delta adds to what is there; what it repeats must be the same.
fn fresh_text<'a>(before: &str, offset: usize, text: &'a str) -> Result<&'a str> {
    let Some(overlap) = before.get(offset..) else {
        bail!("text at byte {offset} of a part that has {} bytes", before.len());
    };
    if overlap.starts_with(text) {
        return Ok("");
    }
    text.strip_prefix(overlap).with_context(|| format!("text at byte {offset} was told twice, not the same"))
}

/// Tells whether a final part goes on from what had been shown of it.
fn goes_on(part: &Value, shown: &Value) -> bool {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let starts_with_it = |key: &str| text(part, key).starts_with(&text(shown, key));
    part["type"] == shown["type"] && part["call"] == shown["call"] && starts_with_it("text") && starts_with_it("output")
}

fn open_turn(turn: &Value) -> Result<(String, BTreeMap<u64, Value>)> {
    let parts = turn["parts"].as_object().context("a turn without parts")?;
    let parts = parts.iter().map(|(place, part)| Ok((place.parse()?, part.clone()))).collect::<Result<_>>()?;
    Ok((turn_of(turn)?, parts))
}

fn turn_of(event: &Value) -> Result<String> {
    event["turn"].as_str().map(str::to_owned).context("an event of a turn that names no turn")
}

fn part_of(event: &Value) -> Result<u64> {
    event["part"].as_u64().context("an event of a part that names no part")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(position: u64, part: u64, kind: &str, offset: u64, text: &str) -> Value {
        json!({"type": "message.part.text-delta", "position": position, "turn": "t", "part": part, "kind": kind,
               "offset": offset, "text": text})
    }

    fn finalize(parts: Value) -> Value {
        json!({"type": "message.finalize", "position": 9, 
               "message": {"seq": 4, "turn": "t", "parts": parts, "finish": "end_turn"}})
    }

    fn folded(events: &[Value]) -> Result<View> {
        let mut view = View::default();
        events.iter().try_for_each(|event| view.fold(event))?;
        Ok(view)
    }

    #[test]
    fn a_streamed_turn_becomes_its_message() -> Result<()> {
        let running = json!({"type": "message.part.tool-update", "position": 3, "turn": "t", "part": 1,
                             "call": {"call": "c", "tool": "shell", "status": "running"}});
        let completed = json!({"type": "message.part.tool-update", "position": 5, "turn": "t", "part": 1,
                               "call": {"call": "c", "tool": "shell", "status": "completed"}});
        let parts = json!([
            {"type": "text", "text": "grüße"},
            {"type": "tool_call", "call": "c", "tool": "shell", "status": "completed", "output": "ok"},
            {"type": "finish", "reason": "end_turn"},
        ]);
        let view = folded(&[
            delta(1, 0, "text", 0, "grü"),
            delta(2, 0, "text", 4, "ße"),
            running,
            delta(4, 1, "output", 0, "ok"),
            completed,
            finalize(parts),
        ])?;
        assert_eq!((view.finish.as_deref(), view.messages.len(), view.streamed), (Some("end_turn"), 1, 9));
        assert!(view.whole);
        Ok(())
    }

    #[test]
    fn a_missing_or_changed_word_is_found() {
        let first = delta(1, 0, "text", 0, "one ");
        assert!(folded(&[first.clone(), delta(2, 0, "text", 8, "three")]).is_err());
        assert!(folded(&[first.clone(), delta(2, 0, "text", 2, "o two")]).is_err());
        assert!(folded(&[first.clone(), finalize(json!([{"type": "text", "text": "on"}]))]).is_err());
        assert!(folded(&[first, finalize(json!([]))]).is_err());
        assert!(folded(&[delta(1, 1, "output", 0, "of no call")]).is_err());
    }

    #[test]
    fn what_is_told_again_after_a_reconnect_changes_nothing() -> Result<()> {
        let last = finalize(json!([{"type": "text", "text": "one two"}]));
        let again = [delta(1, 0, "text", 0, "one "), delta(1, 0, "text", 0, "one two"), delta(1, 0, "text", 4, "t")];
        let view = folded(&[&again[..], &[last.clone(), last]].concat())?;
        assert_eq!((view.streamed, view.messages.len()), (7, 1));
        Ok(())
    }

    #[test]
    fn a_turn_that_ended_while_the_client_was_away_is_not_whole() -> Result<()> {
        let last = finalize(json!([{"type": "text", "text": "one two"}, {"type": "text", "text": "three"}]));
        assert!(!folded(&[delta(1, 0, "text", 0, "one "), last.clone()])?.whole);
        let (one, three) = (delta(1, 0, "text", 0, "one two"), delta(2, 1, "text", 0, "three"));
        assert!(folded(&[one, three, last])?.whole);
        Ok(())
    }

    #[test]
    fn news_never_goes_back() {
        assert!(folded(&[delta(2, 0, "text", 0, "a"), delta(1, 0, "text", 1, "b")]).is_err());
    }

    #[test]
    fn a_second_picture_is_noted_and_replaces_what_was_open() -> Result<()> {
        let picture = |kind: &str, text: &str| {
            json!({"type": kind, "position": 1, "session": {"id": "s", "turns": [
                {"turn": "t", "parts": {"0": {"type": "text", "text": text}}}]}})
        };
        let joined = folded(&[picture("init", "a"), delta(2, 0, "text", 1, "b")])?;
        assert!(!joined.resynced && joined.session.as_deref() == Some("s"));
        assert!(folded(&[picture("init", "a"), picture("resync", "abc"), delta(2, 0, "text", 3, "d")])?.resynced);
        Ok(())
    }
}
