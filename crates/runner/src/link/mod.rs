//! The link to the server: connecting for ever, and saying each thing until the server has it.

mod address;
mod connect;
mod conversation;
mod dial;
mod keep;
mod lease;

pub use address::Address;
pub use dial::{Socket, Stream, dial, dial_socket};
pub use keep::{keep, say_goodbye};
pub use lease::{Lease, watch_lease};
