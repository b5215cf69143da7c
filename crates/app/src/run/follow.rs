//! Follows a run to its end: tells what happens, lets people decide, survives whatever happens to the server.

use std::collections::VecDeque;
use std::time::Duration;

use tenure_model::id::ExecutionId;
use tenure_protocol::client::ClientEvent;
use tenure_protocol::execution::{
    Decided, ExecutionEvent, ExecutionRow, ExecutionStatus, ExecutionView, StepEvent, StepPhase,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::asking::{Asking, Manner};
use super::progress::{News, Progress};
use super::speech::{Said, Speech};
use super::tell::{self, Line};
use crate::chat::{Key, Printer, Screen, Tone, of_lines};
use crate::client::api::Api;
use crate::client::link;
use crate::client::watch::Watch;
use crate::failure::{Failure, Outcome};
use crate::out;

/// How long the end of a step waits for the last words of its agent, which come over another line.
const LAST_WORDS_MAX: Duration = Duration::from_secs(3);

/// How long nobody may take a step before that is told: a runner needs a moment.
const TAKEN_WITHIN: Duration = Duration::from_secs(2);

/// One run, from joining to its end.
pub struct Follow {
    api: Api,
    execution: ExecutionId,
    json: bool,
    watch: Watch,
    speech: Speech,
    progress: Progress,
    asking: Asking,
    /// What is still to be told, because something else is to be told before.
    held: VecDeque<News>,
    /// Until when the first of them waits.
    held_until: Option<Instant>,
    /// When it is told that no runner takes a step.
    untaken: Option<Instant>,
    printer: Printer,
    screen: Screen,
    lines: Option<mpsc::Receiver<Key>>,
}

impl Follow {
    /// Joins `execution`. With `json` its events are printed as they come, and nothing else.
    pub fn new(api: Api, execution: ExecutionId, manner: Manner, json: bool) -> Self {
        Self {
            watch: Watch::join(&api, execution),
            api,
            execution,
            json,
            speech: Speech::default(),
            progress: Progress::default(),
            asking: Asking::new(manner),
            held: VecDeque::new(),
            held_until: None,
            untaken: None,
            printer: Printer::default(),
            screen: if json { Screen::Silent } else { Screen::plain() },
            lines: (manner == Manner::Ask).then(of_lines),
        }
    }

    /// Follows the run until it is over, or somebody leaves it alone.
    pub async fn until_over(mut self) -> Outcome {
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut terminations = signal(SignalKind::terminate())?;
        loop {
            tokio::select! {
                news = self.watch.next() => self.heard(news)?,
                news = self.speech.next() => self.spoken(news).await?,
                answered = self.asking.taken() => self.answered(answered)?,
                key = next_line(&mut self.lines) => self.typed(key)?,
                () = until(self.held_until) => self.held_until = Some(Instant::now()),
                () = until(self.untaken) => {
                    self.untaken = None;
                    self.print(tell::without_runner())?;
                }
                _ = interrupts.recv() => return Err(self.left()),
                _ = terminations.recv() => return Err(self.left()),
            }
            self.tell()?;
            if self.held.is_empty() && self.progress.row().is_some_and(|row| row.status.is_over()) {
                return self.ended().await;
            }
        }
    }

    fn heard(&mut self, news: Option<link::News<ExecutionEvent>>) -> Outcome {
        match news {
            None => Err(Failure::Unavailable("the stream of the run has ended".to_owned())),
            Some(link::News::Refused(problem)) => Err(Failure::of(problem)),
            Some(link::News::Joined) => Ok(()),
            Some(link::News::Lost { why, pause }) => {
                let line = format!("— the line was lost: {why}; next attempt in {:.1} s", pause.as_secs_f32());
                if self.json {
                    out::complain(format_args!("{line}\n"));
                }
                self.print(vec![(Tone::Dim, line)])
            }
            Some(link::News::Event(event, raw)) => {
                if self.json {
                    out::line(&raw)?;
                }
                let news = self.progress.take(*event);
                self.held.extend(news);
                Ok(())
            }
        }
    }

    async fn spoken(&mut self, news: Option<link::News<ClientEvent>>) -> Outcome {
        let said = match news {
            Some(link::News::Event(event, _)) => self.speech.take(*event).await,
            // The run's own line says that the server is away.
            Some(link::News::Joined | link::News::Lost { .. }) => return Ok(()),
            Some(link::News::Refused(problem)) => Err(Failure::of(problem)),
            None => Err(Failure::Unavailable("its stream has ended".to_owned())),
        };
        match said {
            Ok(said) => self.say(said),
            Err(failure) => {
                self.speech.leave();
                self.print(vec![(Tone::Dim, format!("— what the agents say is not shown: {failure}"))])
            }
        }
    }

    /// Tells all that can be told now, in order.
    fn tell(&mut self) -> Outcome {
        while let Some(news) = self.held.pop_front() {
            if self.waits(&news) {
                self.held_until.get_or_insert_with(|| Instant::now() + LAST_WORDS_MAX);
                self.held.push_front(news);
                return Ok(());
            }
            self.held_until = None;
            self.told(news)?;
        }
        Ok(())
    }

    /// Tells whether the agent of this step has not said its last word here.
    fn waits(&mut self, news: &News) -> bool {
        let News::Step(step) = news else { return false };
        self.listen(step);
        let late = self.held_until.is_some_and(|until| until <= Instant::now());
        let ended = [StepPhase::Repaired, StepPhase::Completed, StepPhase::Failed, StepPhase::Cancelled];
        ended.contains(&step.phase) && !late && self.speech.awaits(&step.path)
    }

    fn told(&mut self, news: News) -> Outcome {
        match news {
            News::Seen(row) => {
                self.stands(&row);
                self.print(tell::seen(&row))
            }
            News::Status(row) => {
                self.stands(&row);
                self.print(tell::status(&row))
            }
            News::Step(step) => {
                self.listen(&step);
                let said = self.speech.learn(&step);
                self.say(said)?;
                let over = [StepPhase::Completed, StepPhase::Failed, StepPhase::Cancelled].contains(&step.phase);
                let rest = if over { self.speech.rest_of(&step.path) } else { vec![] };
                self.say(rest)?;
                let streamed = self.speech.heard(&step.path);
                self.print(tell::step(&step, self.execution, streamed))
            }
            News::Asked(view) => {
                let lines = tell::asked(&view);
                self.print(lines)?;
                let hint = self.asking.ask(&self.api, *view);
                self.print(hint.map(|hint| (Tone::Accent, format!("  {hint}"))).into_iter().collect())
            }
            News::Decided(decided) => {
                self.asking.close(decided.approval);
                self.print(tell::decided(&decided))?;
                self.ask_next()
            }
            News::Closed(approval) => {
                self.asking.close(approval);
                self.ask_next()
            }
        }
    }

    /// Says again what is asked, when more than one thing was.
    fn ask_next(&mut self) -> Outcome {
        let line = self.asking.current().map(|view| format!("? {}  {}", view.path, view.prompt.trim()));
        self.print(line.map(|line| (Tone::Accent, line)).into_iter().collect())
    }

    fn answered(&mut self, answered: Outcome<Decided>) -> Outcome {
        match answered {
            // The stream tells it, in its place.
            Ok(_) => Ok(()),
            Err(failure) if self.asking.gives_up(&failure) => Err(failure),
            Err(failure) => self.print(vec![(Tone::Bad, format!("✗ {failure}"))]),
        }
    }

    fn typed(&mut self, key: Option<Key>) -> Outcome {
        match key {
            Some(Key::Line(line)) if !line.trim().is_empty() => match self.asking.typed(&self.api, &line) {
                Ok(()) => Ok(()),
                Err(how) => self.print(vec![(Tone::Dim, format!("  {how}"))]),
            },
            _ => Ok(()),
        }
    }

    fn stands(&mut self, row: &ExecutionRow) {
        let untaken = row.status == ExecutionStatus::Waiting && row.waits_for.as_deref() == Some("runner");
        self.untaken = untaken.then(|| Instant::now() + TAKEN_WITHIN);
    }

    /// Joins the session once an agent works for the run: then it is certainly there.
    fn listen(&mut self, step: &StepEvent) {
        let begun = !matches!(step.phase, StepPhase::Started | StepPhase::Skipped | StepPhase::Reused);
        let speaks = begun && step.kind == "agent_prompt";
        let session = self.progress.row().and_then(|row| row.session);
        if let (Some(session), true, false) = (session, speaks, self.json) {
            self.speech.join(&self.api, session);
        }
    }

    fn say(&mut self, said: Vec<Said>) -> Outcome {
        for said in said {
            let ink = match said {
                Said::Speaker(path) => self.printer.remark(Tone::Dim, &format!("{path}:")),
                Said::Part(shown) => self.printer.show(&shown),
                Said::Question(text) => {
                    let how = "(tenure chat --session answers)";
                    self.printer.remark(Tone::Accent, &format!("? the agent asks: {text} {how}"))
                }
            };
            self.screen.print(&ink)?;
        }
        Ok(())
    }

    fn print(&mut self, lines: Vec<Line>) -> Outcome {
        for (tone, text) in lines {
            let ink = self.printer.remark(tone, &text);
            self.screen.print(&ink)?;
        }
        Ok(())
    }

    /// Says how the run ended, which is also the exit code.
    async fn ended(mut self) -> Outcome {
        let row = self.progress.row().expect("a run that is over was seen").clone();
        let id = row.id;
        match row.status {
            ExecutionStatus::Failed => {
                let why = row.error.map(|error| {
                    let place = error.step.map(|step| format!(" in {step}")).unwrap_or_default();
                    format!("{place}: {} [{}]", error.message.trim_end(), error.code)
                });
                let why = why.unwrap_or_default();
                Err(Failure::Run(format!("the run failed{why}; `tenure execution retry {id}` takes it up again")))
            }
            ExecutionStatus::Cancelled => {
                let reason = self.view().await.and_then(|view| view.reason);
                let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                Err(Failure::Cancelled(format!("the run was cancelled{reason}")))
            }
            _ => {
                let outputs = if self.json { None } else { self.view().await.map(|view| view.outputs) };
                self.print(tell::completed_run(&row, &outputs.unwrap_or_default()))
            }
        }
    }

    /// Returns the whole run, for what its stream does not tell; nothing when it cannot be had now.
    async fn view(&self) -> Option<ExecutionView> {
        self.api.get(&format!("/api/executions/{}", self.execution)).await.ok()
    }

    fn left(&self) -> Failure {
        let id = self.execution;
        Failure::Left(format!(
            "the run goes on; `tenure execution watch {id}` comes back, `tenure execution cancel {id}` ends it"
        ))
    }
}

/// Waits for a line; for ever when nobody can type one.
async fn next_line(lines: &mut Option<mpsc::Receiver<Key>>) -> Option<Key> {
    let Some(open) = lines else {
        return std::future::pending().await;
    };
    let line = open.recv().await;
    if line.is_none() {
        *lines = None;
    }
    line
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) if at > Instant::now() => tokio::time::sleep_until(at).await,
        _ => std::future::pending().await,
    }
}
