//! A request that is sent again is answered again, and never carried out twice.

use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_model::request::RequestId;
use tenure_workflow::library::limits::{REQUEST_KEPT, REQUESTS_KEPT_MAX};
use tenure_workflow::library::{Action, Command, Outcome};

use crate::support::*;

fn keyed(key: &str, action: Action) -> Command {
    Command { by: ann(), request: Some(RequestId::parse(key).unwrap()), action }
}

#[test]
fn a_late_resend_does_not_bring_an_old_version_back() {
    let (first, second) = (saying("hello"), saying("goodbye"));
    let given = nothing().when(keyed("k", sync(&first))).and();
    let given = given.when(want(sync(&second))).and();
    let then = given.when(keyed("k", sync(&first)));
    assert_eq!((saved(&then).0, saved(&then).1.hash), (Outcome::Created, first.hash()), "it is answered as then");
    let given = then.silent();
    assert_eq!(given.state.about.as_ref().unwrap().current().hash, second.hash());
    let given = given.when(keyed("k", sync(&second))).refused("used before");
    let other = Command { by: root(), ..keyed("k", sync(&first)) };
    let given = given.when(other).and();
    let given = given.after(REQUEST_KEPT).when(want(sync(&second))).and();
    given.when(keyed("k", sync(&first))).and();
}

#[test]
fn answers_are_kept_for_a_day_and_not_without_bound() {
    let mut given = stored(&[&saying("hello")]);
    let switch = |n: usize| keyed(&n.to_string(), Action::SetEnabled { enabled: n.is_multiple_of(2) });
    for n in 0..=REQUESTS_KEPT_MAX {
        given.seq += 1;
        let decision = given.state.decide(switch(n), &given.ctx()).unwrap();
        decision.events.iter().for_each(|event| given.state.apply(event, given.now));
    }
    let size = |given: &tenure_model::testkit::Given<_>| serde_json::to_string(&given.state).unwrap().len();
    let full = size(&given);
    let given = given.after(Span::ms(1)).when(switch(REQUESTS_KEPT_MAX + 1)).and();
    assert!(size(&given) < full + 100, "an answer makes room for another one");
    let given = given.after(REQUEST_KEPT).when(keyed("late", Action::SetEnabled { enabled: true })).and();
    assert!(size(&given) < full / 10, "old answers go");
}
