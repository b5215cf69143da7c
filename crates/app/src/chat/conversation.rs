//! The loop of a chat: news from the line and keys from the person, one at a time. What keys do stands in `typing`.

use tenure_model::chat::FinishReason;
use tenure_model::id::{PromptId, SessionId, ThreadId};
use tenure_protocol::Problem;
use tenure_protocol::client::{ClientCommand, ClientEvent, LimitWarning, Reply};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::act;
use super::editor::Editor;
use super::ink::Tone;
use super::keys::Key;
use super::mine::MyPrompts;
use super::printer::Printer;
use super::screen::Screen;
use super::view::{ClientView, Shown};
use crate::client::api::Api;
use crate::client::calls::Calls;
use crate::client::link::{Link, News};
use crate::failure::{Failure, Outcome};
use crate::out;

/// How much of the past a person sees on joining.
pub(super) const PAST_MAX: usize = 20;
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
    pub(super) api: Api,
    pub(super) session: SessionId,
    pub(super) manner: Manner,
    pub(super) link: Link,
    /// What waits for a person here; a script that reads events is told by the feed itself.
    calls: Calls,
    pub(super) view: ClientView,
    pub(super) printer: Printer,
    pub(super) screen: Screen,
    pub(super) editor: Editor,
    /// The waiting prompt whose text is being changed.
    pub(super) editing: Option<PromptId>,
    /// Where prompts go; known once the session was seen.
    pub(super) thread: Option<ThreadId>,
    pub(super) first: Option<String>,
    pub(super) mine: MyPrompts,
    /// Nothing more will be said: it ends when what was said is done.
    pub(super) closing: bool,
    /// Ctrl-C was pressed, and nothing since.
    pub(super) interrupted: bool,
    /// Why the line is not there.
    pub(super) down: Option<String>,
}

impl Conversation {
    /// Joins `session`; `first` is said as soon as that is done.
    pub fn new(api: Api, session: SessionId, manner: Manner, screen: Screen, first: Option<String>) -> Self {
        Self {
            link: Link::join(&api, session),
            calls: if manner.json { Calls::none() } else { Calls::of(&api, session) },
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
                news = self.calls.next(), if ready => {
                    let shown = self.view.runs.calls(news);
                    self.show(&shown)?;
                    false
                }
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
                    out::complain(format_args!("the line was lost: {line}\n"));
                }
                self.down = Some(line);
            }
            Some(News::Event(event, raw)) => {
                if self.manner.json {
                    out::line(&raw)?;
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
            ClientEvent::Reply { reply, warnings, .. } => {
                self.reply(reply).await?;
                for LimitWarning { limit, used, max } in warnings {
                    self.remark(Tone::Dim, &format!("— {used} of {max} are used, the limit {limit}"))?;
                }
            }
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
                let before = match ahead {
                    0 => "it is next".to_owned(),
                    1 => "1 goes before it".to_owned(),
                    more => format!("{more} go before it"),
                };
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
            Reply::EventTaken { taken: true } => self.remark(Tone::Dim, "— a step has taken it"),
            Reply::EventTaken { taken: false } => {
                self.remark(Tone::Dim, "— no step waits for it yet; it is kept for the first that does")
            }
            Reply::Aborting { turn: None } => self.remark(Tone::Dim, "— nothing was running"),
            // What these led to comes with the news.
            Reply::Prompted { .. }
            | Reply::Answered { .. }
            | Reply::Aborting { .. }
            | Reply::Decided { .. }
            | Reply::Restoring { .. }
            | Reply::Done {} => Ok(()),
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

    pub(super) fn say(&mut self, command: ClientCommand) {
        let prompt = matches!(command, ClientCommand::Prompt { .. } | ClientCommand::Retry { .. });
        let request_id = self.link.say(command);
        if prompt {
            self.mine.said(request_id);
        }
    }

    pub(super) fn show(&mut self, shown: &[Shown]) -> Outcome {
        for piece in shown {
            let ink = self.printer.show(piece);
            self.screen.print(&ink)?;
        }
        Ok(())
    }

    /// Says something beside the stream, which goes on where it stood.
    pub(super) fn remark(&mut self, tone: Tone, text: &str) -> Outcome {
        if let Screen::Terminal(terminal) = &mut self.screen {
            return Ok(terminal.print_above(tone, &super::clean(text))?);
        }
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
    let Some(open) = keys else {
        return std::future::pending().await;
    };
    let key = open.recv().await;
    if key.is_none() {
        *keys = None;
    }
    key
}
