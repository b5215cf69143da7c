//! Log lines on the standard error, for people or for programs.

use std::io::{self, Write};
use std::sync::Arc;

use tenure_runner::Masker;
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};
use crate::failure::{Failure, Outcome};

/// Starts writing log lines; called once, before anything logs.
pub fn start(config: &LogConfig) -> Outcome {
    start_masked(config, Arc::default())
}

/// Starts writing log lines without secrets; called once, before anything logs.
pub fn start_masked(config: &LogConfig, masker: Arc<Masker>) -> Outcome {
    let filter = EnvFilter::try_new(&config.filter)
        .map_err(|error| Failure::Usage(format!("log.filter \"{}\" cannot be read: {error}", config.filter)))?;
    let writer = move || Masked { masker: Arc::clone(&masker) };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match config.format {
        LogFormat::Text => {
            use std::io::IsTerminal;
            lines.with_ansi(std::io::stderr().is_terminal()).init();
        }
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}

/// The standard error, to which each line is written whole.
struct Masked {
    masker: Arc<Masker>,
}

impl Write for Masked {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().write_all(self.masker.mask(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
