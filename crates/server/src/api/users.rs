//! People: add one, list them, so that a session can be shared with them.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_account::realm::{self, Role, User, realm_id};
use tenure_protocol::http::{NewUser, Page, UserRow};

use super::input::{self, Body, Cursor};
use crate::auth::{Admin, Person};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, unavailable};

/// `POST /api/users`: adds a person; one who is there already is answered as they are.
pub async fn add(desk: Data<Desk>, caller: Admin, body: Body<NewUser>) -> Result<HttpResponse, Rejection> {
    let NewUser { name, admin } = body.0;
    let role = if admin { Role::Admin } else { Role::User };
    let add = realm::Command::AddUser { by: caller.0.asker(), name, role };
    let answer = desk.runtime.realm.ask(realm_id(), add).await.map_err(of_ask)?;
    let realm = desk.runtime.realm_view();
    match answer.reply {
        realm::Reply::UserAdded { user } => match realm.users.get(&user) {
            Some(user) => Ok(HttpResponse::Created().json(row(user))),
            None => Err(unavailable("the new user is not to be seen yet")),
        },
        other => Err(unavailable(&format!("the realm answered {other:?}"))),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
}

/// `GET /api/users?limit&cursor`: lists the people of this server by id.
pub async fn list(desk: Data<Desk>, request: HttpRequest, _caller: Person) -> Result<Json<Page<UserRow>>, Rejection> {
    let query: ListQuery = input::query(&request)?;
    let limit = input::limit(&desk, query.limit)?;
    let after = Cursor::read(query.cursor.as_deref())?.map(|cursor| cursor.id);
    let realm = desk.runtime.realm_view();
    let mut rest = realm.users.values().filter(|user| after.is_none_or(|after| user.id.0 > after));
    let items: Vec<UserRow> = rest.by_ref().take(limit).map(row).collect();
    let last = items.last().filter(|_| rest.next().is_some());
    let cursor = last.map(|user| Cursor { rank: user.created_at, id: user.id.0 }.write());
    Ok(Json(Page { items, cursor }))
}

fn row(user: &User) -> UserRow {
    UserRow { id: user.id, name: user.name.clone(), admin: user.role == Role::Admin, created_at: user.created_at }
}
