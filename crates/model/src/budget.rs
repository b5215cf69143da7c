//! Budgets: where they hold, what they measure, how much may be used, and what was used.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::chat::Usage;
use crate::id::{ExecutionId, SessionId, TriggerId, WorkflowId};
use crate::time::Span;

/// Where a budget holds: everything that is done there draws on it. Written `owner`, `session:ID`, `execution:ID`,
/// `workflow:ID` or `trigger:ID`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Debug)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// All that is done in the owner's name.
    Owner,
    Session(SessionId),
    /// One run, with the runs that it starts.
    Execution(ExecutionId),
    /// All runs of a workflow.
    Workflow(WorkflowId),
    /// All runs that a trigger has started.
    Trigger(TriggerId),
}

/// What a budget measures.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    Tokens,
    Cost,
    Time,
    Turns,
    ToolCalls,
}

/// An amount of money, in US dollars; kept in millionths of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default, Debug)]
#[serde(try_from = "f64", into = "f64")]
pub struct Usd(pub u64);

/// How much may be used. What is absent has no limit.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Tokens that models read and wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// US dollars, by the prices in the server's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<f64>))]
    pub cost_usd: Option<Usd>,
    /// How long runners were at work, added up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u64>))]
    pub time_ms: Option<Span>,
    /// Prompts that were handed to an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<u64>,
    /// Calls of tools that agents have made, their own tools among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<u64>,
}

/// What was used.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Used {
    pub tokens: u64,
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub cost_usd: Usd,
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub time_ms: Span,
    pub turns: u64,
    pub tool_calls: u64,
    /// Those of the tokens whose model has no price, so that the cost leaves them out.
    pub unpriced_tokens: u64,
}

/// A place that a work draws on, and what a workflow's definition allows there.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Draw {
    pub scope: Scope,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowance: Option<Allowance>,
}

/// What is left for one work that may begin, as far as it can be seen before the work is over.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
pub struct Left {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<u64>,
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Price {
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub input_usd: Usd,
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub output_usd: Usd,
}

/// The prices of models, by name; `*` is for all others.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Prices(pub BTreeMap<String, Price>);

impl Prices {
    /// Returns what was paid for this; none when the model has no price.
    pub fn cost(&self, usage: &Usage) -> Option<Usd> {
        const MILLION: u128 = 1_000_000;
        let of_model = usage.model.as_ref().and_then(|model| self.0.get(model));
        let price = of_model.or_else(|| self.0.get("*"))?;
        let of = |tokens: u64, for_million: Usd| u128::from(tokens) * u128::from(for_million.0);
        let cost = of(usage.input_tokens, price.input_usd) + of(usage.output_tokens, price.output_usd);
        Some(Usd(u64::try_from(cost.div_ceil(MILLION)).unwrap_or(u64::MAX)))
    }
}

impl Measure {
    pub const ALL: [Measure; 5] = [Measure::Tokens, Measure::Cost, Measure::Time, Measure::Turns, Measure::ToolCalls];

    /// Returns the name of the field that limits it.
    pub fn field(self) -> &'static str {
        match self {
            Measure::Tokens => "tokens",
            Measure::Cost => "cost_usd",
            Measure::Time => "time_ms",
            Measure::Turns => "turns",
            Measure::ToolCalls => "tool_calls",
        }
    }

    /// Writes an amount of it in words.
    pub fn words(self, amount: u64) -> String {
        match self {
            Measure::Tokens => format!("{amount} tokens"),
            Measure::Cost => format!("{} US dollars", Usd(amount)),
            Measure::Time => Span(amount).to_string(),
            Measure::Turns => format!("{amount} turns"),
            Measure::ToolCalls => format!("{amount} tool calls"),
        }
    }
}

impl Allowance {
    /// The largest amount of anything.
    pub const MAX: u64 = 1_000_000_000_000_000;

    /// Returns how much of something is allowed, in its smallest unit.
    pub fn of(&self, measure: Measure) -> Option<u64> {
        match measure {
            Measure::Tokens => self.tokens,
            Measure::Cost => self.cost_usd.map(|cost| cost.0),
            Measure::Time => self.time_ms.map(|time| time.0),
            Measure::Turns => self.turns,
            Measure::ToolCalls => self.tool_calls,
        }
    }

    /// Changes how much of something is allowed.
    pub fn set(&mut self, measure: Measure, amount: u64) {
        match measure {
            Measure::Tokens => self.tokens = Some(amount),
            Measure::Cost => self.cost_usd = Some(Usd(amount)),
            Measure::Time => self.time_ms = Some(Span(amount)),
            Measure::Turns => self.turns = Some(amount),
            Measure::ToolCalls => self.tool_calls = Some(amount),
        }
    }

    /// Checks that something is limited, and every limit is one. An error names the field and the rule.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let limits = || Measure::ALL.into_iter().filter_map(|measure| Some((measure.field(), self.of(measure)?)));
        if limits().next().is_none() {
            let fields = Measure::ALL.map(Measure::field).join(", ");
            return Err(("tokens", format!("a budget limits something: give at least one of {fields}")));
        }
        match limits().find(|(_, amount)| !(1..=Self::MAX).contains(amount)) {
            Some((field, _)) => Err((
                field,
                "must be more than nothing, and at most a thousand million million of its smallest unit".into(),
            )),
            None => Ok(()),
        }
    }
}

impl Used {
    /// Returns how much of something was used, in its smallest unit.
    pub fn of(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Tokens => self.tokens,
            Measure::Cost => self.cost_usd.0,
            Measure::Time => self.time_ms.0,
            Measure::Turns => self.turns,
            Measure::ToolCalls => self.tool_calls,
        }
    }

    pub fn add(&mut self, more: &Used) {
        self.tokens = self.tokens.saturating_add(more.tokens);
        self.cost_usd.0 = self.cost_usd.0.saturating_add(more.cost_usd.0);
        self.time_ms.0 = self.time_ms.0.saturating_add(more.time_ms.0);
        self.turns = self.turns.saturating_add(more.turns);
        self.tool_calls = self.tool_calls.saturating_add(more.tool_calls);
        self.unpriced_tokens = self.unpriced_tokens.saturating_add(more.unpriced_tokens);
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.is_multiple_of(10_000) {
            true => write!(f, "{:.2}", f64::from(*self)),
            false => write!(f, "{:.6}", f64::from(*self)),
        }
    }
}

impl TryFrom<f64> for Usd {
    type Error = String;

    fn try_from(dollars: f64) -> Result<Self, String> {
        match dollars.is_finite() && (0.0..=1e9).contains(&dollars) {
            true => Ok(Usd((dollars * 1e6).round() as u64)),
            false => Err("an amount of money is from 0 to 1,000,000,000 US dollars".into()),
        }
    }
}

impl From<Usd> for f64 {
    fn from(amount: Usd) -> f64 {
        amount.0 as f64 / 1e6
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Owner => f.write_str("owner"),
            Scope::Session(id) => write!(f, "session:{id}"),
            Scope::Execution(id) => write!(f, "execution:{id}"),
            Scope::Workflow(id) => write!(f, "workflow:{id}"),
            Scope::Trigger(id) => write!(f, "trigger:{id}"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" is no place of a budget; write owner, session:ID, execution:ID, workflow:ID or trigger:ID"
            )
        };
        match text.split_once(':') {
            None if text == "owner" => Ok(Scope::Owner),
            Some(("session", id)) => id.parse().map(Scope::Session).map_err(|_| wrong()),
            Some(("execution", id)) => id.parse().map(Scope::Execution).map_err(|_| wrong()),
            Some(("workflow", id)) => id.parse().map(Scope::Workflow).map_err(|_| wrong()),
            Some(("trigger", id)) => id.parse().map(Scope::Trigger).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_kept_in_millionths_and_written_in_dollars() {
        let read: Usd = serde_json::from_str("2.5").expect("an amount");
        assert_eq!((read, read.to_string(), Usd(1).to_string()), (Usd(2_500_000), "2.50".into(), "0.000001".into()));
        assert_eq!(serde_json::to_string(&Usd(2_500_000)).expect("it is written"), "2.5");
        for wrong in ["-1", "1e10"] {
            assert!(serde_json::from_str::<Usd>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_model_costs_is_rounded_up_and_unknown_without_a_price() {
        let dollars = |input, output| Price { input_usd: Usd(input), output_usd: Usd(output) };
        let price = dollars(3_000_000, 15_000_000);
        let prices = Prices([("m".to_owned(), price)].into());
        let usage = |model: &str| Usage { model: Some(model.into()), input_tokens: 1_000, output_tokens: 100 };
        assert_eq!(prices.cost(&usage("m")), Some(Usd(4_500)));
        assert_eq!(prices.cost(&usage("other")), None);
        let all = Prices([("*".to_owned(), dollars(100_000, 0))].into());
        assert_eq!(all.cost(&Usage { model: None, input_tokens: 1, output_tokens: 0 }), Some(Usd(1)));
    }

    #[test]
    fn an_allowance_limits_something_with_more_than_nothing() {
        assert_eq!(Allowance::default().check().expect_err("nothing is limited").0, "tokens");
        let none = Allowance { turns: Some(0), tokens: Some(1), ..Allowance::default() };
        assert_eq!(none.check().expect_err("nothing would ever begin").0, "turns");
        let some = Allowance { turns: Some(3), ..Allowance::default() };
        assert_eq!((some.check(), some.of(Measure::Turns)), (Ok(()), Some(3)));
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for text in
            ["owner", "session:00000000-0000-0000-0000-000000000001", "trigger:00000000-0000-0000-0000-000000000002"]
        {
            assert_eq!(text.parse::<Scope>().expect("a place").to_string(), text);
        }
        for wrong in ["", "session", "session:x", "person:1"] {
            assert!(wrong.parse::<Scope>().expect_err("no place").contains("no place of a budget"), "{wrong}");
        }
    }
}
