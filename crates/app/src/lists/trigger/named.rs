//! One trigger, by its name or id: asked for, and the nearest name told when there is none of this one.

use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure_protocol::Problem;
use tenure_protocol::http::Page;
use tenure_protocol::trigger::TriggerRow;
use tenure_workflow::trigger::Name;

use super::super::{ListArgs, query};
use crate::client::api::Api;
use crate::failure::{Failure, Outcome};
use crate::nearest::nearest;

/// The code with which the server says that there is no such trigger.
const UNKNOWN: &str = "trigger_unknown";
/// So many pages of names are looked through, the newest first.
const PAGES_MAX: usize = 20;

/// Names a trigger.
#[derive(Args, Debug)]
pub struct Which {
    /// Its name, in any case, or its id
    pub trigger: Name,
    #[command(flatten)]
    pub args: ListArgs,
}

impl Which {
    /// Returns the trigger at the server that was named.
    pub fn named(&self) -> Outcome<Named> {
        Ok(Named { api: self.args.api()?, name: self.trigger.clone() })
    }
}

/// A trigger at a server.
pub struct Named {
    pub api: Api,
    pub name: Name,
}

impl Named {
    pub async fn get<T: DeserializeOwned>(&self, rest: &str) -> Outcome<T> {
        self.told(self.api.get(&self.path(rest)).await).await
    }

    pub async fn post<T: DeserializeOwned>(&self, rest: &str, body: &impl Serialize) -> Outcome<T> {
        self.told(self.api.post(&self.path(rest), body).await).await
    }

    /// Posts under a key that the caller has: asked again with it, the server does nothing new.
    pub async fn post_keyed<T: DeserializeOwned>(&self, rest: &str, key: &str, body: &impl Serialize) -> Outcome<T> {
        self.told(self.api.post_keyed(&self.path(rest), key, body).await).await
    }

    pub async fn delete<T: DeserializeOwned>(&self, rest: &str) -> Outcome<T> {
        self.told(self.api.delete(&self.path(rest)).await).await
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/triggers/{}{rest}", in_path(&self.name))
    }

    async fn told<T>(&self, answer: Outcome<T>) -> Outcome<T> {
        match answer {
            Err(Failure::Refused(problem)) if problem.code == UNKNOWN => Err(self.unknown(*problem).await),
            other => other,
        }
    }

    async fn unknown(&self, mut problem: Problem) -> Failure {
        // The refusal is what matters: without the names it is told as it is.
        let rows = all(&self.api).await.unwrap_or_default();
        if let Some(meant) = meant(&self.name, rows.iter().map(|row| row.name.as_str())) {
            problem.detail += &format!("; did you mean `{meant}`?");
        }
        Failure::Refused(Box::new(problem))
    }
}

/// Returns the triggers of whoever asks, the newest first, as far as names are looked through.
pub async fn all(api: &Api) -> Outcome<Vec<TriggerRow>> {
    let (mut rows, mut cursor) = (vec![], None);
    for _ in 0..PAGES_MAX {
        let page: Page<TriggerRow> = api.get(&format!("/api/triggers{}", query(&[("cursor", cursor)]))).await?;
        rows.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(rows)
}

/// Returns a name as one piece of an address, whatever it holds.
fn in_path(name: &Name) -> String {
    utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC).to_string()
}

/// Returns the name that was probably meant, as it is written.
fn meant<'n>(typed: &Name, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let known: Vec<(String, &str)> = names.map(|name| (name.to_lowercase(), name)).collect();
    let near = nearest(&typed.as_str().to_lowercase(), known.iter().map(|(folded, _)| folded.as_str()))?;
    known.iter().find(|(folded, _)| folded == near).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn every_name_is_one_piece_of_an_address() {
        assert_eq!(in_path(&name("nightly")), "nightly");
        assert_eq!(in_path(&name("50% of a+b?")), "50%25%20of%20a%2Bb%3F");
        assert_eq!(in_path(&name("..")), "%2E%2E");
        assert_eq!(in_path(&name("Nächtlich")), "N%C3%A4chtlich");
    }

    #[test]
    fn a_slip_finds_the_name_as_it_is_written() {
        let names = ["Nightly report", "Release"];
        assert_eq!(meant(&name("NIGHTLY REPROT"), names.into_iter()), Some("Nightly report"));
        assert_eq!(meant(&name("weekly backup"), names.into_iter()), None);
    }
}
