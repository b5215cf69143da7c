//! What a configuration must fulfil beyond the type of each option: bounds, and options that must fit each other.

use tenure_model::Span;

use super::Config;

/// A ledger that is shorter would forget firings that people still ask for.
const LEDGER_RECORDS_MIN: u64 = 1_000;

/// Checks a configuration; a mistake is told with the option, the rule and what to do.
pub fn check(config: &Config) -> Result<(), String> {
    config.session.check().map_err(|bad| format!("session.{bad}"))?;
    config.execution.check().map_err(|bad| format!("execution.{bad}"))?;
    config.gate.check().map_err(|bad| format!("gate.{bad}"))?;
    config.draft.check().map_err(|bad| format!("draft.{bad}"))?;
    super::sandboxes::check(&config.sandboxes)?;
    config.isolation.check().map_err(|bad| format!("isolation.{bad}"))?;
    if let Some(address) = config.server.public_address.as_deref()
        && !["http://", "https://"].iter().any(|scheme| address.starts_with(scheme))
    {
        return Err(format!("server.public_address is \"{address}\"; write it as https://host or http://host:port"));
    }
    if config.runtime.ledger_days == 0 {
        return Err("runtime.ledger_days is 0; set it to 1 or more".to_owned());
    }
    if config.runtime.ledger_records_max < LEDGER_RECORDS_MIN {
        let given = config.runtime.ledger_records_max;
        return Err(format!("runtime.ledger_records_max is {given}; set it to {LEDGER_RECORDS_MIN} or more"));
    }
    let lease = Span(config.session.lease_ms.0.saturating_add(config.session.lease_margin_ms.0));
    let undo = config.execution.undo_wait_ms;
    if undo <= lease {
        return Err(format!(
            "execution.undo_wait_ms is {undo}, but the end of a lost runner is known only after {lease}, session.lease_ms with session.lease_margin_ms; raise it"
        ));
    }
    let prompt = config.session.prompt_bytes_max;
    for (option, carries) in [
        ("server.frame_bytes_max", config.server.frame_bytes_max),
        ("server.body_bytes_max", config.server.body_bytes_max),
    ] {
        if prompt > carries as u64 {
            return Err(format!(
                "session.prompt_bytes_max is {prompt}, but {option} lets only {carries} through; lower it, or raise {option}"
            ));
        }
    }
    let draft = config.draft.prompt_bytes_max.saturating_add(config.draft.base_bytes_max);
    let body = config.server.body_bytes_max;
    if draft > body {
        return Err(format!(
            "draft.prompt_bytes_max and draft.base_bytes_max are {draft} together, but server.body_bytes_max lets only {body} through; lower them, or raise it"
        ));
    }
    let (all, one) = (config.server.webhook_bytes_max, tenure_workflow::scheduler::limits::BODY_BYTES_MAX);
    if all < one {
        return Err(format!("server.webhook_bytes_max is {all}, less than the {one} bytes of one body; raise it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_fulfil_every_rule() {
        assert_eq!(check(&Config::default()), Ok(()));
    }

    #[test]
    fn a_limit_out_of_its_bounds_is_named_with_its_section() {
        let mut config = Config::default();
        config.session.queue_max = 0;
        assert_eq!(check(&config), Err("session.queue_max is 0; set it to 1 to 1000000".to_owned()));
    }

    #[test]
    fn a_ledger_keeps_something() {
        let mut config = Config::default();
        config.runtime.ledger_records_max = 999;
        assert_eq!(check(&config), Err("runtime.ledger_records_max is 999; set it to 1000 or more".to_owned()));
        config.runtime.ledger_days = 0;
        assert_eq!(check(&config), Err("runtime.ledger_days is 0; set it to 1 or more".to_owned()));
    }

    #[test]
    fn a_limited_network_needs_hosts_that_can_be_reached() {
        let mut config = Config::default();
        config.isolation.network = tenure_runner::Network::Limited;
        assert!(check(&config).unwrap_err().starts_with("isolation.network is limited, but allow names no host"));
        config.isolation.allow = vec!["api.example.com".to_owned(), "http://example.com".to_owned()];
        assert_eq!(
            check(&config).unwrap_err(),
            "isolation.allow[1] is \"http://example.com\": a host has no `/` in it; write host, host:port, *.domain or an \
             address, such as api.example.com:443"
        );
        config.isolation.allow.pop();
        assert_eq!(check(&config), Ok(()));
    }

    #[test]
    fn the_end_of_a_cancelled_turn_is_awaited_longer_than_a_lease() {
        let mut config = Config::default();
        config.session.lease_ms = config.execution.undo_wait_ms;
        let why = check(&config).unwrap_err();
        assert!(why.starts_with("execution.undo_wait_ms is") && why.ends_with("raise it"), "{why}");
    }

    #[test]
    fn a_prompt_must_fit_what_carries_it() {
        let mut config = Config::default();
        config.session.prompt_bytes_max = config.server.frame_bytes_max as u64 + 1;
        let why = check(&config).unwrap_err();
        assert!(why.ends_with("lower it, or raise server.frame_bytes_max"), "{why}");
    }

    #[test]
    fn a_draft_must_fit_what_carries_it_and_be_made_by_somebody() {
        let mut config = Config::default();
        config.draft.base_bytes_max = config.server.body_bytes_max;
        assert!(check(&config).unwrap_err().ends_with("lower them, or raise it"));
        config.draft = tenure_server::DraftOptions { key_env: Some("KEY".to_owned()), ..Default::default() };
        assert!(check(&config).unwrap_err().starts_with("draft.key_env is set, but model is not"));
    }

    #[test]
    fn a_public_address_says_how_it_is_spoken_to() {
        let mut config = Config::default();
        config.server.public_address = Some("tenure.example.org".to_owned());
        assert!(check(&config).unwrap_err().contains("https://"));
        config.server.public_address = Some("https://tenure.example.org/below".to_owned());
        assert_eq!(check(&config), Ok(()));
    }
}
