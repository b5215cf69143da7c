//! Budgets with a real roster: what would go beyond one waits, survives a crash, and goes on once a person raises it.

use tenure_account::budget::{Command, Reply, Shortage};
use tenure_account::policy::command::By;
use tenure_account::{Budgets, budget};
use tenure_model::budget::{Allowance, Measure, Price, Prices, Scope, Usd};
use tenure_model::chat::Usage;
use tenure_model::link::TurnFrame;
use tenure_runtime::Clock;
use tenure_session::{Action, Session};

use crate::house::{House, Puppet, SESSION, ann, created, finished, prompt, within};

fn by() -> By {
    By { user: ann().user, name: "ann".into(), admin: false, agent: false }
}

impl House {
    async fn budget(&self, command: Command) -> Reply {
        within("an answer", self.runtime.budgets.ask(ann().user, command)).await.expect("it is taken").reply
    }

    async fn budgets(&self) -> Budgets {
        let look = within("a look", self.runtime.budgets.look(ann().user)).await.expect("they can be read");
        Budgets::clone(&look.state)
    }

    /// Allows so many turns and dollars in the session.
    async fn allow(&self, turns: u64, dollars: Option<Usd>) {
        let allowance = Allowance { turns: Some(turns), cost_usd: dollars, ..Allowance::default() };
        let scope = Scope::Session(SESSION);
        self.budget(Command::Set { by: by(), scope, allowance, every: None, afresh: false }).await;
    }

    async fn until_spent(&self, what: &str, wanted: impl Fn(&Budgets) -> bool) {
        let mut news = self.runtime.budgets.feed().subscribe(ann().user, 100);
        within(what, async {
            while !wanted(&self.budgets().await) {
                news.next().await.expect("the feed goes on");
            }
        })
        .await;
    }
}

fn held_by_budget(session: &Session) -> bool {
    session.turns.values().any(|turn| turn.held_up.as_ref().is_some_and(|held| held.why.contains("is used up")))
}

#[actix_rt::test]
async fn what_would_go_beyond_a_budget_waits_through_a_crash_until_it_is_raised() {
    let prices = Prices([("m".to_owned(), Price { input_usd: Usd(2_000_000), output_usd: Usd(0) })].into());
    let house = House::with(Clock::Real, |options| options.roster.prices = prices).await;
    house.open().await;
    house.allow(1, Some(Usd(1_000_000))).await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    house.prompt("first").await;
    let spec = runner.take_work().await;
    let usage = Usage { model: Some("m".into()), input_tokens: 100, output_tokens: 11 };
    runner.frames(&spec, 0, vec![created(), TurnFrame::Usage { usage }, finished()]).await.expect("taken");
    let session = Scope::Session(SESSION);
    house.until_spent("the turn to be counted", |budgets| budgets.kept[&session].used.tokens == 111).await;
    let used = house.budgets().await.kept[&session].used;
    assert_eq!((used.turns, used.cost_usd, used.unpriced_tokens), (1, Usd(200), 0));

    house.prompt("second").await;
    house.until("the second turn to wait", held_by_budget).await;
    let house = house.crash().await;
    let mut runner = Puppet::join(&house, 2, vec![]).await;
    house.until("it to wait still", held_by_budget).await;
    let budgets = house.budgets().await;
    let (approval, hash) = {
        let (approval, scope, kept, held) = budgets.asking(ann().user.0).next().expect("a person is asked");
        assert_eq!((scope, held.measure, held.works.len()), (session, Measure::Turns, 1));
        (approval, kept.shown(scope, held.measure))
    };
    assert_eq!(house.budget(Command::Raise { by: by(), approval, hash }).await, Reply::Raised);
    let spec = runner.take_work().await;
    assert_eq!(spec.text, "second");
    let after = house.budgets().await;
    assert_eq!((after.kept[&session].used.turns, after.asking(ann().user.0).count()), (2, 0));
}

#[actix_rt::test]
async fn what_nobody_has_begun_is_given_back() {
    let house = House::new().await;
    house.open().await;
    house.allow(1, None).await;
    house.prompt("for nobody").await;
    let session = Scope::Session(SESSION);
    house.until_spent("it to draw", |budgets| budgets.kept[&session].used.turns == 1).await;
    house.say(Action::Abort { thread: None, turn: None }).await.expect("it ends");
    house.until_spent("it to be given back", |budgets| budgets.kept[&session].used.turns == 0).await;
    let mut runner = Puppet::join(&house, 1, vec![]).await;
    house.prompt("for somebody").await;
    assert_eq!(runner.take_work().await.text, "for somebody");
}

#[actix_rt::test]
async fn what_waits_and_is_aborted_asks_nobody_any_more() {
    let house = House::new().await;
    house.open().await;
    house.allow(1, None).await;
    let scope = Scope::Session(SESSION);
    let work = tenure_model::id::WorkId(uuid::Uuid::from_u128(0x77));
    let on = vec![tenure_model::budget::Draw { scope, allowance: None }];
    assert!(matches!(house.budget(Command::Draw { work, turns: 1, on: on.clone() }).await, Reply::Drawn(_)));
    house.say(prompt("too much")).await.expect("it is taken");
    house.until("it to wait", held_by_budget).await;
    let other = tenure_model::id::WorkId(uuid::Uuid::from_u128(0x78));
    let none = Shortage { scope, measure: Measure::Turns, used: 1, allowed: 1, until: None };
    assert_eq!(house.budget(Command::Draw { work: other, turns: 1, on }).await, Reply::UsedUp(none));
    house.budget(budget::Command::Return { work: other }).await;
    assert_eq!(house.budgets().await.asking(ann().user.0).count(), 1);
    house.say(Action::Abort { thread: None, turn: None }).await.expect("it ends");
    house.until_spent("nobody to be asked", |budgets| budgets.asking(ann().user.0).count() == 0).await;
}
