//! Log lines on the standard error, for people or for programs.

use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};
use crate::failure::{Failure, Outcome};

/// Starts writing log lines; called once, before anything logs.
pub fn start(config: &LogConfig) -> Outcome {
    let filter = EnvFilter::try_new(&config.filter)
        .map_err(|error| Failure::Usage(format!("log.filter \"{}\" cannot be read: {error}", config.filter)))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => {
            use std::io::IsTerminal;
            lines.with_ansi(std::io::stderr().is_terminal()).init();
        }
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
