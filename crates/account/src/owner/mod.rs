//! The owner: what one user has on this server. There is one per user, at the user's id.

pub mod command;
pub mod connecting;
pub mod connector;
pub mod decide;
pub mod effect;
pub mod event;
pub mod persona;
pub mod state;

pub use command::{Command, ConnectorLimits, PersonaLimits, Refusal, Reply};
pub use connecting::OWN_SERVICE;
pub use connector::{Became, Connector, ConnectorChange, Settings, Transport};
pub use effect::Effect;
pub use event::Event;
pub use state::Owner;
