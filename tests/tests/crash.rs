//! Kills the real server at random moments under load, again and again, and the runner and its line now and then; after
//! each restart, and at the end, nothing that anybody was told may be gone.
//!
//! `TENURE_LONG=1` kills 200 times, `TENURE_ROUNDS=n` n times; `TENURE_SEED=n` draws the same moments and prompts again,
//! though not the same race.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tenure_model::chat::FinishReason;
use tenure_model::id::{SessionId, TurnId};
use tenure_model::view::{Message, MessageRole};
use tenure_protocol::client::Reply;
use tenure_runner::emitted;
use tenure_simulation::chance::Chance;
use tenure_tests::checks::{
    every_acknowledged_command_is_there, no_two_records_share_a_position, no_word_is_gone, no_work_ran_twice,
    seqs_have_no_hole,
};
use tenure_tests::harness::draw::drawn;
use tenure_tests::harness::fake_runner::{self, Begun};
use tenure_tests::harness::view::{Seen, text_of, words};
use tenure_tests::harness::{Api, Chatter, FakeRunner, Proxy, Runner, Server, Told, View, Wish, in_time};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Sessions with the scripted agent, and with one that needs no process.
const SESSIONS: u64 = 4;
const SESSIONS_FAKE: u64 = 4;
const ROUNDS: u64 = 15;
const ROUNDS_LONG: u64 = 200;
/// How many different texts the agent can say.
const TEXTS: u64 = 64;

/// How long the text of a number is.
fn bytes(text: u64) -> usize {
    200 + (text as usize * 977) % 12_000
}

/// One script for each text: it leaves a trace in a file, so that running twice can be counted, and then says the text.
fn scripts(runner: &str) -> Vec<(String, String)> {
    let script = |text: u64| {
        let (bytes, chunk, pace) = (bytes(text), 16 + text % 90, text % 4);
        let trace = format!("- append: {{path: traces-{runner}, text: \"{{{{prompt}}}}\\n\"}}");
        let emit = format!("- emit: {{bytes: {bytes}, seed: {text}, chunk: {chunk}, pace_ms: {pace}}}");
        (format!("text-{text}"), format!("name: text {text}\nmatch: 'say text {text}.'\nsteps:\n{trace}\n{emit}\n"))
    };
    (0..TEXTS).map(script).collect()
}

/// One session with its client, and what was checked of it already.
struct Watched {
    session: SessionId,
    told: Arc<Mutex<Told>>,
    client: JoinHandle<View>,
    journal: Vec<Value>,
    settled: BTreeSet<TurnId>,
}

/// What the agent without a process answers to a prompt, piece by piece.
fn pieces(prompt: &str) -> Vec<String> {
    let text = number_of(prompt).map(|text| emitted(text, bytes(text))).unwrap_or_default();
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(40).map(|piece| piece.iter().collect()).collect()
}

/// Returns the number of the text that a prompt asks for: that of the last one, when several were joined.
fn number_of(prompt: &str) -> Option<u64> {
    prompt.rsplit_once("say text ")?.1.trim_end_matches('.').parse().ok()
}

/// Everything that lives through the rounds.
struct Siege {
    server: Server,
    begun: Begun,
    runners: Vec<(Runner, Proxy)>,
    chatters: Vec<Watched>,
    wish: watch::Sender<Wish>,
    chance: Chance,
    figures: BTreeMap<&'static str, u64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_survives_every_kill() {
    let (seed, rounds) = drawn(ROUNDS, ROUNDS_LONG);
    let mut siege = Siege::begin(Chance::new(seed)).await;
    for round in 1..=rounds {
        siege.round(round).await;
    }
    siege.end().await;
}

impl Siege {
    async fn begin(mut chance: Chance) -> Self {
        let server = Server::start().await;
        let token = server.runner_token().await;
        let mut runners = vec![];
        for name in ["a", "b"] {
            let line = Proxy::to(server.address()).await;
            runners.push((Runner::start(line.address(), &token, &scripts(name)), line));
        }
        let wish = watch::Sender::new(Wish::Chat);
        let prompts = Arc::new(AtomicU64::new(0));
        let mut chatters = vec![];
        let begun = FakeRunner::start(&server.address(), &token, pieces);
        for number in 0..SESSIONS + SESSIONS_FAKE {
            let agent = (number >= SESSIONS).then_some(fake_runner::AGENT);
            let session = server.api().open_session_with(agent.or(Some("scripted"))).await;
            let prompts = prompts.clone();
            let mut texts = Chance::new(chance.draw());
            let prompt = move || {
                let number = prompts.fetch_add(1, Ordering::Relaxed);
                format!("prompt {number}: say text {}.", texts.between(0, TEXTS - 1))
            };
            let luck = Chance::new(chance.draw());
            let chatter = Chatter::new((&server.address(), server.token()), session, luck, prompt);
            let told = chatter.told();
            let client = tokio::spawn(chatter.chat(wish.subscribe()));
            chatters.push(Watched { session, told, client, journal: vec![], settled: BTreeSet::new() });
        }
        Self { server, begun, runners, chatters, wish, chance, figures: BTreeMap::new() }
    }

    fn count(&mut self, what: &'static str) {
        *self.figures.entry(what).or_default() += 1;
    }

    /// Lets the load run for a while, kills, starts again, and looks whether anything is missing.
    async fn round(&mut self, round: u64) {
        let load = Duration::from_millis(self.chance.between(30, 1_500));
        // tidy: allow(sleep) because the moment of the kill is random, and waits for nothing
        tokio::time::sleep(load).await;
        let place = self.chance.between(0, self.runners.len() as u64 - 1) as usize;
        match self.chance.between(0, 5) {
            0 => {
                self.count("runner kills");
                self.runners[place].0.kill().await;
                self.server.kill().await;
                self.runners[place].0.start_again();
            }
            1 => {
                self.count("runner kills");
                self.runners[place].0.kill().await;
                self.runners[place].0.start_again();
                self.server.kill().await;
            }
            2 | 3 => {
                self.count("cuts");
                self.runners[place].1.cut();
                self.server.kill().await;
            }
            _ => self.server.kill().await,
        }
        self.count("server kills");
        let before: Vec<_> = self.chatters.iter().map(|watched| so_far(&watched.told)).collect();
        let killed = Instant::now();
        self.server.start_again().await;
        let ready = killed.elapsed();
        let api = self.server.api();
        for (watched, (replies, seen)) in self.chatters.iter_mut().zip(before) {
            assert!(!watched.client.is_finished(), "round {round}: a client has ended: see above");
            watched.check(&api, &replies, seen).await;
        }
        let records: usize = self.chatters.iter().map(|watched| watched.journal.len()).sum();
        let checked = killed.elapsed() - ready;
        println!("round {round}: load {load:?}, ready again in {ready:?}, {records} records checked in {checked:?}");
    }

    /// Lets everything come to rest, and looks at all of it.
    async fn end(mut self) {
        self.wish.send_replace(Wish::ComeToRest);
        let api = self.server.api();
        let mut texts: BTreeMap<String, FinishReason> = BTreeMap::new();
        let mut positions = BTreeSet::new();
        for Watched { session, told, client, journal: before, .. } in std::mem::take(&mut self.chatters) {
            let view = in_time("a client at rest", client).await.expect("a client that comes to rest");
            let (replies, seen) = so_far(&told);
            let (messages, journal) = (api.messages(session).await, api.journal(session).await);
            assert_eq!(journal[..before.len()], before, "what is written stays as it is");
            no_word_is_gone(&seen, &messages, |_, _| String::new());
            every_acknowledged_command_is_there(&replies, &journal);
            seqs_have_no_hole(&journal);
            no_two_records_share_a_position(&mut positions, &journal);
            the_view_equals_the_journal(&view, &messages, &api, session).await;
            texts.extend(answers_are_what_the_agent_said(&messages));
            *self.figures.entry("reconnects").or_default() += told.lock().expect("it is whole").reconnects;
            *self.figures.entry("acknowledged commands").or_default() += replies.len() as u64;
        }
        let traces = self.runners.iter().enumerate().map(|(n, (runner, _))| {
            let name = ["a", "b"][n];
            std::fs::read_to_string(runner.file(&format!("traces-{name}"))).unwrap_or_default()
        });
        let mut traces = traces.collect::<Vec<_>>().concat();
        for (prompt, count) in self.begun.lock().expect("it is whole").iter() {
            (0..*count).for_each(|_| traces.push_str(&format!("{prompt}\n")));
        }
        no_work_ran_twice(&traces, &texts);
        for reason in texts.values() {
            let name = match reason {
                FinishReason::EndTurn => "turns to their end",
                FinishReason::Canceled => "turns canceled",
                FinishReason::Interrupted => "turns interrupted",
                FinishReason::Error => "turns failed",
            };
            *self.figures.entry(name).or_default() += 1;
        }
        println!("{:#?}", self.figures);
        assert!(self.figures.contains_key("turns to their end"), "no turn came to its end: {:?}", self.figures);
    }
}

impl Watched {
    /// Looks whether anything is gone that the client was told before the kill; reads on where it stopped last time.
    async fn check(&mut self, api: &Api, replies: &BTreeMap<String, Reply>, mut seen: Seen) {
        let view = api.session(self.session).await;
        seen.retain(|turn, _| !self.settled.contains(turn));
        let mut messages = api.last_messages(self.session).await;
        let found = |turn: &TurnId, messages: &[Message]| {
            messages.iter().any(|message| message.turn == *turn) || view.turns.iter().any(|open| open.turn == *turn)
        };
        if !seen.keys().all(|turn| found(turn, &messages)) {
            messages = api.messages(self.session).await;
        }
        no_word_is_gone(&seen, &messages, |turn, part| {
            let open = view.turns.iter().find(|open| open.turn == turn);
            open.and_then(|open| open.parts.get(&part)).map(words).unwrap_or_default().to_owned()
        });
        let finished = messages.iter().filter(|message| message.role == MessageRole::Assistant);
        self.settled.extend(finished.map(|message| message.turn).filter(|turn| seen.contains_key(turn)));

        let last = self.journal.pop();
        let mut rest = api.journal_from(self.session, self.journal.len() as u64 + 1).await;
        assert!(last.is_none_or(|last| rest.first() == Some(&last)), "a record has changed");
        self.journal.append(&mut rest);
        every_acknowledged_command_is_there(replies, &self.journal);
        seqs_have_no_hole(&self.journal);
    }
}

/// Returns what a client was told until now: the answers to its requests, and every word.
fn so_far(told: &Mutex<Told>) -> (BTreeMap<String, Reply>, Seen) {
    let told = told.lock().expect("it is whole");
    let seen = told.seen.lock().expect("it is whole").clone();
    (told.replies.clone(), seen)
}

async fn the_view_equals_the_journal(view: &View, messages: &[Message], api: &Api, id: SessionId) {
    let seen: Vec<_> = view.messages.values().cloned().collect();
    assert_eq!(seen.len(), messages.len(), "a client has other messages than the journal");
    for (seen, kept) in seen.iter().zip(messages) {
        assert_eq!(seen, kept);
    }
    let session = api.session(id).await;
    assert_eq!(view.queue, session.queue);
    assert_eq!(view.title, session.title);
    assert!(session.turns.is_empty() && view.turns.is_empty());
}

/// Returns how each prompt's turn ended. A turn that came to its end says the whole text byte for byte, another one its
/// beginning.
fn answers_are_what_the_agent_said(messages: &[Message]) -> BTreeMap<String, FinishReason> {
    let mut ends = BTreeMap::new();
    for message in messages.iter().filter(|message| message.role == MessageRole::Assistant) {
        let asked = messages.iter().find(|m| m.turn == message.turn && m.role == MessageRole::User);
        let prompt = text_of(&asked.expect("an answer has a prompt").parts);
        // Steering prompts that waited together became one turn; the script is that of the first text that is found.
        if prompt.contains("\n---\n") {
            continue;
        }
        let number = number_of(&prompt).expect("a prompt names its text");
        let (said, whole) = (text_of(&message.parts), emitted(number, bytes(number)));
        let finish = message.finish.expect("an answer is finished");
        match finish {
            FinishReason::EndTurn => assert_eq!(said, whole, "the answer to {prompt:?}"),
            _ => assert!(whole.starts_with(&said), "the answer to {prompt:?} begins otherwise: {said:?}"),
        }
        ends.insert(prompt, finish);
    }
    ends
}
