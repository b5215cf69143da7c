//! What a chat client has on its screen: its events folded into a view.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A client's view. Two clients that know the same show the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    pub cursor: Option<u64>,
    messages: BTreeMap<(u64, String), Value>,
    /// Open turns: their parts by place.
    turns: BTreeMap<String, BTreeMap<u64, Value>>,
    whole: BTreeMap<&'static str, Value>,
    threads: BTreeMap<String, Value>,
    questions: BTreeMap<String, Value>,
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}")).to_owned()
}

impl View {
    /// Takes up one event.
    pub fn apply(&mut self, event: &Value) {
        if let Some(position) = event["position"].as_u64() {
            assert!(self.cursor.is_none_or(|cursor| cursor <= position), "the cursor goes back: {event}");
            self.cursor = Some(position);
        }
        match event["type"].as_str().expect("a type") {
            "init" | "resync" => self.replace(event),
            "message" => self.message(&event["message"]),
            "message.finalize" => {
                self.turns.remove(&text(&event["message"], "turn"));
                self.message(&event["message"]);
            }
            "message.create" => {
                self.turns.entry(text(event, "turn")).or_default();
            }
            "message.part.text-delta" => self.delta(event),
            "message.part.tool-update" => {
                let parts = self.turns.entry(text(event, "turn")).or_default();
                let part =
                    parts.entry(event["part"].as_u64().expect("a place")).or_insert_with(|| json!({"output": ""}));
                part["call"] = event["call"].clone();
            }
            "queue.state" => self.set("queue", &event["queue"]),
            "title" => self.set("title", &event["title"]),
            "models" => self.set("models", &event["models"]),
            "session.updated" => {
                self.set("status", &event["status"]);
                self.set("mode", &event["mode"]);
            }
            "thread.created" | "thread.updated" => {
                self.threads.insert(text(&event["thread"], "id"), event["thread"].clone());
            }
            "question" => {
                self.questions.insert(text(&event["question"], "question"), event["question"].clone());
            }
            "question.resolved" => {
                self.questions.remove(&text(event, "question"));
            }
            _ => {}
        }
    }

    fn replace(&mut self, event: &Value) {
        let session = &event["session"];
        let messages = std::mem::take(&mut self.messages);
        *self = Self { cursor: self.cursor, messages, ..Self::default() };
        for name in ["queue", "title", "models", "status", "mode"] {
            self.set(name, &session[name]);
        }
        for thread in session["threads"].as_array().expect("threads") {
            self.threads.insert(text(thread, "id"), thread.clone());
        }
        for question in session["questions"].as_array().expect("questions") {
            self.questions.insert(text(question, "question"), question.clone());
        }
        for turn in session["turns"].as_array().expect("turns") {
            let parts = turn["parts"].as_object().expect("parts");
            let folded = parts.iter().map(|(place, part)| (place.parse().expect("a place"), of_part(part)));
            self.turns.insert(text(turn, "turn"), folded.collect());
        }
    }

    fn set(&mut self, name: &'static str, value: &Value) {
        self.whole.insert(name, value.clone());
    }

    fn message(&mut self, message: &Value) {
        let seq = message["seq"].as_u64().expect("a seq");
        self.messages.insert((seq, text(message, "role")), message.clone());
    }

    fn delta(&mut self, event: &Value) {
        let Some(parts) = self.turns.get_mut(&text(event, "turn")) else { panic!("text of no open turn: {event}") };
        let name = if event["kind"] == "output" { "output" } else { "text" };
        let part = parts.entry(event["part"].as_u64().expect("a place")).or_insert_with(|| json!({"text": ""}));
        let known = text(part, name);
        let (offset, more) = (event["offset"].as_u64().expect("an offset") as usize, text(event, "text"));
        assert!(offset <= known.len(), "text is missing before {event}");
        let new = more.get(known.len() - offset..).unwrap_or_default();
        part[name] = Value::String(known + new);
    }

    /// Returns the text of the last message of the agent.
    pub fn answer(&self) -> String {
        let mut of_agent = self.messages.iter().filter(|((_, role), _)| role == "assistant");
        let (_, last) = of_agent.next_back().expect("the agent has answered");
        let parts = last["parts"].as_array().expect("parts").iter();
        parts.filter(|part| part["type"] == "text").map(|part| text(part, "text")).collect()
    }

    /// The view without the cursor, to compare it with another's.
    pub fn shown(&self) -> Self {
        Self { cursor: None, ..self.clone() }
    }
}

fn of_part(part: &Value) -> Value {
    match part["type"].as_str().expect("a type") {
        "tool_call" => {
            let mut call = part.clone();
            let fields = call.as_object_mut().expect("an object");
            fields.remove("type");
            let output = fields.remove("output").unwrap_or_else(|| json!(""));
            json!({ "output": output, "call": call })
        }
        _ => json!({ "text": part["text"] }),
    }
}
