//! Runs among the other actors: the gate lets them in, tools and runners do their steps, crashes repeat nothing.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tenure_model::chat::FinishReason;
use tenure_model::id::{SessionId, derived};
use tenure_model::link::{TurnFrame, WorkPhase, WorkSpec};
use tenure_model::step::RunEnd;
use tenure_model::{Span, Timestamp};
use tenure_runtime::{Builtin, Calling, Clock, Heard, Order, ToolCall, Tools};
use tenure_workflow::Execution;
use tenure_workflow::execution::command::{Start, Trigger, TriggerKind};
use tenure_workflow::execution::running::Doing;
use tenure_workflow::execution::{Action, Status, WaitsFor};
use tenure_workflow::gate;

use crate::house::{House, Puppet, ann, created, held, text};
use crate::house_of_runs::{run, start_of};

const TWO_ECHOES: &str = "
name: Echoes
steps:
  - {id: one, type: tool, tool: echo, arguments: {n: 1}}
  - {id: two, type: tool, tool: echo, arguments: {n: '{{ outputs.one.n + 1 }}'}}
outputs:
  sum: '{{ outputs.one.n + outputs.two.n }}'
";

const WAITS: &str = "
name: Waits
steps:
  - {id: go, type: wait, event: go}
";

const SHELL: &str = "
name: Shell
steps:
  - {id: build, type: bash, command: make}
outputs:
  said: '{{ outputs.build.stdout }}'
";

fn shell_result(stdout: &str) -> TurnFrame {
    let result = json!({ "exitCode": 0, "stdout": stdout, "stderr": "", "durationMs": 5 });
    TurnFrame::Finalize { reason: FinishReason::EndTurn, error: None, result: Some(result) }
}

#[actix_rt::test]
async fn a_run_of_server_side_steps_costs_one_record_per_step() {
    let house = House::new().await;
    assert_eq!(house.start(run(1), start_of(TWO_ECHOES)).await, None);
    assert_eq!(house.outputs(run(1)).await, json!({ "sum": 3 }));
    // Its start, its slot together with its first step, and one for each result.
    assert_eq!(house.records(run(1)).len(), 4);
    house.gate_until("the slot to be free", |gate| gate.running.is_empty() && gate.queue.is_empty()).await;
}

#[actix_rt::test]
async fn runs_over_the_limit_queue_in_order_and_say_so() {
    let limits = gate::Limits { runs_max: 1, ..Default::default() };
    let house = House::with(Clock::Real, |options| options.gate = limits.clone()).await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    house.start(run(1), start_of(SHELL)).await;
    let spec = runner.take_work().await;
    for number in 2..=3 {
        house.start(run(number), start_of(TWO_ECHOES)).await;
    }
    let queued = house.run_until(run(3), "a place in the queue", |run| run.status() == Status::Queued).await;
    let why = queued.why(house.clock.now()).expect("there is a run").sentence;
    assert!(why.contains("runs_max is 1"), "{why}");
    runner.frames(&spec, 0, vec![created(), shell_result("done")]).await.expect("the frames are taken");
    assert_eq!(house.outputs(run(1)).await, json!({ "said": "done" }));
    house.outputs(run(2)).await;
    house.outputs(run(3)).await;
}

#[actix_rt::test]
async fn a_waiting_run_frees_its_slot_and_goes_on_above_the_limit() {
    let limits = gate::Limits { runs_max: 1, ..Default::default() };
    let house = House::with(Clock::Real, |options| options.gate = limits.clone()).await;
    house.start(run(1), start_of(WAITS)).await;
    house.run_until(run(1), "the wait", |run| run.waits_for() == Some(WaitsFor::Event)).await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    house.start(run(2), start_of(SHELL)).await;
    let _spec = runner.take_work().await;
    house.event(run(1), "go").await;
    house.outputs(run(1)).await;
}

#[actix_rt::test]
async fn a_run_survives_crashes_while_it_waits_and_while_a_runner_works() {
    let mut house = House::new().await;
    house.start(run(1), start_of(WAITS)).await;
    house.run_until(run(1), "the wait", |run| run.waits_for() == Some(WaitsFor::Event)).await;
    house.start(run(2), start_of(SHELL)).await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    runner.frames(&spec, 0, vec![created(), text(0, "making")]).await.expect("the frames are taken");
    house = house.crash().await;
    assert_eq!(house.run(run(2)).await.slot, tenure_workflow::execution::state::Slot::Held);
    let runner = Puppet::join(&house, 1, vec![held(&spec, WorkPhase::Running, 2)]).await;
    runner.frames(&spec, 2, vec![shell_result("made")]).await.expect("the frames are taken");
    assert_eq!(house.outputs(run(2)).await, json!({ "said": "made" }));
    house = house.crash().await;
    house.event(run(1), "go").await;
    house.outputs(run(1)).await;
    house.gate_until("the slots to be free", |gate| gate.running.is_empty()).await;
}

#[actix_rt::test]
async fn a_started_step_whose_runner_forgets_it_is_not_repeated_by_itself() {
    let house = House::new().await;
    house.start(run(1), start_of(SHELL)).await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    runner.frames(&spec, 0, vec![created()]).await.expect("the frames are taken");
    let _anew = Puppet::join(&house, 2, vec![]).await;
    let run = house.run_until(run(1), "a question to people", |run| run.waits_for() == Some(WaitsFor::Answer)).await;
    assert_eq!(run.status(), Status::Waiting);
}

/// Confirms that the runner was told to end its work.
async fn cancel_order(runner: &mut Puppet) {
    match runner.order().await {
        Order::Cancel { reference, .. } => runner.hear(Heard::Done { reference }),
        other => panic!("expected a cancel, got {other:?}"),
    }
}

#[actix_rt::test]
async fn a_cancelled_run_is_over_when_its_runner_says_so() {
    let house = House::new().await;
    let session = house.start(run(1), start_of(SHELL)).await.expect("it has a session");
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec: WorkSpec = runner.take_work().await;
    runner.frames(&spec, 0, vec![created()]).await.expect("the frames are taken");
    house.wants(run(1), Action::Cancel { reason: Some("enough".into()) }).await;
    assert_eq!(house.run(run(1)).await.status(), Status::Cancelling);
    cancel_order(&mut runner).await;
    let canceled = TurnFrame::Finalize { reason: FinishReason::Canceled, error: None, result: None };
    runner.frames(&spec, 1, vec![canceled]).await.expect("the frames are taken");
    house.run_until(run(1), "the end", |run| run.status() == Status::Cancelled).await;
    house.session_until(session, "the session's end", |session| session.terminated_at.is_some()).await;
}

#[actix_rt::test]
async fn a_run_shows_in_the_chat_that_it_was_attached_to() {
    let house = House::new().await;
    house.open().await;
    let chat = crate::house::SESSION;
    let start = Start { session: Some(chat), ..start_of(SHELL) };
    assert_eq!(house.start(run(1), start).await, Some(chat));
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    let spec = runner.take_work().await;
    assert_eq!(spec.session, chat);
    runner.frames(&spec, 0, vec![created(), shell_result("done")]).await.expect("the frames are taken");
    house.outputs(run(1)).await;
    let look = house.session_until(chat, "the end in the chat", |chat| {
        chat.runs.values().all(|run| run.ended == Some(RunEnd::Completed)) && !chat.runs.is_empty()
    });
    assert_eq!(look.await.state.terminated_at, None);
}

#[actix_rt::test]
async fn a_run_that_cannot_be_shown_fails_and_says_why() {
    let house = House::new().await;
    let nowhere = SessionId(derived(&["no such session"]));
    house.start(run(1), Start { session: Some(nowhere), ..start_of(SHELL) }).await;
    let run = house.run_until(run(1), "the end", |run| run.ended.is_some()).await;
    let error = run.ended.as_ref().and_then(|ended| ended.error.clone()).expect("it has failed");
    assert_eq!(error.code, "session_unavailable");
}

#[actix_rt::test]
async fn children_give_their_outputs_and_end_with_their_parent() {
    let house = House::new().await;
    house.save(TWO_ECHOES).await;
    house.save(WAITS).await;
    let parent = |child: &str| format!("name: Parent\nsteps:\n  - {{id: child, type: workflow, workflow: {child}}}\n");
    let adding = format!("{}outputs:\n  sum: '{{{{ outputs.child.sum }}}}'\n", parent("echoes"));
    house.start(run(1), start_of(&adding)).await;
    assert_eq!(house.outputs(run(1)).await, json!({ "sum": 3 }));

    house.start(run(2), start_of(&parent("waits"))).await;
    let waiting = house.run_until(run(2), "its child", |run| run.waits_for() == Some(WaitsFor::Child)).await;
    let child = waiting.steps.values().find_map(|step| match step.doing {
        tenure_workflow::execution::running::Doing::Child { child, .. } => Some(child),
        _ => None,
    });
    let child = child.expect("a child");
    house.run_until(child, "the child's wait", |run| run.waits_for() == Some(WaitsFor::Event)).await;
    house.wants(run(2), Action::Cancel { reason: None }).await;
    house.run_until(run(2), "the end", |run| run.status() == Status::Cancelled).await;
    assert_eq!(house.run(child).await.status(), Status::Cancelled);

    house.start(run(3), start_of(&parent("nothing-like-it"))).await;
    let failed = house.run_until(run(3), "the end", |run| run.ended.is_some()).await;
    let error = failed.ended.as_ref().and_then(|ended| ended.error.clone()).expect("it has failed");
    assert!(error.message.contains("no workflow \"nothing-like-it\""), "{error}");
}

#[actix_rt::test]
async fn a_notification_reaches_the_orchestrator_once_in_the_thread_of_its_automation() {
    let mut house = House::new().await;
    let notifies = "name: News\nsteps:\n  - {id: tell, type: notify, content: 'all is {{ \"well\" }}'}\n  - {id: go, type: wait, event: go}\n";
    for number in 1..=2 {
        house.start(run(number), start_of(notifies)).await;
        house.run_until(run(number), "the wait", |run| run.waits_for() == Some(WaitsFor::Event)).await;
    }
    house = house.crash().await;
    let orchestrator = SessionId(derived(&["orchestrator", &ann().user.to_string()]));
    let look = house.session_until(orchestrator, "both messages", |session| said(session) == 2).await;
    let threads: Vec<_> =
        look.state.threads.values().filter(|thread| thread.title.as_deref() == Some("News")).collect();
    assert_eq!(threads.len(), 1);
}

/// Counts the messages that wait or are being answered.
fn said(session: &tenure_session::Session) -> usize {
    session.queue.len() + session.turns.len()
}

#[actix_rt::test]
async fn a_failure_that_nobody_watches_is_told_to_the_orchestrator() {
    let house = House::new().await;
    let fails = "name: Nightly\nsteps:\n  - {id: call, type: tool, tool: no_such_tool}\n";
    let trigger = Trigger { kind: TriggerKind::Schedule, name: Some("every night".into()), fired: None };
    house.start(run(1), Start { trigger, ..start_of(fails) }).await;
    let orchestrator = SessionId(derived(&["orchestrator", &ann().user.to_string()]));
    let look = house.session_until(orchestrator, "the notice", |session| said(session) == 1).await;
    let told = look.state.turns.values().next().map(|turn| turn.message.text.as_str()).unwrap_or_default();
    assert!(told.contains("\"Nightly\" (started by every night) has failed at the step `call`"), "{told}");
}

/// Two days of waiting and a deadline of three, on a clock that is moved by hand.
#[actix_rt::test]
async fn waits_of_days_pass_when_the_clock_says_so() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let house = House::with(clock.clone(), |_| {}).await;
    let patient = "
name: Patient
steps:
  - {id: rest, type: wait, duration: 2d}
  - {id: ask, type: approval, prompt: 'Go on?', timeout: 3d, on_timeout: approve}
  - {id: done, type: tool, tool: echo, arguments: {n: 1}}
";
    house.start(run(1), start_of(patient)).await;
    house.run_until(run(1), "the wait", |run| run.waits_for() == Some(WaitsFor::Time)).await;
    clock.advance(Span::hours(47));
    assert_eq!(house.run(run(1)).await.waits_for(), Some(WaitsFor::Time));
    clock.advance(Span::hours(1));
    house.run_until(run(1), "the question", |run| run.waits_for() == Some(WaitsFor::Approval)).await;
    clock.advance(Span::hours(72));
    house.outputs(run(1)).await;
}

/// A tool that notes each call and never answers the first one.
#[derive(Clone, Default)]
struct Forgetful(Arc<Mutex<Vec<ToolCall>>>);

impl Tools for Forgetful {
    fn call(&self, call: ToolCall) -> Calling {
        let mut calls = self.0.lock().expect("noting does not panic");
        calls.push(call.clone());
        if calls.len() == 1 { Box::pin(std::future::pending()) } else { Builtin.call(call) }
    }
}

#[actix_rt::test]
async fn a_call_that_a_crash_cut_off_is_the_same_call_again() {
    let tools = Forgetful::default();
    let given = tools.clone();
    let house = House::with(Clock::Real, move |options| options.tools = Arc::new(given)).await;
    house.start(run(1), start_of(TWO_ECHOES)).await;
    house.run_until(run(1), "the call", |run| run.counts.started == 1).await;
    let calls = tools.clone();
    crate::house::within("the first call", async {
        while calls.0.lock().expect("reading does not panic").is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    house.runtime.stop(Span::ZERO).await;
    let given = tools.clone();
    let house = House::over(house.engine.clone(), Clock::Real, move |options| options.tools = Arc::new(given)).await;
    assert_eq!(house.outputs(run(1)).await, json!({ "sum": 3 }));
    let calls = tools.0.lock().expect("reading does not panic").clone();
    assert_eq!(calls.len(), 3);
    assert_eq!((calls[0].key, &calls[0].arguments), (calls[1].key, &calls[1].arguments));
    assert_ne!(calls[1].key, calls[2].key);
    assert_eq!(calls[2].arguments, json!({ "n": 2 }));
}

/// The same, for calls that must not be made twice.
#[derive(Clone, Default)]
struct Once(Forgetful);

impl Tools for Once {
    fn call(&self, call: ToolCall) -> Calling {
        self.0.call(call)
    }

    fn is_once(&self, _: &str) -> bool {
        true
    }
}

#[actix_rt::test]
async fn a_call_that_must_not_be_made_twice_is_in_doubt_after_a_crash() {
    let tools = Once::default();
    let given = tools.clone();
    let house = House::with(Clock::Real, move |options| options.tools = Arc::new(given)).await;
    house.start(run(1), start_of(TWO_ECHOES)).await;
    let calls = tools.clone();
    crate::house::within("the first call", async {
        while calls.0.0.lock().expect("reading does not panic").is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    house.runtime.stop(Span::ZERO).await;
    let given = tools.clone();
    let house = House::over(house.engine.clone(), Clock::Real, move |options| options.tools = Arc::new(given)).await;
    let is_in_doubt = |run: &Execution| run.steps.values().any(|step| matches!(step.doing, Doing::Unknown { .. }));
    house.run_until(run(1), "the doubt", is_in_doubt).await;
    assert_eq!(tools.0.0.lock().expect("reading does not panic").len(), 1);
}
