//! The client half of the commands: where the server is, who asks, plain requests, and the chat socket.

pub mod account;
pub mod api;
pub mod backoff;
pub mod cursor;
pub mod link;
