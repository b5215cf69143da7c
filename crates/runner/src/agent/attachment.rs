//! The files that come with a prompt, as an agent can be handed them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tenure_model::chat::Attachment;

/// Returns the text of an attachment; nothing when it is none.
pub fn text(attachment: &Attachment) -> Option<String> {
    let bytes = STANDARD.decode(&attachment.data).ok()?;
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_none() {
        let file = |data: &[u8]| Attachment { name: "a".into(), mime: "x/y".into(), data: STANDARD.encode(data) };
        assert_eq!(text(&file("Grüße\n".as_bytes())).as_deref(), Some("Grüße\n"));
        assert_eq!(text(&file(b"\x89PNG\xff")), None);
        assert_eq!(text(&file(b"a\0b")), None);
        assert_eq!(text(&Attachment { data: "?".into(), ..file(b"") }), None);
    }
}
