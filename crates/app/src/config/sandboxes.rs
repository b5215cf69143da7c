//! `[[sandboxes]]`: the kinds of sandboxes that sessions can ask for.

use serde::{Deserialize, Serialize};
use tenure_model::Span;
use tenure_model::sandbox::SandboxProvider;
use tenure_session::SandboxPolicy;

/// One kind of sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxConfig {
    /// The name by which sessions and workflows ask for it.
    pub name: String,
    pub provider: SandboxProvider,
    /// What its runners say of themselves.
    pub labels: Vec<String>,
    /// Where its runners find the server; the address that the server listens on when absent.
    pub server: Option<String>,
    /// Of `process`: further arguments of `tenure runner`.
    pub runner: Vec<String>,
    /// Of `command`: the programs, each as a list of arguments.
    pub start: Vec<String>,
    pub stop: Vec<String>,
    pub status: Option<Vec<String>>,
    pub idle_ms: Span,
    pub start_timeout_ms: Span,
    pub stop_timeout_ms: Span,
    pub grace_ms: Span,
    /// Sandboxes of this kind at once; what somebody else starts is not counted.
    pub running_max: usize,
    pub attempts_max: u32,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            provider: SandboxProvider::Process,
            labels: vec![],
            server: None,
            runner: vec![],
            start: vec![],
            stop: vec![],
            status: None,
            idle_ms: Span::mins(15),
            start_timeout_ms: Span::mins(2),
            stop_timeout_ms: Span::mins(1),
            grace_ms: Span::mins(1),
            running_max: 20,
            attempts_max: 3,
        }
    }
}

impl SandboxConfig {
    /// Returns the usual settings of a runner on the server's own machine.
    pub fn process(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Returns what sessions are told of it.
    pub fn policy(&self) -> SandboxPolicy {
        SandboxPolicy {
            name: self.name.clone(),
            provider: self.provider,
            idle_ms: self.idle_ms,
            start_timeout_ms: self.start_timeout_ms,
            stop_timeout_ms: self.stop_timeout_ms,
            grace_ms: self.grace_ms,
            attempts_max: self.attempts_max,
        }
    }
}

/// Checks all kinds; a mistake is told with the kind, the rule and what to do.
pub fn check(sandboxes: &[SandboxConfig]) -> Result<(), String> {
    for (n, one) in sandboxes.iter().enumerate() {
        let name = &one.name;
        let wrong = |what: &str| Err(format!("the sandbox \"{name}\" {what}"));
        if name.is_empty() || name.len() > 100 || name.contains(|c: char| c.is_control() || c == '=') {
            return Err(format!("sandboxes[{n}] needs a name of 1 to 100 bytes without \"=\""));
        }
        if sandboxes[..n].iter().any(|other| other.name == *name) {
            return wrong("is there twice; choose another name");
        }
        let commands = !one.start.is_empty() || !one.stop.is_empty() || one.status.is_some();
        match one.provider {
            SandboxProvider::Command if one.start.is_empty() || one.stop.is_empty() => {
                return wrong("needs a start and a stop command, each a list of arguments");
            }
            SandboxProvider::Process | SandboxProvider::External if commands => {
                return wrong("has commands that nobody runs; set provider = \"command\", or remove them");
            }
            SandboxProvider::Command | SandboxProvider::External if !one.runner.is_empty() => {
                return wrong("has arguments for a runner that it does not start; only provider = \"process\" has");
            }
            _ => {}
        }
        let spans = [one.idle_ms, one.start_timeout_ms, one.stop_timeout_ms, one.grace_ms];
        if spans.contains(&Span::ZERO) || one.attempts_max == 0 || one.running_max == 0 {
            return wrong(
                "has a zero where there must be more: see idle_ms, …_timeout_ms, grace_ms, running_max, attempts_max",
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_could_start_is_told() {
        let process = SandboxConfig::process("box");
        assert_eq!(check(&[process.clone(), SandboxConfig::process("other")]), Ok(()));
        let twice = check(&[process.clone(), process.clone()]).unwrap_err();
        assert!(twice.ends_with("choose another name"), "{twice}");
        let command = SandboxConfig { provider: SandboxProvider::Command, ..process.clone() };
        assert!(check(&[command]).unwrap_err().contains("needs a start and a stop command"));
        let idle = SandboxConfig { start: vec!["x".into()], ..process.clone() };
        assert!(check(&[idle]).unwrap_err().contains("nobody runs"));
        let never = SandboxConfig { grace_ms: Span::ZERO, ..process };
        assert!(check(&[never]).unwrap_err().contains("has a zero"));
        assert!(check(&[SandboxConfig::default()]).unwrap_err().contains("needs a name"));
    }
}
