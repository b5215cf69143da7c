//! `tenure console`: the address that opens the web console, signed in.

use clap::Args;
use serde_json::{Value, json};
use tenure_protocol::sign_in::{SignInCode, sign_in_address};

use super::ListArgs;
use super::when::when;
use crate::failure::Outcome;

/// Print an address that opens the web console and signs a browser in, once.
#[derive(Args, Debug)]
pub struct ConsoleArgs {
    #[command(flatten)]
    args: ListArgs,
}

/// Runs the command.
pub async fn run(ConsoleArgs { args }: ConsoleArgs) -> Outcome {
    let api = args.api()?;
    let SignInCode { code, expires_at } = api.post("/api/sign-in/codes", &json!({})).await?;
    let address = sign_in_address(&api.server.to_string(), &code);
    let answer = json!({ "address": address, "expires_at": expires_at });
    args.print::<Value>(&answer, |_| format!("{address}\ngood once, until {} (UTC)", when(expires_at)))
}
