//! Why a session says no. Each text finishes the sentence "refused because …".

use tenure_model::RefusalKind;
use tenure_model::id::{ExecutionId, PromptId, QuestionId, ThreadId, TurnId};
use tenure_model::placement::BadPlacement;
use tenure_model::repo::BadRepo;
use tenure_model::view::Role;

/// Why a command was not taken. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such session")]
    Unknown,
    #[error("this needs the role {}, yours is {}", word(*needed), word(*yours))]
    Forbidden { needed: Role, yours: Role },
    #[error("only the author of a prompt or an owner may do this")]
    NotTheAuthor,
    #[error("a session is created by its owner or an administrator")]
    NotTheOwner,
    #[error("the session exists already")]
    Exists,
    #[error("the session is terminated")]
    Terminated,
    #[error("the request id was used before, for something else")]
    RequestReused,
    #[error("there is no thread {0} in this session")]
    UnknownThread(ThreadId),
    #[error("the prompt {0} is not waiting: it was taken, withdrawn or never there")]
    UnknownPrompt(PromptId),
    #[error("the prompt {0} waits in another thread")]
    OtherThread(PromptId),
    #[error("the question {0} is not open: its turn is over or it was never asked")]
    UnknownQuestion(QuestionId),
    #[error("the question was answered already, by {by}")]
    QuestionAnswered { by: String },
    #[error("the question has expired")]
    QuestionExpired,
    #[error("the turn {0} cannot be retried: only the last turn of a thread can, when it was interrupted or failed")]
    NotRetryable(TurnId),
    #[error("the turn {0} was retried already")]
    RetriedAlready(TurnId),
    #[error("the session's owner cannot be removed or changed")]
    OwnerStays,
    #[error("there is no participant with that id")]
    UnknownParticipant,
    #[error("{what} is empty")]
    Empty { what: &'static str },
    #[error("{what} is too large: {size}, the limit {limit} is {max}")]
    TooLarge { what: &'static str, size: u64, limit: &'static str, max: u64 },
    #[error("{what} is full: the limit {limit} is {max}")]
    Full { what: &'static str, limit: &'static str, max: u64 },

    #[error("the run {0} is not attached to this session, or is over")]
    RunUnknown(ExecutionId),
    #[error("only runs of the session's owner can be attached to it")]
    RunOfAnother,
    #[error("the prompt belongs to the workflow run \"{run}\": cancel the run to take it back")]
    PromptOfRun { run: String },
    #[error("the thread {0} is for one step of a workflow run only")]
    ThreadOfStep(ThreadId),

    #[error("{0}")]
    BadRepo(#[from] BadRepo),
    #[error("something runs in the workspace: wait for its end, or abort it, before files are restored")]
    WorkspaceBusy,
    #[error("there is no workspace yet: no turn has left anything in it")]
    WorkspaceUnknown,
    #[error("no checkpoint of the turn {0} is kept")]
    UnknownCheckpoint(TurnId),

    #[error("{0}")]
    BadPlacement(#[from] BadPlacement),
    #[error("the session has no sandbox of its own; that is chosen when it is opened")]
    NoSandbox,
    #[error("something runs in the sandbox: wait for its end, or stop the sandbox with all that runs there")]
    SandboxBusy,
    #[error("this sandbox was stopped, and is not wanted any more")]
    SandboxUnwanted,

    #[error("there is no such work in this session")]
    UnknownWork,
    #[error("the turn is closed")]
    TurnClosed,
    #[error("generation {given} is not the current one, {current}")]
    StaleGeneration { given: u32, current: u32 },
    #[error("another runner holds this work")]
    Taken,
    #[error("the work was not accepted by any runner yet")]
    NotAccepted,
    #[error("frames are missing: expected number {expected}")]
    FramesGap { expected: u64 },
    #[error("part {part} does not exist; the next new part is {next}")]
    UnknownPart { part: u32, next: u32 },
    #[error("part {part} is something else")]
    OtherPart { part: u32 },
    #[error("the delta of part {part} starts at {given}, the part has {expected} bytes")]
    WrongOffset { part: u32, given: u64, expected: u64 },
    #[error("the message was created already")]
    CreatedTwice,
    #[error("a frame follows the final one")]
    AfterFinalize,
    #[error("the question id was used before")]
    QuestionRepeated,
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "session_unknown",
            Refusal::Forbidden { .. } => "forbidden",
            Refusal::NotTheAuthor => "not_the_author",
            Refusal::NotTheOwner => "not_the_owner",
            Refusal::Exists => "session_exists",
            Refusal::Terminated => "session_terminated",
            Refusal::RequestReused => "request_reused",
            Refusal::UnknownThread(_) => "thread_unknown",
            Refusal::UnknownPrompt(_) => "prompt_unknown",
            Refusal::OtherThread(_) => "prompt_in_other_thread",
            Refusal::UnknownQuestion(_) => "question_unknown",
            Refusal::QuestionAnswered { .. } => "question_answered",
            Refusal::QuestionExpired => "question_expired",
            Refusal::NotRetryable(_) => "turn_not_retryable",
            Refusal::RetriedAlready(_) => "turn_retried_already",
            Refusal::OwnerStays => "owner_stays",
            Refusal::UnknownParticipant => "participant_unknown",
            Refusal::Empty { .. } => "empty",
            Refusal::TooLarge { .. } => "too_large",
            Refusal::Full { .. } => "limit_reached",
            Refusal::RunUnknown(_) => "run_unknown",
            Refusal::RunOfAnother => "run_of_another",
            Refusal::PromptOfRun { .. } => "prompt_of_run",
            Refusal::ThreadOfStep(_) => "thread_of_step",
            Refusal::BadRepo(_) => "repo_invalid",
            Refusal::WorkspaceBusy => "workspace_busy",
            Refusal::WorkspaceUnknown => "workspace_unknown",
            Refusal::UnknownCheckpoint(_) => "checkpoint_unknown",
            Refusal::BadPlacement(_) => "runner_invalid",
            Refusal::NoSandbox => "sandbox_none",
            Refusal::SandboxBusy => "sandbox_busy",
            Refusal::SandboxUnwanted => "sandbox_unwanted",
            Refusal::UnknownWork => "work_unknown",
            Refusal::TurnClosed => "turn_closed",
            Refusal::StaleGeneration { .. } => "generation_stale",
            Refusal::Taken => "work_taken",
            Refusal::NotAccepted => "work_not_accepted",
            Refusal::FramesGap { .. } => "frames_gap",
            Refusal::UnknownPart { .. } => "part_unknown",
            Refusal::OtherPart { .. } => "part_mismatch",
            Refusal::WrongOffset { .. } => "offset_wrong",
            Refusal::CreatedTwice => "message_created_twice",
            Refusal::AfterFinalize => "frame_after_finalize",
            Refusal::QuestionRepeated => "question_repeated",
        }
    }

    /// Returns what sort of refusal this is.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Refusal::Unknown
            | Refusal::UnknownThread(_)
            | Refusal::UnknownPrompt(_)
            | Refusal::UnknownQuestion(_)
            | Refusal::UnknownParticipant
            | Refusal::RunUnknown(_)
            | Refusal::UnknownCheckpoint(_)
            | Refusal::UnknownWork => RefusalKind::Unknown,
            Refusal::Forbidden { .. }
            | Refusal::NotTheAuthor
            | Refusal::NotTheOwner
            | Refusal::RunOfAnother
            | Refusal::SandboxUnwanted => RefusalKind::Forbidden,
            Refusal::TooLarge { .. } | Refusal::Full { .. } => RefusalKind::TooLarge,
            Refusal::Empty { .. }
            | Refusal::BadRepo(_)
            | Refusal::BadPlacement(_)
            | Refusal::UnknownPart { .. }
            | Refusal::OtherPart { .. }
            | Refusal::WrongOffset { .. }
            | Refusal::CreatedTwice
            | Refusal::AfterFinalize
            | Refusal::QuestionRepeated => RefusalKind::Invalid,
            Refusal::Exists
            | Refusal::Terminated
            | Refusal::RequestReused
            | Refusal::OtherThread(_)
            | Refusal::QuestionAnswered { .. }
            | Refusal::QuestionExpired
            | Refusal::NotRetryable(_)
            | Refusal::RetriedAlready(_)
            | Refusal::OwnerStays
            | Refusal::PromptOfRun { .. }
            | Refusal::ThreadOfStep(_)
            | Refusal::WorkspaceBusy
            | Refusal::WorkspaceUnknown
            | Refusal::NoSandbox
            | Refusal::SandboxBusy
            | Refusal::TurnClosed
            | Refusal::StaleGeneration { .. }
            | Refusal::Taken
            | Refusal::NotAccepted
            | Refusal::FramesGap { .. } => RefusalKind::Conflict,
        }
    }

    /// Tells whether a runner whose frames were refused so must drop the work: it will never be wanted again.
    pub fn drops_work(&self) -> bool {
        matches!(
            self,
            Refusal::Unknown
                | Refusal::UnknownWork
                | Refusal::TurnClosed
                | Refusal::StaleGeneration { .. }
                | Refusal::Taken
                | Refusal::NotAccepted
        )
    }

    /// Returns the number of the frame with which the runner goes on, when it left some out.
    pub fn expected_frame(&self) -> Option<u64> {
        match self {
            Refusal::FramesGap { expected } => Some(*expected),
            _ => None,
        }
    }
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Collaborator => "collaborator",
        Role::Owner => "owner",
    }
}
