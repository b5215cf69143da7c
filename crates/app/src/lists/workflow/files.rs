//! Definitions in files: found, read, and judged like a compiler judges.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tenure_protocol::Problem;
use tenure_protocol::workflow::{DefinitionText, Mistake, Validity};
use tenure_workflow::Definition;

use crate::chat::clean;
use crate::failure::{Failure, Outcome};
use crate::out;

/// The endings of files that hold definitions.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Judges every file, and fails when one is wrong.
pub fn validate(paths: &[PathBuf], json: bool) -> Outcome {
    let judged = paths.iter().map(|path| judge(path)).collect::<Outcome<Vec<_>>>()?;
    let all: Vec<Validity> = judged.iter().map(|(file, read)| validity(file, read)).collect();
    match json {
        true => out::line(serde_json::to_string_pretty(&all)?)?,
        false => {
            for (file, read) in &judged {
                if let Ok(definition) = read {
                    out::line(format_args!("{file}: right, {}", definition.hash()))?;
                }
            }
        }
    }
    refused(all.into_iter().flat_map(|one| one.mistakes).collect())
}

/// Reads files that must all be right.
pub fn right(paths: &[PathBuf]) -> Outcome<Vec<DefinitionText>> {
    let judged = paths.iter().map(|path| judge(path)).collect::<Outcome<Vec<_>>>()?;
    refused(judged.iter().flat_map(|(file, read)| validity(file, read).mistakes).collect())?;
    paths.iter().map(|path| text(path)).collect()
}

/// Reads every definition that stands in a folder, by name.
pub fn folder(folder: &Path) -> Outcome<Vec<DefinitionText>> {
    let entries = fs::read_dir(folder).with_context(|| format!("failed to list {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)));
    paths.sort();
    if paths.is_empty() {
        let why = format!("there is no definition in {}: no file ends in .yaml, .yml or .json", folder.display());
        return Err(Failure::Usage(why));
    }
    paths.iter().map(|path| text(path)).collect()
}

/// Prints the mistakes that the server has told, under the name of the file that was sent.
pub fn explained(failure: Failure, file: Option<&str>) -> Failure {
    if let Failure::Refused(problem) = &failure {
        out::complain(lines(&problem.errors.iter().map(|mistake| of_file(mistake, file)).collect::<Vec<_>>()));
    }
    failure
}

/// Puts a mistake that the server has told under the name of the file that was sent.
pub fn of_file(mistake: &Mistake, file: Option<&str>) -> Mistake {
    Mistake { file: mistake.file.clone().or(file.map(str::to_owned)), ..mistake.clone() }
}

type Judged = (String, Result<Definition, Vec<tenure_workflow::Mistake>>);

fn judge(path: &Path) -> Outcome<Judged> {
    let bytes = fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    Ok((path.display().to_string(), tenure_workflow::read::bytes(&bytes)))
}

/// Reads a file as it is.
pub fn text(path: &Path) -> Outcome<DefinitionText> {
    let text = fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    Ok(DefinitionText { file: Some(path.display().to_string()), text })
}

fn validity(file: &str, read: &Result<Definition, Vec<tenure_workflow::Mistake>>) -> Validity {
    match read {
        Ok(definition) => Validity {
            valid: true,
            mistakes: vec![],
            hash: Some(definition.hash().to_string()),
            slug: Some(definition.slug.to_string()),
        },
        Err(mistakes) => {
            let mistakes = mistakes.iter().map(|mistake| in_file(file, mistake)).collect();
            Validity { valid: false, mistakes, hash: None, slug: None }
        }
    }
}

pub fn in_file(file: &str, mistake: &tenure_workflow::Mistake) -> Mistake {
    Mistake {
        file: Some(file.to_owned()),
        path: mistake.path.clone(),
        line: mistake.line.map(|line| line as u64),
        column: mistake.column.map(|column| column as u64),
        code: mistake.code.to_owned(),
        message: mistake.message.clone(),
        fix: mistake.fix.clone(),
    }
}

/// Prints the mistakes and fails, when there are any.
pub fn refused(mistakes: Vec<Mistake>) -> Outcome {
    if mistakes.is_empty() {
        return Ok(());
    }
    out::complain(lines(&mistakes));
    let s = if mistakes.len() == 1 { "" } else { "s" };
    let detail = format!("{} mistake{s}; nothing was done", mistakes.len());
    Err(Failure::Refused(Box::new(Problem::new(422, "definition_invalid", detail))))
}

/// Returns one mistake after the other, each with file, line and column where an editor looks for them.
pub fn lines(mistakes: &[Mistake]) -> String {
    let mut text = String::new();
    for mistake in mistakes {
        let mut place = mistake.file.clone().unwrap_or_default();
        if let (Some(line), Some(column)) = (mistake.line, mistake.column) {
            let _ = write!(place, ":{line}:{column}");
        }
        let place = if place.is_empty() { place } else { format!("{place}: ") };
        let _ = writeln!(text, "{place}{}: {} [{}]", mistake.path, mistake.message, mistake.code);
        if let Some(fix) = &mistake.fix {
            let _ = writeln!(text, "    fix: {fix}");
        }
    }
    clean(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_begins_with_the_place_that_editors_jump_to() {
        let mistake = |line, fix: Option<&str>| Mistake {
            file: Some("a.yaml".into()),
            path: "workflow.steps[0].type".into(),
            line,
            column: line,
            code: "unknown_type".into(),
            message: "there is no type\u{1b}[31m `bsh`".into(),
            fix: fix.map(str::to_owned),
        };
        let told = lines(&[mistake(Some(3), Some("write `bash`")), mistake(None, None)]);
        let expected = "a.yaml:3:3: workflow.steps[0].type: there is no type `bsh` [unknown_type]\n    fix: write `bash`\n\
                        a.yaml: workflow.steps[0].type: there is no type `bsh` [unknown_type]\n";
        assert_eq!(told, expected);
    }
}
