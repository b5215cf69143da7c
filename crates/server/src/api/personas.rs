//! Personas: ways of speaking that the caller's workflows ask agents to take on.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_account::owner::{Command, PersonaLimits};
use tenure_model::step::Persona;
use tenure_protocol::http::{Page, PersonaText};

use super::input::Body;
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem};

/// `GET /api/personas`: lists the caller's personas by name; they are bounded in number.
pub async fn list(desk: Data<Desk>, caller: Person) -> Result<Json<Page<Persona>>, Rejection> {
    Ok(Json(Page { items: of(&desk, &caller.0).await?, cursor: None }))
}

/// `GET /api/personas/{name}`: shows a persona.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Persona>, Rejection> {
    let name = named(&request);
    let found = of(&desk, &caller.0).await?.into_iter().find(|persona| persona.name == name);
    found.map(Json).ok_or_else(|| problem(404, "persona_unknown", format!("you have no persona \"{name}\"")))
}

/// `PUT /api/personas/{name}`: says what a persona is told. Runs under way keep what they were started with.
pub async fn set(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<PersonaText>,
) -> Result<Json<Persona>, Rejection> {
    let limits =
        PersonaLimits { personas_max: desk.options.personas_max, persona_bytes_max: desk.options.persona_bytes_max };
    let (name, instructions) = (named(&request), body.0.instructions);
    let command = Command::SetPersona { name: name.clone(), instructions: instructions.clone(), limits };
    desk.runtime.owners.ask(caller.0.user, command).await.map_err(of_ask)?;
    Ok(Json(Persona { name, instructions }))
}

/// `DELETE /api/personas/{name}`: forgets a persona.
pub async fn remove(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let Json(Persona { name, .. }) = show(desk.clone(), request, Person(caller.0.clone())).await?;
    desk.runtime.owners.ask(caller.0.user, Command::RemovePersona { name }).await.map_err(of_ask)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists a user's personas by name.
pub async fn of(desk: &Desk, caller: &Caller) -> Result<Vec<Persona>, Rejection> {
    let owner = desk.runtime.owners.look(caller.user).await.map_err(of_ask)?.state;
    let personas = owner.personas.iter();
    Ok(personas.map(|(name, told)| Persona { name: name.clone(), instructions: told.clone() }).collect())
}

fn named(request: &HttpRequest) -> String {
    request.match_info().get("name").unwrap_or_default().to_owned()
}
