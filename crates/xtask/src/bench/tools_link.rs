//! Calls of tools over the runner link, for an agent that is at work.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::load::{self, Socket, hear, say};
use super::server::Server;

/// A runner with one turn.
pub struct AtWork {
    link: Socket,
    spec: Value,
}

impl AtWork {
    /// Connects a runner, and has it take a turn on.
    pub async fn begin(server: &Server) -> Result<Self> {
        let mut link = load::link(server, &server.runner_token().await?, 1).await?;
        let session = load::open_sessions(server, 1).await?.remove(0);
        load::prompt(server, &session).await?;
        while let Some(heard) = hear(&mut link).await? {
            let reference = &heard["ref"];
            match heard["type"].as_str() {
                Some("offer") => say(&mut link, &json!({ "type": "accept", "ref": reference })).await?,
                Some("start") => {
                    say(&mut link, &json!({ "type": "done", "ref": reference })).await?;
                    return Ok(Self { link, spec: heard["spec"].clone() });
                }
                _ => {}
            }
        }
        bail!("the server hung up before there was a turn")
    }

    /// Makes so many calls, some of them at once; returns how long each of them took.
    pub async fn call(
        &mut self,
        calls: usize,
        at_once: usize,
        tool: &str,
        params: impl Fn(usize) -> Value,
    ) -> Result<Vec<Duration>> {
        let (mut sent, mut took) = (HashMap::new(), Vec::with_capacity(calls));
        for n in 0..calls {
            if sent.len() == at_once {
                took.push(self.answered(&mut sent).await?);
            }
            let Self { link, spec } = self;
            let call = json!({ "type": "call_tool", "ref": n.to_string(), "session": spec["session"], "work": spec["work"],
                               "generation": spec["generation"], "name": tool, "params": params(n) });
            sent.insert(n.to_string(), Instant::now());
            say(link, &call).await?;
        }
        while !sent.is_empty() {
            took.push(self.answered(&mut sent).await?);
        }
        Ok(took)
    }

    /// Waits for the next answer.
    async fn answered(&mut self, sent: &mut HashMap<String, Instant>) -> Result<Duration> {
        loop {
            let heard = hear(&mut self.link).await?.context("the server hung up")?;
            match heard["type"].as_str() {
                Some("called") => {
                    let began = sent.remove(heard["ref"].as_str().unwrap_or_default());
                    return Ok(began.context("only what was asked is answered")?.elapsed());
                }
                Some("refused" | "problem") => bail!("the server refused: {heard}"),
                _ => {}
            }
        }
    }
}
