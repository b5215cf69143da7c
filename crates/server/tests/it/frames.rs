//! Frames that should not be: each has a clear answer, and harms nothing.

use futures_util::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::world::{End, Socket, World};

const MAX: usize = 8 * 1024;

async fn joined() -> (World, Socket) {
    let world = World::with(|options| options.frame_bytes_max = MAX).await;
    let session = world.session(&world.bob).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    socket.until("live").await;
    (world, socket)
}

async fn fragment(socket: &mut Socket, first: bool, last: bool, text: &str) {
    let code = if first { Data::Text } else { Data::Continue };
    let frame = Frame::message(text.as_bytes().to_vec(), OpCode::Data(code), last);
    socket.stream.send(Message::Frame(frame)).await.expect("it is sent");
}

/// A ping of exactly so many bytes.
fn ping_of(bytes: usize) -> String {
    let empty = json!({"type": "ping", "request_id": ""}).to_string().len();
    json!({"type": "ping", "request_id": "x".repeat(bytes - empty)}).to_string()
}

#[actix_web::test]
async fn what_cannot_be_read_is_answered_and_the_socket_stays() {
    let (_world, mut socket) = joined().await;
    for (text, code) in [
        ("", "frame_malformed"),
        ("{", "frame_malformed"),
        ("[1]", "frame_invalid"),
        (r#"{"type":7}"#, "frame_invalid"),
        (r#"{"type":"dance"}"#, "type_unknown"),
        (r#"{"type":"prompt","text":"hi"}"#, "request_id_missing"),
        (r#"{"type":"prompt","request_id":"","text":"hi"}"#, "request_id_invalid"),
        (r#"{"type":"answer","question":"no id","answer":""}"#, "frame_invalid"),
        (r#"{"type":"prompt","request_id":"1","text":""}"#, "empty"),
        (r#"{"type":"retry","turn":"00000000-0000-0000-0000-000000000001"}"#, "turn_not_retryable"),
    ] {
        socket.send_text(text).await;
        assert_eq!(socket.until("error").await["problem"]["code"], code, "{text}");
    }
    socket.stream_send_binary().await;
    assert_eq!(socket.until("error").await["problem"]["code"], "frame_binary");
    socket.send(json!({"type": "ping", "request_id": "alive"})).await;
    assert_eq!(socket.until("pong").await["request_id"], "alive");
}

#[actix_web::test]
async fn a_frame_of_the_largest_size_is_taken_and_one_byte_more_ends_the_socket() {
    let (_world, mut socket) = joined().await;
    socket.send_text(&ping_of(MAX)).await;
    socket.until("pong").await;
    socket.send_text(&ping_of(MAX + 1)).await;
    assert_eq!(socket.ending().await, (Some("frame_too_large".into()), End::Closed(1009)));
}

#[actix_web::test]
async fn a_frame_that_announces_gigabytes_is_refused_before_they_come() {
    let (_world, mut socket) = joined().await;
    use tokio::io::AsyncWriteExt;
    let tokio_tungstenite::MaybeTlsStream::Plain(stream) = socket.stream.get_mut() else { panic!("no TLS here") };
    let header = [0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4];
    stream.write_all(&header).await.expect("it is sent");
    assert_eq!(socket.ending().await, (Some("frame_too_large".into()), End::Closed(1009)));
}

#[actix_web::test]
async fn fragments_are_put_together_up_to_the_limit() {
    let (_world, mut socket) = joined().await;
    let whole = ping_of(MAX);
    let (first, rest) = whole.split_at(10);
    let (second, third) = rest.split_at(4_000);
    fragment(&mut socket, true, false, first).await;
    // Control frames may come in between.
    socket.stream.send(Message::Ping(vec![1].into())).await.expect("it is sent");
    fragment(&mut socket, false, false, second).await;
    fragment(&mut socket, false, true, third).await;
    socket.until("pong").await;

    fragment(&mut socket, true, false, &ping_of(MAX)).await;
    fragment(&mut socket, false, true, " ").await;
    assert_eq!(socket.ending().await, (Some("frame_too_large".into()), End::Closed(1009)));
}

#[actix_web::test]
async fn nonsense_of_the_protocol_ends_the_socket() {
    let (_world, mut socket) = joined().await;
    fragment(&mut socket, false, true, "the end of nothing").await;
    assert_eq!(socket.ending().await, (Some("frame_malformed".into()), End::Closed(1002)));

    let (_world, mut socket) = joined().await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    socket.stream.send(Message::Frame(frame)).await.expect("it is sent");
    let (code, end) = socket.ending().await;
    assert!(code.is_some() && end != End::Cut, "{code:?} {end:?}");
}
