//! Who may do what: the realm (users, tokens, roles) and the owner (what one user has), policy (what agents may do), budgets (what may be used), as pure state machines.

pub mod budget;
pub mod owner;
pub mod policy;
pub mod realm;

pub use budget::Budgets;
pub use owner::Owner;
pub use policy::Policy;
pub use realm::{Realm, realm_id};
