//! The workflow runs of a session as far as they were shown, what people are asked here, and what is new when more of it is told.

use std::collections::BTreeMap;

use tenure_model::id::{ApprovalId, ExecutionId};
use tenure_model::step::RunEnd;
use tenure_model::view::RunView;
use tenure_protocol::client::RunPicture;
use tenure_protocol::execution::{ApprovalView, Decided, ExecutionRow, ExecutionStatus, StepEvent, StepPhase, Waiting};

use super::shown::{RunNews, Shown};
use crate::client::calls::CallNews;

/// How many attempts of steps of one run are remembered.
const ATTEMPTS_MAX: usize = 5_000;
/// How many runs are remembered.
const RUNS_MAX: usize = 200;

/// What was shown of each attempt of each step, by path.
type Told = BTreeMap<(String, u32), Vec<(StepPhase, Option<u32>)>>;

/// The runs of a session, and what they ask.
#[derive(Default)]
pub struct Runs {
    runs: BTreeMap<ExecutionId, Run>,
    /// By the number that a person types. A number means the same approval for as long as the chat lasts.
    approvals: BTreeMap<usize, Waiting>,
    asked: usize,
}

/// A run that works here, or did.
pub struct Run {
    pub title: String,
    /// As it was last told.
    pub row: Option<ExecutionRow>,
    over: bool,
    told: Told,
}

impl Runs {
    /// Lists the runs that work here, the oldest first.
    pub fn open(&self) -> Vec<(ExecutionId, &Run)> {
        let mut open: Vec<_> = self.runs.iter().filter(|(_, run)| !run.over).map(|(id, run)| (*id, run)).collect();
        open.sort_by_key(|(id, run)| (run.row.as_ref().map(|row| row.started_at), *id));
        open
    }

    /// Lists what people are asked, by number.
    pub fn approvals(&self) -> &BTreeMap<usize, Waiting> {
        &self.approvals
    }

    /// Takes a run that works here from now on.
    pub fn attached(&mut self, run: RunView) -> Option<Shown> {
        if self.runs.contains_key(&run.execution) {
            return None;
        }
        let over = run.ended.is_some();
        let known = Run { title: run.title.clone(), row: None, over, told: Told::new() };
        self.runs.insert(run.execution, known);
        self.forget();
        (!over).then_some(Shown::Run(RunNews::Began { title: run.title, workflow: run.workflow }))
    }

    /// Takes what has happened to a step; what was shown before is left out.
    pub fn step(&mut self, execution: ExecutionId, step: StepEvent) -> Option<Shown> {
        let run = self.runs.get_mut(&execution).filter(|run| !run.over)?;
        let told = run.told.entry((step.path.clone(), step.attempt)).or_default();
        let now = (step.phase, step.round);
        // Pictures and reconnects tell again what was told.
        if told.contains(&now) || told.iter().any(|(phase, _)| is_over(*phase)) {
            return None;
        }
        told.push(now);
        while run.told.len() > ATTEMPTS_MAX {
            run.told.pop_first();
        }
        Some(Shown::Run(RunNews::Step(Box::new(step))))
    }

    /// Takes a run's row, and which of its approvals are still asked.
    pub fn updated(&mut self, row: ExecutionRow, open: &[ApprovalId]) -> Vec<Shown> {
        let mut shown = self.closed(row.id, open);
        let Some(run) = self.runs.get_mut(&row.id).filter(|run| !run.over) else { return shown };
        let before = run.row.as_ref().map(|row| row.status);
        let tells =
            matches!(row.status, ExecutionStatus::Queued | ExecutionStatus::Paused | ExecutionStatus::Cancelling);
        if tells && before != Some(row.status) {
            shown.push(Shown::Run(RunNews::Stands { title: run.title.clone(), status: row.status }));
        }
        run.row = Some(row);
        shown
    }

    /// Takes what a run asks people; asking it again shows it again only when something in it has changed.
    pub fn asks(&mut self, approval: ApprovalView) -> Option<Shown> {
        let approval = Box::new(approval);
        let number = self.number(Waiting::Run(approval.clone()))?;
        Some(Shown::Run(RunNews::Asks { number, approval }))
    }

    /// Takes news of calls and budgets that wait for a person.
    pub fn calls(&mut self, news: CallNews) -> Vec<Shown> {
        match news {
            CallNews::Asked(call) => self.asks_leave(call).into_iter().collect(),
            CallNews::Gone(approval) => self.gone(|known| !matches!(known, Waiting::Run(_)) && id(known) == approval),
            CallNews::All(calls) => {
                let open: Vec<_> = calls.iter().map(id).collect();
                let mut shown = self.gone(|known| !matches!(known, Waiting::Run(_)) && !open.contains(&id(known)));
                shown.extend(calls.into_iter().filter_map(|call| self.asks_leave(call)));
                shown
            }
        }
    }

    fn asks_leave(&mut self, asked: Waiting) -> Option<Shown> {
        let number = self.number(asked.clone())?;
        Some(Shown::Run(RunNews::AsksLeave { number, asked: Box::new(asked) }))
    }

    /// Notes what is asked, and returns its number; none when just this is known.
    fn number(&mut self, asked: Waiting) -> Option<usize> {
        let known = self.approvals.iter().find(|(_, known)| id(known) == id(&asked));
        let number = match known {
            Some((_, known)) if *known == asked => return None,
            Some((number, _)) => *number,
            None => {
                self.asked += 1;
                self.asked
            }
        };
        self.approvals.insert(number, asked);
        Some(number)
    }

    /// Takes a decision.
    pub fn decided(&mut self, decided: Decided) -> Option<Shown> {
        let number =
            self.approvals.iter().find(|(_, known)| id(known) == decided.approval).map(|(number, _)| *number)?;
        self.approvals.remove(&number);
        Some(Shown::Run(RunNews::Decided { number, decided }))
    }

    /// Takes the end of a run.
    pub fn ended(&mut self, execution: ExecutionId, end: RunEnd) -> Vec<Shown> {
        let mut shown = self.closed(execution, &[]);
        let Some(run) = self.runs.get_mut(&execution).filter(|run| !run.over) else { return shown };
        run.over = true;
        run.told.clear();
        let error = run.row.as_ref().and_then(|row| row.error.clone());
        shown.push(Shown::Run(RunNews::Ended { title: run.title.clone(), end, error }));
        shown
    }

    /// Takes a whole picture; only what is new in it is returned.
    pub fn picture(&mut self, views: Vec<RunView>, pictures: Vec<RunPicture>) -> Vec<Shown> {
        let mut shown = vec![];
        for view in views {
            let (execution, ended) = (view.execution, view.ended);
            shown.extend(self.attached(view));
            shown.extend(ended.into_iter().flat_map(|end| self.ended(execution, end)));
        }
        for RunPicture { run, open, approvals } in pictures {
            let (id, still) = (run.id, approvals.iter().map(|approval| approval.id).collect::<Vec<_>>());
            shown.extend(self.updated(run, &still));
            shown.extend(open.into_iter().filter_map(|step| self.step(id, step)));
            shown.extend(approvals.into_iter().filter_map(|approval| self.asks(approval)));
        }
        shown
    }

    /// Takes the approvals of a run away that are no longer asked.
    fn closed(&mut self, execution: ExecutionId, open: &[ApprovalId]) -> Vec<Shown> {
        self.gone(
            |known| matches!(known, Waiting::Run(asked) if asked.execution == execution && !open.contains(&asked.id)),
        )
    }

    /// Takes away what is no longer asked.
    fn gone(&mut self, is_gone: impl Fn(&Waiting) -> bool) -> Vec<Shown> {
        let gone: Vec<_> =
            self.approvals.iter().filter(|(_, known)| is_gone(known)).map(|(number, _)| *number).collect();
        let close = |number| {
            let prompt = what(&self.approvals.remove(&number)?);
            Some(Shown::Run(RunNews::NotAsked { number, prompt }))
        };
        gone.into_iter().filter_map(close).collect()
    }

    fn forget(&mut self) {
        while self.runs.len() > RUNS_MAX {
            let Some(id) = self.runs.iter().find(|(_, run)| run.over).map(|(id, _)| *id) else { return };
            self.runs.remove(&id);
        }
    }
}

/// Says in a few words what is asked.
pub fn what(asked: &Waiting) -> String {
    match asked {
        Waiting::Run(asked) => asked.prompt.clone(),
        Waiting::Call(call) => match &call.run {
            Some(run) => format!("the call of {} by {run}", call.tool),
            None => format!("the call of {}", call.tool),
        },
        Waiting::Budget(asked) => format!("more for {}", asked.budget),
    }
}

fn id(asked: &Waiting) -> ApprovalId {
    match asked {
        Waiting::Run(asked) => asked.id,
        Waiting::Call(call) => call.id,
        Waiting::Budget(asked) => asked.id,
    }
}

/// Tells whether an attempt will not move on.
fn is_over(phase: StepPhase) -> bool {
    use StepPhase::{Cancelled, Completed, Failed, Reused, Skipped};
    matches!(phase, Completed | Failed | Skipped | Reused | Cancelled)
}
