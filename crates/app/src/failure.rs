//! Why a command did not do what it was asked to, and the exit code that scripts see.

use std::fmt;
use std::io;
use std::process::ExitCode;

use tenure_model::chat::FinishReason;
use tenure_protocol::Problem;

/// What every command returns.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Ends a command. Its exit code stands with each; 0 is success.
#[derive(Debug)]
pub enum Failure {
    /// 1: something failed; 141: nobody reads the output any more.
    Error(anyhow::Error),
    /// 2: the command line or the configuration cannot be understood.
    Usage(String),
    /// 3: the turn ended in another way than by the agent's own end.
    Turn(FinishReason),
    /// 3: the run failed.
    Run(String),
    /// 4: the server refused: no or a wrong token, no such session, or its rules say no.
    Refused(Box<Problem>),
    /// 5: the server cannot be reached, or cannot serve now; the same command may succeed later.
    Unavailable(String),
    /// 6: the run was cancelled.
    Cancelled(String),
    /// 130, as shells count: somebody left with Ctrl-C.
    Left(String),
}

impl Failure {
    /// Judges a problem that the server told.
    pub fn of(problem: Problem) -> Self {
        // What is not configured does not come back by itself.
        let may_change = problem.status >= 500 && problem.code != "draft_unconfigured";
        if problem.retry || may_change {
            return Self::Unavailable(format!("{} ({})", problem.detail, problem.code));
        }
        Self::Refused(Box::new(problem))
    }

    /// Tells whether all that happened is that whoever read the output has left.
    pub fn is_unread(&self) -> bool {
        let Self::Error(error) = self else { return false };
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Returns the code that the process exits with.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            // As shells count a broken pipe.
            Self::Error(_) if self.is_unread() => 141,
            Self::Error(_) => 1,
            Self::Usage(_) => 2,
            Self::Turn(_) | Self::Run(_) => 3,
            Self::Refused(_) => 4,
            Self::Unavailable(_) => 5,
            Self::Cancelled(_) => 6,
            Self::Left(_) => 130,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => write!(f, "{error:#}"),
            Self::Usage(what)
            | Self::Run(what)
            | Self::Unavailable(what)
            | Self::Cancelled(what)
            | Self::Left(what) => write!(f, "{what}"),
            Self::Turn(reason) => write!(f, "the turn {}", ending(*reason)),
            Self::Refused(problem) => {
                write!(f, "{} ({})", problem.detail, problem.code)?;
                match problem.status {
                    401 => write!(f, "; name a token with --token or TENURE_TOKEN"),
                    _ => Ok(()),
                }
            }
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// Says how a turn ended, after "the turn".
pub fn ending(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::EndTurn => "is done",
        FinishReason::Error => "ended with an error",
        FinishReason::Canceled => "was canceled",
        FinishReason::Interrupted => "was interrupted; /retry asks again",
    }
}
