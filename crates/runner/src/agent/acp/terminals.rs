//! The commands that an agent has the runner run for it, each in a process group of its own that ends with the turn.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{
    CreateTerminalRequest, CreateTerminalResponse, KillTerminalRequest, KillTerminalResponse, ReleaseTerminalRequest,
    ReleaseTerminalResponse, TerminalExitStatus, TerminalId, TerminalOutputRequest, TerminalOutputResponse,
    WaitForTerminalExitRequest, WaitForTerminalExitResponse,
};
use tokio::sync::watch;

use super::stage::Act;
use crate::shell::{Groups, Shell, run};
use crate::works::Voice;
use crate::workspace::inside;

/// The most terminals of one turn.
const TERMINALS_MAX: usize = 100;
/// The most that is kept of a terminal's output, when the agent does not ask for less.
const OUTPUT_BYTES_MAX: usize = 256 * 1024;
/// How long a command may take to leave before it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// The signal that a command is said to have ended by which was killed before it began.
const KILLED: &str = "9";

/// The terminals of one turn.
pub struct Terminals {
    groups: Arc<Groups>,
    known: Mutex<BTreeMap<String, Arc<Terminal>>>,
}

struct Terminal {
    groups: Arc<Groups>,
    heard: Mutex<Heard>,
    end: watch::Sender<Option<TerminalExitStatus>>,
}

/// What a command has printed: its last part, as the protocol has it.
struct Heard {
    text: String,
    bytes_max: usize,
    is_cut: bool,
    /// The call under which people see it, once the agent has named one.
    call: Option<String>,
}

impl Terminals {
    /// Returns no terminals; those to come end with `groups`.
    pub fn of(groups: &Arc<Groups>) -> Self {
        Self { groups: Arc::clone(groups), known: Mutex::default() }
    }

    pub fn create(&self, act: &Act, request: &CreateTerminalRequest) -> Result<CreateTerminalResponse, Error> {
        let mut known = self.lock();
        if known.len() >= TERMINALS_MAX {
            return Err(refused(format!("there are {TERMINALS_MAX} terminals in this turn already")));
        }
        let folder = inside(&act.workspace, request.cwd.as_deref().unwrap_or(Path::new("."))).map_err(refused)?;
        let id = format!("terminal-{}", known.len() + 1);
        let groups = Arc::new(self.groups.below(&id));
        self.groups.take_in(&groups);
        let asked = request.output_byte_limit.and_then(|limit| usize::try_from(limit).ok());
        let bytes_max = asked.unwrap_or(OUTPUT_BYTES_MAX).min(OUTPUT_BYTES_MAX);
        let heard = Mutex::new(Heard { text: String::new(), bytes_max, is_cut: false, call: None });
        let terminal = Arc::new(Terminal { groups, heard, end: watch::Sender::new(None) });
        known.insert(id.clone(), Arc::clone(&terminal));
        let env = request.env.iter().map(|variable| (variable.name.clone(), variable.value.clone())).collect();
        let (command, voice) = (command_line(&request.command, &request.args), act.voice.clone());
        tokio::spawn(async move {
            let shell = Shell { env, ..Shell::plain(&command, &folder, None) };
            let ended = run(shell, &terminal.groups, |text| terminal.hear(&voice, text)).await;
            let status = match ended {
                Ok(ended) => {
                    let exit = ended.exit.and_then(|code| u32::try_from(code).ok());
                    let signal = ended.signal.map(|signal| signal.to_string());
                    TerminalExitStatus::new().exit_code(exit).signal(signal)
                }
                Err(_) if terminal.groups.is_closed() => TerminalExitStatus::new().signal(KILLED.to_owned()),
                Err(error) => {
                    terminal.hear(&voice, &format!("failed to start the command: {error}\n"));
                    TerminalExitStatus::new().exit_code(127)
                }
            };
            terminal.end.send_replace(Some(status));
        });
        Ok(CreateTerminalResponse::new(id))
    }

    pub fn output(&self, request: &TerminalOutputRequest) -> Result<TerminalOutputResponse, Error> {
        let terminal = self.find(&request.terminal_id)?;
        let heard = terminal.lock();
        let status = terminal.end.borrow().clone();
        Ok(TerminalOutputResponse::new(heard.text.clone(), heard.is_cut).exit_status(status))
    }

    pub async fn wait(&self, request: &WaitForTerminalExitRequest) -> Result<WaitForTerminalExitResponse, Error> {
        let terminal = self.find(&request.terminal_id)?;
        let mut end = terminal.end.subscribe();
        let end = end.wait_for(Option::is_some).await.expect("the terminal owns the sender");
        Ok(WaitForTerminalExitResponse::new(end.clone().expect("it was waited for")))
    }

    pub async fn kill(&self, request: &KillTerminalRequest) -> Result<KillTerminalResponse, Error> {
        self.find(&request.terminal_id)?.groups.end_for_good(GRACE).await;
        Ok(KillTerminalResponse::default())
    }

    pub async fn release(&self, request: &ReleaseTerminalRequest) -> Result<ReleaseTerminalResponse, Error> {
        // It stays known, so that an update that names it late still finds its output.
        self.find(&request.terminal_id)?.groups.end_for_good(GRACE).await;
        Ok(ReleaseTerminalResponse::default())
    }

    /// Shows a terminal's output as that of a call, from its beginning on.
    pub fn show(&self, id: &TerminalId, call: &str, voice: &Voice) {
        let Ok(terminal) = self.find(id) else { return };
        let mut heard = terminal.lock();
        if heard.call.is_none() {
            heard.call = Some(call.to_owned());
            voice.output(call, &heard.text);
        }
    }

    fn find(&self, id: &TerminalId) -> Result<Arc<Terminal>, Error> {
        let found = self.lock().get(&*id.0).cloned();
        found.ok_or_else(|| refused(format!("there is no terminal {id} in this turn")))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Terminal>>> {
        self.known.lock().expect("no holder of this lock panics")
    }
}

impl Terminal {
    fn hear(&self, voice: &Voice, text: &str) {
        let mut heard = self.lock();
        heard.text.push_str(text);
        let excess = heard.text.len().saturating_sub(heard.bytes_max);
        if excess > 0 {
            let from = heard.text.ceil_char_boundary(excess);
            heard.text.drain(..from);
            heard.is_cut = true;
        }
        if let Some(call) = &heard.call {
            voice.output(call, text);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().expect("no holder of this lock panics")
    }
}

/// Returns the command for a shell. One without arguments is a whole command line; arguments are words, whatever is in them.
fn command_line(command: &str, arguments: &[String]) -> String {
    if arguments.is_empty() {
        return command.to_owned();
    }
    let quoted = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
    let words: Vec<String> = std::iter::once(command).chain(arguments.iter().map(String::as_str)).map(quoted).collect();
    words.join(" ")
}

fn refused(reason: String) -> Error {
    Error::invalid_params().data(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stay_words() {
        assert_eq!(command_line("ls -l | wc", &[]), "ls -l | wc");
        let arguments = ["it's".to_owned(), "$HOME; rm".to_owned()];
        assert_eq!(command_line("echo", &arguments), r"'echo' 'it'\''s' '$HOME; rm'");
    }
}
