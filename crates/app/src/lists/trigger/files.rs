//! Triggers in files: judged by the server, all of them before any is saved, and saved.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tenure_protocol::trigger::{SavedTrigger, TriggerValidity};
use tenure_protocol::workflow::DefinitionText;

use super::super::ListArgs;
use super::super::workflow::files;
use super::tell;
use crate::client::api::Api;
use crate::failure::{Failure, Outcome};

/// The path that means standard input.
const STDIN: &str = "-";

/// Saves every file, once all of them are found right.
pub async fn sync(paths: &[PathBuf], expect: Option<u64>, dry_run: bool, args: &ListArgs) -> Outcome {
    if expect.is_some() && paths.len() > 1 {
        return Err(Failure::Usage("--expect is about one trigger; name one file".to_owned()));
    }
    let texts = paths.iter().map(|path| written(path)).collect::<Outcome<Vec<_>>>()?;
    let api = args.api()?;
    let judged = judge(&api, &texts).await?;
    if dry_run {
        return args.print(&judged, |judged| judged.iter().map(tell::judged).collect::<Vec<_>>().join("\n"));
    }
    let mut saved = vec![];
    let ended = save(&api, texts, expect, &mut saved).await;
    // A secret is shown once: what was saved is told, also when the next file was refused.
    if !saved.is_empty() {
        let told = |saved: &SavedTrigger| tell::saved(saved, &api.server);
        args.print(&saved, |saved| saved.iter().map(told).collect::<Vec<_>>().join("\n"))?;
    }
    ended
}

/// Reads a file, or what comes in on standard input.
pub fn written(path: &Path) -> Outcome<DefinitionText> {
    if path.as_os_str() != STDIN {
        return files::text(path);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("failed to read standard input")?;
    Ok(DefinitionText { file: Some("stdin".to_owned()), text })
}

/// Has the server judge what is written, because it knows the workflows and what the triggers say already.
async fn judge(api: &Api, texts: &[DefinitionText]) -> Outcome<Vec<TriggerValidity>> {
    let (mut judged, mut mistakes) = (vec![], vec![]);
    for DefinitionText { file, text } in texts {
        let answer: TriggerValidity = api.post_definition("/api/triggers/validate", text.clone(), None).await?;
        mistakes.extend(answer.mistakes.iter().map(|mistake| files::of_file(mistake, file.as_deref())));
        judged.push(answer);
    }
    files::refused(mistakes)?;
    Ok(judged)
}

async fn save(api: &Api, texts: Vec<DefinitionText>, expect: Option<u64>, saved: &mut Vec<SavedTrigger>) -> Outcome {
    let expect = expect.map(|revision| revision.to_string());
    for DefinitionText { file, text } in texts {
        let answer: Outcome<SavedTrigger> = api.post_definition("/api/triggers/sync", text, expect.as_deref()).await;
        saved.push(answer.map_err(|failure| files::explained(failure, file.as_deref()))?);
    }
    Ok(())
}
