//! Tools over HTTP: list them, call one.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::Value;
use tenure_protocol::http::Page;
use tenure_protocol::tool::{CallTool, ToolAnswer, ToolRow};

use super::input::{self, Body};
use crate::action::found::{self, Found};
use crate::action::{At, call};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Words that stand in the name or in what it is good for, each of them, in any case.
    q: Option<String>,
}

/// `GET /api/tools?q`: lists the tools that the caller may call, all on one page.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<ToolRow>>, Rejection> {
    let query: ListQuery = input::query(&request)?;
    let words = query.q.unwrap_or_default().to_lowercase();
    let fits = |tool: &Found| {
        let said = format!("{} {}", tool.name(), tool.about()).to_lowercase();
        words.split_whitespace().all(|word| said.contains(word))
    };
    let tools = found::open_to(&desk, &caller.0).await?;
    let items = tools.iter().filter(|tool| fits(tool)).map(row).collect();
    Ok(Json(Page { items, cursor: None }))
}

/// `POST /api/tools/{name}/call`: calls a tool. The same `Idempotency-Key` calls it once.
pub async fn call(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<CallTool>,
) -> Result<Json<ToolAnswer>, Rejection> {
    let _place = desk.pace.enter(caller.0.user, desk.now())?;
    let name = request.match_info().get("name").unwrap_or_default();
    let at = At { desk: &desk, caller: &caller.0, key: input::idempotency_key(&request)? };
    Ok(Json(call::call(&at, name, body.0.params).await?.into()))
}

/// Describes a tool.
pub fn row(tool: &Found) -> ToolRow {
    ToolRow {
        name: tool.name().to_owned(),
        about: tool.about().to_owned(),
        service: tool.service().to_owned(),
        risk: tool.risk(),
        does: tool.does(),
        schema: Value::Object(tool.schema()),
        example: tool.example(),
    }
}
