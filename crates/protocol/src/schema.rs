//! The schemas of the websocket frames, generated from the types.

use serde_json::{Value, json};
use utoipa::openapi::{ComponentsBuilder, schema::Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::client::{ClientEvent, ClientMessage};
use crate::runner::{RunnerMessage, ServerMessage};
