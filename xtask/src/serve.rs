//! `serve`: the reference portal for a person, with users and a page of what they hold; or for a program,
//! with nobody on it.

use std::net::{Ipv4Addr, SocketAddr};

use driver::fresh;
use mailbox::Mailbox;
use portal::{Argon2Cost, Served, Settings};
use reports::record::Outcome;
use softkey::{Seed, base64url};
use training::{Client, Desk, Person};

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
        let mail =
            Mailbox::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.map_err(ours)?;
        let settings = Settings {
            seed: seed.bytes("portal", 32).try_into().unwrap_or([0; 32]),
            admin_token: token.clone(),
            smtp: mail.address(),
            argon2: Argon2Cost::recommended(),
            defect,
            trouble: |said| say::tell(&format!("reference portal: {said}")),
        };
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
        let served = portal::serve(settings, listen)
            .await
            .map_err(|error| Stop::bad_command(format!("cannot listen on {listen}: {error}")))?;
        if args.json {
            for_a_program(args, &served, &token).await?;
        } else {
            let host = format!("localhost:{}", served.address.port());
            let portal = Client::new(served.router.clone(), host, token);
            for_a_person(args, portal, mail, &seed).await?;
        }
        served.stop().await;
        Ok(Outcome::Interrupted)
    })
}

/// Nobody is on the portal, and its clock moves as it is told: the program makes what it needs.
async fn for_a_program(args: &ServeArgs, served: &Served, token: &str) -> anyhow::Result<()> {
    let base = format!("http://localhost:{}", served.address.port());
    let machine = serde_json::json!({ "base": base, "admin_token": token, "defect": args.defect });
    say::machine(&format!("{machine}\n"));
    say::goes_on()?;
    interrupt::asked(1).await;
    Ok(())
}

async fn for_a_person(
    args: &ServeArgs,
    portal: Client,
    mail: Mailbox,
    seed: &Seed,
) -> anyhow::Result<()> {
    let base = portal.origin();
    let people = training::prepare(&portal, &seed.derive("users")).await?;
    let (listed, token) = (people.clone(), portal.token().to_owned());
    let (desk, serving) = training::serve(Desk { portal, people, mail }).await?;
    announce(args, &base, desk, (&token, &listed));
    say::goes_on()?;
    tokio::select! {
        () = serving => {}
        () = interrupt::asked(1) => {}
    }
    Ok(())
}

fn announce(args: &ServeArgs, base: &str, desk: SocketAddr, (token, people): (&str, &[Person])) {
    say::lines(&format!("serving the reference portal on {base}, until Ctrl-C\n"));
    if let Some(defect) = &args.defect {
        say::lines(&format!("  defect        {defect}\n"));
    }
    say::lines(&format!("  desk          http://{desk}, with mails, prompts and codes\n"));
    say::lines(&format!("  console       {base}/admin\n"));
    say::lines(&format!("  administrator {token}\n\n"));
    for person in people {
        let Person { name, password, .. } = person;
        say::lines(&format!("  {name:<6} {password}  {}\n", person.state()));
    }
}
