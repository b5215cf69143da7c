//! Routes are gathered in a list before they are laid out, so that nothing answers which the list does not name: the
//! description of the API and the test of who may what are compared with it.

use actix_web::dev::Handler;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, Route};

use crate::problem::{Rejection, problem};

/// What stands for a place that takes every method.
pub const ANY: &str = "*";

/// Every place, in the order in which they are tried.
#[derive(Default)]
pub struct RouteTable {
    prefix: &'static str,
    places: Vec<Place>,
}

/// A path and what it takes.
pub struct Place {
    path: String,
    routes: Vec<(&'static str, Route)>,
}

/// A method that is not answered yet.
pub struct Method(&'static str, Route);

/// A method and what answers it.
pub struct Answered(&'static str, Route);

impl RouteTable {
    /// Gathers what is laid out there.
    pub fn of(lay: fn(&mut Self)) -> Self {
        let mut table = Self::default();
        lay(&mut table);
        table
    }

    /// Adds a place.
    pub fn service(&mut self, place: Place) -> &mut Self {
        let path = format!("{}{}", self.prefix, place.path);
        self.places.push(Place { path, ..place });
        self
    }

    /// Adds what is laid out there.
    pub fn configure(&mut self, lay: fn(&mut Self)) -> &mut Self {
        lay(self);
        self
    }

    /// Adds what is laid out there, below a prefix.
    pub fn below(&mut self, prefix: &'static str, lay: fn(&mut Self)) -> &mut Self {
        let outer = std::mem::replace(&mut self.prefix, prefix);
        lay(self);
        self.prefix = outer;
        self
    }

    /// Lists every method with its path.
    pub fn list(&self) -> Vec<(&'static str, String)> {
        let of = |place: &Place| {
            let path = place.path.clone();
            place.routes.iter().map(move |(method, _)| (*method, path.clone())).collect::<Vec<_>>()
        };
        self.places.iter().flat_map(of).collect()
    }

    /// Lays everything out. What a place does not take is answered by a problem document.
    pub fn lay_out(self, config: &mut ServiceConfig) {
        for place in self.places {
            let resource = web::resource(place.path).default_service(web::to(not_with_this_method));
            config.service(place.routes.into_iter().fold(resource, |resource, (_, route)| resource.route(route)));
        }
    }
}

/// Returns a place that takes nothing yet.
pub fn at(path: &str) -> Place {
    Place { path: path.to_owned(), routes: vec![] }
}

impl Place {
    pub fn route(mut self, answered: Answered) -> Self {
        self.routes.push((answered.0, answered.1));
        self
    }
}

impl Method {
    /// Names the function that answers.
    pub fn to<F, Args>(self, handler: F) -> Answered
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Answered(self.0, self.1.to(handler))
    }
}

pub fn get() -> Method {
    Method("GET", web::get())
}

pub fn post() -> Method {
    Method("POST", web::post())
}

pub fn put() -> Method {
    Method("PUT", web::put())
}

pub fn patch() -> Method {
    Method("PATCH", web::patch())
}

pub fn delete() -> Method {
    Method("DELETE", web::delete())
}

/// Stands for every method.
pub fn any() -> Method {
    Method(ANY, web::route())
}

async fn not_with_this_method(request: HttpRequest) -> Result<HttpResponse, Rejection> {
    let detail = format!("{} does not take {}; /api/openapi.json says what it takes", request.path(), request.method());
    Err(problem(405, "method_not_allowed", detail))
}
