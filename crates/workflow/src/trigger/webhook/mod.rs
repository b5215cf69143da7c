//! `webhook`: fires when its address is called.
//!
//! ```text
//!   address ──▶ (owner, trigger, generation)      nobody without the server's key can make one
//!   request ──▶ rules (method, type, size) ──▶ verify (scheme, secrets, time) ──▶ Proof ──▶ the scheduler decides
//! ```
//! Nothing in here is told to the scheduler before it is proven, so strangers never fill a ledger.

mod form;
pub mod address;
pub mod payload;
pub mod request;
pub mod secret;
pub mod verify;

pub use address::Address;
pub(super) use form::FORM;
pub(crate) use form::GITHUB_PER_MINUTE;
pub use form::{Encoding, Inlet, Method, Scheme, Verify};
pub use payload::BadPayload;
pub use request::{Request, Unfit};
pub use secret::Secret;
pub use verify::{KeyedBy, Proof, Unverified};
