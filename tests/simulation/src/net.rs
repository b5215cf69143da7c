//! The links: late, stalled, broken; and, where the plan says so, losing, repeating and overtaking.

use std::collections::BTreeMap;

use tenure_model::{Span, Timestamp};

use crate::plan::Link;
use crate::say::Say;
use crate::scene::{Event, Scene};

pub type ConnId = u64;

/// In which direction something travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    FromServer,
}

/// Who is at the other end of a server's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A start of a runner.
    Runner {
        runner: usize,
        start: u64,
    },
    Person {
        person: usize,
    },
}

/// One connection between a peer and a start of the server.
#[derive(Clone, Debug)]
pub struct Conn {
    pub peer: Peer,
    pub server: u64,
    pub cut: bool,
    /// Nothing arrives before this.
    stalled_until: Timestamp,
    /// When the last message of each way arrives, and whether the way is shut.
    ways: [(Timestamp, bool); 2],
}

/// Every connection that there ever was.
#[derive(Default)]
pub struct Net {
    conns: BTreeMap<ConnId, Conn>,
    last: ConnId,
}

impl Net {
    pub fn open(&mut self, peer: Peer, server: u64) -> ConnId {
        self.last += 1;
        let conn = Conn {
            peer,
            server,
            cut: false,
            stalled_until: Timestamp::default(),
            ways: [(Timestamp::default(), false); 2],
        };
        self.conns.insert(self.last, conn);
        self.last
    }

    pub fn get(&self, conn: ConnId) -> Option<&Conn> {
        self.conns.get(&conn)
    }

    pub fn is_whole(&self, conn: ConnId) -> bool {
        self.conns.get(&conn).is_some_and(|conn| !conn.cut)
    }

    /// Lists the connections that are not cut.
    pub fn whole(&self) -> Vec<(ConnId, Peer)> {
        let whole = self.conns.iter().filter(|(_, conn)| !conn.cut);
        whole.map(|(id, conn)| (*id, conn.peer)).collect()
    }
}

impl Scene {
    /// Sends a message. What is sent into a broken connection is gone.
    pub fn send(&mut self, id: ConnId, way: Way, say: Say) {
        let wild = self.plan.link == Link::Wild && !self.healed;
        let delay_max = if self.chance.one_in(20) { 1_500 } else { 40 };
        let delay = Span(self.chance.between(1, delay_max));
        let (lost, repeated, overtakes) = (self.chance.percent(4), self.chance.percent(4), self.chance.percent(8));
        let Some(conn) = self.net.conns.get_mut(&id).filter(|conn| !conn.cut) else {
            return;
        };
        // The chat socket relies on an orderly connection, and says so; the runner link does not have to.
        let wild = wild && matches!(conn.peer, Peer::Runner { .. });
        let last = &mut conn.ways[way as usize].0;
        let due = (self.now + delay).max(conn.stalled_until);
        let at = if wild && overtakes { due } else { due.max(*last + Span(1)) };
        *last = at.max(*last);
        if wild && lost {
            return;
        }
        if wild && repeated {
            self.at(at + Span(700), Event::Arrives { conn: id, way, say: say.clone() });
        }
        self.at(at, Event::Arrives { conn: id, way, say });
    }

    /// Tells whether a message that reaches the end of its way is heard. On a broken connection what was under way may
    /// arrive up to some point.
    pub fn heard(&mut self, id: ConnId, way: Way) -> bool {
        let survives = self.chance.percent(60);
        let Some(conn) = self.net.conns.get_mut(&id) else {
            return false;
        };
        let shut = &mut conn.ways[way as usize].1;
        *shut = *shut || (conn.cut && !survives);
        !*shut
    }

    /// Breaks a connection. Each end notices in its own time.
    pub fn cut(&mut self, id: ConnId) {
        let Some(conn) = self.net.conns.get_mut(&id).filter(|conn| !conn.cut) else {
            return;
        };
        conn.cut = true;
        for way in [Way::ToServer, Way::FromServer] {
            self.within(0, 3_000, Event::Noticed { conn: id, way });
        }
    }

    /// The end that `way` leads to has noticed, or has hung up itself: it hears nothing of this connection any more.
    pub fn shut(&mut self, id: ConnId, way: Way) {
        if let Some(conn) = self.net.conns.get_mut(&id) {
            conn.ways[way as usize].1 = true;
        }
        self.cut(id);
    }

    /// Lets nothing arrive for a while, in order afterwards.
    pub fn stall(&mut self, id: ConnId, span: Span) {
        if let Some(conn) = self.net.conns.get_mut(&id) {
            conn.stalled_until = self.now + span;
        }
    }
}
