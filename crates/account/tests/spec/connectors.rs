//! Which connectors an owner has, where their headers may go, and what is remembered of their tools.

use std::collections::{BTreeMap, BTreeSet};

use tenure_account::Owner;
use tenure_account::owner::{Became, Command, Connector, ConnectorChange, ConnectorLimits, Reply};
use tenure_account::policy::Risk;
use tenure_account::policy::rule::Who;
use tenure_model::id::UserId;
use tenure_model::testkit::{Given, given};
use uuid::Uuid;

const LIMITS: ConnectorLimits = ConnectorLimits { connectors_max: 2, seen_max: 3 };

fn ann() -> Who {
    Who { user: UserId(Uuid::from_u128(1)), name: "ann".into() }
}

pub fn owner() -> Given<Owner> {
    given(UserId(Uuid::from_u128(1)), [])
}

pub fn set(name: &str, change: ConnectorChange) -> Command {
    Command::SetConnector { name: name.into(), change: Box::new(change), by: ann(), limits: LIMITS }
}

pub fn at(url: &str) -> ConnectorChange {
    ConnectorChange { url: Some(url.into()), ..ConnectorChange::default() }
}

pub fn headers(pairs: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    pairs.iter().map(|(name, sealed)| ((*name).to_owned(), sealed.map(str::to_owned))).collect()
}

pub fn tracker() -> Given<Owner> {
    let signed_in = headers(&[("authorization", Some("sealed"))]);
    owner().when(set("tracker", ConnectorChange { headers: signed_in, ..at("https://a.org/mcp") })).and()
}

pub fn known(given: &Given<Owner>) -> &Connector {
    &given.state.connectors["tracker"]
}

pub fn seen(hashes: &[(&str, &str)], by: Option<Who>) -> Command {
    let tools = hashes.iter().map(|(tool, hash)| ((*tool).to_owned(), (*hash).to_owned())).collect();
    Command::SeeTools { name: "tracker".into(), tools, by, limits: LIMITS }
}

#[test]
fn a_connector_is_made_changed_and_forgotten() {
    let first = owner().when(set("tracker", at("https://a.org/mcp")));
    assert_eq!(first.decision().reply, Reply::Connector(Became::Created));
    let given = first.and();
    assert_eq!(known(&given).settings.risk, Risk::Medium, "people are asked unless somebody says otherwise");
    assert!(known(&given).settings.enabled);
    let given = given.when(set("tracker", at("https://a.org/mcp"))).silent();
    let risks = BTreeMap::from([("find".to_owned(), Some(Risk::Low))]);
    let then = given.when(set("tracker", ConnectorChange { risks, ..ConnectorChange::default() }));
    assert_eq!(then.decision().reply, Reply::Connector(Became::Updated));
    let given = then.and();
    assert_eq!(known(&given).settings.risk_of("find"), Risk::Low);
    assert_eq!(known(&given).settings.risk_of("file_issue"), Risk::Medium);
    let remove = || Command::RemoveConnector { name: "tracker".into(), by: ann() };
    let given = given.when(remove()).and();
    assert!(given.state.connectors.is_empty());
    given.when(remove()).silent();
}

#[test]
fn what_is_left_out_stays_and_null_clears() {
    let only = Some(Some(BTreeSet::from(["find".to_owned()])));
    let given = tracker().when(set("tracker", ConnectorChange { tools: only, ..ConnectorChange::default() })).and();
    assert!(known(&given).settings.lets("find") && !known(&given).settings.lets("file_issue"));
    assert_eq!(known(&given).settings.transport.sealed().len(), 1);
    let all = ConnectorChange { tools: Some(None), headers: headers(&[("authorization", None)]), ..Default::default() };
    let given = given.when(set("tracker", all)).and();
    assert!(known(&given).settings.lets("file_issue"));
    assert!(known(&given).settings.transport.sealed().is_empty());
}

#[test]
fn headers_go_to_nobody_whom_they_were_not_given_for() {
    let why = "the address leads to another server, and the header authorization was given for the one before; give it again, \
               or clear it with null";
    let given = tracker();
    let given = given.when(set("tracker", at("https://b.org/mcp"))).refused(why);
    let given = given.when(set("tracker", at("http://a.org/mcp"))).refused(why);
    let given = given.when(set("tracker", at("https://a.org:8443/mcp"))).refused(why);
    let given = given.when(set("tracker", at("https://a.org/other"))).and();
    let again = headers(&[("authorization", Some("sealed anew"))]);
    given.when(set("tracker", ConnectorChange { headers: again, ..at("https://b.org/mcp") })).and();
}

#[test]
fn a_connector_is_named_and_reached_within_its_limits() {
    let long = "a".repeat(33);
    for name in ["", "Tracker", "1st", "a_b", "-a", "tenure", &long] {
        owner().when(set(name, at("https://a.org"))).refused(
            "a connector's name has 1 to 32 small letters, digits and hyphens, begins with a letter, and is not \"tenure\"",
        );
    }
    owner()
        .when(set("tracker", ConnectorChange::default()))
        .refused("url: a new connector needs an address, or a command that a runner starts");
    owner()
        .when(set("tracker", at("file:///etc/passwd")))
        .refused("url: write it as https://host/path, in 2048 bytes at most");
    let given = owner().when(set("a", at("https://a.org"))).and().when(set("b", at("https://b.org"))).and();
    given.when(set("c", at("https://c.org"))).refused("you have 2 connectors, the limit connectors_max is 2");
}

#[test]
fn a_tool_that_changes_is_known_as_it_was_until_somebody_accepts_it() {
    let given = tracker().when(seen(&[("find", "one")], None)).and();
    let given = given.when(seen(&[("find", "two")], None)).silent();
    assert_eq!(known(&given).seen["find"], "one");
    let given = given.when(seen(&[("find", "two")], Some(ann()))).and();
    assert_eq!(known(&given).seen["find"], "two");
    let given = given.when(seen(&[("a", "1"), ("b", "1"), ("c", "1")], None)).refused(
        "more than 3 tools of it would be remembered, the limit connector_tools_max allows no more; list those that you need in `tools`",
    );
    let again = headers(&[("authorization", Some("sealed"))]);
    let given = given.when(set("tracker", ConnectorChange { headers: again, ..at("https://b.org/mcp") })).and();
    assert!(known(&given).seen.is_empty(), "another server has other tools");
}

#[test]
fn a_header_is_sealed_anew_only_when_it_is_still_the_same() {
    let reseal = |old: &str, new: &str| Command::ResealConnector {
        name: "tracker".into(),
        headers: BTreeMap::from([("authorization".to_owned(), (old.to_owned(), new.to_owned()))]),
    };
    let given = tracker().when(reseal("another", "new")).silent();
    let given = given.when(reseal("sealed", "new")).and();
    assert_eq!(known(&given).settings.transport.sealed()["authorization"], "new");
    given.when(reseal("sealed", "newer")).silent();
}
