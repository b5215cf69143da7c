//! A reader of lines that ends at the first one that is too long: nobody could tell where the next one begins, or wait for it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// Whether a line was too long.
pub type TooLong = Arc<AtomicBool>;

/// Reads as long as lines are not longer than they may be.
pub struct Bounded<R> {
    inner: R,
    bytes_max: usize,
    /// How much of the line that is being read was seen.
    seen: usize,
    too_long: TooLong,
}

impl<R> Bounded<R> {
    pub fn new(inner: R, bytes_max: usize) -> (Self, TooLong) {
        let too_long = TooLong::default();
        (Self { inner, bytes_max, seen: 0, too_long: too_long.clone() }, too_long)
    }

    fn count(&mut self, bytes: &[u8]) -> bool {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.seen += piece.len();
            if self.seen > self.bytes_max {
                return false;
            }
            if piece.ends_with(b"\n") {
                self.seen = 0;
            }
        }
        true
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Bounded<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.too_long.load(Ordering::Relaxed) {
            return Poll::Ready(Err(too_long()));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, into))?;
        if self.count(&into.filled()[before..]) {
            return Poll::Ready(Ok(()));
        }
        self.too_long.store(true, Ordering::Relaxed);
        into.set_filled(before);
        Poll::Ready(Err(too_long()))
    }
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a line is longer than it may be")
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn read(text: &[u8]) -> (bool, bool) {
        let (mut bounded, too_long) = Bounded::new(text, 4);
        let done = bounded.read_to_end(&mut Vec::new()).await.is_ok();
        (done, too_long.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn lines_are_read_until_one_is_too_long() {
        assert_eq!(read(b"abc\nabc\n\nabcd").await, (true, false));
        assert_eq!(read(b"abc\nabcd\nabc").await, (false, true), "the end of a line is a part of it");
        assert_eq!(read(b"abcdef").await, (false, true), "also when its end never comes");
    }
}
