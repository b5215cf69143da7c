//! What must hold of a session after its server was killed. Each check takes what was told and what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tenure_model::chat::FinishReason;
use tenure_model::id::TurnId;
use tenure_model::view::{Message, MessageRole};
use tenure_protocol::client::Reply;

use crate::harness::view::{Seen, words};

/// Every word that a client was shown is still there, in the open turn or in the finished message.
pub fn no_word_is_gone(seen: &Seen, messages: &[Message], open: impl Fn(TurnId, u32) -> String) {
    for (turn, parts) in seen {
        let finished = messages.iter().find(|m| m.turn == *turn && m.role == MessageRole::Assistant);
        for (place, seen) in parts {
            let there = match finished {
                Some(message) => message.parts.get(*place as usize).map(words).unwrap_or_default().to_owned(),
                None => open(*turn, *place),
            };
            assert!(there.starts_with(seen), "part {place} of {turn} was {seen:?} and is {there:?}: words are gone");
        }
    }
}

/// Every answer that a client heard stands in the journal, as it was heard.
pub fn every_acknowledged_command_is_there(replies: &BTreeMap<String, Reply>, journal: &[Value]) {
    let events = journal.iter().flat_map(|row| row["events"].as_array().expect("events"));
    let answered: BTreeMap<&str, &Value> = events
        .filter(|event| event["type"] == "request_answered")
        .map(|event| (event["request"].as_str().expect("a request"), &event["reply"]))
        .collect();
    for (request, reply) in replies {
        let kept = answered.get(request.as_str()).unwrap_or_else(|| panic!("{request} was answered and is not there"));
        if let Reply::Prompted { prompt, turn, .. } = reply {
            assert_eq!(kept["prompt"], prompt.to_string(), "{request}: {kept}");
            assert_eq!(kept["turn"].as_str(), turn.map(|turn| turn.to_string()).as_deref(), "{request}: {kept}");
        }
    }
}

/// Seqs count up from 1, and positions rise with them.
pub fn seqs_have_no_hole(journal: &[Value]) {
    let seqs: Vec<u64> = journal.iter().map(|row| row["seq"].as_u64().expect("a seq")).collect();
    assert_eq!(seqs, (1..=journal.len() as u64).collect::<Vec<_>>());
    let positions: Vec<u64> = journal.iter().map(|row| row["position"].as_u64().expect("a position")).collect();
    assert!(positions.is_sorted_by(|one, next| one < next), "positions do not rise: {positions:?}");
}

/// A position names one commit, over all sessions.
pub fn no_two_records_share_a_position(positions: &mut BTreeSet<u64>, journal: &[Value]) {
    for row in journal {
        assert!(positions.insert(row["position"].as_u64().expect("a position")), "two commits at one position: {row}");
    }
}

/// Each prompt leaves one trace at most, and one that came to its end exactly one.
pub fn no_work_ran_twice(traces: &str, ends: &BTreeMap<String, FinishReason>) {
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    // Prompts that were joined into one turn leave a line each, and what stands between them.
    let lines = traces.lines().filter(|line| *line != "---");
    lines.for_each(|trace| *counted.entry(trace).or_default() += 1);
    for (trace, count) in &counted {
        assert_eq!(*count, 1, "{trace:?} ran {count} times");
    }
    for (prompt, _) in ends.iter().filter(|(_, reason)| **reason == FinishReason::EndTurn) {
        assert_eq!(counted.get(prompt.as_str()), Some(&1), "{prompt:?} came to its end without a trace");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tenure_model::Timestamp;
    use tenure_model::chat::Part;
    use tenure_model::id::{PromptId, ThreadId};
    use uuid::Uuid;

    use super::*;

    const TURN: TurnId = TurnId(Uuid::from_u128(1));
    const PROMPT: PromptId = PromptId(Uuid::from_u128(2));

    fn seen(text: &str) -> Seen {
        BTreeMap::from([(TURN, BTreeMap::from([(0, text.to_owned())]))])
    }

    fn answer(text: &str) -> Message {
        Message {
            seq: 3,
            at: Timestamp::default(),
            role: MessageRole::Assistant,
            thread: ThreadId::default(),
            turn: TURN,
            author: "agent".into(),
            parts: vec![Part::Text { text: text.into() }],
            attachments: vec![],
            finish: Some(FinishReason::EndTurn),
            usage: None,
            step: None,
        }
    }

    fn row(seq: u64, position: u64) -> Value {
        json!({ "seq": seq, "position": position, "events": [] })
    }

    fn replies() -> BTreeMap<String, Reply> {
        let reply = Reply::Answered { question: Default::default() };
        BTreeMap::from([("request 1".to_owned(), reply)])
    }

    #[test]
    fn what_is_as_it_was_told_passes() {
        no_word_is_gone(&seen("half a"), &[answer("half a word")], |_, _| String::new());
        no_word_is_gone(&seen("half a"), &[], |_, _| "half a word".into());
        seqs_have_no_hole(&[row(1, 4), row(2, 9)]);
        let answered = json!({ "type": "request_answered", "request": "request 1", "reply": {} });
        every_acknowledged_command_is_there(&replies(), &[json!({ "events": [answered] })]);
        let ends = BTreeMap::from([("a".to_owned(), FinishReason::EndTurn), ("b".to_owned(), FinishReason::Canceled)]);
        no_work_ran_twice("a\n---\n---\n", &ends);
    }

    #[test]
    #[should_panic(expected = "words are gone")]
    fn a_finished_message_without_a_word_is_noticed() {
        no_word_is_gone(&seen("half a word"), &[answer("half a")], |_, _| String::new());
    }

    #[test]
    #[should_panic(expected = "words are gone")]
    fn an_open_turn_without_a_word_is_noticed() {
        no_word_is_gone(&seen("half a word"), &[], |_, _| "half".into());
    }

    #[test]
    #[should_panic(expected = "is not there")]
    fn a_forgotten_command_is_noticed() {
        every_acknowledged_command_is_there(&replies(), &[row(1, 1)]);
    }

    #[test]
    #[should_panic(expected = "left == right")]
    fn an_answer_about_another_prompt_is_noticed() {
        let (thread, turn, mode, ahead, ends) = (ThreadId::default(), None, Default::default(), 0, None);
        let reply = Reply::Prompted { prompt: PROMPT, thread, turn, mode, ahead, ends };
        let kept = json!({ "type": "request_answered", "request": "request 1", "reply": { "prompt": "another" } });
        let told = BTreeMap::from([("request 1".to_owned(), reply)]);
        every_acknowledged_command_is_there(&told, &[json!({ "events": [kept] })]);
    }

    #[test]
    #[should_panic(expected = "left == right")]
    fn a_hole_is_noticed() {
        seqs_have_no_hole(&[row(1, 4), row(3, 9)]);
    }

    #[test]
    #[should_panic(expected = "do not rise")]
    fn a_position_that_falls_is_noticed() {
        seqs_have_no_hole(&[row(1, 9), row(2, 4)]);
    }

    #[test]
    #[should_panic(expected = "two commits at one position")]
    fn a_position_of_two_commits_is_noticed() {
        let mut positions = BTreeSet::new();
        no_two_records_share_a_position(&mut positions, &[row(1, 4)]);
        no_two_records_share_a_position(&mut positions, &[row(1, 4)]);
    }

    #[test]
    #[should_panic(expected = "ran 2 times")]
    fn a_work_that_ran_twice_is_noticed() {
        no_work_ran_twice("a\na\n", &BTreeMap::new());
    }

    #[test]
    #[should_panic(expected = "without a trace")]
    fn a_work_that_never_ran_is_noticed() {
        no_work_ran_twice("", &BTreeMap::from([("a".to_owned(), FinishReason::EndTurn)]));
    }
}
