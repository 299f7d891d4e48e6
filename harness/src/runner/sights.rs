//! Observations: gathers what the deployment sends to two people, and looks at it.

use crate::{
    requirement::ObservationCase,
    sight::Sight,
    story::{Break, Stage, Told},
};

pub(super) async fn observe(stage: &mut Stage, case: &ObservationCase) -> Told {
    let sight = gather(stage).await?;
    let finding = (case.look)(&sight);
    stage.expects(&finding.expected, finding.seen, finding.held)
}

async fn gather(stage: &mut Stage) -> Result<Sight, Break> {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let registration = [
        alice.begins_registration("one").await?.options(),
        alice.begins_registration("two").await?.options(),
    ];
    let mut bob = stage.person("bob").await?;
    bob.signs_in().await?;
    let registration_of_another = bob.begins_registration("one").await?.options();
    let key = alice.registers_key("desk").await?;
    let registration_with_key = alice.begins_registration("three").await?.options();
    let authentication =
        [alice.begins_sign_in().await?.options(), alice.begins_sign_in().await?.options()];
    Ok(Sight {
        rp_id: alice.rp_id(),
        user: alice.account().user.clone(),
        mail: alice.account().mail.clone(),
        registration,
        registration_of_another,
        registration_with_key,
        authentication,
        credential_id: key.credential_id().unwrap_or_default(),
        keys: 1 + usize::from(alice.has_an_entry_key()),
    })
}
