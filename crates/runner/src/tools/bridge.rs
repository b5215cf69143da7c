//! What an agent starts to call the server's tools: it passes its standard input and output on to the door, word by word.

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::Shutdown;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use crate::sockets;

/// The word by which the bridge is told what to do.
pub const TOOLS: &str = "tools";

/// Passes everything on until the other side has closed. The one word is the socket.
pub fn bridge(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut words = words.into_iter();
    let (Some(socket), None) = (words.next(), words.next()) else {
        eprintln!("the word is: SOCKET");
        return ExitCode::from(2);
    };
    match pass(socket.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to reach the tools: {error}");
            ExitCode::FAILURE
        }
    }
}

fn pass(socket: &Path) -> io::Result<()> {
    let mut door = sockets::connect(socket)?;
    let mut inward = door.try_clone()?;
    // It ends with the process: a read of standard input cannot be called off.
    thread::spawn(move || {
        // What cannot be passed on is missed by the agent, which closes its end.
        let _ = io::copy(&mut io::stdin().lock(), &mut inward);
        let _ = inward.shutdown(Shutdown::Write);
    });
    let mut out = io::stdout().lock();
    io::copy(&mut door, &mut out)?;
    out.flush()
}
