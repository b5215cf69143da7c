//! Watchers: in order, bounded, and never in an actor's way.

use tenure_journal::Position;
use tenure_model::id::UserId;
use tenure_runtime::News;
use uuid::Uuid;

use crate::house::{House, SESSION, ann, prompt, within};

#[actix_rt::test]
async fn a_watcher_that_does_not_read_loses_its_place_and_nobody_waits_for_it() {
    let house = House::new().await;
    house.open().await;
    let mut slow = house.runtime.sessions.feed().subscribe(SESSION, 3);
    let mut good = house.runtime.sessions.feed().subscribe(SESSION, 1_000);
    for n in 0..10 {
        house.say(prompt(&format!("p{n}"))).await.expect("taken");
    }
    assert!(slow.lost_since().since().is_some());
    let mut kept = 0;
    while within("the end of what was kept", slow.next()).await.is_some() {
        kept += 1;
    }
    assert_eq!(kept, 3, "what was in the queue is read, then it ends");
    let mut last = Position(0);
    for _ in 0..10 {
        let Some(News::Committed(news)) = within("news", good.next()).await else { panic!("news") };
        assert!(news.position > last);
        last = news.position;
    }
    drop((slow, good));
    assert_eq!(house.runtime.sessions.feed().subscribers(SESSION), 0);
}

#[actix_rt::test]
async fn an_owners_lists_hear_of_every_change_and_a_known_cursor_goes_on_from_there() {
    let house = House::new().await;
    let mut lists = house.runtime.lists.subscribe(ann().user, None, None, 100);
    assert!(lists.missed.is_none(), "without a cursor everything is read afresh");
    house.open().await;
    let news = within("the new session", lists.next()).await.expect("news");
    assert_eq!(news.changes[0].key.id, SESSION.0);
    house.prompt("hello").await;
    let later = house.runtime.lists.subscribe(ann().user, None, Some(news.position), 100);
    let missed = later.missed.as_ref().expect("the cursor is known");
    // That nobody is there to answer may have been told by now as well.
    assert!(!missed.is_empty() && missed.iter().all(|change| change.position > news.position));
    let aside = UserId(Uuid::from_u128(77));
    let mut both = house.runtime.lists.subscribe(aside, Some(ann().user), None, 100);
    house.prompt("again").await;
    let told = within("what is kept under the other id", both.next()).await.expect("news");
    assert_eq!(told.changes[0].key.owner, ann().user);
    drop(both);
    let unknown = house.runtime.lists.subscribe(ann().user, None, Some(Position(999)), 100);
    assert!(unknown.missed.is_none());
}
