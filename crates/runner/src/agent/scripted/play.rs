//! Plays the steps of a script in order; the first one that fails ends the turn.

use std::time::Duration;

use tenure_model::chat::{AgentStatus, TextKind, Usage};
use tokio::time::sleep;

use super::emitted::emitted;
use super::script::{AskStep, EmitStep, Script, Speech, Step};
use super::template::Values;
use super::tools::Tools;
use crate::agent::Turn;
use crate::works::pieces;

/// How deep `repeat` may be nested.
const DEPTH_MAX: u32 = 8;

/// Plays the whole script.
pub async fn play(script: &Script, turn: &Turn, pace_percent: u32) -> Result<(), String> {
    let mut values = Values::default();
    values.set("prompt", &turn.spec.text);
    let mut player =
        Player { turn, tools: Tools::new(turn), values, pace_percent, model: format!("script:{}", script.name) };
    player.steps(&script.steps, 0).await
}

struct Player<'a> {
    turn: &'a Turn,
    tools: Tools<'a>,
    values: Values,
    pace_percent: u32,
    model: String,
}

impl Player<'_> {
    async fn steps(&mut self, steps: &[Step], depth: u32) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!("`repeat` is nested deeper than {DEPTH_MAX}"));
        }
        for step in steps {
            self.step(step, depth).await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step, depth: u32) -> Result<(), String> {
        let voice = &self.turn.voice;
        match step {
            Step::Say(speech) => self.speak(TextKind::Text, speech).await?,
            Step::Think(speech) => self.speak(TextKind::Reasoning, speech).await?,
            Step::Emit(emit) => self.emit(*emit).await,
            Step::Read { path } => self.tools.read(path)?,
            Step::List { path } => self.tools.list(path)?,
            Step::Edit { path, find, replace } => self.tools.edit(path, find, &self.values.fill(replace)?)?,
            Step::Write { path, content } => self.tools.write(path, &self.values.fill(content)?)?,
            Step::Append { path, text } => self.tools.append(path, &self.values.fill(text)?)?,
            Step::Shell(shell) => {
                let command = self.values.fill(&shell.command)?;
                let end = self.tools.shell(shell, &command).await?;
                self.values.set("exit", end.exit);
                self.values.set("last_line", end.last_line);
            }
            Step::Ask(ask) => self.ask(ask).await?,
            Step::Usage { input_tokens, output_tokens } => voice.usage(Usage {
                model: Some(self.model.clone()),
                input_tokens: *input_tokens,
                output_tokens: *output_tokens,
            }),
            Step::Title(title) => voice.title(&self.values.fill(title)?),
            Step::Fail { message } => return Err(self.values.fill(message)?),
            Step::WaitMs(ms) => self.pause(*ms).await,
            Step::Repeat { times, steps } => {
                for _ in 0..*times {
                    Box::pin(self.steps(steps, depth + 1)).await?;
                }
            }
        }
        Ok(())
    }

    async fn speak(&self, kind: TextKind, speech: &Speech) -> Result<(), String> {
        let voice = &self.turn.voice;
        let text = self.values.fill(&speech.text)?;
        let thinks = kind == TextKind::Reasoning;
        voice.status(if thinks { AgentStatus::Thinking } else { AgentStatus::Streaming }, None);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = rest.char_indices().nth(speech.chunk).map_or(rest.len(), |(at, _)| at);
            let (piece, after) = rest.split_at(end);
            voice.stream(kind, piece);
            rest = after;
            self.pause(speech.pace_ms).await;
        }
        Ok(())
    }

    async fn emit(&self, emit: EmitStep) {
        let text = emitted(emit.seed, emit.bytes);
        for piece in pieces(&text, emit.chunk.max(1)) {
            self.turn.voice.text(piece);
            self.pause(emit.pace_ms).await;
        }
    }

    async fn ask(&mut self, ask: &AskStep) -> Result<(), String> {
        let voice = &self.turn.voice;
        let question = self.values.fill(&ask.question)?;
        voice.status(AgentStatus::Waiting, None);
        let timeout = ask.timeout_ms.map(Duration::from_millis);
        let answer = voice.ask(&question, ask.options.clone(), timeout).await;
        if let Some(name) = &ask.save {
            self.values.set(format!("answer.{name}"), answer.as_deref().unwrap_or("(no answer)"));
        }
        Ok(())
    }

    /// Waits, or at least lets others run.
    async fn pause(&self, ms: u64) {
        match ms.saturating_mul(u64::from(self.pace_percent)) / 100 {
            0 => tokio::task::yield_now().await,
            ms => sleep(Duration::from_millis(ms)).await,
        }
    }
}
