//! The few GET requests of the demo, in HTTP/1.0: no chunks, no keep-alive, no client library to build first.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(10);

/// Returns the status and the body of `GET http://<address><path>`.
pub fn get(address: &str, path: &str, token: Option<&str>) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address).with_context(|| format!("failed to connect to {address}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\n{authorization}\r\n");
    stream.write_all(request.as_bytes()).context("failed to send the request")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(|| format!("failed to read the answer to GET {path}"))?;
    parse(&answer)
}

/// Returns the JSON at a path; anything but 200 is a failure.
pub fn get_json(address: &str, path: &str, token: &str) -> Result<Value> {
    let (status, body) = get(address, path, Some(token))?;
    ensure!(status == 200, "GET {path} answered {status}: {body}");
    serde_json::from_str(&body).with_context(|| format!("GET {path} answered what is not JSON"))
}

fn parse(answer: &str) -> Result<(u16, String)> {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { bail!("the answer has no end of its headers") };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.context("the answer has no status")?, body.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_status_and_body() -> Result<()> {
        assert_eq!(parse("HTTP/1.0 503 Service Unavailable\r\na: b\r\n\r\nnot yet")?, (503, "not yet".to_owned()));
        assert!(parse("HTTP/1.0 200 OK\r\n").is_err());
        Ok(())
    }
}
