//! What people may do: who they are to this session, whether they asked before, and which rule answers.

use tenure_model::chat::PromptMode;
use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{ThreadId, UserId};
use tenure_model::step::RepoContext;
use tenure_model::view::Role;

use crate::command::{Action, Author, By, RequestId};
use crate::draft::Draft;
use crate::effect::CancelCause;
use crate::event::Event;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::requests::fingerprint;
use crate::state::Session;
use crate::{life, prompt, question, run, sandbox, workspace};

/// Judges what somebody wants.
pub(crate) fn decide(
    session: &Session,
    by: By,
    request: Option<RequestId>,
    action: Action,
    ctx: &Ctx,
) -> Result<Decision<Session>, Refusal> {
    let print = request.as_ref().map(|_| fingerprint(&action)).unwrap_or_default();
    if let Some(answered) = request.as_ref().and_then(|id| session.requests.find(by.user, id, ctx.now, &session.limits))
    {
        let same = answered.fingerprint == print;
        return if same { Ok(Decision::nothing(answered.reply.clone())) } else { Err(Refusal::RequestReused) };
    }
    let mut draft = Draft::new(session, ctx);
    let reply = answer(&mut draft, &by, action)?;
    if let Some(request) = request {
        draft.emit(Event::RequestAnswered { user: by.user, request, fingerprint: print, reply: reply.clone() });
    }
    Ok(draft.decided(reply))
}

fn answer(draft: &mut Draft, by: &By, action: Action) -> Result<Reply, Refusal> {
    if let Action::Create { .. } = action {
        return create(draft, by, action);
    }
    let yours = draft.session().role_of(by).ok_or(Refusal::Unknown)?;
    let needed = needed(&action, by);
    if yours < needed {
        return Err(Refusal::Forbidden { needed, yours });
    }
    if draft.session().terminated_at.is_some() && !works_when_terminated(&action) {
        return Err(Refusal::Terminated);
    }
    match action {
        Action::Create { .. } => Err(Refusal::Exists),
        Action::Prompt { thread, text, attachments, mode, agent, model } => {
            prompt::prompt(draft, by, prompt::New { thread, text, attachments, mode, agent, model })
        }
        Action::EditPrompt { prompt, text } => prompt::edit(draft, by, yours, prompt, text),
        Action::MovePrompt { prompt, before } => prompt::shift(draft, by, prompt, before),
        Action::WithdrawPrompt { prompt } => prompt::withdraw(draft, by, yours, prompt),
        Action::PromotePrompt { prompt } => prompt::promote(draft, by, prompt),
        Action::Retry { turn } => prompt::retry(draft, by, turn),
        Action::Abort { thread, turn } => {
            let turn = match turn {
                Some(turn) => Some(turn),
                None => draft.session().open_turn_of(draft.session().thread(thread)?),
            };
            if let Some(turn) = turn {
                life::cancel(draft, turn, CancelCause::Aborted, Some(by.author()));
            }
            Ok(Reply::Aborted { turn })
        }
        Action::Answer { question, answer } => question::answer(draft, by, question, answer),
        Action::OpenThread { title } => open_thread(draft, by, title),
        Action::RenameThread { thread, title } => {
            let known = draft.session().threads.get(&thread).ok_or(Refusal::UnknownThread(thread))?;
            check_title(&draft.session().limits, &title)?;
            if known.title.as_ref() != Some(&title) {
                draft.emit(Event::ThreadRenamed { thread, title, by: by.author() });
            }
            Ok(Reply::Done)
        }
        Action::SetTitle { title } => {
            check_title(&draft.session().limits, &title)?;
            let there = draft.session().about.as_ref().filter(|about| about.titled_by_person);
            if there.and_then(|about| about.title.as_ref()) != Some(&title) {
                draft.emit(Event::TitleSet { title, by: by.author() });
            }
            Ok(Reply::Done)
        }
        Action::SetMode { mode } => {
            if draft.session().mode() != mode {
                draft.emit(Event::ModeSet { mode, by: by.author() });
            }
            Ok(Reply::Done)
        }
        Action::Restore { to } => workspace::restore(draft, by, to),
        Action::Sandbox { wish } => sandbox::wish(draft, by, wish),
        Action::Share { user, name, role } => share(draft, by, user, name, role),
        Action::Unshare { user } => unshare(draft, by, user),
        Action::Terminate => {
            terminate(draft, by.author());
            Ok(Reply::Done)
        }
    }
}

/// Returns the least role that may do this.
fn needed(action: &Action, by: &By) -> Role {
    match action {
        Action::Unshare { user } if *user == by.user => Role::Viewer,
        Action::Share { .. } | Action::Unshare { .. } | Action::Terminate => Role::Owner,
        _ => Role::Collaborator,
    }
}

/// A terminated session gives prompts back and lets people go; nothing new comes in.
fn works_when_terminated(action: &Action) -> bool {
    matches!(action, Action::WithdrawPrompt { .. } | Action::Abort { .. } | Action::Unshare { .. } | Action::Terminate)
}

fn create(draft: &mut Draft, by: &By, action: Action) -> Result<Reply, Refusal> {
    let Action::Create { owner, owner_name, title, agent, model, purpose, mode, limits, repo, runner } = action else {
        return Err(Refusal::Unknown);
    };
    let repo = repo.map(|repo| *repo);
    let session = draft.id();
    if let Some(about) = &draft.session().about {
        draft.session().role_of(by).ok_or(Refusal::Unknown)?;
        let there = (about.owner, &about.agent, &about.model, about.purpose, &about.repo, &about.runner);
        let same = there == (owner, &agent, &model, purpose, &repo, &runner.placement);
        return if same { Ok(Reply::Created { session, thread: about.default_thread }) } else { Err(Refusal::Exists) };
    }
    if by.user != owner && !by.admin {
        return Err(Refusal::NotTheOwner);
    }
    title.iter().try_for_each(|title| check_title(&limits, title))?;
    agent.iter().chain(&model).try_for_each(|name| prompt::check_name(&limits, name))?;
    repo.iter().try_for_each(RepoContext::check)?;
    runner.placement.check()?;
    let thread: ThreadId = draft.fresh();
    draft.emit(Event::Created { owner, owner_name, title, agent, model, purpose, mode, limits, thread, repo, runner });
    Ok(Reply::Created { session, thread })
}

fn open_thread(draft: &mut Draft, by: &By, title: Option<String>) -> Result<Reply, Refusal> {
    let session = draft.session();
    title.iter().try_for_each(|title| check_title(&session.limits, title))?;
    let max = session.limits.threads_max;
    if session.threads.len() as u64 >= max {
        return Err(Refusal::Full { what: "the session's list of threads", limit: "threads_max", max });
    }
    let thread = draft.fresh();
    draft.emit(Event::ThreadOpened { thread, title, by: by.author(), step_of: None, draws: vec![] });
    Ok(Reply::ThreadOpened { thread })
}

fn share(draft: &mut Draft, by: &By, user: UserId, name: String, role: Role) -> Result<Reply, Refusal> {
    let session = draft.session();
    if session.about.as_ref().is_some_and(|about| about.owner == user) {
        return Err(Refusal::OwnerStays);
    }
    prompt::check_name(&session.limits, &name)?;
    let there = session.participants.get(&user);
    let max = session.limits.participants_max;
    if there.is_none() && session.participants.len() as u64 >= max {
        return Err(Refusal::Full { what: "the list of participants", limit: "participants_max", max });
    }
    if there.is_none_or(|there| there.role != role || there.name != name) {
        draft.emit(Event::Shared { user, name, role, by: by.author() });
    }
    Ok(Reply::Done)
}

fn unshare(draft: &mut Draft, by: &By, user: UserId) -> Result<Reply, Refusal> {
    let session = draft.session();
    if session.about.as_ref().is_some_and(|about| about.owner == user) {
        return Err(Refusal::OwnerStays);
    }
    if session.participants.contains_key(&user) {
        draft.emit(Event::Unshared { user, by: by.author() });
    }
    Ok(Reply::Done)
}

/// Ends the session for good: open turns are ended, and prompts of workflow runs will never be turns.
pub(crate) fn terminate(draft: &mut Draft, by: Author) {
    if draft.session().terminated_at.is_some() {
        return;
    }
    draft.emit(Event::Terminated { by: by.clone() });
    let of_runs = draft.session().queue.iter().filter(|queued| queued.step.is_some());
    let waiting: Vec<_> = of_runs.map(|queued| queued.id).collect();
    waiting.into_iter().for_each(|prompt| run::drop_queued(draft, prompt, CancelCause::Terminated));
    let open: Vec<_> = draft.session().turns.keys().copied().collect();
    for turn in open {
        life::cancel(draft, turn, CancelCause::Terminated, Some(by.clone()));
    }
}

/// Checks a title.
pub(crate) fn check_title(limits: &Limits, title: &str) -> Result<(), Refusal> {
    let (size, max) = (title.len() as u64, limits.title_bytes_max);
    if title.trim().is_empty() {
        return Err(Refusal::Empty { what: "the title" });
    }
    if size > max { Err(Refusal::TooLarge { what: "the title", size, limit: "title_bytes_max", max }) } else { Ok(()) }
}

impl Session {
    /// Returns what somebody may do here; nothing at all when they are a stranger or there is no session.
    pub fn role_of(&self, by: &By) -> Option<Role> {
        let about = self.about.as_ref()?;
        if by.admin || by.user == about.owner {
            return Some(Role::Owner);
        }
        self.participants.get(&by.user).map(|participant| participant.role)
    }

    /// Returns the mode of prompts that name none.
    pub fn mode(&self) -> PromptMode {
        self.about.as_ref().map(|about| about.mode).unwrap_or_default()
    }

    /// Returns the thread that is meant: the first one of the session when none is named.
    pub(crate) fn thread(&self, named: Option<ThreadId>) -> Result<ThreadId, Refusal> {
        let first = self.about.as_ref().map(|about| about.default_thread).ok_or(Refusal::Unknown)?;
        let thread = named.unwrap_or(first);
        if self.threads.contains_key(&thread) { Ok(thread) } else { Err(Refusal::UnknownThread(thread)) }
    }
}
