//! Who the caller is.

use actix_web::web::Json;
use tenure_protocol::http::Me;

use super::tokens::role_of;
use crate::auth::Person;

/// `GET /api/me`: tells the caller who they are.
pub async fn me(caller: Person) -> Json<Me> {
    let role = role_of(&caller.0.role);
    Json(Me { user: caller.0.user, name: caller.0.name, role })
}
