//! Who may do what: the realm (users, tokens, roles) and the owner (what one user has), policy (what agents may do), as pure state machines.

pub mod owner;
pub mod policy;
pub mod realm;

pub use owner::Owner;
pub use policy::Policy;
pub use realm::{Realm, realm_id};
