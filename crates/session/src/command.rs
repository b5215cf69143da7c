//! What a session can be told: by people and programs (`Client`), and by the roster and the courier (`Runner`).

use std::fmt;

use serde::{Deserialize, Serialize};
use tenure_model::budget::Left;
use tenure_model::chat::{Attachment, PromptMode};
use tenure_model::id::{BootId, PromptId, QuestionId, RunnerId, ThreadId, TurnId, UserId, WorkId};
use tenure_model::link::{TurnFrame, WorkKind};
use tenure_model::step::RepoContext;
use tenure_model::time::Timestamp;
use tenure_model::view::{Purpose, Role};

pub use tenure_model::request::{BadRequestId, RequestId};

use crate::effect::Effect;
use crate::limits::Limits;
use crate::run::{Notice, StepCommand};
use crate::sandbox::{RunnerChoice, SandboxNews, SandboxWish};

/// One thing told to a session.
#[derive(Clone, Debug)]
pub enum Command {
    /// A person, or a program in their name, wants something.
    ///
    /// A command with a request id can be sent any number of times within 24 hours: it is carried out once, and every
    /// time answered alike.
    Client { by: By, request: Option<RequestId>, action: Action },
    /// The roster or the courier tells what became of something that the session asked for.
    Runner(Report),
    /// A workflow run wants something for one of its steps.
    Step(StepCommand),
    /// Something is said in an orchestrator session.
    Notice(Notice),
}

/// Who sends a client command. The session derives what they may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    pub user: UserId,
    /// The name that others see.
    pub name: String,
    /// Administrators count as owner of every session.
    #[serde(default)]
    pub admin: bool,
}

/// Who wrote or did something, as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub user: UserId,
    pub name: String,
}

impl By {
    /// Returns what is remembered of the sender.
    pub fn author(&self) -> Author {
        Author { user: self.user, name: self.name.clone() }
    }
}

/// What a client wants of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "creating a session is rare, and what clients say is not kept in numbers"
)]
pub enum Action {
    /// Creates the session at this id.
    Create {
        owner: UserId,
        owner_name: String,
        title: Option<String>,
        /// The agent that prompts go to unless they name another; the runner's first one when absent.
        agent: Option<String>,
        model: Option<String>,
        purpose: Purpose,
        /// What happens to prompts that name no mode.
        mode: PromptMode,
        limits: Limits,
        /// What its workspace is made of.
        repo: Option<Box<RepoContext>>,
        /// Which runners take its works.
        runner: Box<RunnerChoice>,
    },
    /// Says something to the agent. Answered with [`crate::Reply::Prompted`], or with [`crate::Reply::Answered`] when
    /// a steering prompt answered the question that its thread was waiting on.
    Prompt {
        /// The session's first thread when absent.
        thread: Option<ThreadId>,
        text: String,
        attachments: Vec<Attachment>,
        /// The session's own mode when absent.
        mode: Option<PromptMode>,
        agent: Option<String>,
        model: Option<String>,
    },
    /// Replaces the text of a waiting prompt.
    EditPrompt {
        prompt: PromptId,
        text: String,
    },
    /// Moves a waiting prompt before another one of its thread, or to the thread's end.
    MovePrompt {
        prompt: PromptId,
        before: Option<PromptId>,
    },
    /// Takes a waiting prompt back; the reply returns its text.
    WithdrawPrompt {
        prompt: PromptId,
    },
    /// Makes a waiting prompt steer its thread.
    PromotePrompt {
        prompt: PromptId,
    },
    /// Ends the open turn of a thread. A turn that is over already is left in peace.
    Abort {
        thread: Option<ThreadId>,
        turn: Option<TurnId>,
    },
    /// Answers an agent's question; the first answer counts.
    Answer {
        question: QuestionId,
        answer: String,
    },
    OpenThread {
        title: Option<String>,
    },
    RenameThread {
        thread: ThreadId,
        title: String,
    },
    SetTitle {
        title: String,
    },
    SetMode {
        mode: PromptMode,
    },
    /// Prompts the text of an interrupted or failed turn again, as a new turn.
    Retry {
        turn: TurnId,
    },
    /// Puts the files of the workspace back as a turn left them, or as they were before the first one. Refused while
    /// anything runs here.
    Restore {
        to: Option<TurnId>,
    },
    /// Lets somebody take part, or changes what they may do.
    Share {
        user: UserId,
        name: String,
        role: Role,
    },
    /// Ends somebody's part; anybody may end their own.
    Unshare {
        user: UserId,
    },
    /// Starts or stops the session's sandbox.
    Sandbox {
        wish: SandboxWish,
    },
    /// Ends the session for good. Prompts that still wait stay visible and can be withdrawn.
    Terminate,
}

/// What the roster or the courier tells a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A runner takes the offered work on; it starts only when it is told to.
    Accepted {
        work: WorkId,
        generation: u32,
        runner: RunnerId,
        boot: BootId,
        agent: String,
        /// What is left of the budgets that it has drawn on; none when it draws on none.
        left: Option<Left>,
    },
    /// Nobody takes the offered work on for now; it stays offered.
    Declined { work: WorkId, generation: u32, reason: Decline },
    /// The runner has begun.
    StartConfirmed { work: WorkId, generation: u32, runner: RunnerId },
    /// What the runner says of the work: frames `first`, `first + 1`, …
    Frames { work: WorkId, generation: u32, runner: RunnerId, first: u64, frames: Vec<TurnFrame> },
    /// The runner says that it does not hold the work.
    Forgotten { work: WorkId, generation: u32, runner: RunnerId, boot: BootId },
    /// The runner renewed its lease; it was last heard at `seen`.
    Alive { work: WorkId, generation: u32, runner: RunnerId, seen: Timestamp },
    /// The runner's lease has ended, or it was fenced: nothing of the work runs any more.
    Lost { work: WorkId, generation: u32, runner: RunnerId },
    /// What has become of one generation of the session's sandbox.
    Sandbox { generation: u32, news: SandboxNews },
    /// The courier gave an effect up.
    EffectFailed { effect_id: String, effect: Effect, why: String },
}

/// Why an offered work waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decline {
    /// No runner is connected.
    NoRunner,
    /// Runners are connected, none of them is of this pool.
    NoPool { pool: String },
    /// Runners are connected, none of them has this label and all that were asked for before it.
    NoLabel { label: String },
    /// The session works in its own sandbox only, and that one's runner is not connected.
    Sandbox,
    /// Runners are connected, none of them has this agent.
    NoAgent { agent: String },
    /// Runners are connected, none of them does works of this kind.
    NoKind { kind: WorkKind },
    /// The runner that has the workspace is not connected, or does not restore.
    NoHome,
    /// Every runner that could take it is at its capacity.
    Busy,
    /// The runner that has the session's workspace is away; when it stays away, another one takes over.
    HomeAway,
    /// Every connected runner that could take it is being drained.
    Draining,
    /// A budget that it draws on is used up.
    Budget { why: String },
    /// The runner's own words.
    Other { why: String },
}

impl fmt::Display for Decline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decline::NoRunner => f.write_str("no runner is connected"),
            Decline::NoPool { pool } => write!(f, "no connected runner is of the pool \"{pool}\""),
            Decline::NoLabel { label } => {
                write!(f, "no connected runner has the label \"{label}\" and everything else that is asked of it")
            }
            Decline::Sandbox => f.write_str("the runner of its sandbox is not connected"),
            Decline::NoAgent { agent } => write!(f, "no connected runner has the agent \"{agent}\""),
            Decline::NoKind { kind } => write!(f, "no connected runner does works of the kind \"{}\"", kind.word()),
            Decline::NoHome => f.write_str("the runner that has the workspace is not there"),
            Decline::Busy => f.write_str("every runner that could take it is at its capacity"),
            Decline::HomeAway => f.write_str(
                "the runner that has the session's workspace is away; if it stays away, another one begins afresh",
            ),
            Decline::Draining => f.write_str("every runner that could take it is being drained"),
            Decline::Budget { why } | Decline::Other { why } => f.write_str(why),
        }
    }
}
