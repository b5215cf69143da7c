//! The lines between runner and agent: one message each, bounded in length; what is no message is set aside.

use std::io;
use std::sync::Arc;

use futures_util::{Sink, Stream, sink, stream};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};

use crate::shell::Complaints;

/// The longest message of an agent: a file of some megabytes, or an image, fits.
const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How many lines in a row may be no messages before the agent counts as broken.
const RUBBISH_LINES_MAX: u32 = 1_000;

/// Returns the messages of the agent. Some print greetings or logs among them: those count as complaints.
pub fn incoming(
    stdout: ChildStdout,
    complaints: Arc<Complaints>,
) -> impl Stream<Item = io::Result<String>> + Send + 'static {
    let reader = Reader { stdout: BufReader::new(stdout), complaints, rubbish: 0 };
    stream::try_unfold(reader, async |mut reader| Ok(reader.message().await?.map(|message| (message, reader))))
}

/// Returns where messages for the agent go.
pub fn outgoing(stdin: ChildStdin) -> impl Sink<String, Error = io::Error> + Send + 'static {
    sink::unfold(stdin, async |mut stdin: ChildStdin, mut line: String| {
        line.push('\n');
        stdin.write_all(line.as_bytes()).await?;
        stdin.flush().await?;
        Ok(stdin)
    })
}

struct Reader {
    stdout: BufReader<ChildStdout>,
    complaints: Arc<Complaints>,
    rubbish: u32,
}

impl Reader {
    /// Returns the next message; nothing at the end.
    async fn message(&mut self) -> io::Result<Option<String>> {
        while let Some(line) = self.line().await? {
            // Every message is an object. A broken one goes on: the protocol has an answer for it.
            if line.trim_ascii_start().starts_with(b"{") {
                self.rubbish = 0;
                return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            self.complaints.keep_raw(&line);
            self.rubbish += 1;
            if self.rubbish > RUBBISH_LINES_MAX {
                let error = format!("the agent printed {RUBBISH_LINES_MAX} lines that are no messages");
                return Err(io::Error::other(error));
            }
        }
        Ok(None)
    }

    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let most = u64::try_from(LINE_BYTES_MAX).expect("it is small") + 1;
        (&mut self.stdout).take(most).read_until(b'\n', &mut line).await?;
        if line.len() > LINE_BYTES_MAX {
            let error = format!("the agent sent a message of more than {LINE_BYTES_MAX} bytes");
            return Err(io::Error::other(error));
        }
        Ok((!line.is_empty()).then_some(line))
    }
}
