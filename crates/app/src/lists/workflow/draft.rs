//! `tenure workflow draft`: a model of the server's writes a definition. What goes on is told on standard error, so that
//! standard output holds the definition and nothing else.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use hyper::body::Incoming;
use tenure_model::chat::Usage;
use tenure_protocol::Problem;
use tenure_protocol::draft::{Draft, DraftEvent, NewDraft, NewStepDraft};
use tenure_workflow::StepPath;

use super::super::ListArgs;
use super::files;
use crate::chat::{Cleaner, clean};
use crate::client::sse::{self, Events};
use crate::failure::{Failure, Outcome};
use crate::out;

/// What is to be written, and from what.
#[derive(Args, Debug)]
pub struct DraftArgs {
    /// What the workflow, or the step, is to do
    prompt: String,
    /// A draft to go on from, YAML or JSON
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Write this step of the base anew, by its id or path, and nothing else
    #[arg(long, value_name = "STEP", requires = "base", value_parser = step)]
    step: Option<String>,
    /// Write the definition into a file
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    args: ListArgs,
}

fn step(text: &str) -> Result<String, String> {
    text.parse::<StepPath>().map(|path| path.to_string()).map_err(|error| error.to_string())
}

/// Runs the command.
pub async fn run(wanted: DraftArgs) -> Outcome {
    let DraftArgs { prompt, base, step, out: file, args } = wanted;
    let base = base.map(|path| files::text(&path)).transpose()?.map(|base| base.text);
    let api = args.api()?;
    let body = match step {
        Some(step) => {
            let base = base.unwrap_or_default();
            api.stream_of("/api/workflows/draft/step", &NewStepDraft { prompt, base, step }).await?
        }
        None => api.stream_of("/api/workflows/draft", &NewDraft { prompt, base }).await?,
    };
    let draft = follow(body).await?;
    match &file {
        Some(path) => {
            fs::write(path, &draft.definition).with_context(|| format!("failed to write {}", path.display()))?;
            if args.json {
                args.print(&draft, |_| String::new())?;
            }
        }
        None => args.print(&draft, |draft| clean(&draft.definition))?,
    }
    judged(&draft, file.map(|path| path.display().to_string()))
}

/// Tells what goes on until there is a draft.
async fn follow(mut body: Incoming) -> Outcome<Draft> {
    let (mut events, mut cleaner) = (Events::default(), Cleaner::default());
    loop {
        let piece =
            sse::piece(&mut body).await.map_err(|why| Failure::Unavailable(format!("{why}; nothing was drafted")))?;
        for data in events.take(&piece) {
            let event: DraftEvent =
                serde_json::from_str(&data).with_context(|| format!("failed to read what the server says: {data}"))?;
            match event {
                DraftEvent::Text { text } => out::complain(cleaner.clean(&text)),
                DraftEvent::Checking => out::complain("\n» the validator looks at it\n"),
                DraftEvent::Repair { repair, repairs_max, mistakes } => {
                    out::complain(files::lines(&mistakes));
                    out::complain(format_args!("» the model mends it, {repair} of {repairs_max}\n"));
                    cleaner = Cleaner::default();
                }
                DraftEvent::Draft(draft) => return Ok(draft),
                DraftEvent::Failed { problem } => return Err(Failure::of(problem)),
            }
        }
    }
}

/// Says how the draft is, and fails when it could not be saved as it is.
fn judged(draft: &Draft, file: Option<String>) -> Outcome {
    let (Usage { input_tokens, output_tokens, .. }, repairs) = (&draft.usage, draft.repairs);
    let took = format!("{input_tokens} tokens read, {output_tokens} written, repaired {repairs} times");
    if draft.valid {
        out::complain(format_args!("» right; {took}\n"));
        return Ok(());
    }
    let mistakes: Vec<_> = draft.mistakes.iter().map(|mistake| files::of_file(mistake, file.as_deref())).collect();
    out::complain(files::lines(&mistakes));
    out::complain(format_args!("» {took}\n"));
    let s = if mistakes.len() == 1 { "" } else { "s" };
    let detail = format!("the draft still has {} mistake{s}; mend it, or draft again with --base", mistakes.len());
    Err(Failure::Refused(Box::new(Problem::new(422, "definition_invalid", detail))))
}
