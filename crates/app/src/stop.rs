//! The wish to stop: SIGTERM and Ctrl-C. The first one ends in order, the second one at once.

use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The exit code of a program that was ended by Ctrl-C, as shells count.
const AT_ONCE: i32 = 130;

/// Listens for the wish to stop.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// Starts listening. From here on the process does not end by these signals by itself.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next wish.
    pub async fn wished(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Lets an orderly end run; a second wish ends the process at once. What is durable stays so.
    pub async fn or_at_once(mut self, orderly: impl Future<Output = ()>) {
        tokio::select! {
            () = orderly => {}
            () = self.wished() => {
                tracing::warn!("ending at once");
                process::exit(AT_ONCE);
            }
        }
    }
}
