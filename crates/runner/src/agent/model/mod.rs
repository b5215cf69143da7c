//! The built-in agent: a model server, six tools and those of the server, and a loop. It is small on purpose: for more,
//! there are real agents.

mod settings;
mod reply;
mod memory;
mod compact;
mod tools;
mod remote;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tenure_llm::{Call, Entry, Image, Wire};
use tracing::warn;

use self::memory::Memory;
use self::remote::Remote;
use self::reply::{Brief, Reply, Route, reply};
use self::tools::Tools;
use super::{Turn, TurnEnd, attachment, note};

pub use settings::ModelConfig;

/// How long the agent may take to note how far it came when it is asked to stop.
pub const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// What every model is told first.
const SYSTEM: &str = "You are a software agent that works in a folder, the workspace, with the tools read, list, search, \
                      write, edit and shell. Paths are relative to it. Look before you change, change as little as is \
                      needed, check what you did, and say in the end what you did. When a call fails, read why.";

/// A built-in agent.
pub struct Model {
    config: ModelConfig,
    /// Where the conversations are kept.
    folder: PathBuf,
    wire: Wire,
}

impl Model {
    /// Reads the settings; conversations are kept below `data`.
    pub fn new(config: &ModelConfig, data: &Path) -> Result<Self, String> {
        if config.models.is_empty() {
            return Err("it names no model".to_owned());
        }
        if !config.name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
            || config.name.starts_with('.')
        {
            return Err("its name may have letters, digits and -_. only: a folder is named after it".to_owned());
        }
        config.server().key()?;
        Ok(Self { config: config.clone(), folder: data.join("agents").join(&config.name), wire: Wire::new()? })
    }

    /// Removes the conversations that were not gone on with for so long.
    pub fn forget_unused(&self, longer_than: Duration) {
        Memory::forget_unused(&self.folder, longer_than);
    }

    pub fn name(&self) -> &str {
        &self.config.name
    }

    pub fn description(&self) -> String {
        format!("The small built-in agent, with {}; six tools, and the server's.", self.config.models.join(", "))
    }

    pub async fn take(&self, turn: &Turn) -> TurnEnd {
        let mut route = Route::of(&turn.spec, &self.config);
        let mut memory = self.open(turn, &route);
        memory.entries.push(prompt(turn));
        let mut said = String::new();
        let end = tokio::select! {
            biased;
            _ = turn.voice.work().stop_asked() => TurnEnd::canceled(),
            end = self.go(turn, &mut route, &mut memory, &mut said) => end,
        };
        if !said.is_empty() {
            memory.entries.push(Entry::Assistant { text: said, calls: Vec::new() });
        }
        memory.answer_open_calls();
        keep(&memory);
        end
    }

    /// Opens the message and the conversation of the thread.
    fn open(&self, turn: &Turn, route: &Route) -> Memory {
        let (spec, voice) = (&turn.spec, &turn.voice);
        voice.create(&self.config.name, Some(route.model().to_owned()), Some(spec.thread.to_string()));
        voice.models(self.config.models.clone(), Some(route.model().to_owned()));
        let Some(known) = &spec.agent_session else {
            return Memory::fresh(&self.folder, spec.thread);
        };
        let loaded = match *known == spec.thread.to_string() {
            true => Memory::load(&self.folder, spec.thread),
            false => Err(format!("{known} is no conversation of this thread")),
        };
        loaded.unwrap_or_else(|why| {
            note::fresh_start(voice, &why);
            Memory::fresh(&self.folder, spec.thread)
        })
    }

    /// Asks, calls and asks again, until the model has nothing more to do. `said` is the part of an answer that is not in
    /// the memory yet.
    async fn go(&self, turn: &Turn, route: &mut Route, memory: &mut Memory, said: &mut String) -> TurnEnd {
        let config = &self.config;
        let system = config.instructions.as_ref().map_or_else(|| SYSTEM.to_owned(), |own| format!("{SYSTEM}\n\n{own}"));
        let remote = Remote::reach(turn.spec.mcp.as_ref()).await;
        let mut tools = Tools::new(turn, config.output_bytes_max, config.command_time_max_ms.duration(), remote);
        let brief = Brief { system, tools: tools.offered() };
        for _ in 0..config.rounds_max {
            compact::when_needed(&self.wire, config, route.model(), turn, memory).await;
            keep(memory);
            let answer = reply(&self.wire, config, route, turn, &brief, &memory.entries, said).await;
            let Reply { text, calls, usage, cut } = match answer {
                Ok(reply) => reply,
                Err(error) => return TurnEnd::failed(error),
            };
            turn.voice.usage(usage);
            memory.entries.push(Entry::Assistant { text: text.clone(), calls: calls.clone() });
            if let Some(why) = cut {
                return TurnEnd::failed(why);
            }
            if calls.is_empty() {
                return match text.trim().is_empty() {
                    true => TurnEnd::failed("the model answered nothing"),
                    false => TurnEnd::said_all(),
                };
            }
            for call in &calls {
                let Call { id, tool, .. } = call;
                let text = tools.call(call).await;
                memory.entries.push(Entry::Output { call: id.clone(), tool: tool.clone(), text });
            }
        }
        TurnEnd::failed(format!("the model went on for {} answers without coming to an end", config.rounds_max))
    }
}

fn prompt(turn: &Turn) -> Entry {
    let (mut text, mut images) = (turn.told(), Vec::new());
    for file in &turn.spec.attachments {
        let (name, mime) = (&file.name, &file.mime);
        match attachment::text(file) {
            _ if mime.starts_with("image/") => images.push(Image { mime: mime.clone(), data: file.data.clone() }),
            Some(content) => text.push_str(&format!("\n\nAttached file {name} ({mime}):\n{content}")),
            None => text.push_str(&format!("\n\n[attached: {name} ({mime}), which is neither text nor image]")),
        }
    }
    Entry::User { text, images }
}

/// Keeps the conversation. When the disk does not take it the turn goes on: the next one will say that it is lost.
fn keep(memory: &Memory) {
    if let Err(error) = memory.save() {
        warn!(%error, "failed to keep a conversation of the built-in agent");
    }
}
