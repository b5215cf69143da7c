//! The conversation of one thread, as the model is told it again with every question; kept in the runner's data folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tenure_llm::Entry;
use tenure_model::id::ThreadId;

use crate::age::unchanged;

/// What was said and done, in order.
pub struct Memory {
    file: PathBuf,
    pub entries: Vec<Entry>,
}

impl Memory {
    /// Begins a conversation; what was kept of an earlier one of this thread is forgotten.
    pub fn fresh(folder: &Path, thread: ThreadId) -> Self {
        Self { file: file(folder, thread), entries: Vec::new() }
    }

    /// Goes on with the conversation of a thread; an error says why it cannot.
    pub fn load(folder: &Path, thread: ThreadId) -> Result<Self, String> {
        let file = file(folder, thread);
        let kept = fs::read(&file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "this runner does not have it".to_owned(),
            _ => error.to_string(),
        })?;
        let entries =
            serde_json::from_slice(&kept).map_err(|error| format!("what was kept cannot be read: {error}"))?;
        let mut memory = Self { file, entries };
        memory.answer_open_calls();
        Ok(memory)
    }

    /// Writes the conversation down, whole or not at all.
    pub fn save(&self) -> io::Result<()> {
        let folder = self.file.parent().expect("the file lies in a folder");
        fs::create_dir_all(folder)?;
        let draft = self.file.with_extension("new");
        fs::write(&draft, serde_json::to_vec(&self.entries).map_err(io::Error::other)?)?;
        fs::rename(&draft, &self.file)
    }

    /// Answers the calls that were cut off: a model server refuses a conversation with a call that has no output.
    pub fn answer_open_calls(&mut self) {
        let Some(last) = self.entries.iter().rposition(|entry| matches!(entry, Entry::Assistant { .. })) else {
            return;
        };
        let Entry::Assistant { calls, .. } = &self.entries[last] else { return };
        let is_answered = |id: &str| {
            self.entries[last..].iter().any(|entry| matches!(entry, Entry::Output { call, .. } if call == id))
        };
        let open: Vec<Entry> = calls
            .iter()
            .filter(|call| !is_answered(&call.id))
            .map(|call| Entry::Output {
                call: call.id.clone(),
                tool: call.tool.clone(),
                text: "the turn was ended before this call had; nobody knows what it did".to_owned(),
            })
            .collect();
        let outputs = self.entries[last + 1..].iter().take_while(|entry| matches!(entry, Entry::Output { .. })).count();
        let at = last + 1 + outputs;
        self.entries.splice(at..at, open);
    }

    /// Removes the conversations that were not gone on with for so long.
    pub fn forget_unused(folder: &Path, longer_than: Duration) {
        for file in unchanged(folder, longer_than) {
            // What stays is tried again the next time.
            let _ = fs::remove_file(file);
        }
    }

    /// Guesses how many tokens the conversation takes.
    pub fn tokens(&self) -> usize {
        self.entries.iter().map(Entry::tokens).sum()
    }
}

fn file(folder: &Path, thread: ThreadId) -> PathBuf {
    folder.join(format!("{thread}.json"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tenure_llm::Call;

    use super::*;

    fn thread() -> ThreadId {
        ThreadId(uuid::Uuid::from_u128(7))
    }

    #[test]
    fn a_conversation_is_kept_and_its_open_calls_are_answered() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::fresh(folder.path(), thread());
        assert!(Memory::load(folder.path(), thread()).is_err());
        let call = |id: &str| Call { id: id.into(), tool: "read".into(), arguments: Value::Null, signatures: vec![] };
        memory.entries.push(Entry::User { text: "hello".into(), images: vec![] });
        memory.entries.push(Entry::Assistant { text: "so".into(), calls: vec![call("a"), call("b")] });
        memory.entries.push(Entry::Output { call: "a".into(), tool: "read".into(), text: "x".into() });
        memory.save().unwrap();
        let mut read = Memory::load(folder.path(), thread()).unwrap();
        assert_eq!(read.entries[..3], memory.entries);
        assert!(matches!(&read.entries[3], Entry::Output { call, .. } if call == "b"));
        read.answer_open_calls();
        assert_eq!(read.entries.len(), 4);
    }
}
