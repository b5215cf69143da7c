//! `tenure chat`: a session in the terminal, or in a script.

mod act;
mod clean;
mod conversation;
mod editor;
mod ink;
mod input;
mod keys;
mod mine;
mod printer;
mod run_lines;
mod screen;
mod typing;
mod view;

use std::io::IsTerminal;

use clap::Args;
use tenure_model::id::SessionId;
use tenure_model::view::Message;
use tenure_protocol::http::NewSession;

use crate::client::account::AccountArgs;
use crate::failure::Outcome;
use crate::lists::PlacementArgs;
use conversation::{Conversation, Manner};
use screen::Terminal;

pub use act::brief;
pub use clean::Cleaner;
pub use ink::Tone;
pub use keys::{Key, of_lines};
pub use printer::Printer;
pub use screen::Screen;
pub use view::{ClientView, Shown};

/// Chat with an agent: in a terminal with everything live, or in a script line by line.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 done, 1 error, 2 usage, 3 the turn did not end by itself, 4 refused, 5 unavailable.\n\
                        In the chat, /help lists the commands; Ctrl-C ends the running turn, twice leaves."
)]
pub struct ChatArgs {
    #[command(flatten)]
    account: AccountArgs,
    /// Go on with this session
    #[arg(long, value_name = "ID", conflicts_with = "new")]
    session: Option<SessionId>,
    /// Open a new session [default when no session is named]
    #[arg(long)]
    new: bool,
    /// The title of the new session
    #[arg(long, conflicts_with = "session")]
    title: Option<String>,
    /// The agent of the new session
    #[arg(long, conflicts_with = "session")]
    agent: Option<String>,
    /// The model of the new session
    #[arg(long, conflicts_with = "session")]
    model: Option<String>,
    #[command(flatten)]
    runner: PlacementArgs,
    /// Say this first
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// Leave when the turn of --prompt is over; the exit code tells how it ended
    #[arg(long, requires = "prompt")]
    once: bool,
    /// Look on until stopped; the standard input is not read
    #[arg(long, conflicts_with = "once")]
    watch: bool,
    /// Print every event as one line of JSON, and nothing else
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(args: ChatArgs) -> Outcome {
    let api = args.account.api()?;
    let (session, fresh) = match args.session {
        Some(session) => (session, false),
        None => {
            let (title, agent, model) = (args.title, args.agent, args.model);
            let new = NewSession { title, agent, model, runner: args.runner.placement(), ..NewSession::default() };
            (api.open_session(&new).await?, true)
        }
    };
    let at_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let interactive = at_terminal && !args.json && !args.once && !args.watch;
    let screen = match interactive {
        true => Screen::Terminal(Terminal::take()?),
        false if args.json => Screen::Silent,
        false => Screen::plain(),
    };
    let keys = match interactive {
        true => Some(keys::of_terminal()),
        // In one-shot mode only a person may type, to answer what the agent asks: a script's input is left alone.
        false if args.watch || (args.once && !at_terminal) => None,
        false => Some(keys::of_lines()),
    };
    let manner = Manner { interactive, json: args.json, once: args.once, fresh };
    Conversation::new(api, session, manner, screen, args.prompt).hold(keys).await
}

/// Returns a message of the transcript as the chat shows it, without colours.
pub fn transcribed(message: &Message) -> String {
    let shown = view::ClientView::default().catch_up(vec![message.clone()]);
    let mut printer = printer::Printer::default();
    shown.iter().flat_map(|shown| printer.show(shown)).map(|ink| ink.text).collect()
}

/// Returns a text without what could steer a terminal.
pub fn clean(text: &str) -> String {
    clean::Cleaner::default().clean(text)
}
