//! Who may do what: the realm (users, tokens, roles) and the owner (what one user has), as pure state machines.

pub mod owner;
pub mod realm;

pub use owner::Owner;
pub use realm::{Realm, realm_id};
