//! What a person types: keys become lines, lines become commands.

use tenure_model::chat::FinishReason;
use tenure_model::id::{ApprovalId, ThreadId};
use tenure_protocol::client::ClientCommand;
use tenure_protocol::execution::{Decide, Decided};
use tenure_protocol::http::Transcript;

use super::act::{self, Act};
use super::conversation::{Conversation, PAST_MAX};
use super::editor::Stroke;
use super::ink::Tone;
use super::input;
use super::keys::Key;
use super::view::ClientView;
use crate::failure::{Failure, Outcome};

impl Conversation {
    /// Does what a key asks for; true ends the conversation.
    pub(super) async fn key(&mut self, key: Option<Key>) -> Outcome<bool> {
        if !matches!(key, Some(Key::Interrupt | Key::Resized)) {
            self.interrupted = false;
        }
        match key {
            Some(Key::Stroke(stroke)) => self.editor.stroke(stroke),
            Some(Key::Paste(text)) => {
                let clean = text.replace("\r\n", "\n").replace('\r', "\n");
                clean.chars().for_each(|c| self.editor.stroke(Stroke::Insert(c)));
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
        let act =
            input::parse(line).and_then(|input| input.map(|input| act::act(input, &self.view, thread)).transpose());
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
            Ok(Some(Act::Decide(approval, decide))) => self.decide(approval, decide).await?,
            Ok(Some(Act::Quit)) => return Ok(true),
            Err(why) => self.remark(Tone::Bad, &format!("✗ {why}"))?,
        }
        Ok(false)
    }

    /// Decides about a call; it is the owner's to do, whose list it stands in.
    async fn decide(&mut self, approval: ApprovalId, decide: Decide) -> Outcome {
        match self.api.post::<Decided>(&format!("/api/approvals/{approval}"), &decide).await {
            Ok(decided) => {
                let shown: Vec<_> = self.view.runs.decided(decided).into_iter().collect();
                self.show(&shown)
            }
            Err(failure) => self.remark(Tone::Bad, &format!("✗ {failure}")),
        }
    }

    /// Ends the running turn the first time; leaves the second time, or when nothing runs and nothing is typed.
    pub(super) fn interrupt(&mut self) -> Outcome<bool> {
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
    pub(super) async fn go(&mut self, thread: ThreadId) -> Outcome {
        self.thread = Some(thread);
        self.printer.turn_to(thread);
        let path = format!("/api/sessions/{}/messages?limit={PAST_MAX}&thread={thread}", self.session);
        let title =
            self.view.threads.iter().find(|known| known.id == thread).map(act::title).unwrap_or("new").to_owned();
        self.remark(Tone::Dim, &format!("— thread: {title}"))?;
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
}
