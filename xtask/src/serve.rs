//! `serve`: the reference portal for a person or for curl.

use std::net::SocketAddr;

use driver::fresh;
use mailbox::Mailbox;
use portal::{Argon2Cost, Settings};
use reports::record::Outcome;
use softkey::{Seed, base64url};

use crate::{
    cli::ServeArgs,
    interrupt::{self, Answers},
    say,
    scenarios::ours,
    stop::Stop,
    suite,
};

/// Serves until Ctrl-C.
pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<Outcome> {
    let defect = args.defect.as_deref().map(suite::defect).transpose()?;
    interrupt::block_on(async {
        let _answers = Answers::requests(1);
        let seed = Seed::new(fresh().map_err(ours)?);
        let token = base64url(&seed.bytes("administrator's token", 24));
        let mail = Mailbox::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.map_err(ours)?;
        let settings = Settings {
            seed: seed.bytes("portal", 32).try_into().unwrap_or([0; 32]),
            admin_token: token.clone(),
            smtp: mail.address(),
            argon2: Argon2Cost::recommended(),
            defect,
            trouble: |said| say::tell(&format!("reference portal: {said}")),
        };
        let listen = SocketAddr::from(([127, 0, 0, 1], args.port));
        let served = portal::serve(settings, listen)
            .await
            .map_err(|error| Stop::bad_command(format!("cannot listen on {listen}: {error}")))?;
        announce(args, served.address.port(), &token);
        say::goes_on()?;
        interrupt::asked(1).await;
        served.stop().await;
        Ok(Outcome::Interrupted)
    })
}

fn announce(args: &ServeArgs, port: u16, token: &str) {
    let base = format!("http://localhost:{port}");
    if args.json {
        let machine =
            serde_json::json!({ "base": base, "admin_token": token, "defect": args.defect });
        say::machine(&format!("{machine}\n"));
        return;
    }
    say::lines(&format!("serving the reference portal on {base}, until Ctrl-C\n"));
    if let Some(defect) = &args.defect {
        say::lines(&format!("  forgets       {defect}\n"));
    }
    say::lines(&format!("  administrator {token}\n"));
    say::lines(&format!(
        "  try           curl -s {base}/api/admin/users -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{{\"user\":\"alice\",\"password\":\"a-long-password\",\"mail\":\"alice@example.test\"}}'\n"
    ));
}
