//! Calls of steps that take a person: asked about once and made once, wherever the server ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Map;
use tenure_account::policy::command::{Asks, By, Calling as Judged, Decision};
use tenure_account::policy::{self, Caller, Calls, Made, Policy, Risk};
use tenure_journal::engine::MemoryEngine;
use tenure_model::Span;
use tenure_model::step::StepRef;
use tenure_runtime::{Builtin, Calling, Clock, Directory, Leave, Leaving, ToolCall, Tools};
use tenure_workflow::Execution;
use tenure_workflow::execution::running::{Doing, Question};
use tenure_workflow::execution::{Action, Command, Status, WaitsFor};
use tokio::sync::watch;

use crate::house::{House, ann, within};
use crate::house_of_runs::{run, start_of};

const ONE: &str = "name: One\nsteps:\n  - {id: a, type: tool, tool: echo, arguments: {n: 1}}\n";

/// A tool whose calls take a person; the first time that one is to be asked, the server ends.
#[derive(Clone, Default)]
struct TakesAPerson {
    asked: Arc<Mutex<Vec<Question>>>,
    allowed: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
}

impl Tools for TakesAPerson {
    fn call(&self, call: ToolCall) -> Calling {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Builtin.call(call)
    }

    fn leave(&self, _: ToolCall) -> Leaving {
        let open_for = Span::hours(1);
        let leave = if self.allowed.load(Ordering::Relaxed) { Leave::Given } else { Leave::Wanted { open_for } };
        Box::pin(std::future::ready(Ok(leave)))
    }

    fn ask(&self, call: ToolCall, question: Question) -> Leaving {
        let mut asked = self.asked.lock().expect("noting does not panic");
        asked.push(question);
        if asked.len() == 1 { Box::pin(std::future::pending()) } else { self.leave(call) }
    }

    fn is_once(&self, _: &str) -> bool {
        true
    }
}

#[actix_rt::test]
async fn a_question_that_a_crash_cut_off_is_the_same_question_again_and_the_call_is_made_once() {
    let tools = TakesAPerson::default();
    let over = async |engine: MemoryEngine| {
        let given = tools.clone();
        House::over(engine, Clock::Real, move |options| options.tools = Arc::new(given)).await
    };
    let asked = async |count: usize| {
        within("the question", async {
            while tools.asked.lock().expect("reading does not panic").len() < count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    };
    let house = over(MemoryEngine::new()).await;
    house.start(run(1), start_of(ONE)).await;
    asked(1).await;
    let waits = house.run(run(1)).await;
    assert_eq!(waits.waits_for(), Some(WaitsFor::Approval), "the run waits before anybody is asked");
    house.runtime.stop(Span::ZERO).await;
    let house = over(house.engine.clone()).await;
    asked(2).await;
    let questions = tools.asked.lock().expect("reading does not panic").clone();
    assert_eq!(questions[0], questions[1], "it has the same id and the same deadline");
    assert_eq!(tools.calls.load(Ordering::Relaxed), 0);
    tools.allowed.store(true, Ordering::Relaxed);
    let step = StepRef { execution: run(1), path: "a".into(), attempt: 1, round: 0 };
    let leave = Command::Leave { step, approval: questions[0].approval, result: Ok(None) };
    house.runtime.executions.ask(run(1), leave).await.expect("the run hears it");
    house.outputs(run(1)).await;
    assert_eq!(tools.calls.load(Ordering::Relaxed), 1);
}

/// A tool whose calls the owner's policy judges, and lets nobody make without a person.
#[derive(Clone, Default)]
struct UnderPolicy {
    /// Known once the house stands.
    policies: Arc<watch::Sender<Option<Directory<Policy>>>>,
    calls: Arc<AtomicUsize>,
}

impl UnderPolicy {
    fn judge(&self, call: ToolCall, asks: Option<Asks>) -> Leaving {
        let mut known = self.policies.subscribe();
        Box::pin(async move {
            let policies =
                known.wait_for(Option::is_some).await.expect("the house stands").clone().expect("it is there");
            let calls = Calls { step: call.step, name: "a".into(), workflow: "One".into() };
            let made = Made {
                tool: call.tool,
                service: "test".into(),
                risk: Risk::Medium,
                arguments: Map::new(),
                hash: "hash".into(),
                caller: Caller { step: Some(Box::new(calls)), ..Caller::default() },
            };
            let judged = Judged { id: call.key, made, organization: None, reads: false, waits: Span::ZERO, asks };
            let told = policies.ask(ann().user, policy::Command::Call(Box::new(judged))).await.expect("it answers");
            let open_for = Span::hours(1);
            Ok(match told.reply {
                policy::Reply::Allowed { .. } => Leave::Given,
                _ => Leave::Wanted { open_for },
            })
        })
    }
}

impl Tools for UnderPolicy {
    fn call(&self, call: ToolCall) -> Calling {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Builtin.call(call)
    }

    fn leave(&self, call: ToolCall) -> Leaving {
        self.judge(call, None)
    }

    fn ask(&self, call: ToolCall, question: Question) -> Leaving {
        self.judge(call, Some(Asks { open_for: Span::hours(1), id: Some(question.approval) }))
    }

    fn is_once(&self, _: &str) -> bool {
        true
    }
}

async fn governed(engine: MemoryEngine) -> (House, UnderPolicy) {
    let tools = UnderPolicy::default();
    let given = tools.clone();
    let house = House::over(engine, Clock::Real, move |options| options.tools = Arc::new(given)).await;
    tools.policies.send_replace(Some(house.runtime.policies.clone()));
    (house, tools)
}

/// Waits until a person is asked, and returns under which id.
async fn question(house: &House) -> tenure_model::id::ApprovalId {
    let mut news = house.runtime.policies.feed().subscribe(ann().user, 100);
    within("the question", async {
        loop {
            let policy = house.runtime.policies.look(ann().user).await.expect("it can be read").state;
            if let Some((id, _)) = policy.approvals.iter().find(|(_, asked)| asked.approved.is_none()) {
                return *id;
            }
            news.next().await.expect("the feed goes on");
        }
    })
    .await
}

#[actix_rt::test]
async fn a_decision_reaches_its_step_although_the_server_ends_right_after_it() {
    let (house, before) = governed(MemoryEngine::new()).await;
    house.start(run(1), start_of(ONE)).await;
    let approval = question(&house).await;
    let decision = Decision { hash: "hash".into(), approved: true, reason: None, grant: None };
    let by = By { user: ann().user, name: "ann".into(), admin: false, agent: false };
    let decide = policy::Command::Decide { by, approval, decision };
    house.runtime.policies.ask(ann().user, decide).await.expect("it is decided");
    house.runtime.stop(Span::ZERO).await;
    let (house, after) = governed(house.engine.clone()).await;
    // A call that was on its way just then is in doubt, as it would be without a question.
    let goes_on = |run: &Execution| {
        run.ended.is_some() || run.steps.values().any(|step| matches!(step.doing, Doing::Unknown { .. }))
    };
    let run = house.run_until(run(1), "the step to go on", goes_on).await;
    let calls = before.calls.load(Ordering::Relaxed) + after.calls.load(Ordering::Relaxed);
    assert!(calls == 1 || (calls == 0 && run.ended.is_none()), "{calls} calls were made");
}

#[actix_rt::test]
async fn a_run_that_is_cancelled_takes_its_question_back_also_over_the_end_of_the_server() {
    let (house, _) = governed(MemoryEngine::new()).await;
    house.start(run(1), start_of(ONE)).await;
    question(&house).await;
    house.wants(run(1), Action::Cancel { reason: None }).await;
    house.runtime.stop(Span::ZERO).await;
    let (house, _) = governed(house.engine.clone()).await;
    assert_eq!(house.run(run(1)).await.status(), Status::Cancelled);
    let mut news = house.runtime.policies.feed().subscribe(ann().user, 100);
    within("the end of the question", async {
        while !house.runtime.policies.look(ann().user).await.expect("it can be read").state.approvals.is_empty() {
            news.next().await.expect("the feed goes on");
        }
    })
    .await;
}
