//! A stop with everything open: every socket is told why and when to come back, and what was acknowledged is there.

use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use crate::executions;
use crate::runner::{FakeRunner, create, delta, prompt};
use crate::world::{BOUND, End, World};

#[actix_web::test]
async fn a_stop_tells_every_open_socket_and_ends() {
    let world = World::with(|options| options.shutdown_timeout_s = 5).await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    prompt(&world, &world.bob, &session, "go").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create(), delta(0, 0, "kept")]).await;
    let mut chat = world.join(&world.bob, &session, None).await;
    chat.until("live").await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    feed.until("live").await;
    let run = executions::run(&world, executions::WAIT, json!({})).await;
    let events = |path: String| world.request("GET", &path).bearer_auth(&world.bob.token).send();
    let streams = [
        events(format!("/api/sessions/{session}/events")).await.expect("a stream of the session"),
        events("/api/feed".into()).await.expect("a stream of the feed"),
        events(format!("/api/executions/{run}/stream")).await.expect("a stream of the run"),
    ];

    let runtime = world.runtime.clone();
    let told = || (Some("shutting_down".to_owned()), End::Closed(1001));
    let sockets = async { (chat.ending().await, feed.ending().await, runner.socket.ending().await) };
    let ends = futures_util::future::join_all(streams.map(|stream| async {
        let pieces: Vec<_> = timeout(BOUND, stream.bytes_stream().collect()).await.expect("the stream ends");
        let whole: Vec<u8> = pieces.into_iter().filter_map(Result::ok).flatten().collect();
        String::from_utf8(whole).expect("UTF-8").contains("shutting_down")
    }));
    let ((), sockets, ends) = futures_util::join!(world.stop(), sockets, ends);
    assert_eq!(sockets, (told(), told(), told()));
    assert_eq!(ends, [true, true, true], "event streams are told as well");

    let look = runtime.sessions.look(session.parse().expect("an id")).await.expect("it is there");
    assert_eq!(look.state.turns.len(), 1, "the turn is still open, for its runner to go on with");
}
