//! One answer of a model, whatever its server does: tried again, or by the next model, without losing or repeating a word.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::StreamExt;
use tenure_llm::{Call, Entry, Offered, Piece, Question, Remedy, Trouble, Wire};
use tenure_model::chat::{AgentStatus, Usage};
use tenure_model::link::WorkSpec;

use super::settings::ModelConfig;
use crate::agent::Turn;
use crate::backoff::Backoff;
use crate::identity::fresh_id;

/// How often one model is asked before the next one is.
const TRIES_MAX: u32 = 3;
/// The longest that a server's wish to be left alone is honoured.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The models that may answer, the one in use first.
pub struct Route {
    models: VecDeque<String>,
    tries: u32,
    backoff: Backoff,
}

/// What the model is told before everything else, and what it can do.
pub struct Brief {
    pub system: String,
    pub tools: Vec<Offered>,
}

/// A whole answer.
pub struct Reply {
    pub text: String,
    pub calls: Vec<Call>,
    pub usage: Usage,
    /// Why it is not whole, when it is not.
    pub cut: Option<String>,
}

impl Route {
    /// Returns the models of the prompt, then those of the settings.
    pub fn of(spec: &WorkSpec, config: &ModelConfig) -> Self {
        let mut models = VecDeque::new();
        let wanted = spec.models.iter().chain(spec.model.iter().filter(|_| spec.models.is_empty()));
        for model in wanted.chain(&config.models) {
            if !models.contains(model) {
                models.push_back(model.clone());
            }
        }
        Self { models, tries: 0, backoff: Backoff::default() }
    }

    pub fn model(&self) -> &str {
        self.models.front().expect("an agent without models is not loaded")
    }

    /// Decides how to go on after a trouble, and waits for it; an error when nobody is left to ask.
    async fn go_on(&mut self, turn: &Turn, trouble: Trouble) -> Result<(), String> {
        self.tries += 1;
        if let Remedy::TryAgain(wish) = trouble.remedy
            && self.tries < TRIES_MAX
        {
            let pause = self.backoff.pause(fresh_id().as_bytes()[0]).max(wish.unwrap_or_default()).min(WAIT_MAX);
            let words = format!("{} is asked again in {} ms: {}", self.model(), pause.as_millis(), trouble.words);
            turn.voice.status(AgentStatus::Waiting, Some(words));
            tokio::time::sleep(pause).await;
            return Ok(());
        }
        if trouble.remedy == Remedy::Nothing || self.models.len() == 1 {
            return Err(format!("the model {} did not answer: {}", self.model(), trouble.words));
        }
        let before = self.models.pop_front();
        (self.tries, self.backoff) = (0, Backoff::default());
        turn.voice.switched_model(before, self.model().to_owned(), &trouble.words);
        Ok(())
    }
}

/// Asks until there is a whole answer. `said` holds what was told of it, also when this future is dropped half-way.
pub async fn reply(
    wire: &Wire,
    config: &ModelConfig,
    route: &mut Route,
    turn: &Turn,
    brief: &Brief,
    entries: &[Entry],
    said: &mut String,
) -> Result<Reply, String> {
    loop {
        let model = route.model().to_owned();
        let before = said.clone();
        let question = Question {
            model: &model,
            system: &brief.system,
            entries,
            said: &before,
            tools: &brief.tools,
            ..Question::default()
        };
        match hear(wire, config, &question, turn, said).await {
            Ok(reply) => {
                (route.tries, route.backoff) = (0, Backoff::default());
                return Ok(reply);
            }
            Err(trouble) => route.go_on(turn, trouble).await?,
        }
    }
}

/// Hears one answer to its end, and tells each word as it comes.
async fn hear(
    wire: &Wire,
    config: &ModelConfig,
    question: &Question<'_>,
    turn: &Turn,
    said: &mut String,
) -> Result<Reply, Trouble> {
    let mut answer = wire.ask(&config.server(), question).await?;
    while let Some(piece) = answer.next().await {
        match piece? {
            Piece::Text(text) => {
                turn.voice.status(AgentStatus::Streaming, None);
                turn.voice.text(&text);
                said.push_str(&text);
            }
            Piece::Reasoning(text) => {
                turn.voice.status(AgentStatus::Thinking, None);
                turn.voice.reasoning(&text);
            }
            Piece::End(ended) => {
                let text = std::mem::take(said);
                return Ok(Reply { text, calls: ended.calls, usage: ended.usage, cut: ended.cut });
            }
        }
    }
    let words = "the model server cut the answer off".to_owned();
    Err(Trouble { words, remedy: Remedy::TryAgain(None) })
}

/// Asks for a text that nobody is shown.
pub async fn aside(
    wire: &Wire,
    config: &ModelConfig,
    model: &str,
    system: &str,
    entries: &[Entry],
) -> Result<(String, Usage), Trouble> {
    let question = Question { model, system, entries, ..Question::default() };
    let mut answer = wire.ask(&config.server(), &question).await?;
    let mut text = String::new();
    while let Some(piece) = answer.next().await {
        match piece? {
            Piece::Text(more) => text.push_str(&more),
            Piece::Reasoning(_) => {}
            Piece::End(ended) => return Ok((text, ended.usage)),
        }
    }
    Err(Trouble { words: "the model server cut the answer off".to_owned(), remedy: Remedy::TryAgain(None) })
}
