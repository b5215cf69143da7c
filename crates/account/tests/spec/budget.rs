//! Budgets: what has drawn is counted once, nothing begins above a limit, and people let it go on.

use tenure_account::Budgets;
use tenure_account::budget::{Command, Event, Every, Refusal, Reply, Shortage};
use tenure_account::policy::command::By;
use tenure_model::Entity;
use tenure_model::budget::{Allowance, Draw, Left, Measure, Scope, Usd, Used};
use tenure_model::id::{ApprovalId, ExecutionId, SessionId, UserId, WorkId};
use tenure_model::testkit::{Given, given};
use tenure_model::time::{Span, Timestamp};
use uuid::Uuid;

const ANN: UserId = UserId(Uuid::from_u128(0xa22));
const SESSION: Scope = Scope::Session(SessionId(Uuid::from_u128(5)));
const RUN: Scope = Scope::Execution(ExecutionId(Uuid::from_u128(6)));

fn by(user: UserId) -> By {
    By { user, name: "ann".into(), admin: false, agent: false }
}

fn work(number: u128) -> WorkId {
    WorkId(Uuid::from_u128(number))
}

fn set(scope: Scope, allowance: Allowance) -> Command {
    Command::Set { by: by(ANN), scope, allowance, every: None, afresh: false }
}

fn turns(turns: u64) -> Allowance {
    Allowance { turns: Some(turns), ..Allowance::default() }
}

fn tokens(tokens: u64) -> Allowance {
    Allowance { tokens: Some(tokens), ..Allowance::default() }
}

fn draw(number: u128) -> Command {
    let on = [SESSION, RUN].map(|scope| Draw { scope, allowance: None }).to_vec();
    Command::Draw { work: work(number), turns: 1, on }
}

fn spend(number: u128, tokens: u64) -> Command {
    Command::Spend { work: work(number), used: Used { tokens, ..Used::default() } }
}

fn budgets() -> Given<Budgets> {
    given(ANN, [])
}

/// Takes all of this, and returns the answers.
fn told(mut budgets: Given<Budgets>, commands: impl IntoIterator<Item = Command>) -> (Given<Budgets>, Vec<Reply>) {
    let mut replies = vec![];
    for command in commands {
        let then = budgets.when(command);
        replies.push(then.decision().reply.clone());
        budgets = then.and();
    }
    (budgets, replies)
}

fn drawn() -> Reply {
    Reply::Drawn(Left::default())
}

fn used_up(scope: Scope, measure: Measure, used: u64, allowed: u64) -> Reply {
    Reply::UsedUp(Shortage { scope, measure, used, allowed, until: None })
}

/// Returns what a person is asked.
fn asked(budgets: &Given<Budgets>) -> Vec<(ApprovalId, String)> {
    let rows = budgets.state.summaries(ANN.0);
    let read = |row: &tenure_model::Row| row.read::<serde_json::Value>().expect("a row");
    rows.iter().map(|(key, row)| (ApprovalId(key.id), read(row)["hash"].as_str().expect("a hash").to_owned())).collect()
}

#[test]
fn without_a_budget_nothing_is_written() {
    let (_, replies) = told(budgets(), [draw(1), spend(1, 10), Command::Return { work: work(1) }]);
    assert_eq!(replies, [Reply::Free, Reply::Done, Reply::Done]);
    budgets().when(draw(1)).silent();
}

#[test]
fn no_more_turns_begin_than_there_are_and_a_repeat_counts_once() {
    let (budgets, replies) = told(budgets(), [set(SESSION, turns(2)), draw(1), draw(1), draw(2), draw(3), draw(3)]);
    let none = used_up(SESSION, Measure::Turns, 2, 2);
    assert_eq!(replies, [Reply::Done, drawn(), drawn(), drawn(), none.clone(), none]);
    // What was never begun is given back, and a place is free again.
    let (_, replies) = told(budgets, [Command::Return { work: work(2) }, Command::Return { work: work(2) }, draw(3)]);
    assert_eq!(replies, [Reply::Done, Reply::Done, drawn()]);
}

#[test]
fn what_works_use_is_counted_once_in_every_place() {
    let all = [set(SESSION, tokens(100)), set(Scope::Owner, tokens(150))];
    let (budgets, _) = told(budgets(), all.into_iter().chain([draw(1), spend(1, 70), spend(1, 70)]));
    assert_eq!([SESSION, Scope::Owner].map(|scope| budgets.state.kept[&scope].used.tokens), [70, 70]);
    let (budgets, replies) = told(budgets, [draw(2), spend(2, 70), draw(3)]);
    assert_eq!(replies[2], used_up(SESSION, Measure::Tokens, 140, 100), "what goes on may use more than is left");
    assert_eq!(budgets.state.kept[&Scope::Owner].used.turns, 2);
}

#[test]
fn a_run_is_limited_by_its_definition_and_draws_on_its_parents() {
    let parent = Scope::Execution(ExecutionId(Uuid::from_u128(60)));
    let of_child = |number| Command::Draw {
        work: work(number),
        turns: 1,
        on: vec![Draw { scope: RUN, allowance: Some(turns(5)) }, Draw { scope: parent, allowance: Some(turns(2)) }],
    };
    let (budgets, replies) = told(budgets(), [of_child(1), of_child(2), of_child(3)]);
    assert_eq!(replies, [drawn(), drawn(), used_up(parent, Measure::Turns, 2, 2)]);
    assert_eq!(budgets.state.kept[&RUN].used.turns, 2);
}

#[test]
fn a_work_is_told_the_least_that_is_left_of_what_can_be_seen_meanwhile() {
    let some =
        |tool_calls| Allowance { tool_calls: Some(tool_calls), time_ms: Some(Span::secs(60)), ..Allowance::default() };
    let used = Used { tool_calls: 4, time_ms: Span::secs(20), ..Used::default() };
    let spent = Command::Spend { work: work(1), used };
    let all = [set(SESSION, some(10)), set(Scope::Owner, tokens(100)), draw(1), spent, set(RUN, some(5)), draw(2)];
    let (_, replies) = told(budgets(), all);
    assert_eq!(replies[2], Reply::Drawn(Left { time_ms: Some(Span::secs(60)), tool_calls: Some(10) }));
    assert_eq!(replies[5], Reply::Drawn(Left { time_ms: Some(Span::secs(40)), tool_calls: Some(5) }));
}

#[test]
fn a_person_is_asked_once_and_allows_as_much_again() {
    let (budgets, _) = told(budgets(), [set(SESSION, turns(1)), draw(1), draw(2), draw(3)]);
    let [(approval, hash)] = &asked(&budgets)[..] else { panic!("one question") };
    let raise = |who: By, hash: &str| Command::Raise { by: who, approval: *approval, hash: hash.to_owned() };
    let other = budgets.clone().when(raise(by(ANN), "another"));
    other.refused("something else");
    budgets.clone().when(raise(by(UserId(Uuid::from_u128(9))), hash)).refused("somebody else's");
    budgets.clone().when(raise(By { agent: true, ..by(ANN) }, hash)).refused("agents decide nothing");
    let (budgets, replies) = told(budgets, [raise(by(ANN), hash), draw(2), draw(3)]);
    assert_eq!(replies, [Reply::Raised, drawn(), used_up(SESSION, Measure::Turns, 2, 2)]);
    let again = asked(&budgets);
    assert!(
        again[0].0 == *approval && again[0].1 != *hash,
        "a late click on the first question does not raise it twice"
    );
    // Nobody is asked any more once nothing waits.
    let (budgets, _) = told(budgets, [Command::Return { work: work(3) }]);
    assert_eq!(asked(&budgets), []);
    budgets.clone().when(raise(by(ANN), hash)).silent();
    budgets.when(raise(by(ANN), &again[0].1)).refused("nothing waits any more");
}

#[test]
fn a_budget_of_a_day_counts_from_nothing_on_the_next() {
    let daily =
        Command::Set { by: by(ANN), scope: Scope::Owner, allowance: turns(1), every: Some(Every::Day), afresh: false };
    let (budgets, _) = told(budgets(), [daily, draw(1), draw(2)]);
    assert_eq!(asked(&budgets).len(), 1);
    let tomorrow = budgets.after(Span::hours(24));
    let then = tomorrow.when(draw(2));
    assert_eq!(then.decision().reply, drawn());
    let budgets = then.and();
    assert_eq!((asked(&budgets), budgets.state.kept[&Scope::Owner].used.turns), (vec![], 1));
}

#[test]
fn setting_it_again_keeps_what_was_used_unless_it_is_to_count_afresh() {
    let (budgets, _) = told(budgets(), [set(SESSION, tokens(10)), draw(1), spend(1, 12), set(SESSION, tokens(20))]);
    assert_eq!(budgets.state.kept[&SESSION].used.tokens, 12);
    budgets.clone().when(set(SESSION, tokens(20))).silent();
    let afresh = Command::Set { by: by(ANN), scope: SESSION, allowance: tokens(20), every: None, afresh: true };
    let (budgets, _) = told(budgets, [afresh]);
    assert_eq!(budgets.state.kept[&SESSION].used, Used::default());
    let (budgets, _) = told(budgets, [Command::Remove { by: by(ANN), scope: SESSION }]);
    budgets.clone().when(Command::Remove { by: by(ANN), scope: SESSION }).silent();
    budgets.when(draw(5)).silent();
}

#[test]
fn a_budget_says_what_is_wrong_with_it() {
    let field = |allowance| match budgets().when(set(SESSION, allowance)).result {
        Err(Refusal::Bad { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(Allowance::default()), "tokens");
    assert_eq!(field(turns(0)), "turns");
    assert_eq!(field(Allowance { cost_usd: Some(Usd(0)), ..Allowance::default() }), "cost_usd");
    assert_eq!(field(Allowance { time_ms: Some(Span(u64::MAX)), ..Allowance::default() }), "time_ms");
}

#[test]
fn budgets_of_runs_are_forgotten_when_there_are_too_many_and_those_of_people_never() {
    let run = |number: u64| Command::Draw {
        work: work(u128::from(number) + 1),
        turns: 1,
        on: vec![Draw {
            scope: Scope::Execution(ExecutionId(Uuid::from_u128(number.into()))),
            allowance: Some(turns(5)),
        }],
    };
    let mut state = Budgets::default();
    state.apply(
        &Event::Set { scope: SESSION, allowance: turns(1), every: None, afresh: false, by: by(ANN).who() },
        Timestamp(0),
    );
    for number in 0..=1_000 {
        let ctx = tenure_model::Ctx { id: ANN.0, now: Timestamp(number), seq: number + 2, entropy: 0 };
        for event in state.decide(run(number), &ctx).expect("it draws").events {
            state.apply(&event, ctx.now);
        }
    }
    assert_eq!(state.kept.len(), 1_001);
    let is_kept = |number: u128| state.kept.contains_key(&Scope::Execution(ExecutionId(Uuid::from_u128(number))));
    assert!(!is_kept(0) && is_kept(1) && state.kept.contains_key(&SESSION));
}
