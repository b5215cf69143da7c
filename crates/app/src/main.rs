//! The binary `tenure`: understands the command line and runs one command.

mod chat;
mod client;
mod config;
mod dev;
mod failure;
mod init;
mod lists;
mod logs;
mod nearest;
mod out;
mod run;
mod runner;
mod sandbox;
mod serve;
mod stop;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Outcome;

/// Many small things are made and dropped at every step, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A durable session runtime for AI agents.
#[derive(Parser)]
#[command(
    name = "tenure",
    version,
    after_help = "Exit codes: 0 done, 1 error, 2 usage, 3 a turn did not end by itself or a run failed, 4 refused, \
                  5 unavailable, 6 a run was cancelled, 130 left with Ctrl-C, 141 nobody reads the output any more."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Dev(dev::DevArgs),
    /// Run the server
    Serve(serve::ServerArgs),
    Runner(Box<runner::RunnerArgs>),
    Chat(Box<chat::ChatArgs>),
    Run(Box<run::RunArgs>),
    Session(lists::session::SessionArgs),
    Sandbox(lists::sandbox::SandboxArgs),
    Workflow(lists::workflow::WorkflowArgs),
    Execution(Box<lists::execution::ExecutionArgs>),
    Approval(lists::approval::ApprovalArgs),
    Policy(lists::policy::PolicyArgs),
    Grant(lists::grant::GrantArgs),
    Budget(lists::budget::BudgetArgs),
    Token(lists::token::TokenArgs),
    Tool(lists::tool::ToolArgs),
    Connector(Box<lists::connector::ConnectorArgs>),
    Console(lists::console::ConsoleArgs),
    Trigger(Box<lists::trigger::TriggerArgs>),
    Admin(lists::admin::AdminArgs),
    Init(init::InitArgs),
    /// Try to open a store; this process may die of it
    #[command(name = serve::PROBE, hide = true)]
    StoreProbe {
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    // It stands before every command in a limited network: it takes its words as they are, and no time to read them.
    if words.next().is_some_and(|word| word == config::BRIDGE) {
        return tenure_runner::bridge(words);
    }
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_unread() {
                out::complain(format_args!("tenure: {failure}\n"));
            }
            failure.code()
        }
    }
}

/// Runs a command on the threads that it needs: the server's are actix's own.
fn run(command: Command) -> Outcome {
    match command {
        Command::Dev(args) => dev::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Init(args) => init::run(args),
        Command::StoreProbe { folder } => serve::probe(folder),
        Command::Runner(args) => on_threads(runner::run(*args)),
        Command::Chat(args) => on_threads(chat::run(*args)),
        Command::Run(args) => on_threads(run::run(*args)),
        Command::Session(args) => on_threads(lists::session::run(args)),
        Command::Sandbox(args) => on_threads(lists::sandbox::run(args)),
        Command::Workflow(args) => on_threads(lists::workflow::run(args)),
        Command::Execution(args) => on_threads(lists::execution::run(*args)),
        Command::Approval(args) => on_threads(lists::approval::run(args)),
        Command::Policy(args) => on_threads(lists::policy::run(args)),
        Command::Grant(args) => on_threads(lists::grant::run(args)),
        Command::Budget(args) => on_threads(lists::budget::run(args)),
        Command::Token(args) => on_threads(lists::token::run(args)),
        Command::Tool(args) => on_threads(lists::tool::run(args)),
        Command::Connector(args) => on_threads(lists::connector::run(*args)),
        Command::Console(args) => on_threads(lists::console::run(args)),
        Command::Trigger(args) => on_threads(lists::trigger::run(*args)),
        Command::Admin(args) => on_threads(lists::admin::run(args)),
    }
}

fn on_threads(command: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_can_be_understood() {
        Cli::command().debug_assert();
    }
}
