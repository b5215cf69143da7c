//! What a trigger says, how it is read, and what it makes of deliveries.

mod reading;
mod changing;
mod schema;
mod mapping;
mod addresses;
mod signatures;
mod github;
