//! A connector that is a command: a runner starts it, keeps it, and speaks to it over its standard input and output.
//!
//! Each question names the whole command, so that a runner that has forgotten everything can answer it as well; what it kept is its own
//! business.

use rmcp::model::{CallToolRequestParams, CallToolResult};
use serde_json::Value;
use tenure_model::Span;
use tenure_model::connector::{ConnectorAsk, ConnectorOrder, ConnectorProgram, ConnectorTold};
use tenure_model::placement::Placement;
use tenure_runtime::{LinkId, Roster};

use super::dial::Dial;
use super::failure::{Failure, Kind};
use super::peer::{Greeting, check_list};
use super::veil::Veil;

/// A command on the runner at the other end of a link.
pub struct Program {
    roster: Roster,
    link: LinkId,
    /// A call of it, but for what is called.
    order: ConnectorOrder,
}

impl Program {
    pub async fn greet(
        (command, args, runner): (&str, &[String], &Placement),
        dial: &Dial<'_>,
        veil: &Veil,
    ) -> Result<(Self, Greeting), Failure> {
        let nobody = |why: &dyn std::fmt::Display| Failure::new(Kind::NoRunner, format!("cannot be started: {why}"));
        let key = format!("{}/{}", dial.owner, dial.name);
        let link = dial.roster.pick_for_connector(runner, &key).map_err(|why| nobody(&why))?;
        let env = dial.credentials.iter().cloned().collect();
        let listing = ConnectorOrder {
            owner: dial.owner,
            connector: dial.name.to_owned(),
            program: ConnectorProgram { command: command.to_owned(), args: args.to_vec(), env },
            question: ConnectorAsk::List,
            within_ms: earlier(dial.bounds.greet_within),
            answer_bytes_max: dial.bounds.answer_bytes_max as u64,
        };
        let told = dial.roster.ask_connector(link, listing.clone()).await;
        let told = told.map_err(|lost| Failure::new(Kind::Unreachable, format!("cannot be asked: {lost}")))?;
        let greeting = match told {
            ConnectorTold::Listed { server, tools } => {
                let bytes = serde_json::to_string(&tools).map_or(usize::MAX, |text| text.len());
                check_list(bytes, dial.bounds)?;
                Greeting { server, tools: read(Value::Array(tools), veil)? }
            }
            other => return Err(Failure::of_told(other, veil).before_any_call()),
        };
        let order = ConnectorOrder { within_ms: earlier(dial.bounds.call_within), ..listing };
        Ok((Self { roster: dial.roster.clone(), link, order }, greeting))
    }

    pub async fn call(&self, params: CallToolRequestParams, veil: &Veil) -> Result<CallToolResult, Failure> {
        let Ok(Value::Object(params)) = serde_json::to_value(&params) else {
            return Err(Failure::new(Kind::Refused, "cannot be sent these arguments"));
        };
        let order = ConnectorOrder { question: ConnectorAsk::Call { params }, ..self.order.clone() };
        match self.roster.ask_connector(self.link, order).await.map_err(Failure::of_lost)? {
            ConnectorTold::Called { result } => read(result, veil),
            other => Err(Failure::of_told(other, veil)),
        }
    }

    pub fn is_over(&self) -> bool {
        !self.roster.is_at_work(self.link)
    }
}

/// Returns how long the runner may take, so that its own words come in time.
fn earlier(within: Span) -> Span {
    Span(within.0 / 10 * 9)
}

fn read<T: serde::de::DeserializeOwned>(value: Value, veil: &Veil) -> Result<T, Failure> {
    let unreadable = |error: serde_json::Error| {
        Failure::new(Kind::Invalid, format!("answers what cannot be read: {}", veil.said(&error.to_string())))
    };
    serde_json::from_value(value).map_err(unreadable)
}
