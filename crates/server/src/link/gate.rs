//! The gate before a websocket's bytes: it stops reading while too much is waiting to be handled, and ends a connection
//! whose frame is too large before that frame is gathered.
//!
//! The websocket library gathers a frame whole before it looks at its size, so the sizes are read here, on the way.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use futures_util::Stream;
use futures_util::task::AtomicWaker;

/// What every message costs on top of its bytes.
const MESSAGE_COST: usize = 512;
/// The longest header of a frame.
const HEADER_MAX: usize = 14;

/// How much of one socket is waiting to be handled.
pub struct Room {
    used: AtomicUsize,
    bytes_max: usize,
    oversize: AtomicBool,
    reader: AtomicWaker,
}

impl Room {
    /// Makes room for messages of `bytes_max` bytes together; one message always fits.
    pub fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self {
            used: AtomicUsize::new(0),
            bytes_max,
            oversize: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        })
    }

    /// Counts a message until the permit is dropped.
    pub fn enter(self: &Arc<Self>, bytes: usize) -> Permit {
        let cost = bytes + MESSAGE_COST;
        self.used.fetch_add(cost, Ordering::AcqRel);
        Permit { room: self.clone(), cost }
    }

    /// Tells whether the connection was ended because of the size of a frame.
    pub fn was_oversize(&self) -> bool {
        self.oversize.load(Ordering::Acquire)
    }

    fn is_full(&self) -> bool {
        self.used.load(Ordering::Acquire) >= self.bytes_max
    }
}

/// The place of one message that is being handled.
pub struct Permit {
    room: Arc<Room>,
    cost: usize,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.room.used.fetch_sub(self.cost, Ordering::AcqRel);
        self.room.reader.wake();
    }
}

/// The bytes of one websocket, as far as there is room for them.
pub struct Gated {
    payload: Payload,
    room: Arc<Room>,
    sizes: FrameSizes,
}

impl Gated {
    /// Puts a gate before `payload`.
    pub fn new(payload: Payload, room: Arc<Room>, frame_bytes_max: usize) -> Self {
        Self { payload, room, sizes: FrameSizes::new(frame_bytes_max) }
    }
}

impl Stream for Gated {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.room.is_full() {
            self.room.reader.register(cx.waker());
            // Room may have been made before the waker was in place.
            if self.room.is_full() {
                return Poll::Pending;
            }
        }
        match Pin::new(&mut self.payload).poll_next(cx) {
            Poll::Ready(Some(Ok(bytes))) if !self.sizes.accept(&bytes) => {
                self.room.oversize.store(true, Ordering::Release);
                Poll::Ready(Some(Err(PayloadError::Overflow)))
            }
            polled => polled,
        }
    }
}

/// Follows the headers of frames through a stream of bytes.
struct FrameSizes {
    max: u64,
    header: Vec<u8>,
    /// How much of the current frame's payload is still to come.
    left: u64,
}

impl FrameSizes {
    fn new(frame_bytes_max: usize) -> Self {
        Self { max: frame_bytes_max as u64, header: Vec::with_capacity(HEADER_MAX), left: 0 }
    }

    /// Reads on; false once a frame announces more than is allowed.
    fn accept(&mut self, mut bytes: &[u8]) -> bool {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let step = self.left.min(bytes.len() as u64);
                self.left -= step;
                bytes = &bytes[step as usize..];
                continue;
            }
            self.header.push(*first);
            bytes = rest;
            let Some(size) = payload_size(&self.header) else {
                continue;
            };
            if size > self.max {
                return false;
            }
            self.header.clear();
            self.left = size;
        }
        true
    }
}

/// Returns the payload's size once the header is whole (RFC 6455, section 5.2).
fn payload_size(header: &[u8]) -> Option<u64> {
    let second = *header.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (size, end) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(header.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(header.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    (header.len() == end + mask).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(size: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match size {
            0..=125 => frame.push(0x80 | size as u8),
            126..=65_535 => {
                frame.push(0x80 | 126);
                frame.extend((size as u16).to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((size as u64).to_be_bytes());
            }
        }
        frame.extend([1, 2, 3, 4]);
        frame.extend(std::iter::repeat_n(b'x', size));
        frame
    }

    #[test]
    fn frames_up_to_the_limit_pass_however_they_are_cut() {
        let stream: Vec<u8> = [0, 1, 125, 126, 1_000, 0, 70_000].into_iter().flat_map(masked).collect();
        for step in [1, 2, 3, 7, 4_096, stream.len()] {
            let mut sizes = FrameSizes::new(70_000);
            assert!(stream.chunks(step).all(|bytes| sizes.accept(bytes)), "cut into pieces of {step}");
            assert_eq!((sizes.left, sizes.header.len()), (0, 0));
        }
    }

    #[test]
    fn a_frame_is_refused_by_its_header_alone() {
        let mut sizes = FrameSizes::new(70_000);
        assert!(sizes.accept(&masked(70_000)));
        assert!(!sizes.accept(&masked(70_001)[..14]));
        assert!(!FrameSizes::new(70_000).accept(&[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1, 2, 3, 4]));
    }
}
