//! What an agent starts to call the server's tools: it passes its standard input and output on to the door, word by word.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read, Write};
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
    match stand_between(socket.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to reach the tools: {error}");
            ExitCode::FAILURE
        }
    }
}

fn stand_between(socket: &Path) -> io::Result<()> {
    let mut door = sockets::connect(socket)?;
    let mut inward = door.try_clone()?;
    // It ends with the process: a read of standard input cannot be called off.
    thread::spawn(move || {
        // What cannot be passed on is missed by the agent, which closes its end.
        let _ = pass_on(&mut io::stdin().lock(), &mut inward);
        let _ = inward.shutdown(Shutdown::Write);
    });
    pass_on(&mut door, &mut io::stdout().lock())
}

/// Passes on what comes, as it comes. `io::copy` has the kernel do it, which holds a message back until the next one comes.
fn pass_on(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => to.write_all(&buffer[..count]).and_then(|()| to.flush())?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
