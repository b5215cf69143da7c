//! A notice: something that a run, or the server itself, says in its owner's orchestrator session, once.

use tenure_model::budget::Draw;
use tenure_model::chat::PromptMode;
use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{ThreadId, UserId};
use tenure_model::request::RequestId;
use tenure_model::view::Purpose;

use crate::client::check_title;
use crate::command::Author;
use crate::draft::Draft;
use crate::event::Event;
use crate::frames::shortened;
use crate::limits::Limits;
use crate::message::QueuedPrompt;
use crate::prompt;
use crate::refusal::Refusal;
use crate::requests::fingerprint;
use crate::state::Session;

/// Something to say in an orchestrator session, which is made when it is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub owner: UserId,
    pub owner_name: String,
    /// Names the notice: saying it again is saying it once.
    pub request: RequestId,
    /// The conversation of whatever says it.
    pub thread: ThreadId,
    pub title: String,
    /// In whose name.
    pub by: String,
    pub text: String,
    /// The budgets that its thread draws on, when that is opened for it.
    pub draws: Vec<Draw>,
    /// What a new session is created with.
    pub limits: Box<Limits>,
}

/// Takes a notice as a prompt in its thread.
pub(crate) fn decide(session: &Session, notice: Notice, ctx: &Ctx) -> Result<Decision<Session>, Refusal> {
    let Notice { owner, owner_name, request, thread, title, by, text, draws, limits } = notice;
    if let Some(answered) = session.requests.find(owner, &request, ctx.now, &session.limits) {
        return Ok(Decision::nothing(answered.reply.clone()));
    }
    let mut draft = Draft::new(session, ctx);
    match &session.about {
        None => open(&mut draft, owner, owner_name, *limits),
        Some(about) if about.owner != owner || about.purpose != Purpose::Orchestrator => return Err(Refusal::Exists),
        Some(_) if session.terminated_at.is_some() => return Err(Refusal::Terminated),
        Some(_) => {}
    }
    let author = Author { user: owner, name: by };
    open_thread(&mut draft, thread, title, author.clone(), draws)?;
    let print = fingerprint(&text);
    // It waits for its turn: what was said before it must not be cut short.
    let prompt = QueuedPrompt {
        id: draft.fresh(),
        thread,
        by: author,
        text,
        attachments: vec![],
        mode: PromptMode::Followup,
        agent: None,
        model: None,
        queued_at: ctx.now,
        retry_of: None,
        step: None,
    };
    let reply = prompt::enqueue(&mut draft, prompt)?;
    draft.emit(Event::RequestAnswered { user: owner, request, fingerprint: print, reply: reply.clone() });
    Ok(draft.decided(reply))
}

fn open(draft: &mut Draft, owner: UserId, owner_name: String, limits: Limits) {
    let (purpose, mode, thread) = (Purpose::Orchestrator, PromptMode::Followup, draft.fresh());
    let (title, agent, model) = (Some("Orchestrator".to_owned()), None, None);
    let (repo, runner) = (None, Box::default());
    draft.emit(Event::Created { owner, owner_name, title, agent, model, purpose, mode, limits, thread, repo, runner });
}

fn open_thread(
    draft: &mut Draft,
    thread: ThreadId,
    title: String,
    by: Author,
    draws: Vec<Draw>,
) -> Result<(), Refusal> {
    let session = draft.session();
    if session.threads.contains_key(&thread) {
        return Ok(());
    }
    let max = session.limits.threads_max;
    if session.threads.len() as u64 >= max {
        return Err(Refusal::Full { what: "the session's list of threads", limit: "threads_max", max });
    }
    let title = shortened(title, session.limits.title_bytes_max);
    check_title(&session.limits, &title)?;
    draft.emit(Event::ThreadOpened { thread, title: Some(title), by, step_of: None, draws });
    Ok(())
}
