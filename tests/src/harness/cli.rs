//! The command line as a person or a script uses it, on one server.

use std::process::Stdio;

use tokio::process::Command;

use super::binary::tenure;
use super::{Server, in_time};

/// What a command has said, and its exit code.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Returns a command that asks `server` as its administrator.
pub fn command(server: &Server, args: &[&str]) -> Command {
    let mut command = tenure();
    command.args(args).args(["--server", &format!("http://{}", server.address()), "--token", server.token()]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
pub async fn run(server: &Server, args: &[&str]) -> Done {
    let output = in_time(&format!("the end of {args:?}"), command(server, args).output()).await;
    let output = output.expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Done {
    /// Expects an exit code; returns what was said.
    #[track_caller]
    pub fn expect(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self.out
    }
}
