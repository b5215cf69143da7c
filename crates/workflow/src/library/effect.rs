//! A workflow asks nothing of the outside.

use serde::{Deserialize, Serialize};

/// There is no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {}
