//! Events of chats and runs as a person reads them in a terminal.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;

/// Prints events as they come, and remembers what it has to go on from.
#[derive(Default)]
pub struct Painter {
    /// Something was printed after the last line break.
    within_line: bool,
    /// What was said last of each tool call.
    calls: BTreeMap<String, String>,
}

impl Painter {
    /// Prints what is new in an event.
    pub fn paint(&mut self, event: &Value) {
        match event["type"].as_str() {
            Some("message.part.text-delta") => self.text(event["text"].as_str().unwrap_or_default()),
            Some("message.part.tool-update") => self.call(&event["call"]),
            Some("run.step") => {
                let word = |name: &str| event["step"][name].as_str().unwrap_or_default().to_owned();
                self.line(&format!("  [{}] {}", word("phase"), word("path")));
            }
            Some("error") => self.line(&format!("! {}", event["problem"])),
            Some("message.finalize") => {
                self.line(&format!("— {}", event["message"]["finish"].as_str().unwrap_or("ended")));
            }
            _ => {}
        }
    }

    /// Prints a line of its own.
    pub fn line(&mut self, line: &str) {
        if self.within_line {
            println!();
        }
        self.within_line = false;
        println!("{line}");
    }

    fn text(&mut self, text: &str) {
        print!("{text}");
        self.within_line = !text.ends_with('\n');
        // A closed terminal is no reason to leave the story.
        let _ = std::io::stdout().flush();
    }

    fn call(&mut self, call: &Value) {
        let status = call["status"].as_str().unwrap_or("unknown").to_owned();
        let id = call["call"].as_str().unwrap_or_default().to_owned();
        let before = self.calls.insert(id, status.clone());
        if before.as_deref() == Some(&status) || status == "pending" {
            return;
        }
        let title = call["title"].as_str().or(call["tool"].as_str()).unwrap_or("a tool");
        self.line(&format!("  [{status}] {title}"));
    }
}
