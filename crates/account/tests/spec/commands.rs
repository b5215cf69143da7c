//! Connectors that are commands: what may be said of them, and who is trusted with their variables.

use std::collections::BTreeMap;

use tenure_account::owner::{Became, Command, ConnectorChange, Reply, Transport};
use tenure_model::placement::Placement;
use tenure_model::testkit::Given;

use crate::connectors::{at, headers as named, known, owner, seen, set, tracker};

fn command(words: &[&str]) -> ConnectorChange {
    let (command, args) = words.split_first().expect("a command has a first word");
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    ConnectorChange { command: Some((*command).to_owned()), args: Some(args), ..ConnectorChange::default() }
}

fn with_env(change: ConnectorChange, pairs: &[(&str, Option<&str>)]) -> ConnectorChange {
    ConnectorChange { env: named(pairs), ..change }
}

fn on(labels: &[(&str, &str)], change: ConnectorChange) -> ConnectorChange {
    let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    ConnectorChange { runner: Some(Placement { labels, ..Placement::default() }), ..change }
}

fn local() -> Given<tenure_account::Owner> {
    owner().when(set("tracker", with_env(command(&["mcp-tracker", "--all"]), &[("TOKEN", Some("sealed"))]))).and()
}

#[test]
fn a_connector_is_a_command_on_a_runner() {
    let given = local();
    let Transport::Command { command: program, args, env, runner } = &known(&given).settings.transport else {
        panic!("it was given a command")
    };
    assert_eq!((program.as_str(), args.len(), env.len(), runner.is_any()), ("mcp-tracker", 1, 1, true));
    let again = set("tracker", with_env(command(&["mcp-tracker", "--all"]), &[("TOKEN", Some("sealed"))]));
    let then = given.when(again);
    assert_eq!(then.decision().reply, Reply::Connector(Became::Unchanged));
    let given = then.silent();
    let disabled = ConnectorChange { enabled: Some(false), ..ConnectorChange::default() };
    let given = given.when(set("tracker", disabled)).and();
    assert_eq!(known(&given).settings.transport.sealed().len(), 1, "what is left out stays");
}

#[test]
fn a_connector_has_either_an_address_or_a_command() {
    let both = ConnectorChange { url: Some("https://a.org".into()), ..command(&["a"]) };
    owner().when(set("a", both)).refused("command: a connector has a url or a command; leave one of them out");
    let only = "only a connector with a command has this; leave it out, or give a command";
    let given = tracker();
    let args = ConnectorChange { args: Some(vec![]), ..ConnectorChange::default() };
    let given = given.when(set("tracker", args)).refused(&format!("args: {only}"));
    let env = with_env(ConnectorChange::default(), &[("A", Some("sealed"))]);
    let given = given.when(set("tracker", env)).refused(&format!("env: {only}"));
    given.when(set("tracker", on(&[], ConnectorChange::default()))).refused(&format!("runner: {only}"));
    let headers = ConnectorChange { headers: named(&[("x-key", Some("sealed"))]), ..ConnectorChange::default() };
    local().when(set("tracker", headers)).refused("headers: a command is sent no headers; give it variables in `env`");
}

#[test]
fn what_belongs_to_the_other_way_is_gone_with_it() {
    let given = tracker().when(set("tracker", command(&["mcp-tracker"]))).and();
    assert!(known(&given).settings.transport.sealed().is_empty(), "a header is no variable");
    let given = given.when(set("tracker", with_env(ConnectorChange::default(), &[("TOKEN", Some("sealed"))]))).and();
    let given = given.when(set("tracker", at("https://a.org/mcp"))).and();
    assert!(known(&given).settings.transport.sealed().is_empty());
}

#[test]
fn variables_go_to_no_program_and_no_runner_that_they_were_not_given_for() {
    let why = "another command is started, or elsewhere, and the variable TOKEN was given for the one before; give it \
               again, or clear it with null";
    let given = local();
    let given = given.when(set("tracker", command(&["other", "--all"]))).refused(why);
    let given = given.when(set("tracker", command(&["mcp-tracker", "--all", "--send"]))).refused(why);
    let given = given.when(set("tracker", on(&[("gpu", "")], ConnectorChange::default()))).refused(why);
    let given = given.when(seen(&[("find", "one")], None)).and();
    let again = with_env(command(&["other"]), &[("TOKEN", Some("sealed anew"))]);
    let given = given.when(set("tracker", again)).and();
    assert!(known(&given).seen.is_empty(), "another program has other tools");
    let cleared = on(&[("gpu", "")], with_env(ConnectorChange::default(), &[("TOKEN", None)]));
    let given = given.when(set("tracker", cleared)).and();
    assert!(known(&given).settings.transport.sealed().is_empty());
}

#[test]
fn a_variable_is_sealed_anew_like_a_header() {
    let reseal = Command::ResealConnector {
        name: "tracker".into(),
        headers: BTreeMap::from([("TOKEN".to_owned(), ("sealed".to_owned(), "new".to_owned()))]),
    };
    let given = local().when(reseal).and();
    assert_eq!(known(&given).settings.transport.sealed()["TOKEN"], "new");
}

#[test]
fn a_command_and_its_variables_are_within_their_limits() {
    let refused = |change: ConnectorChange, why: &str| {
        owner().when(set("a", change)).refused(why);
    };
    let rule = "4096 bytes at most, and no zero byte";
    let named = format!("command: name a program on the runner, in {rule}; what it is told goes into `args`");
    refused(command(&[""]), &named);
    refused(command(&["a\0b"]), &named);
    let told = |count| format!("args: there are {count}; at most 64 are given, each in {rule}");
    refused(command(&["a", &"x".repeat(4_097)]), &told(1));
    refused(command(&["a"; 66]), &told(65));
    for name in ["", "1A", "A-B", "A=B", "TENURE_WORK"] {
        refused(
            with_env(command(&["a"]), &[(name, Some("sealed"))]),
            "env: a name has 1 to 128 letters, digits and underscores, with no digit first, and does not begin with TENURE_",
        );
    }
    refused(
        on(&[("a=b", "")], command(&["a"])),
        "runner: the label \"a=b\" must have 1 to 100 bytes, no \"=\" and no control characters",
    );
    let sandbox = Placement { sandbox: Some("big".into()), ..Placement::default() };
    refused(
        ConnectorChange { runner: Some(sandbox), ..command(&["a"]) },
        "runner: a sandbox is started for one session; ask for a pool or for labels",
    );
}
