//! A runner whose disk is full: the turn that it cannot keep ends and says why, and the session goes on.

use tenure_model::chat::{FinishReason, Part};

use crate::stage::Stage;

/// Far less than the turn says, and enough for what a turn needs at least.
const DISK_BYTES: u64 = 512 * 1024;

#[tokio::test]
async fn a_turn_that_fills_the_runners_disk_says_so_and_the_next_one_is_taken() {
    let mut stage = Stage::on_a_disk_of(DISK_BYTES).await;
    let (said, finish) = stage.answer("flood").await;
    assert_eq!(finish, Some(FinishReason::Error));
    let messages = stage.api().messages(stage.session).await;
    let parts = &messages.last().expect("there is an answer").parts;
    let told = parts.iter().find_map(|part| match part {
        Part::Error { message, .. } => Some(message.clone()),
        _ => None,
    });
    let why = told.unwrap_or_default();
    assert!(why.contains("could not keep frames on its disk") && why.contains("No space left"), "{why}");
    assert!(!said.is_empty(), "what was kept before stands");
    assert_eq!(stage.answer("greet me").await, ("Grüße 🌍".into(), Some(FinishReason::EndTurn)));
    stage.sees_what_the_server_knows().await;
}
