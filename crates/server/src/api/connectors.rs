//! Connectors over HTTP: other servers of the Model Context Protocol, as the caller registers, checks and removes them.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use tenure_account::owner::{Became, Command, Connector, ConnectorChange, Reply, Transport};
use tenure_account::policy::rule::Who;
use tenure_protocol::connector::{
    AcceptTools, ConnectorChecked, ConnectorOutcome, ConnectorSet, ConnectorTool, ConnectorView, SetConnector,
};
use tenure_protocol::http::Page;
use tenure_protocol::workflow::Author;

use super::input::Body;
use crate::action::admit;
use crate::auth::secret_keys::{Credential, Place};
use crate::auth::{Caller, Person};
use crate::connectors::{Connected, unknown};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem, unavailable};

/// The longest value of a header or a variable, in bytes.
const VALUE_BYTES_MAX: usize = 8 * 1024;
/// Headers that are the connection's own.
const RESERVED: [&str; 9] = [
    "accept",
    "connection",
    "content-length",
    "content-type",
    "host",
    "last-event-id",
    "mcp-protocol-version",
    "mcp-session-id",
    "transfer-encoding",
];

/// `GET /api/connectors`: lists the caller's connectors by name; they are bounded in number.
pub async fn list(desk: Data<Desk>, caller: Person) -> Result<Json<Page<ConnectorView>>, Rejection> {
    let owner = desk.hub.of(caller.0.user).await?;
    let items = owner.connectors.iter().map(|(name, connector)| view(&desk, &caller.0, name, connector)).collect();
    Ok(Json(Page { items, cursor: None }))
}

/// `GET /api/connectors/{name}`: shows a connector, never what it signs in with.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<ConnectorView>, Rejection> {
    shown(&desk, &caller.0, &named(&request)).await.map(Json)
}

/// `PUT /api/connectors/{name}`: registers a connector, or changes one. What is left out stays as it is.
pub async fn set(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<SetConnector>,
) -> Result<HttpResponse, Rejection> {
    let name = named(&request);
    let change = Box::new(change(&desk, &caller.0, &name, body.0)?);
    let command = Command::SetConnector { name: name.clone(), change, by: who(&caller.0), limits: desk.hub.limits() };
    let outcome = match tell(&desk, &caller.0, command).await? {
        Reply::Connector(Became::Created) => ConnectorOutcome::Created,
        Reply::Connector(Became::Updated) => ConnectorOutcome::Updated,
        Reply::Connector(Became::Unchanged) => ConnectorOutcome::Unchanged,
        other => return Err(unavailable(&format!("the owner answered {other:?}"))),
    };
    let connector = shown(&desk, &caller.0, &name).await?;
    let mut response = match outcome {
        ConnectorOutcome::Created => HttpResponse::Created(),
        ConnectorOutcome::Updated | ConnectorOutcome::Unchanged => HttpResponse::Ok(),
    };
    Ok(response.json(ConnectorSet { outcome, connector }))
}

/// `DELETE /api/connectors/{name}`: forgets a connector, with what it signs in with.
pub async fn remove(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let name = named(&request);
    shown(&desk, &caller.0, &name).await?;
    tell(&desk, &caller.0, Command::RemoveConnector { name: name.clone(), by: who(&caller.0) }).await?;
    desk.hub.forget(caller.0.user, &name);
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/connectors/{name}/check`: connects now, and tells what is there.
pub async fn check(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<ConnectorChecked>, Rejection> {
    let _place = desk.pace.enter(caller.0.user, desk.now())?;
    let name = named(&request);
    let (server, tools) = desk.hub.check(caller.0.user, &name).await?;
    let connector = shown(&desk, &caller.0, &name).await?;
    Ok(Json(ConnectorChecked { connector, server, tools: tools.into_iter().map(tool).collect() }))
}

/// `POST /api/connectors/{name}/accept`: accepts tools that have changed, as the caller has seen them.
pub async fn accept(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<AcceptTools>,
) -> Result<Json<ConnectorView>, Rejection> {
    let name = named(&request);
    shown(&desk, &caller.0, &name).await?;
    let (tools, by, limits) = (body.0.tools, Some(who(&caller.0)), desk.hub.limits());
    if let Some(wrong) = tools.iter().find(|(tool, hash)| tool.len() > 128 || hash.len() > 128) {
        return Err(problem(422, "connector_invalid", "names and hashes have 128 bytes at most").field(&cut(wrong.0)));
    }
    tell(&desk, &caller.0, Command::SeeTools { name: name.clone(), tools, by, limits }).await?;
    shown(&desk, &caller.0, &name).await.map(Json)
}

fn cut(name: &str) -> String {
    name.chars().take(32).collect()
}

fn change(desk: &Desk, caller: &Caller, name: &str, said: SetConnector) -> Result<ConnectorChange, Rejection> {
    let wrong = |field: &str, why: String| problem(422, "connector_invalid", why).field(field);
    let url = said.url.map(|text| desk.hub.reach.read(&text)).transpose().map_err(|why| wrong("url", why))?;
    let seal = |credential: Credential<'_>, value: &str| {
        desk.hub.keys.seal(Place { owner: caller.user.0, connector: name, credential }, value)
    };
    let mut headers = BTreeMap::new();
    for (header, value) in said.headers {
        let header = header_name(&header).map_err(|why| wrong("headers", why))?;
        let checked = value.as_deref().map(check_header).transpose();
        checked.map_err(|why| wrong("headers", format!("{header}: {why}")))?;
        let sealed = value.map(|value| seal(Credential::Header(&header), &value));
        headers.insert(header, sealed);
    }
    let mut env = BTreeMap::new();
    for (variable, value) in said.env {
        let checked = value.as_deref().map(check_variable).transpose();
        checked.map_err(|why| wrong("env", format!("{}: {why}", cut(&variable))))?;
        let sealed = value.map(|value| seal(Credential::Variable(&variable), &value));
        env.insert(variable, sealed);
    }
    Ok(ConnectorChange {
        url: url.map(String::from),
        headers,
        command: said.command,
        args: said.args,
        env,
        runner: said.runner,
        enabled: said.enabled,
        tools: said.tools,
        risk: said.risk.map(admit::risk),
        risks: said.risks.into_iter().map(|(tool, risk)| (tool, risk.map(admit::risk))).collect(),
    })
}

fn header_name(text: &str) -> Result<String, String> {
    let name = HeaderName::from_bytes(text.as_bytes()).map_err(|_| "this is no name of a header".to_owned())?;
    match RESERVED.contains(&name.as_str()) {
        true => Err(format!("{name} is the connection's own")),
        false => Ok(name.as_str().to_owned()),
    }
}

/// Checks a secret, and says nothing of it.
fn check_value(value: &str) -> Result<(), String> {
    match value.is_empty() || value.len() > VALUE_BYTES_MAX {
        true => Err(format!("a value has 1 to {VALUE_BYTES_MAX} bytes")),
        false => Ok(()),
    }
}

fn check_variable(value: &str) -> Result<(), String> {
    check_value(value)?;
    if value.contains('\0') { Err("a value has no zero byte".to_owned()) } else { Ok(()) }
}

fn check_header(value: &str) -> Result<(), String> {
    check_value(value)?;
    HeaderValue::from_str(value).map(drop).map_err(|_| "a value has visible characters only".to_owned())
}

async fn tell(desk: &Desk, caller: &Caller, command: Command) -> Result<Reply, Rejection> {
    Ok(desk.runtime.owners.ask(caller.user, command).await.map_err(of_ask)?.reply)
}

async fn shown(desk: &Desk, caller: &Caller, name: &str) -> Result<ConnectorView, Rejection> {
    let owner = desk.hub.of(caller.user).await?;
    let connector = owner.connectors.get(name).ok_or_else(|| unknown(name))?;
    Ok(view(desk, caller, name, connector))
}

fn view(desk: &Desk, caller: &Caller, name: &str, connector: &Connector) -> ConnectorView {
    let Connector { settings, by, at, .. } = connector;
    let risks = settings.risks.iter().map(|(tool, risk)| (tool.clone(), admit::shown(*risk)));
    let signs_in = || settings.transport.sealed().keys().cloned().collect();
    let (mut url, mut headers, mut env) = (None, vec![], vec![]);
    let (mut command, mut args, mut runner) = Default::default();
    match settings.transport.clone() {
        Transport::Http { url: address, .. } => (url, headers) = (Some(address), signs_in()),
        Transport::Command { command: program, args: told, runner: placed, .. } => {
            (command, args, env, runner) = (Some(program), told, signs_in(), placed);
        }
    }
    ConnectorView {
        name: name.to_owned(),
        url,
        headers,
        command,
        args,
        env,
        runner,
        enabled: settings.enabled,
        tools: settings.tools.clone(),
        risk: admit::shown(settings.risk),
        risks: risks.collect(),
        by: Author { user: by.user, name: by.name.clone() },
        at: *at,
        health: desk.hub.health(caller.user, name, connector),
    }
}

fn tool(connected: Connected) -> ConnectorTool {
    let Connected { tool, risk, changed, .. } = connected;
    ConnectorTool {
        name: tool.unusable.is_none().then_some(tool.name),
        tool: tool.tool,
        about: tool.about,
        risk: admit::shown(risk),
        hash: tool.hash,
        changed,
        unusable: tool.unusable,
        schema: Value::Object(tool.schema),
    }
}

fn who(caller: &Caller) -> Who {
    Who { user: caller.user, name: caller.name.clone() }
}

fn named(request: &HttpRequest) -> String {
    request.match_info().get("name").unwrap_or_default().to_owned()
}
