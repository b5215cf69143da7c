//! The client half of the commands: where the server is, who asks, plain requests, the chat socket, and the stream of a run.

pub mod account;
pub mod api;
pub mod backoff;
pub mod calls;
pub mod cursor;
pub mod link;
pub mod sse;
pub mod watch;
