//! Runs the benchmarks that were asked for and shows their figures as a table and as rows.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::{Options, appends, file, idle, relay, runner, runs, stream, tools, triggers};

/// One figure.
#[derive(Clone, Serialize, Debug)]
pub struct Row {
    /// The benchmark and the figure: `baseline.file.appends`.
    pub name: String,
    /// The settings under which it was measured, such as `writers` = 16.
    pub params: BTreeMap<&'static str, u64>,
    pub value: f64,
    pub unit: &'static str,
}

impl Row {
    pub fn new(name: impl Into<String>, params: &[(&'static str, u64)], value: f64, unit: &'static str) -> Row {
        Row { name: name.into(), params: params.iter().copied().collect(), value, unit }
    }
}

type Benchmark = fn() -> Result<Vec<Row>>;

/// Every benchmark by its name, in the order in which they run. The baselines need nothing of ours: they say what
/// this machine allows, so that the other figures can be read as ratios to them.
const BENCHMARKS: &[(&str, Benchmark)] = &[
    ("baseline.file", file::run),
    ("baseline.relay", relay::run),
    ("appends", appends::run),
    ("stream", stream::run),
    ("idle", idle::run),
    ("runs", runs::run),
    ("runner", runner::run),
    ("triggers", triggers::run),
    ("tools", tools::run),
];

pub fn run(options: &Options) -> Result<()> {
    for name in &options.names {
        let known = BENCHMARKS.iter().any(|(known, _)| known.starts_with(name.as_str()));
        let names: Vec<&str> = BENCHMARKS.iter().map(|(name, _)| *name).collect();
        ensure!(known, "no benchmark is called {name}; there are {}", names.join(", "));
    }
    let mut rows = Vec::new();
    for (name, benchmark) in BENCHMARKS {
        let wanted = options.names.is_empty() || options.names.iter().any(|asked| name.starts_with(asked.as_str()));
        if !wanted {
            continue;
        }
        eprintln!("measuring {name} …");
        rows.extend(benchmark().with_context(|| format!("benchmark {name}"))?);
    }
    print!("{}", table(&rows));
    if let Some(file) = &options.json {
        write(file, &rows)?;
    }
    Ok(())
}

fn write(file: &Path, rows: &[Row]) -> Result<()> {
    let text = serde_json::to_string_pretty(rows).context("failed to write the rows as JSON")?;
    fs::write(file, text + "\n").with_context(|| format!("failed to write {}", file.display()))
}

fn table(rows: &[Row]) -> String {
    let params =
        |row: &Row| row.params.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
    let cells: Vec<[String; 4]> =
        rows.iter().map(|row| [row.name.clone(), params(row), shown(row.value), row.unit.to_owned()]).collect();
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (name, params, value) = (width(0), width(1), width(2));
    cells.iter().map(|[a, b, c, d]| format!("{a:name$}  {b:params$}  {c:>value$} {d}\n")).collect()
}

/// Shows whole numbers when they are large and two decimals when they are small.
fn shown(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lines_its_columns_up() {
        let rows = [Row::new("a", &[("writers", 1)], 1234.5, "1/s"), Row::new("bcd", &[("writers", 16)], 0.25, "ms")];
        assert_eq!(table(&rows), "a    writers=1   1234 1/s\nbcd  writers=16  0.25 ms\n");
    }

    #[test]
    fn a_row_has_four_fields() -> Result<()> {
        let row = serde_json::to_value(Row::new("a", &[("writers", 1)], 2.0, "ms"))?;
        assert_eq!(row, serde_json::json!({"name": "a", "params": {"writers": 1}, "value": 2.0, "unit": "ms"}));
        Ok(())
    }
}
