//! The world: lets one thing happen after the other, makes trouble, heals everything, and waits until all is quiet.

use tenure_model::id::SessionId;
use tenure_model::view::Role;
use tenure_model::{Span, Timestamp};
use tenure_session::By;

use crate::audit;
use crate::net::{ConnId, Peer, Way};
use crate::person::Person;
use crate::plan::{Flaw, Plan};
use crate::runner::Runner;
use crate::say::Say;
use crate::scene::{Character, Event, RunnerStep, START, Scene};
use crate::server::Server;
use crate::truth::Violation;

/// How long after the healing everything must be over.
const QUIET_WITHIN: Span = Span::mins(30);
/// How long it must stay quiet: longer than any pause in which somebody asks again.
const QUIET_FOR: Span = Span::secs(20);

/// Everything and everybody.
pub struct World {
    pub scene: Scene,
    pub server: Option<Server>,
    server_starts: u64,
    pub runners: Vec<Runner>,
    pub people: Vec<Person>,
    pub figures: Figures,
}

/// How much has happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub steps: u64,
    pub facts: u64,
    pub server_crashes: u64,
    pub runner_crashes: u64,
    pub cuts: u64,
    pub prompts: u64,
    pub turns: u64,
}

/// A run that broke an invariant.
#[derive(Debug)]
pub struct Failure {
    pub seed: u64,
    pub violation: Violation,
    pub transcript: Vec<String>,
}

/// Runs one seed. One that fails is run once more, for its transcript: the same seed is the same run.
pub fn run(seed: u64, flaw: Option<Flaw>) -> Result<Figures, Failure> {
    let violation = match World::new(seed, flaw, false).run() {
        Ok(figures) => return Ok(figures),
        Err((violation, _)) => violation,
    };
    let (again, transcript) = World::new(seed, flaw, true).run().expect_err("a seed that failed fails again");
    assert_eq!(violation.detail, again.detail, "a seed is the same run every time");
    Err(Failure { seed, violation, transcript })
}

impl World {
    fn new(seed: u64, flaw: Option<Flaw>, with_transcript: bool) -> Self {
        let (plan, chance) = Plan::of(seed, flaw);
        let (sessions, people_each, runners) = (plan.sessions, plan.people_per_session, plan.runners);
        let mut scene = Scene::new(plan, chance, with_transcript);
        let roles = [Role::Owner, Role::Collaborator, Role::Viewer];
        for session in 0..sessions {
            let id: SessionId = scene.chance.id();
            for (n, role) in (0..people_each).zip(roles) {
                let name = format!("{}{session}", ["ann", "bob", "cat"][n as usize]);
                let by = By { user: scene.chance.id(), name, admin: false };
                scene.cast.push(Character { by, session: id, role });
            }
        }
        let runners = (0..runners as usize).map(|place| Runner::new(place, &mut scene)).collect();
        let people = (0..scene.cast.len()).map(Person::new).collect();
        Self { scene, server: None, server_starts: 0, runners, people, figures: Figures::default() }
    }

    fn run(mut self) -> Result<Figures, (Violation, Vec<String>)> {
        let end = self.set_up();
        while let Some(event) = self.scene.next_event() {
            if self.scene.now >= end || self.is_over() {
                break;
            }
            self.figures.steps += 1;
            self.happens(event);
            if let Some(violation) = self.scene.truth.violation.take() {
                return Err((violation, self.scene.into_transcript()));
            }
        }
        if let Some(violation) = audit::at_the_end(&self) {
            return Err((violation, self.scene.into_transcript()));
        }
        self.figures.facts = self.scene.truth.facts;
        self.figures.prompts = self.scene.truth.prompts.len() as u64;
        self.figures.turns = self.scene.truth.turns.len() as u64;
        Ok(self.figures)
    }

    /// Puts everything in its place and returns when all must be over.
    fn set_up(&mut self) -> Timestamp {
        let scene = &mut self.scene;
        scene.after(Span::ZERO, Event::ServerStarts);
        for runner in 0..self.runners.len() {
            scene.within(0, 3_000, Event::RunnerStarts { runner });
        }
        for person in 0..self.people.len() {
            scene.within(0, 2_000, Event::PersonConnects { person });
            scene.within(2_000, 8_000, Event::PersonWants { person });
        }
        scene.within(1_000, 10_000, Event::Trouble);
        scene.after(scene.plan.troubled_for, Event::Heals);
        for person in &mut self.people {
            if self.scene.cast[person.place].role == Role::Owner {
                person.creates(&mut self.scene);
            }
        }
        START + self.scene.plan.troubled_for + QUIET_WITHIN
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Arrives { conn, way, say } => self.arrives(conn, way, say),
            Event::Noticed { conn, way } => self.noticed(conn, way),
            Event::ServerStarts => self.server_starts(),
            Event::Server { start, what } => self.in_server(start, |server, scene| server.step(what, scene)),
            Event::RunnerStarts { runner } => {
                if self.runners[runner].process.is_none() {
                    self.runners[runner].starts(&mut self.scene);
                }
            }
            Event::Runner { runner, start, what } => self.runner_step(runner, start, what),
            Event::PersonConnects { person } => self.person_connects(person),
            Event::PersonWants { person } => self.people[person].wants_something(&mut self.scene),
            Event::PersonAsksAgain { person, request } => self.people[person].asks_again(request, &mut self.scene),
            Event::Trouble => self.trouble(),
            Event::Heals => self.heals(),
        }
    }

    /// Does something in the server that was meant, if it still lives; now and then it dies right after.
    fn in_server(&mut self, start: u64, act: impl FnOnce(&mut Server, &mut Scene)) {
        let Some(server) = self.server.as_mut().filter(|server| server.start == start) else {
            return;
        };
        act(server, &mut self.scene);
        if !self.scene.healed && self.scene.chance.one_in(self.scene.plan.crash_one_in * 10) {
            self.server_dies();
        }
    }

    fn arrives(&mut self, conn: ConnId, way: Way, say: Say) {
        let Some((peer, start)) = self.scene.net.get(conn).map(|conn| (conn.peer, conn.server)) else {
            return;
        };
        if !self.scene.heard(conn, way) {
            return;
        }
        match (way, peer) {
            (Way::ToServer, _) => self.in_server(start, |server, scene| server.hear(conn, peer, say, scene)),
            (Way::FromServer, Peer::Person { person }) => self.people[person].hear(conn, say, &mut self.scene),
            (Way::FromServer, Peer::Runner { runner, start }) => {
                let runner = &mut self.runners[runner];
                if runner.start == start {
                    runner.hear(conn, say, &mut self.scene);
                }
            }
        }
    }

    fn noticed(&mut self, conn: ConnId, way: Way) {
        self.scene.shut(conn, way);
        let Some((peer, start)) = self.scene.net.get(conn).map(|conn| (conn.peer, conn.server)) else {
            return;
        };
        match (way, peer) {
            (Way::ToServer, _) => self.in_server(start, |server, scene| server.left(conn, scene)),
            (Way::FromServer, Peer::Person { person }) => self.people[person].left(conn, &mut self.scene),
            (Way::FromServer, Peer::Runner { runner, .. }) => self.runners[runner].left(conn, &mut self.scene),
        }
    }

    fn server_starts(&mut self) {
        if self.server.is_some() {
            return;
        }
        self.server_starts += 1;
        self.scene.note("server", || "starts".into());
        if self.scene.truth.violation.is_none() {
            self.scene.truth.violation = audit::of_the_journal(&self.scene);
        }
        self.server = Some(Server::start(self.server_starts, &mut self.scene));
    }

    fn server_dies(&mut self) {
        if self.server.take().is_none() {
            return;
        }
        self.figures.server_crashes += 1;
        self.scene.note("server", || "is killed".into());
        self.scene.net.whole().into_iter().for_each(|(conn, _)| self.scene.cut(conn));
        self.scene.within(50, 6_000, Event::ServerStarts);
    }

    fn runner_step(&mut self, place: usize, start: u64, step: RunnerStep) {
        let runner = &mut self.runners[place];
        if runner.start != start {
            return;
        }
        let RunnerStep::Connect = step else {
            return runner.step(step, &mut self.scene);
        };
        if runner.process.as_ref().is_none_or(|process| process.conn.is_some()) {
            return;
        }
        match &self.server {
            Some(server) => {
                let conn = self.scene.net.open(Peer::Runner { runner: place, start }, server.start);
                runner.connected(conn, &mut self.scene);
            }
            None => self.scene.within(200, 3_000, Event::Runner { runner: place, start, what: RunnerStep::Connect }),
        }
    }

    fn person_connects(&mut self, person: usize) {
        if self.people[person].conn.is_some() {
            return;
        }
        match &self.server {
            Some(server) => {
                let conn = self.scene.net.open(Peer::Person { person }, server.start);
                self.people[person].connected(conn, &mut self.scene);
            }
            None => self.scene.within(200, 3_000, Event::PersonConnects { person }),
        }
    }

    /// Something goes wrong.
    fn trouble(&mut self) {
        if self.scene.healed {
            return;
        }
        let conn = {
            let whole = self.scene.net.whole();
            self.scene.chance.pick(whole)
        };
        let runner = self.scene.chance.between(0, self.runners.len() as u64 - 1) as usize;
        match (self.scene.chance.between(0, 9), conn) {
            (0..2, _) => self.server_dies(),
            (2, _) => {
                self.scene.note(format!("runner {runner}"), || "is killed".into());
                self.figures.runner_crashes += 1;
                self.runners[runner].dies(&mut self.scene);
                self.scene.within(50, 8_000, Event::RunnerStarts { runner });
            }
            (3..6, Some((conn, peer))) => {
                self.scene.note(format!("link {conn}"), || format!("of {peer:?} breaks"));
                self.figures.cuts += 1;
                self.scene.cut(conn);
            }
            (6..8, Some((conn, peer))) => {
                let span = Span(self.scene.chance.pick([1_000, 15_000, 80_000]).expect("there are three"));
                self.scene.note(format!("link {conn}"), || format!("of {peer:?} stalls for {span}"));
                match (peer, &mut self.server) {
                    (Peer::Person { .. }, Some(server)) => server.stall(conn, span, &mut self.scene),
                    _ => self.scene.stall(conn, span),
                }
            }
            _ => self.passivate_idle(),
        }
        let pause_max = self.scene.plan.trouble_pause_max.0;
        self.scene.within(200, pause_max, Event::Trouble);
    }

    /// Sessions that nobody uses go to sleep.
    fn passivate_idle(&mut self) {
        let Some(server) = &mut self.server else { return };
        let awake: Vec<_> = server.hosts.keys().copied().collect();
        awake.into_iter().for_each(|session| server.passivate(session));
    }

    /// From here on everything works. Every connection is made anew: the old ones may have lost something.
    fn heals(&mut self) {
        self.scene.note("world", || "heals".into());
        self.scene.healed = true;
        self.scene.net.whole().into_iter().for_each(|(conn, _)| self.scene.cut(conn));
        self.scene.after(Span::ZERO, Event::ServerStarts);
        for runner in 0..self.runners.len() {
            self.scene.after(Span::ZERO, Event::RunnerStarts { runner });
        }
    }

    /// Tells whether all is quiet, and has been for a while.
    fn is_over(&self) -> bool {
        let scene = &self.scene;
        scene.healed
            && self.figures.steps.is_multiple_of(32)
            && scene.now > START + scene.plan.troubled_for + QUIET_FOR
            && audit::everything_is_settled(self).is_ok()
            && audit::everybody_is_up_to_date(self)
    }
}
