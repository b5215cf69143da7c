//! The realm asks nothing of the outside: those who watch its commits act on them.

use serde::{Deserialize, Serialize};

/// There is no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {}
