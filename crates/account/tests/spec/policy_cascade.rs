//! The cascade of rules, as a table: who has which rule, and what comes of it.

use tenure_account::policy::command::{By, Command};
use tenure_account::policy::{Caller, Made, Mode, Policy, Risk, Source, What, Within};
use tenure_model::id::{SessionId, UserId, WorkflowId};
use tenure_model::testkit::{Given, given};
use uuid::Uuid;

use Mode::{Allow, Ask, Deny};

const SESSION: SessionId = SessionId(Uuid::from_u128(0x5e55));
const WORKFLOW: WorkflowId = WorkflowId(Uuid::from_u128(0xf100));

/// The scopes of the table's rules, the widest first.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Organization,
    Owner,
    Workflow,
    Session,
}

use At::{Organization, Owner, Session, Workflow};

fn made(risk: Risk) -> Made {
    Made {
        tool: "delete_workflow".into(),
        service: "tenure".into(),
        risk,
        arguments: Default::default(),
        hash: "a5".into(),
        caller: Caller { session: Some(SESSION), workflow: Some(WORKFLOW), ..Caller::default() },
    }
}

fn policy(rules: &[(At, &str, Mode)]) -> (Given<Policy>, Option<(What, Mode)>) {
    let user = UserId(Uuid::from_u128(0xa22));
    let by = By { user, name: "ann".into(), admin: false, agent: false };
    let mut policy = given(user, []);
    let mut organization = vec![];
    for (at, what, mode) in rules {
        let what: What = what.parse().expect("calls");
        let within = match at {
            Organization => {
                organization.push((what, *mode));
                continue;
            }
            Owner => Within::Owner,
            Workflow => Within::Workflow(WORKFLOW),
            Session => Within::Session(SESSION),
        };
        policy = policy.when(Command::SetRule { by: by.clone(), within, what, mode: Some(*mode) }).and();
    }
    let rules = organization.into_iter().collect();
    let rule = tenure_account::policy::verdict::matching(&rules, &made(Risk::Medium));
    (policy, rule.map(|(what, mode)| (what.clone(), *mode)))
}

#[test]
fn the_cascade_is_what_the_table_says() {
    // Rules, the mode that comes of them for a tool of medium risk, and which rule has decided.
    type Row<'t> = (&'t [(At, &'t str, Mode)], Mode, Option<(At, &'t str)>);
    let table: &[Row<'_>] = &[
        (&[], Ask, None),
        // Within a scope the most specific rule speaks.
        (&[(Owner, "risk:medium", Allow)], Allow, Some((Owner, "risk:medium"))),
        (&[(Owner, "risk:medium", Deny), (Owner, "service:tenure", Allow)], Allow, Some((Owner, "service:tenure"))),
        (
            &[(Owner, "service:tenure", Allow), (Owner, "tool:delete_workflow", Deny)],
            Deny,
            Some((Owner, "tool:delete_workflow")),
        ),
        (&[(Owner, "risk:high", Deny), (Owner, "service:mail", Deny), (Owner, "tool:other", Deny)], Ask, None),
        // The narrowest scope speaks for the owner, whatever is more specific elsewhere.
        (
            &[(Owner, "tool:delete_workflow", Deny), (Session, "risk:medium", Allow)],
            Allow,
            Some((Session, "risk:medium")),
        ),
        (
            &[(Owner, "risk:medium", Allow), (Workflow, "service:tenure", Deny)],
            Deny,
            Some((Workflow, "service:tenure")),
        ),
        (
            &[(Workflow, "tool:delete_workflow", Deny), (Session, "service:tenure", Ask)],
            Ask,
            Some((Session, "service:tenure")),
        ),
        // The organization is a ceiling: nobody is looser, and anybody may be stricter.
        (&[(Organization, "risk:medium", Deny)], Deny, Some((Organization, "risk:medium"))),
        (
            &[
                (Organization, "risk:medium", Deny),
                (Owner, "tool:delete_workflow", Allow),
                (Session, "risk:medium", Allow),
            ],
            Deny,
            Some((Organization, "risk:medium")),
        ),
        (
            &[(Organization, "service:tenure", Ask), (Owner, "tool:delete_workflow", Allow)],
            Ask,
            Some((Organization, "service:tenure")),
        ),
        (
            &[(Organization, "service:tenure", Ask), (Session, "risk:medium", Deny)],
            Deny,
            Some((Session, "risk:medium")),
        ),
        (&[(Organization, "risk:medium", Allow)], Allow, Some((Organization, "risk:medium"))),
        (&[(Organization, "risk:medium", Allow), (Owner, "service:tenure", Ask)], Ask, Some((Owner, "service:tenure"))),
        (
            &[(Organization, "risk:medium", Deny), (Organization, "tool:delete_workflow", Allow)],
            Allow,
            Some((Organization, "tool:delete_workflow")),
        ),
    ];
    for (rules, mode, decides) in table {
        let (policy, organization) = policy(rules);
        let judged = policy.state.judged(&made(Risk::Medium), organization.as_ref());
        let source = match decides {
            None => Source::Default,
            Some((at, what)) => {
                let what: What = what.parse().expect("calls");
                match at {
                    Organization => Source::Organization { what },
                    Owner => Source::Rule { within: Within::Owner, what },
                    Workflow => Source::Rule { within: Within::Workflow(WORKFLOW), what },
                    Session => Source::Rule { within: Within::Session(SESSION), what },
                }
            }
        };
        assert_eq!((judged.mode, &judged.source), (*mode, &source), "{rules:?}");
    }
}

#[test]
fn the_risk_decides_where_nobody_has_a_rule() {
    let (policy, _) = policy(&[]);
    for (risk, mode) in [(Risk::Low, Allow), (Risk::Medium, Ask), (Risk::High, Ask), (Risk::Critical, Deny)] {
        let judged = policy.state.judged(&made(risk), None);
        assert_eq!((judged.mode, judged.considered), (mode, vec![]), "{risk:?}");
    }
}

#[test]
fn rules_of_another_session_or_workflow_say_nothing() {
    let (policy, _) = policy(&[(Session, "risk:medium", Allow), (Workflow, "risk:medium", Deny)]);
    let elsewhere = Made { caller: Caller::default(), ..made(Risk::Medium) };
    assert_eq!(policy.state.judged(&elsewhere, None).source, Source::Default);
}

#[test]
fn every_rule_that_was_looked_at_is_told() {
    let (policy, organization) = policy(&[
        (Organization, "risk:medium", Ask),
        (Owner, "service:tenure", Allow),
        (Workflow, "risk:medium", Allow),
        (Session, "tool:delete_workflow", Allow),
    ]);
    let judged = policy.state.judged(&made(Risk::Medium), organization.as_ref());
    let considered: Vec<_> = judged.considered.iter().map(|rule| rule.what.to_string()).collect();
    assert_eq!(considered, ["risk:medium", "service:tenure", "risk:medium", "tool:delete_workflow"]);
    let words = judged.words(&made(Risk::Medium));
    assert_eq!(words, "delete_workflow needs a person's approval: the organization's rule for risk:medium says so");
}

#[test]
fn what_is_no_rule_is_told_with_the_way_to_write_it() {
    for wrong in ["", "tool:", "delete_workflow", "risk:huge", "tool:a b"] {
        let why = wrong.parse::<What>().unwrap_err();
        assert!(why.contains("tool:NAME") || why.contains("low, medium, high and critical"), "{wrong}: {why}");
    }
    for wrong in ["", "session", "session:x", "owner:1", "team"] {
        assert!(wrong.parse::<Within>().unwrap_err().contains("owner, workflow:ID or session:ID"), "{wrong}");
    }
}
