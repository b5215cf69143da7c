//! What works draw on: before a work is handed out, its budgets are asked; once it is over, they are told what it has used.

use tenure_account::Budgets;
use tenure_account::budget::{Command, Reply};
use tenure_model::budget::{Draw, Left, Scope, Used};
use tenure_model::chat::Usage;
use tenure_model::id::{SessionId, UserId, WorkId};
use tenure_model::link::{WorkKind, WorkOffer};
use tenure_model::time::Span;
use tenure_session::{Decline, Effect};

use super::Roster;
use super::offers::RECHECK;
use crate::courier::Attempt;
use crate::directory::AskError;

/// News of budgets that wait for one work.
const NEWS_MAX: usize = 64;

impl Roster {
    /// Waits until there is enough in every budget that a work draws on, and returns what is left for it; nothing when there
    /// is no budget.
    pub(super) async fn draw(
        &self,
        session: SessionId,
        (offer, owner): (&WorkOffer, UserId),
        draws: &[Draw],
        effect: &Effect,
    ) -> Result<Option<Left>, Attempt> {
        let budgets = &self.0.budgets;
        let of_session = Draw { scope: Scope::Session(session), allowance: None };
        let on: Vec<Draw> = [of_session].into_iter().chain(draws.iter().copied()).collect();
        let turns = u64::from(offer.kind == WorkKind::Turn);
        // Watched before they are asked, so that no raise is missed in between.
        let mut news = None;
        let mut told = None;
        loop {
            // One that is not wanted any more may have drawn before the server was started: its recall gives that back.
            if !self.0.sessions.wants(session, effect).await {
                return Err(Attempt::Settled);
            }
            let command = Command::Draw { work: offer.work, turns, on: on.clone() };
            let shortage = match budgets.ask(owner, command).await {
                Ok(answer) => match answer.reply {
                    Reply::Drawn(left) => return Ok(Some(left)),
                    Reply::UsedUp(shortage) => shortage,
                    _ => return Ok(None),
                },
                Err(error) => return Err(again(error)),
            };
            let Some(heard) = &mut news else {
                news = Some(budgets.feed().subscribe(owner, NEWS_MAX));
                continue;
            };
            if told.as_ref() != Some(&shortage) {
                told = Some(shortage);
                let why = Decline::Budget { why: shortage.to_string() };
                if let again @ Attempt::Again(_) = self.held_up(session, offer, why).await {
                    return Err(again);
                }
            }
            tokio::select! {
                // Whoever could not keep up listens anew.
                said = heard.next() => if said.is_none() { news = None },
                () = self.0.core.clock.sleep(RECHECK) => {}
            }
        }
    }

    /// Gives back what was drawn for a work that nobody has begun.
    pub(super) async fn give_back(&self, owner: UserId, work: WorkId) -> Attempt {
        self.tell_budgets(owner, Command::Return { work }).await
    }

    /// Tells the budgets what a work has used.
    pub(super) async fn spend(
        &self,
        owner: UserId,
        work: WorkId,
        usage: &Usage,
        (time_ms, tool_calls): (Span, u64),
    ) -> Attempt {
        let tokens = usage.input_tokens.saturating_add(usage.output_tokens);
        let cost = self.0.options.prices.cost(usage);
        let unpriced_tokens = if cost.is_none() { tokens } else { 0 };
        let cost_usd = cost.unwrap_or_default();
        let used = Used { tokens, cost_usd, time_ms, turns: 0, tool_calls, unpriced_tokens };
        self.tell_budgets(owner, Command::Spend { work, used }).await
    }

    async fn tell_budgets(&self, owner: UserId, command: Command) -> Attempt {
        match self.0.budgets.ask(owner, command).await {
            Ok(_) => Attempt::Settled,
            Err(error) => again(error),
        }
    }
}

fn again(error: AskError<Budgets>) -> Attempt {
    Attempt::Again(error.to_string())
}
