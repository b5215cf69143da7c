//! Triggers in words and tables: how they stand, what saving did, when they fire.

use serde_json::Value;
use tenure_model::Timestamp;
use tenure_protocol::http::Page;
use tenure_protocol::trigger::{
    BackfillTimes, InletAddress, PlannedTime, SavedTrigger, TestedTrigger, TimeMark, TriggerOutcome, TriggerPreview,
    TriggerRow, TriggerType, TriggerValidity, TriggerView,
};
use tenure_runner::Address;

use super::super::more;
use super::super::table::table;
use super::super::when::when;
use super::super::workflow::files;
use crate::chat::{brief, clean};
use crate::run::printed;

pub fn rows(page: &Page<TriggerRow>) -> String {
    let row = |row: &TriggerRow| {
        let [next, last] = [row.next_at, row.last_run_at].map(|at| at.map(when).unwrap_or_default());
        [row.name.clone(), kind(row.kind), row.words.clone(), next, last, standing(row)]
    };
    let rows = page.items.iter().map(row).collect();
    let head = ["name", "type", "what it does", "next (UTC)", "last run (UTC)", "state"];
    table(head, rows) + &more(page.cursor.as_ref())
}

pub fn view(view: &TriggerView, server: &Address) -> String {
    let row = &view.row;
    let mut lines = vec![format!("{} ({}), {}", row.name, kind(row.kind), standing(row)), row.words.clone()];
    lines.extend(row.description.clone());
    let mut fact = |name: &str, value: Option<String>| lines.extend(value.map(|value| format!("{name:<9} {value}")));
    fact("id", Some(row.id.to_string()));
    fact("revision", Some(format!("{}, saved by {}", row.revision, view.by.name)));
    fact("created", Some(format!("{} UTC", when(row.created_at))));
    fact("updated", Some(format!("{} UTC", when(row.updated_at))));
    fact("next", view.next.as_ref().map(planned));
    fact("last run", row.last_run_at.map(|at| format!("{} UTC", when(at))));
    let backfill = view.backfill.map(|range| format!("{} to {} UTC is left", when(range.after), when(range.until)));
    fact("backfill", backfill);
    if let Some(address) = &view.address {
        fact("address", Some(located(address, server)));
        let old = |until: Timestamp, path: &str| format!("{server}{path}, until {} UTC", when(until));
        address.old.iter().for_each(|one| fact("old", Some(old(one.until, &one.path))));
    }
    clean(&lines.join("\n"))
}

/// Says how a trigger stands after it was changed.
pub fn stands(row: &TriggerRow) -> String {
    let next = row.next_at.map(|at| format!("; it fires next at {} UTC", when(at))).unwrap_or_default();
    clean(&format!("{} is {}{next}", row.name, standing(row)))
}

/// Says what saving did. The secret is in it when it is new: this is the only time that anybody sees it.
pub fn saved(saved: &SavedTrigger, server: &Address) -> String {
    let head = format!("{}: {}, {}", saved.name, outcome(saved.outcome), saved.words);
    let mut lines = vec![head, format!("  id       {}", saved.id)];
    lines.extend(saved.next.as_ref().map(|next| format!("  next     {}", planned(next))));
    let inlet = saved.address.as_ref().map(|address| inlet(address, saved.secret.as_deref(), server));
    lines.extend(inlet.map(|text| format!("  {}", text.replace('\n', "\n  "))));
    clean(&lines.join("\n"))
}

/// Says what saving would do.
pub fn judged(judged: &TriggerValidity) -> String {
    let [name, words] = [&judged.name, &judged.words].map(|text| text.as_deref().unwrap_or_default());
    let would = match judged.outcome {
        Some(TriggerOutcome::Created) => "would be created",
        Some(TriggerOutcome::Updated) => "would be updated",
        Some(TriggerOutcome::Unchanged) | None => "would stay as it is",
    };
    let next = judged.next.as_ref().map(|next| format!("\n  next     {}", planned(next))).unwrap_or_default();
    clean(&format!("{name}: {would}, {words}{next}"))
}

/// Tells where deliveries are taken, and with which secret they are signed.
pub fn inlet(address: &InletAddress, secret: Option<&str>, server: &Address) -> String {
    let secret =
        secret.map(|secret| format!("\nsecret   {secret}  (shown here, and nowhere again)")).unwrap_or_default();
    format!("address  {}{secret}", located(address, server))
}

pub fn preview(preview: &TriggerPreview) -> String {
    let off = if preview.fires { "" } else { "\nit is switched off or paused: it fires at none of these times now" };
    let times = match preview.times.is_empty() {
        true => "it fires at no time of its own\n".to_owned(),
        false => times(&preview.times),
    };
    format!("{}{off}\n\n{times}", clean(&preview.words))
}

pub fn backfill(answer: &BackfillTimes) -> String {
    let count = answer.times.len();
    let s = if count == 1 { "" } else { "s" };
    let more = if answer.more { "; the range holds more, which is too much for one backfill" } else { "" };
    let told = match answer.dry_run {
        true => format!("{count} time{s}{more}; nothing was done (--dry-run)"),
        false => format!("{count} time{s}, which are fired for from now on{more}"),
    };
    format!("{}\n{told}", times(&answer.times))
}

pub fn tested(tested: &TestedTrigger) -> String {
    let target = match (&tested.workflow, &tested.prompt) {
        (Some(workflow), _) => format!("it would run `{workflow}`"),
        (None, Some(prompt)) => format!("it would ask the orchestrator: {prompt}"),
        (None, None) => "it would fire".to_owned(),
    };
    let mut lines = vec![if tested.fires { target } else { "it would start nothing".to_owned() }];
    lines.extend(tested.why.iter().map(|why| format!("  {why}")));
    lines.extend((!tested.events.is_empty()).then(|| format!("known to filters as {}", tested.events.join(", "))));
    lines.extend(inputs(&tested.inputs));
    let mistakes = files::lines(&tested.mistakes);
    clean(&format!("{}\n{mistakes}", lines.join("\n")))
}

/// Returns the inputs of a run, one below the other.
pub fn inputs(values: &serde_json::Map<String, Value>) -> Vec<String> {
    let head = (!values.is_empty()).then(|| "inputs".to_owned());
    let line = |(name, value): (&String, &Value)| format!("  {name}: {}", printed(value).replace('\n', "\n    "));
    head.into_iter().chain(values.iter().map(line)).collect()
}

/// Returns the word for a type, which the API takes too.
pub fn kind(kind: TriggerType) -> String {
    let word = match kind {
        TriggerType::Schedule => "schedule",
        TriggerType::Webhook => "webhook",
        TriggerType::Github => "github",
        TriggerType::Manual => "manual",
    };
    word.to_owned()
}

/// Says what is special about a planned time.
pub fn mark(mark: TimeMark) -> &'static str {
    match mark {
        TimeMark::Gap => "gap: the clocks skip its time, it fires right after",
        TimeMark::FoldFirst => "fold: the clocks show it twice, this is the first",
        TimeMark::FoldSecond => "fold: the clocks show it twice, this is the second",
    }
}

fn times(times: &[PlannedTime]) -> String {
    let row = |time: &PlannedTime| [time.shown.clone(), when(time.at), note(time)];
    table(["local", "UTC", ""], times.iter().map(row).collect())
}

fn note(time: &PlannedTime) -> String {
    let jitter = time.fires_at.map(|at| format!("fires at {} UTC (jitter)", when(at)));
    let notes: Vec<String> = time.mark.map(|one| mark(one).to_owned()).into_iter().chain(jitter).collect();
    notes.join("; ")
}

fn planned(time: &PlannedTime) -> String {
    let note = Some(note(time)).filter(|note| !note.is_empty()).map(|note| format!(", {note}")).unwrap_or_default();
    format!("{}, which is {} UTC{note}", time.shown, when(time.at))
}

fn located(address: &InletAddress, server: &Address) -> String {
    address.url.clone().unwrap_or_else(|| format!("{server}{}", address.path))
}

fn standing(row: &TriggerRow) -> String {
    let paused = row.paused_until.filter(|until| *until > tenure_runtime::Clock::Real.now());
    let word = match paused {
        _ if !row.enabled => "off".to_owned(),
        Some(until) => format!("paused until {} UTC", when(until)),
        None => "on".to_owned(),
    };
    let running = (row.running > 0).then(|| format!("{} under way", row.running));
    let waiting = (row.waiting > 0).then(|| format!("{} waiting", row.waiting));
    let failing = row.failing.as_ref().map(|why| format!("failing: {}", brief(why)));
    [Some(word), running, waiting, failing].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn outcome(outcome: TriggerOutcome) -> &'static str {
    match outcome {
        TriggerOutcome::Created => "created",
        TriggerOutcome::Updated => "updated",
        TriggerOutcome::Unchanged => "unchanged",
    }
}
