//! Tickets: how a browser opens a websocket without putting its token into a URL.

use actix_web::HttpResponse;
use actix_web::web::Data;
use tenure_protocol::http::Ticket;

use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

/// `POST /api/tickets`: issues a single-use ticket for the caller's token.
pub async fn issue(desk: Data<Desk>, caller: Person) -> Result<HttpResponse, Rejection> {
    let (_, hash) = caller.0.token().expect("whoever is signed in has shown a token");
    let (ticket, expires_at) = desk.tickets.issue(hash, desk.now())?;
    Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(Ticket { ticket, expires_at }))
}
