//! What a line means here and now: numbers become the ids of what the view shows.

use tenure_model::chat::{AgentStatus, PromptMode};
use tenure_model::id::{ApprovalId, ExecutionId, PromptId, ThreadId};
use tenure_model::view::{QuestionView, ThreadView, TurnPhase};
use tenure_protocol::client::ClientCommand;
use tenure_protocol::execution::{Decide, Verdict, Waiting};

use super::input::{COMMANDS, Input};
use super::run_lines;
use super::view::{ClientView, Run};

/// What is to be done about a line.
#[derive(Clone, PartialEq, Debug)]
pub enum Act {
    /// Tell the server.
    Say(ClientCommand),
    /// Put these lines on the screen.
    Show(Vec<String>),
    /// Let the person change the text of a waiting prompt.
    Edit(PromptId, String),
    /// Turn to a thread.
    Go(ThreadId),
    /// Decide about a call that waits.
    Decide(ApprovalId, Decide),
    Quit,
}

/// Decides what a line means; the error says why it means nothing.
pub fn act(input: Input, view: &ClientView, thread: ThreadId) -> Result<Act, String> {
    let queued = |n: usize| -> Result<PromptId, String> {
        let queue = view.queue_of(thread);
        match n.checked_sub(1).and_then(|at| queue.get(at)) {
            Some(prompt) => Ok(prompt.prompt),
            None => Err(format!("there is no prompt {n} in the queue; {} wait", queue.len())),
        }
    };
    Ok(Act::Say(match input {
        Input::Text(text) => match view.question_of(thread) {
            Some(question) => answer(question, text),
            None => prompt(thread, text, None),
        },
        Input::Say(text) => prompt(thread, text, None),
        Input::Steer(text) => prompt(thread, text, Some(PromptMode::Steer)),
        Input::Edit(n, Some(text)) => ClientCommand::QueueEdit { prompt: queued(n)?, text },
        Input::Edit(n, None) => {
            let prompt = queued(n)?;
            let text = view.queue.iter().find(|known| known.prompt == prompt).map(|known| known.text.clone());
            return Ok(Act::Edit(prompt, text.unwrap_or_default()));
        }
        Input::Move(n, before) => {
            ClientCommand::QueueMove { prompt: queued(n)?, before: before.map(queued).transpose()? }
        }
        Input::Withdraw(n) => ClientCommand::QueueWithdraw { prompt: queued(n)? },
        Input::Promote(n) => ClientCommand::QueuePromote { prompt: queued(n)? },
        Input::Abort => match view.open_turn(thread) {
            Some(open) => ClientCommand::Abort { thread: Some(thread), turn: Some(open.turn) },
            None => return Err("nothing runs in this thread".to_owned()),
        },
        Input::Retry => match view.threads.iter().find(|known| known.id == thread).and_then(|known| known.retry) {
            Some(turn) => ClientCommand::Retry { turn },
            None => return Err("the last turn of this thread needs no retry".to_owned()),
        },
        Input::Mode(mode) => ClientCommand::Mode { mode },
        Input::ThreadNew(title) => ClientCommand::ThreadOpen { title },
        Input::ThreadGo(n) => match n.checked_sub(1).and_then(|at| view.threads.get(at)) {
            Some(found) => return Ok(Act::Go(found.id)),
            None => return Err(format!("there is no thread {n}; there are {}", view.threads.len())),
        },
        Input::Title(title) => ClientCommand::Title { title },
        Input::Decide(n, decision, reason) => return decide(view, n, decision, reason),
        Input::Event(name, payload) => ClientCommand::RunEvent { execution: hearer(view)?, name, payload },
        Input::Runs => return Ok(Act::Show(run_lines::list(view))),
        Input::Queue => return Ok(Act::Show(queue_lines(view, thread))),
        Input::ThreadList => return Ok(Act::Show(thread_lines(view, thread))),
        Input::Status => return Ok(Act::Show(status_lines(view, thread))),
        Input::Help => return Ok(Act::Show(help_lines())),
        Input::Quit => return Ok(Act::Quit),
    }))
}

/// Answers a question: a number chooses an option, anything else is the answer itself.
fn answer(question: &QuestionView, text: String) -> ClientCommand {
    let chosen = text.parse::<usize>().ok().and_then(|n| question.options.get(n.checked_sub(1)?));
    let answer = chosen.cloned().unwrap_or(text);
    ClientCommand::Answer { question: question.question, answer }
}

/// Decides what a run asks, or about a call, on exactly what was shown.
fn decide(view: &ClientView, n: usize, decision: Verdict, reason: Option<String>) -> Result<Act, String> {
    let asked = view.runs.approvals();
    match asked.get(&n) {
        None => Err(format!("there is no approval {n}; {} are open (/runs)", asked.len())),
        Some(Waiting::Run(asked)) => {
            let (execution, approval, hash) = (asked.execution, asked.id, asked.hash.clone());
            Ok(Act::Say(ClientCommand::Decide { execution, approval, hash, decision, reason }))
        }
        Some(Waiting::Call(call)) => {
            Ok(Act::Decide(call.id, Decide { hash: call.hash.clone(), decision, reason, grant: None }))
        }
        Some(Waiting::Budget(asked)) => {
            Ok(Act::Decide(asked.id, Decide { hash: asked.hash.clone(), decision, reason, grant: None }))
        }
    }
}

/// Returns the run that an event is for: the only one, or the only one that waits for an event.
fn hearer(view: &ClientView) -> Result<ExecutionId, String> {
    let open = view.runs.open();
    let waits = |run: &Run| run.row.as_ref().is_some_and(|row| row.waits_for.as_deref() == Some("event"));
    let waiting: Vec<_> = open.iter().filter(|(_, run)| waits(run)).collect();
    match (open.as_slice(), waiting.as_slice()) {
        ([], _) => Err("no run works here".to_owned()),
        ([(id, _)], _) => Ok(*id),
        (_, [(id, _)]) => Ok(*id),
        _ => Err("several runs work here: write tenure execution event ID NAME (/runs lists them)".to_owned()),
    }
}

/// Returns the command that says `text` in `thread`.
pub fn prompt(thread: ThreadId, text: String, mode: Option<PromptMode>) -> ClientCommand {
    ClientCommand::Prompt { thread: Some(thread), text, attachments: vec![], mode, agent: None, model: None }
}

fn queue_lines(view: &ClientView, thread: ThreadId) -> Vec<String> {
    let queue = view.queue_of(thread);
    if queue.is_empty() {
        return vec!["the queue is empty".to_owned()];
    }
    let line = |(at, prompt): (usize, &&tenure_model::view::QueuedPrompt)| {
        let mode = match prompt.mode {
            PromptMode::Followup => "",
            PromptMode::Steer => " [steer]",
            PromptMode::Collect => " [collect]",
        };
        format!("{:>3}. {}{mode} — {}", at + 1, brief(&prompt.text), prompt.author_name)
    };
    queue.iter().enumerate().map(line).collect()
}

fn thread_lines(view: &ClientView, here: ThreadId) -> Vec<String> {
    let line = |(at, thread): (usize, &ThreadView)| {
        let mark = if thread.id == here { "*" } else { " " };
        let title = title(thread);
        let state = if view.open_turn(thread.id).is_some() { " — working" } else { "" };
        format!("{mark}{:>2}. {title}{state}", at + 1)
    };
    view.threads.iter().enumerate().map(line).collect()
}

fn status_lines(view: &ClientView, thread: ThreadId) -> Vec<String> {
    let mut lines = vec![format!("title: {}", view.title), format!("mode: {:?}", view.mode).to_lowercase()];
    lines.push(match view.open_turn(thread) {
        Some(open) => {
            let agent = open.agent.as_deref().unwrap_or("no agent yet");
            let detail = open.detail.as_deref().map(|detail| format!(" — {detail}")).unwrap_or_default();
            format!("turn: {:?}, {agent}{detail}", open.phase).to_lowercase()
        }
        None => "turn: none is open".to_owned(),
    });
    lines.push(format!("queue: {} waiting, {} threads", view.queue_of(thread).len(), view.threads.len()));
    let here: Vec<_> = view.presence.iter().map(|person| person.name.as_str()).collect();
    lines.push(format!("here: {}", here.join(", ")));
    lines
}

fn help_lines() -> Vec<String> {
    COMMANDS.iter().map(|(usage, does)| format!("{usage:<30} {does}")).collect()
}

/// Returns what a thread is called; the first one has no title of its own.
pub fn title(thread: &ThreadView) -> &str {
    if thread.title.is_empty() { "main" } else { &thread.title }
}

/// Returns the one line that stands above what is being typed.
pub fn status(view: &ClientView, thread: ThreadId) -> String {
    let mut said = vec![match view.open_turn(thread) {
        None => "○ ready".to_owned(),
        Some(open) => {
            let doing = match (open.phase, open.status) {
                (TurnPhase::Offering, _) => "waiting for a runner",
                (TurnPhase::Accepted, _) => "starting",
                (TurnPhase::Cancelling, _) => "ending",
                (TurnPhase::Running, AgentStatus::Thinking) => "thinking",
                (TurnPhase::Running, AgentStatus::ToolCalling) => "using a tool",
                (TurnPhase::Running, AgentStatus::Waiting) => "waits for an answer",
                (TurnPhase::Running, _) => "working",
            };
            let agent = open.agent.as_deref().map(|agent| format!("{agent}: ")).unwrap_or_default();
            format!("● {agent}{doing}")
        }
    }];
    match view.queue_of(thread).len() {
        0 => {}
        waiting => said.push(format!("{waiting} queued")),
    }
    match view.runs.open().len() {
        0 => {}
        1 => said.push("1 run".to_owned()),
        runs => said.push(format!("{runs} runs")),
    }
    match view.runs.approvals().len() {
        0 => {}
        asked => said.push(format!("{asked} to approve")),
    }
    if view.threads.len() > 1 {
        let at = view.threads.iter().position(|known| known.id == thread).map_or(0, |at| at + 1);
        said.push(format!("thread {at} of {}", view.threads.len()));
    }
    if view.presence.len() > 1 {
        said.push(format!("{} people here", view.presence.len()));
    }
    said.join(" · ")
}

/// Returns the first line of a text, cut to a length that fits beside other things.
pub fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(60).collect();
    if cut.len() < text.trim_end().len() { format!("{cut}…") } else { cut }
}
