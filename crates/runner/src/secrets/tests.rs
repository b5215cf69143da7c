//! What secrets promise: no cut of any text lets one through, and everything else passes as it is.

use proptest::prelude::*;
use tenure_model::link::TurnFrame;

use super::*;

/// Texts full of beginnings, ends and repetitions of the secrets below.
const ALPHABET: &str = "[abä\n%]{0,40}";

fn in_pieces(masker: &Masker, text: &str, cuts: &[usize]) -> String {
    let mut stream = MaskedStream::default();
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| text.floor_char_boundary(cut % (text.len() + 1))).collect();
    cuts.sort();
    let (mut told, mut from) = (String::new(), 0);
    for cut in cuts {
        told += &stream.push(masker, &text[from..cut]);
        from = cut;
    }
    told += &stream.push(masker, &text[from..]);
    told + &stream.finish(masker)
}

proptest! {
    #[test]
    fn no_cut_lets_a_secret_through(
        secrets in prop::collection::vec("[abä\n%]{6,12}", 1..4),
        plain in prop::collection::vec(ALPHABET, 1..5),
        places in prop::collection::vec(any::<prop::sample::Index>(), 4),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let masker = Masker::new(secrets.iter().map(|secret| ("S", secret.as_str())));
        let mut text = String::new();
        for (plain, place) in plain.iter().zip(&places) {
            text += plain;
            text += &secrets[place.index(secrets.len())];
        }
        let told = in_pieces(&masker, &text, &cuts);
        for secret in &secrets {
            for form in forms::forms(secret) {
                prop_assert!(!told.contains(&form), "{told:?} holds {form:?}");
            }
        }
        prop_assert_eq!(told, masker.mask(&text));
    }

    #[test]
    fn everything_else_passes_byte_for_byte(text in ".{0,60}", cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        let masker = Masker::new([("S", "ab\u{1}cdefg"), ("T", "\u{1}\u{2}\u{3}zzz")]);
        prop_assert_eq!(in_pieces(&masker, &text, &cuts), text);
    }

    #[test]
    fn the_end_of_a_text_is_told_when_it_is_no_secret(secret in "[ab]{6,10}", cut in 0usize..10) {
        let masker = Masker::new([("S", secret.as_str())]);
        let part = &secret[..cut.min(secret.len() - 1)];
        prop_assert_eq!(in_pieces(&masker, part, &[1, 2, 3]), part);
    }
}

#[test]
fn only_what_may_become_a_secret_is_held_back() {
    let masker = Masker::new([("KEY", "hunter2")]);
    let mut stream = MaskedStream::default();
    assert_eq!(stream.push(&masker, "is it a hunt"), "is it a ");
    assert_eq!(stream.push(&masker, "ing or hunter"), "hunting or ");
    assert_eq!(stream.push(&masker, "2!"), "***KEY***!");
    assert_eq!(stream.push(&masker, "hun") + &stream.finish(&masker), "hun");
}

#[test]
fn the_longer_of_two_secrets_is_masked_whole() {
    let masker = Masker::new([("SHORT", "abcdef"), ("LONG", "abcdefgh")]);
    let mut stream = MaskedStream::default();
    assert_eq!(stream.push(&masker, "abcdef"), "");
    assert_eq!(stream.push(&masker, "gh"), "***LONG***");
    assert_eq!(stream.push(&masker, "abcdefg") + &stream.finish(&masker), "***SHORT***g");
}

#[test]
fn values_are_masked_in_every_place() {
    let masker = Masker::new([("KEY", "hunter2")]);
    let value = serde_json::json!({ "a hunter2": ["x", { "b": "hunter2" }], "n": 1 });
    let masked = serde_json::json!({ "a ***KEY***": ["x", { "b": "***KEY***" }], "n": 1 });
    assert_eq!(masker.masked_value(value), masked);
}

#[test]
fn frames_are_masked_in_every_field_but_their_kind() {
    let masker = Masker::new([("KEY", "hunter2"), ("ODD", "agentStatus")]);
    let frame = |detail: &str| {
        let detail = Some(detail.to_owned());
        TurnFrame::AgentStatus { status: tenure_model::chat::AgentStatus::Thinking, detail }
    };
    assert_eq!(masker.masked_as(frame("looks for hunter2")).unwrap(), frame("looks for ***KEY***"));
}

fn config(name: &str, file: &std::path::Path, recipients: &[&str]) -> SecretConfig {
    SecretConfig {
        name: name.to_owned(),
        value_env: None,
        value_file: Some(file.to_string_lossy().into_owned()),
        recipients: recipients.iter().map(|word| (*word).to_owned()).collect(),
    }
}

#[test]
fn secrets_go_to_those_they_are_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("value");
    std::fs::write(&file, "s3cret-value\n").unwrap();
    let given = |recipients: &[&str], agent: Option<&str>, step: Option<&str>| {
        let secrets = Secrets::load(&[config("KEY", &file, recipients)]).unwrap();
        let labels = ["gpu".to_owned()];
        secrets.granted(&Recipient { agent, step, labels: &labels })
    };
    let key = [("KEY".to_owned(), "s3cret-value".to_owned())];
    assert_eq!(given(&["agent:qwen"], Some("qwen"), None), key);
    assert_eq!(given(&["agent:qwen"], Some("other"), None), []);
    assert_eq!(given(&["step:push"], None, Some("deploy:i2/push")), key);
    assert_eq!(given(&["step:deploy:i2/push"], None, Some("deploy:i2/push")), key);
    assert_eq!(given(&["step:deploy"], None, Some("deploy:i2/push")), []);
    assert_eq!(given(&["label:gpu"], None, None), key);
    assert_eq!(given(&["label:cpu"], None, None), []);
    assert_eq!(given(&["all"], None, None), key);
}

#[test]
fn a_wrong_secret_is_refused_without_its_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("value");
    std::fs::write(&file, "tiny\n").unwrap();
    let refused = |configs: &[SecretConfig]| match Secrets::load(configs) {
        Err(why) => why,
        Ok(_) => panic!("it is taken"),
    };
    assert_eq!(refused(&[config("A", &file, &["all"])]), "the secret A has fewer than 6 bytes, too few to mask");
    assert!(refused(&[config("A B", &file, &["all"])]).contains("a name that no variable can have"));
    assert!(refused(&[config("A", &file, &[])]).contains("is for nobody"));
    assert!(refused(&[config("A", &file, &["user:ann"])]).contains("is for \"user:ann\""));
    assert_eq!(refused(&[config("A", &file, &["all"]), config("A", &file, &["all"])]), "there are two secrets A");
    let neither = SecretConfig { value_file: None, ..config("A", &file, &["all"]) };
    assert_eq!(refused(&[neither]), "the secret A needs either value_env or value_file");
}
