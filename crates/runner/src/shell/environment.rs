//! The variables that processes of agents get: a short list, so that the runner's own secrets stay with it.

use std::ffi::OsString;

/// Passed on when the runner has them.
const PASSED: [&str; 11] =
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE"];

/// Returns what every process of an agent starts with.
pub fn base() -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(OsString, OsString)> =
        PASSED.into_iter().filter_map(|name| Some((name.into(), std::env::var_os(name)?))).collect();
    variables.push(("TERM".into(), "dumb".into()));
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_variables_pass() {
        let names: Vec<OsString> = base().into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"PATH".into()));
        // Cargo sets this one for every test: it stands for all that must not pass.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        assert!(!names.contains(&"CARGO_MANIFEST_DIR".into()));
    }
}
