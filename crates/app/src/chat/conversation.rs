//! The loop of a chat: news from the line and keys from the person, one at a time.

use std::io::Write;

use tenure_model::chat::FinishReason;
use tenure_model::id::{PromptId, SessionId, ThreadId};
use tenure_protocol::Problem;
use tenure_protocol::client::{ClientCommand, ClientEvent, Reply};
use tenure_protocol::http::Transcript;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::act::{self, Act};
use super::editor::Editor;
use super::ink::Tone;
use super::input;
use super::keys::Key;
use super::mine::MyPrompts;
use super::printer::Printer;
use super::screen::Screen;
use super::view::{ClientView, Shown};
use crate::client::api::Api;
use crate::client::link::{Link, News};
use crate::failure::{Failure, Outcome};

/// How much of the past a person sees on joining.
const PAST_MAX: usize = 20;
/// How much of what was missed is told after the picture was renewed.
const MISSED_MAX: usize = 1_000;

/// How a conversation is held.
#[derive(Clone, Copy)]
pub struct Manner {
    /// A person sits at a terminal.
    pub interactive: bool,
    /// Events are printed as they came.
    pub json: bool,
    /// It ends with the turn of the first prompt.
    pub once: bool,
    /// The session was made for it.
    pub fresh: bool,
}

/// One chat, from joining to leaving.
pub struct Conversation {
    api: Api,
    session: SessionId,
    manner: Manner,
    link: Link,
    view: ClientView,
    printer: Printer,
    screen: Screen,
    editor: Editor,
    /// The waiting prompt whose text is being changed.
    editing: Option<PromptId>,
    /// Where prompts go; known once the session was seen.
    thread: Option<ThreadId>,
    first: Option<String>,
    mine: MyPrompts,
    /// Nothing more will be said: it ends when what was said is done.
    closing: bool,
    /// Ctrl-C was pressed, and nothing since.
    interrupted: bool,
    /// Why the line is not there.
    down: Option<String>,
}

impl Conversation {
    /// Joins `session`; `first` is said as soon as that is done.
    pub fn new(api: Api, session: SessionId, manner: Manner, screen: Screen, first: Option<String>) -> Self {
        Self {
            link: Link::join(&api, session),
            api,
            session,
            manner,
            view: ClientView::default(),
            printer: Printer::default(),
            screen,
            editor: Editor::default(),
            editing: None,
            thread: None,
            first,
            mine: MyPrompts::default(),
            closing: manner.once,
            interrupted: false,
            down: Some("connecting".to_owned()),
        }
    }

    /// Holds the conversation until somebody ends it.
    pub async fn hold(mut self, mut keys: Option<mpsc::Receiver<Key>>) -> Outcome {
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut terminations = signal(SignalKind::terminate())?;
        loop {
            self.refresh()?;
            let ready = self.thread.is_some();
            let over = tokio::select! {
                news = self.link.next() => self.news(news).await?,
                key = next_key(&mut keys), if ready => self.key(key).await?,
                _ = interrupts.recv() => self.interrupt()?,
                _ = terminations.recv() => true,
            };
            if over {
                return Ok(());
            }
            if self.closing && self.first.is_none() && ready {
                match self.mine.finish() {
                    Some(FinishReason::EndTurn) => return Ok(()),
                    Some(reason) => return Err(Failure::Turn(reason)),
                    None => {}
                }
            }
        }
    }

    async fn news(&mut self, news: Option<News>) -> Outcome<bool> {
        match news {
            None => return Ok(true),
            Some(News::Refused(problem)) => return Err(Failure::of(problem)),
            Some(News::Joined) => self.down = None,
            Some(News::Lost { why, pause }) => {
                let line = format!("{why}; next attempt in {:.1} s", pause.as_secs_f32());
                if !self.manner.interactive {
                    eprintln!("the line was lost: {line}");
                }
                self.down = Some(line);
            }
            Some(News::Event(event, raw)) => {
                if self.manner.json {
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "{raw}")?;
                    out.flush()?;
                }
                self.event(*event).await?;
            }
        }
        Ok(false)
    }

    async fn event(&mut self, event: ClientEvent) -> Outcome {
        if matches!(event, ClientEvent::Init { .. } | ClientEvent::Resync { .. }) && !self.fill_in().await? {
            return Ok(());
        }
        let Ok(shown) = self.view.apply(event.clone()) else {
            self.link.renew();
            return Ok(());
        };
        if self.thread.is_none() {
            self.thread = self.view.default_thread();
            self.thread.into_iter().for_each(|thread| self.printer.turn_to(thread));
        }
        self.show(&shown)?;
        self.mine.follow(&event, &self.view);
        match event {
            ClientEvent::Reply { reply, .. } => self.reply(reply).await?,
            ClientEvent::Error { problem } => self.problem(problem)?,
            _ => {}
        }
        if let (Some(thread), true) = (self.thread, self.first.is_some()) {
            let text = self.first.take().expect("it was just seen to be there");
            self.say(act::prompt(thread, text, None));
        }
        Ok(())
    }

    /// Fetches the messages that a picture does not hold; false when that was not possible now.
    async fn fill_in(&mut self) -> Outcome<bool> {
        let joining = self.thread.is_none();
        let most = match joining {
            true if self.manner.fresh => return Ok(true),
            true if self.manner.interactive => PAST_MAX,
            true => 1,
            false => MISSED_MAX,
        };
        match self.api.messages_after(self.session, self.view.newest_seq(), most).await {
            Ok(messages) => {
                let shown = self.view.catch_up(messages);
                if !joining || self.manner.interactive {
                    self.show(&shown)?;
                }
                Ok(true)
            }
            Err(Failure::Unavailable(_)) => {
                self.link.renew();
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn reply(&mut self, reply: Reply) -> Outcome {
        match reply {
            Reply::Prompted { turn: None, ahead, .. } => {
                let before = if ahead == 0 { "it is next".to_owned() } else { format!("{ahead} go before it") };
                self.remark(Tone::Dim, &format!("— queued; {before} (/queue)"))
            }
            Reply::Withdrawn { text, .. } => {
                self.remark(Tone::Dim, &format!("— withdrawn: {}", act::brief(&text)))?;
                if self.editor.is_empty() {
                    self.editor.set(&text);
                }
                Ok(())
            }
            Reply::ThreadOpened { thread } => self.go(thread).await,
            Reply::Aborting { turn: None } => self.remark(Tone::Dim, "— nothing was running"),
            Reply::Prompted { .. } | Reply::Answered { .. } | Reply::Aborting { .. } | Reply::Done {} => Ok(()),
        }
    }

    /// A script ends when its prompt is refused; a person reads why and goes on.
    fn problem(&mut self, problem: Problem) -> Outcome {
        let refused = problem.request_id.as_deref().is_some_and(|id| self.mine.holds(id));
        if refused && !self.manner.interactive {
            return Err(Failure::of(problem));
        }
        self.remark(Tone::Bad, &format!("✗ {} ({})", problem.detail, problem.code))
    }

    async fn key(&mut self, key: Option<Key>) -> Outcome<bool> {
        if !matches!(key, Some(Key::Interrupt | Key::Resized)) {
            self.interrupted = false;
        }
        match key {
            Some(Key::Stroke(stroke)) => self.editor.stroke(stroke),
            Some(Key::Paste(text)) => {
                let clean = text.replace("\r\n", "\n").replace('\r', "\n");
                clean.chars().for_each(|c| self.editor.stroke(super::editor::Stroke::Insert(c)));
            }
            Some(Key::Enter) => {
                let line = self.editor.submit();
                return self.line(&line).await;
            }
            Some(Key::Line(line)) => return self.line(&line).await,
            Some(Key::Interrupt) => return self.interrupt(),
            Some(Key::End) if self.manner.interactive => return Ok(self.editor.is_empty()),
            Some(Key::End) | None => self.closing = true,
            Some(Key::Resized) => {}
        }
        Ok(false)
    }

    async fn line(&mut self, line: &str) -> Outcome<bool> {
        let Some(thread) = self.thread else { return Ok(false) };
        if let Some(prompt) = self.editing.take() {
            if !line.trim().is_empty() {
                self.say(ClientCommand::QueueEdit { prompt, text: line.to_owned() });
            }
            return Ok(false);
        }
        let act = input::parse(line).and_then(|input| input.map(|input| act::act(input, &self.view, thread)).transpose());
        match act {
            Ok(None) => {}
            Ok(Some(Act::Say(command))) => self.say(command),
            Ok(Some(Act::Show(lines))) => self.remark(Tone::Dim, &lines.join("\n"))?,
            Ok(Some(Act::Edit(prompt, text))) if self.manner.interactive => {
                self.editing = Some(prompt);
                self.editor.set(&text);
            }
            Ok(Some(Act::Edit(..))) => self.remark(Tone::Bad, "✗ write /edit N TEXT")?,
            Ok(Some(Act::Go(thread))) => self.go(thread).await?,
            Ok(Some(Act::Quit)) => return Ok(true),
            Err(why) => self.remark(Tone::Bad, &format!("✗ {why}"))?,
        }
        Ok(false)
    }

    /// Ends the running turn the first time; leaves the second time, or when nothing runs and nothing is typed.
    fn interrupt(&mut self) -> Outcome<bool> {
        if self.interrupted {
            return if self.manner.interactive { Ok(true) } else { Err(Failure::Turn(FinishReason::Canceled)) };
        }
        self.interrupted = true;
        self.editing = None;
        let open = self.thread.and_then(|thread| self.view.open_turn(thread));
        match open.map(|open| open.turn) {
            Some(turn) => {
                self.say(ClientCommand::Abort { thread: self.thread, turn: Some(turn) });
                self.remark(Tone::Dim, "— ending the turn; Ctrl-C again leaves")?;
            }
            None if self.manner.interactive => {
                self.editor.set("");
                self.remark(Tone::Dim, "— Ctrl-C again leaves")?;
            }
            None => return Err(Failure::Turn(FinishReason::Canceled)),
        }
        Ok(false)
    }

    /// Turns to a thread and shows where it stands.
    async fn go(&mut self, thread: ThreadId) -> Outcome {
        self.thread = Some(thread);
        self.printer.turn_to(thread);
        let path = format!("/api/sessions/{}/messages?limit={PAST_MAX}&thread={thread}", self.session);
        let title = self.view.threads.iter().find(|known| known.id == thread).map(|known| known.title.clone());
        self.remark(Tone::Dim, &format!("— thread: {}", title.unwrap_or_default()))?;
        match self.api.get::<Transcript>(&path).await {
            Ok(mut page) => {
                page.items.reverse();
                let past = ClientView::default().catch_up(page.items);
                self.show(&past)?;
            }
            Err(failure) => self.remark(Tone::Bad, &format!("✗ its past cannot be shown: {failure}"))?,
        }
        let open = self.view.open_again(thread);
        self.show(&open)
    }

    fn say(&mut self, command: ClientCommand) {
        let prompt = matches!(command, ClientCommand::Prompt { .. } | ClientCommand::Retry { .. });
        let request_id = self.link.say(command);
        if prompt {
            self.mine.said(request_id);
        }
    }

    fn show(&mut self, shown: &[Shown]) -> Outcome {
        for piece in shown {
            let ink = self.printer.show(piece);
            self.screen.print(&ink)?;
        }
        Ok(())
    }

    fn remark(&mut self, tone: Tone, text: &str) -> Outcome {
        let ink = self.printer.remark(tone, text);
        Ok(self.screen.print(&ink)?)
    }

    fn refresh(&mut self) -> Outcome {
        let status = match (&self.down, self.thread) {
            (Some(why), _) => format!("○ {why}"),
            (None, None) => "○ joining".to_owned(),
            (None, Some(thread)) => act::status(&self.view, thread),
        };
        Ok(self.screen.refresh(&status, &self.editor)?)
    }
}

/// Waits for a key; for ever when nobody can press one.
async fn next_key(keys: &mut Option<mpsc::Receiver<Key>>) -> Option<Key> {
    let Some(open) = keys else { return std::future::pending().await };
    let key = open.recv().await;
    if key.is_none() {
        *keys = None;
    }
    key
}
