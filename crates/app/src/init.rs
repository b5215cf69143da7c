//! `tenure init`: makes a data folder with a first credential, or prints the example of a configuration.

use clap::Args;
use serde_json::json;
use tenure_model::Span;
use tenure_server::StepTools;

use crate::config::example;
use crate::failure::Outcome;
use crate::logs;
use crate::out;
use crate::serve::{Credential, ServerArgs, add_credentials, first_credential, start_runtime};

/// Make the data folder and the first admin token, or print an example of the configuration.
#[derive(Args, Debug)]
pub struct InitArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Print an example of tenure.toml with every option, and do nothing else
    #[arg(long)]
    print_config: bool,
    /// Make another admin token, when all others are lost; the server must not run
    #[arg(long)]
    new_token: bool,
}

/// Runs the command.
pub fn run(args: InitArgs) -> Outcome {
    if args.print_config {
        return Ok(out::text(example())?);
    }
    let config = args.server.layers()?.config()?;
    logs::start(&config.log)?;
    actix::System::new().block_on(async {
        let runtime = start_runtime(&config, None, &StepTools::default()).await?;
        let credential = match first_credential(&runtime).await? {
            None if args.new_token => {
                let credential = Credential::admin("tenure init");
                add_credentials(&runtime, &[&credential]).await?;
                Some(credential)
            }
            first => first,
        };
        runtime.stop(Span::secs(config.server.shutdown_timeout_s)).await;
        let token = credential.as_ref().map(|credential| credential.secret.as_str());
        match token {
            _ if args.server.json => out::line(json!({ "data": config.data, "token": token })),
            Some(token) => out::line(format!("{} is ready\nthe admin token, shown this once: {token}", config.data)),
            None => out::line(format!("{} was ready before; --new-token makes another admin token", config.data)),
        }?;
        Ok(())
    })
}
