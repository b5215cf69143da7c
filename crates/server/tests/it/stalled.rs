//! A client that stops reading is ended; the others miss nothing.

use serde_json::Value;
use tenure_model::Span;
use tokio::time::timeout;

use crate::runner::{FakeRunner, create, delta, finalize, prompt};
use crate::world::{BOUND, Socket, World};

/// More than all buffers between the server and a client that does not read.
const MUCH: usize = 6 * 1024 * 1024;

async fn figure(world: &World, name: &str) -> f64 {
    let (_, page) = world.send(world.request("GET", "/metrics")).await;
    let Value::String(page) = page else { panic!("figures are text") };
    let line = page.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {page}"));
    line.rsplit(' ').next().expect("a value").parse().expect("a number")
}

/// Reads until `until` bytes of the turn's text were streamed, without a hole.
async fn read_text(socket: &mut Socket, streamed: &mut usize, until: usize) {
    while *streamed < until {
        let event = socket.next().await;
        match event["type"].as_str() {
            Some("message.part.text-delta") => {
                assert_eq!(event["offset"], *streamed, "nothing is missing");
                *streamed += event["text"].as_str().expect("text").len();
            }
            Some("resync") => panic!("the good client was too slow: {}", event["reason"]),
            _ => {}
        }
    }
}

#[actix_web::test]
async fn a_stalled_client_is_ended_and_a_good_one_misses_nothing() {
    let world = World::with(|options| {
        options.socket_queue_max = 64;
        options.lagging_ms_max = Span::ms(300);
    })
    .await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    let mut good = world.join(&world.bob, &session, None).await;
    good.until("live").await;
    let mut stalled = world.join(&world.ann, &session, None).await;
    stalled.until("live").await;
    prompt(&world, &world.bob, &session, "much").await;

    let mut work = runner.work().await;
    runner.tell(&mut work, &[create()]).await;
    let (piece, mut read) = ("x".repeat(16 * 1024), 0);
    for sent in (0..MUCH).step_by(piece.len()) {
        runner.tell(&mut work, &[delta(0, sent, &piece)]).await;
        // The good client keeps up, whatever else the machine does.
        read_text(&mut good, &mut read, sent + piece.len()).await;
    }
    let ended = async { while figure(&world, "tenure_sockets_ended_total{cause=\"lost_news\"}").await < 1.0 {} };
    timeout(BOUND, ended).await.expect("the stalled client is ended in time");
    runner.tell(&mut work, &[finalize()]).await;
    assert_eq!(good.until("message.finalize").await["message"]["parts"][0]["text"].as_str().map(str::len), Some(MUCH));
    let left = async { while figure(&world, "tenure_sockets ").await != 1.0 {} };
    timeout(BOUND, left).await.expect("its place is free again");
}

#[actix_web::test]
async fn a_client_that_never_answers_a_ping_is_ended() {
    let world = World::with(|options| {
        options.ping_every_ms = Span::ms(50);
        options.pong_deadline_ms = Span::ms(50);
    })
    .await;
    let session = world.session(&world.bob).await;
    let mut silent = world.join(&world.bob, &session, None).await;
    silent.until("live").await;
    // It is not read any more, so that nothing answers the pings.
    let ended = async { while figure(&world, "tenure_sockets_ended_total{cause=\"silent\"}").await < 1.0 {} };
    timeout(BOUND, ended).await.expect("it is ended in time");
}
