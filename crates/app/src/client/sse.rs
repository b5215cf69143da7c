//! Server-sent events: bytes in as they come, the data of whole events out.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};

/// A server that says nothing for this long is taken for gone; it shows life more often than that.
const SILENCE_MAX: Duration = Duration::from_secs(45);

/// Waits for the next piece of a stream; an error says how the stream was lost.
pub async fn piece(body: &mut Incoming) -> Result<Bytes, String> {
    match tokio::time::timeout(SILENCE_MAX, body.frame()).await {
        Ok(Some(Ok(frame))) => Ok(frame.into_data().unwrap_or_default()),
        Ok(Some(Err(error))) => Err(error.to_string()),
        Ok(None) => Err("the server closed the line".to_owned()),
        Err(_) => Err("the server fell silent".to_owned()),
    }
}

/// A stream that is being read; an event may be split anywhere between two pieces.
#[derive(Default)]
pub struct Events {
    /// Bytes of a line that is not complete.
    line: Vec<u8>,
    /// The data of an event that is not complete.
    data: Option<String>,
}

impl Events {
    /// Takes the next piece; returns the data of every event that it completes.
    pub fn take(&mut self, piece: &[u8]) -> Vec<String> {
        let mut whole = vec![];
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.line);
            whole.extend(self.line(String::from_utf8_lossy(&line).trim_end_matches('\r')));
        }
        self.line.extend_from_slice(rest);
        whole
    }

    /// Takes a line; an empty one ends an event. Ids stand in the data as positions, comments only show life.
    fn line(&mut self, line: &str) -> Option<String> {
        if line.is_empty() {
            return self.data.take();
        }
        let value = line.strip_prefix("data:")?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        match &mut self.data {
            Some(data) => *data += &format!("\n{value}"),
            None => self.data = Some(value.to_owned()),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_whole_wherever_the_stream_is_cut() {
        let text = "id: 4\ndata: {\"a\":\"ü\"}\n\n: alive\n\ndata: one\r\ndata:two\r\n\r\nid: 9\n\n".as_bytes();
        for cut in 0..=text.len() {
            let mut events = Events::default();
            let mut all = events.take(&text[..cut]);
            all.extend(events.take(&text[cut..]));
            assert_eq!(all, ["{\"a\":\"ü\"}", "one\ntwo"], "cut at {cut}");
        }
    }

    #[test]
    fn an_event_without_its_end_is_not_told() {
        assert!(Events::default().take(b"data: {}\n").is_empty());
    }
}
