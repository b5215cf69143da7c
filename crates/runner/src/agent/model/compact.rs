//! Shortens a conversation that has grown too large for the model: the past becomes a summary, the current prompt stays.

use serde_json::json;
use tenure_llm::{Entry, Wire};
use tenure_model::chat::AgentStatus;

use super::memory::Memory;
use super::reply::aside;
use super::settings::ModelConfig;
use crate::agent::{Turn, note};

const ASK: &str = "Summarize the conversation that follows for yourself: you will go on with it and see nothing else of it. \
                   Keep what was wanted, what was decided, what was done to which file, and what is still open. Be brief.";
/// What stands for an output that was dropped.
const DROPPED: &str = "[dropped to make room; ask for it again if you need it]";

/// Shortens the conversation when it is larger than the settings allow.
pub async fn when_needed(wire: &Wire, config: &ModelConfig, model: &str, turn: &Turn, memory: &mut Memory) {
    let (room, before) = (config.compact_at(), memory.tokens());
    if before <= room {
        return;
    }
    turn.voice.status(AgentStatus::Thinking, Some("shortens the conversation".to_owned()));
    let current = memory.entries.iter().rposition(|entry| matches!(entry, Entry::User { .. })).unwrap_or(0);
    if current > 0 {
        let past: Vec<Entry> = memory.entries.drain(..current).collect();
        let text = summary(wire, config, model, turn, &past).await;
        memory.entries.insert(0, Entry::Summary { text });
    }
    drop_outputs(memory, room);
    let title = "The conversation was shortened to fit the model";
    let result = json!({ "tokens_before": before, "tokens_now": memory.tokens() });
    turn.voice.tool(note::note(&format!("compact-{before}"), title, result));
}

async fn summary(wire: &Wire, config: &ModelConfig, model: &str, turn: &Turn, past: &[Entry]) -> String {
    // Half of the room is for what is summarized, its newest part; four bytes are a token.
    let text = past.iter().map(in_words).collect::<Vec<_>>().join("\n\n");
    let from = text.ceil_char_boundary(text.len().saturating_sub(config.compact_at() * 2));
    let asked = [Entry::User { text: text[from..].to_owned(), images: Vec::new() }];
    match aside(wire, config, model, ASK, &asked).await {
        Ok((summary, usage)) => {
            turn.voice.usage(usage);
            summary
        }
        Err(trouble) => format!("[what was said before was dropped: it did not fit, and {}]", trouble.words),
    }
}

/// Drops the oldest outputs of the current prompt until the conversation fits, but not the last one.
fn drop_outputs(memory: &mut Memory, room: usize) {
    let outputs: Vec<usize> =
        (0..memory.entries.len()).filter(|at| matches!(memory.entries[*at], Entry::Output { .. })).collect();
    for at in outputs.iter().rev().skip(1).rev() {
        if memory.tokens() <= room {
            return;
        }
        if let Entry::Output { text, .. } = &mut memory.entries[*at] {
            *text = DROPPED.to_owned();
        }
    }
}

fn in_words(entry: &Entry) -> String {
    match entry {
        Entry::User { text, .. } => format!("User: {text}"),
        Entry::Assistant { text, calls } => {
            let calls: Vec<String> = calls.iter().map(|call| format!("[{} {}]", call.tool, call.arguments)).collect();
            format!("You: {text}{}", calls.join(" "))
        }
        Entry::Output { tool, text, .. } => format!("Output of {tool}: {text}"),
        Entry::Summary { text } => format!("Before that: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use tenure_model::id::ThreadId;

    use super::*;

    #[test]
    fn the_oldest_outputs_go_first_and_the_last_one_stays() {
        let mut memory = Memory::fresh(std::path::Path::new("."), ThreadId::default());
        let output = |size: usize| Entry::Output { call: "c".into(), tool: "read".into(), text: "x".repeat(size) };
        memory.entries = vec![output(4_000), output(4_000), output(8_000)];
        drop_outputs(&mut memory, 3_100);
        let sizes: Vec<usize> = memory.entries.iter().map(Entry::tokens).collect();
        assert_eq!(sizes, [DROPPED.len() / 4, 1_000, 2_000]);
        drop_outputs(&mut memory, 10);
        assert_eq!(memory.entries[2].tokens(), 2_000);
    }
}
