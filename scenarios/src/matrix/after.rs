//! What ends when something happens to a user, and what lives on. A requirement an event, a cell a thing
//! that the user holds. Where a standard is silent, the table says what the portal of the handbook owes.
//!
//! The story of a cell: alice holds the thing, and it happens. A thing that lives does its work; a thing
//! that ends does not, while that of bob, to whom nothing happened, does. Bob also shows, before it
//! happens, where a count of wrong tries becomes a lock.

use std::sync::LazyLock;

use harness::{
    requirement::{
        Ability, BoxFuture, Cell, Cells, Family, Proof, Requirement, Source, Untried, Waits, at,
        portal,
    },
    story::{Stage, Told, as_control},
};
use reports::record::{Impact, Level};

use self::{
    artefact::{Artefact, Place},
    cast::{Cast, Holds},
    event::Event,
    held::Held,
};
use super::{Expected, Tried, put, weight};

mod artefact;
mod cast;
mod event;
mod held;

use Expected::NotTried;

// The words of the table: must end, should end, must live, should live, and why a cell is not tried.
const E: Expected = Expected::Ends(Level::Must);
const S: Expected = Expected::Ends(Level::Should);
const L: Expected = Expected::Lives(Level::Must);
const W: Expected = Expected::Lives(Level::Should);
const A: Expected =
    NotTried("it happens in no session of hers; the cells other-… are about sessions");
const B: Expected = NotTried("either is sound: no standard says, and sound portals differ");
const C: Expected = NotTried("cannot happen: it takes a sign-in, and a locked account has none");
const D: Expected =
    NotTried("her password is not taken meanwhile, so that nothing beyond it shows");
const G: Expected = NotTried("it is what the event itself goes on with");
const H: Expected = NotTried("cannot happen: with a key of the administrator's it is not the last");
const K: Expected = NotTried("keys are not listed meanwhile, so that nothing shows whose they are");
const N: Expected =
    NotTried("nothing is registered meanwhile, so that nothing shows what it is good for");
const O: Expected = NotTried("the old password, which the event asks for, is not taken meanwhile");
const P: Expected = NotTried("it rests on a proof that may go with the key; see the cell …-proof");
const Q: Expected = NotTried("one of a kind in a session is sound: the newer takes its place");
const R: Expected = NotTried("cannot happen: whoever has codes has no period to set them up in");

const T: Expected =
    NotTried("without a key nobody is asked for one; a dead key shows beside one that lives");
const V: Expected = NotTried("every sign-in of the suite comes after one, and shows it");

/// The table. Columns, as in [`Artefact::ALL`]: in her own session, the session itself, a registration, a
/// set-up, a proof, an application; the same in another browser; half session, sign-in challenge,
/// sign-in begun at an application; mailed link, code; password, key, codes, push device,
/// administered key; count of wrong passwords, of wrong codes, lock for passwords, lock for codes.
#[rustfmt::skip]
const TABLE: [(Event, [Expected; 24]); 24] = [
    //                                own: ses reg set pro app  other:         half sig sta  lin cod  pas key cds psh mrk  wpw wcd plk clk
    (Event::SignOut,                   [E, E, E, E, E,   L, L, L, L, L,   L, L, L,   L, L,   L, L, L, L, L,   L, L, L, L]),
    (Event::SignIn,                    [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, L,   V, L, L, L, L,   S, W, C, L]),
    (Event::SignInBegun,               [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, L,   L, V, L, L, L,   B, L, C, L]),
    (Event::PasswordChange,            [W, W, W, W, W,   S, S, S, S, S,   S, S, L,   S, L,   E, L, L, L, L,   B, L, O, L]),
    (Event::PasswordReset,             [A, A, A, A, A,   S, S, S, S, S,   S, S, L,   S, L,   E, L, L, L, L,   B, W, B, W]),
    (Event::LinkAsked,                 [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   S, L,   L, L, L, L, L,   L, L, L, L]),
    (Event::LinkOpened,                [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, L,   L, L, L, L, L,   L, L, L, L]),
    (Event::RegistrationBegun,         [G, Q, L, G, G,   L, L, L, L, L,   L, L, L,   L, L,   V, L, L, L, L,   L, L, L, L]),
    (Event::KeyAdded,                  [L, Q, L, W, L,   L, L, L, L, L,   L, L, L,   L, L,   V, L, L, L, L,   L, L, L, L]),
    (Event::KeyDeleted,                [L, P, P, S, L,   L, P, P, S, L,   E, E, L,   L, L,   L, E, L, L, L,   L, L, L, L]),
    (Event::KeyDeletedByAdministrator, [A, A, A, A, A,   L, P, P, S, L,   E, E, L,   L, L,   L, E, L, L, L,   L, L, L, L]),
    (Event::OtherKeyDeleted,           [L, L, L, W, L,   L, L, L, L, L,   L, L, L,   L, L,   L, L, L, L, L,   L, L, L, L]),
    (Event::LastKeyDeleted,            [L, P, P, S, L,   L, P, P, S, L,   T, E, L,   L, L,   L, T, L, L, H,   L, L, L, L]),
    (Event::CodesSetUpAgain,           [L, L, Q, W, L,   L, L, B, L, L,   L, L, L,   L, E,   L, L, E, L, L,   L, B, L, B]),
    (Event::SetUpAbandoned,            [L, L, Q, W, L,   L, L, W, L, L,   L, L, L,   L, L,   L, L, L, L, L,   L, L, L, L]),
    (Event::Disabled,                  [A, A, A, A, A,   E, E, E, E, E,   E, E, E,   E, D,   E, D, D, D, D,   D, D, D, D]),
    (Event::EnabledAgain,              [A, A, A, A, A,   E, E, E, E, E,   S, S, B,   S, B,   L, L, L, L, L,   B, B, B, B]),
    (Event::KeysOff,                   [A, A, A, A, A,   L, E, L, N, L,   S, S, B,   B, L,   L, S, L, L, K,   L, L, L, L]),
    (Event::KeysOffAndOn,              [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, L,   L, L, L, L, L,   L, L, L, L]),
    (Event::EnrolmentReset,            [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, R,   L, L, R, L, L,   L, R, L, R]),
    (Event::WrongPassword,             [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, L,   L, L, L, L, L,   G, L, L, L]),
    (Event::WrongKey,                  [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, L,   L, L, L, L, L,   B, L, C, L]),
    (Event::WrongCode,                 [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, L,   L, L, L, L, L,   B, G, C, L]),
    (Event::Stranger,                  [A, A, A, A, A,   L, L, L, L, L,   L, L, L,   L, L,   L, L, L, L, L,   L, L, L, L]),
];

/// The requirements of this chapter, in the order of the table.
pub(super) const CHAPTER: &[&Requirement] = &[
    &after(
        "after/sign-out",
        at("OWASP ASVS 7.4.1", ASVS),
        "Signing out ends the session with all that was open in it, and nothing in other browsers.",
        || row(Event::SignOut),
    ),
    &after(
        "after/sign-in",
        portal("derived"),
        "A sign-in ends the count of wrong tries of its own factor, and nothing else.",
        || row(Event::SignIn),
    ),
    &after(
        "after/sign-in-begun",
        portal("derived"),
        "A sign-in that is begun and left ends nothing.",
        || row(Event::SignInBegun),
    ),
    &after(
        "after/password-change",
        at("OWASP ASVS 7.4.3", ASVS),
        "A changed password ends the user's other sessions with all that is open in them, and mailed links; the session that did it, keys, codes and their limits stay.",
        || row(Event::PasswordChange),
    ),
    &after(
        "after/password-reset",
        at("OWASP ASVS 7.4.3", ASVS),
        "A reset ends the user's sessions with all that is open in them; keys, codes and their limits stay.",
        || row(Event::PasswordReset),
    ),
    &after(
        "after/link-asked",
        portal("derived"),
        "Anybody may ask for a link: it ends an older link, and nothing else.",
        || row(Event::LinkAsked),
    ),
    &after(
        "after/link-opened",
        portal("derived"),
        "A link that is opened and not used ends nothing.",
        || row(Event::LinkOpened),
    ),
    &after(
        "after/registration-begun",
        portal("derived"),
        "A registration that is begun and left ends nothing.",
        || row(Event::RegistrationBegun),
    ),
    &after(
        "after/key-added",
        portal("Using security keys with other MFA factors"),
        "A new key ends nothing.",
        || row(Event::KeyAdded),
    ),
    &after(
        "after/key-deleted",
        portal("Deleting your security keys"),
        "A deleted key ends the sign-ins begun with it and the proofs that it made alone; sessions and other factors stay.",
        || row(Event::KeyDeleted),
    ),
    &after(
        "after/key-deleted-by-administrator",
        portal("Possible authentication errors"),
        "A key that the administrator deletes ends what it ends when its user does.",
        || row(Event::KeyDeletedByAdministrator),
    ),
    &after(
        "after/other-key-deleted",
        portal("Deleting your security keys"),
        "A deleted key ends nothing that another key began.",
        || row(Event::OtherKeyDeleted),
    ),
    &after(
        "after/last-key-deleted",
        portal("Deleting your security keys"),
        "The last key ends what any key does, and no other factor.",
        || row(Event::LastKeyDeleted),
    ),
    &after(
        "after/codes-set-up-again",
        portal("derived"),
        "A new secret of codes ends the old one once it is confirmed, and nothing else.",
        || row(Event::CodesSetUpAgain),
    ),
    &after(
        "after/set-up-abandoned",
        portal("derived"),
        "A set-up of codes that is begun and left ends nothing.",
        || row(Event::SetUpAbandoned),
    ),
    &after(
        "after/disabled",
        at("OWASP ASVS 7.4.2", ASVS),
        "A disabled account has nothing open: sessions, sign-ins and links end.",
        || row(Event::Disabled),
    ),
    &after(
        "after/enabled-again",
        at("OWASP ASVS 7.4.2", ASVS),
        "An account that is enabled again has its factors, and nothing that was open before.",
        || row(Event::EnabledAgain),
    ),
    &after(
        "after/keys-off",
        portal("Logging in with a security key"),
        "Where keys are switched off none signs in and none is added; sessions and other factors stay.",
        || row(Event::KeysOff),
    ),
    &after(
        "after/keys-off-and-on",
        portal("Logging in with a security key"),
        "Keys that are switched off and on again are what they were.",
        || row(Event::KeysOffAndOn),
    ),
    &after(
        "after/enrolment-reset",
        portal("Registering when TOTP MFA is enabled"),
        "A new enrollment period ends nothing.",
        || row(Event::EnrolmentReset),
    ),
    &after(
        "after/wrong-password",
        portal("derived"),
        "A wrong password ends nothing: anybody may enter one.",
        || row(Event::WrongPassword),
    ),
    &after(
        "after/wrong-key",
        portal("What happens if your security key fails?"),
        "A refused answer of a key ends nothing in another browser.",
        || row(Event::WrongKey),
    ),
    &after(
        "after/wrong-code",
        portal("derived"),
        "A refused code ends nothing in another browser.",
        || row(Event::WrongCode),
    ),
    &after(
        "after/stranger",
        portal("derived"),
        "What somebody else does with an account of their own ends nothing.",
        || row(Event::Stranger),
    ),
];

const ASVS: &str = "https://github.com/OWASP/ASVS";

const fn after(
    id: &'static str,
    source: Source,
    says: &'static str,
    cells: fn() -> &'static Cells,
) -> Requirement {
    Requirement {
        id,
        family: Family::Endings,
        level: Level::Must,
        impact: Impact::Takeover,
        source,
        says,
        catalogue: &[],
        reasons: &[],
        proof: Proof::Cells(cells),
    }
}

/// The cells of an event.
fn row(event: Event) -> &'static Cells {
    ROWS.iter().find(|(known, _)| *known == event).map_or(&NONE, |(_, cells)| cells)
}

static ROWS: LazyLock<Vec<(Event, Cells)>> = LazyLock::new(|| {
    let rows = TABLE.iter().map(|(event, expected)| {
        let mut cells = Cells::default();
        for (artefact, expected) in Artefact::ALL.into_iter().zip(expected) {
            put(&mut cells, cell(*event, artefact, *expected));
        }
        (*event, cells)
    });
    rows.collect()
});

static NONE: Cells = Cells { tried: Vec::new(), untried: Vec::new() };

fn cell(event: Event, artefact: Artefact, expected: Expected) -> Result<Tried, Untried> {
    let (lives, level) = match expected {
        Expected::Ends(level) => (false, level),
        Expected::Lives(level) => (true, level),
        NotTried(why) => return Err(Untried { case: artefact.slug(), why }),
    };
    let after = After { event, artefact, lives };
    let does = if lives { "lives on" } else { "ends" };
    Ok(Tried {
        case: artefact.slug(),
        title: format!("{}; {} {does}", event.words(), artefact.words()),
        needs: after.needs(),
        waits: after.waits(),
        weight: weight(level, artefact.impact(!lives)),
        tells: Box::new(after),
    })
}

/// A cell that is tried.
struct After {
    event: Event,
    artefact: Artefact,
    lives: bool,
}

impl Cell for After {
    fn tell<'a>(&'a self, stage: &'a mut Stage) -> BoxFuture<'a, Told> {
        Box::pin(self.is_told(stage))
    }
}

impl After {
    async fn is_told(&self, stage: &mut Stage) -> Told {
        let mut alice = Cast::comes(stage, "alice", self.holds()).await?;
        let mut others = Vec::new();
        let counts = self.artefact.is_a_count();
        if !self.lives || counts {
            others.push(Cast::comes(stage, "bob", self.artefact.holds()).await?);
        }
        for cast in others.iter_mut().chain([&mut alice]) {
            if let Some(place) = self.artefact.place() {
                cast.sits_down(place).await?;
            }
        }
        self.time_passes(stage).await?;
        if self.event.needs_a_session() && self.artefact.place() != Some(Place::Own) {
            alice.sits_down(Place::Own).await?;
        }
        let mut theirs = Vec::new();
        for bob in &mut others {
            theirs.push(Held::come_by(self.artefact, stage, bob).await?);
        }
        let held = Held::come_by(self.artefact, stage, &mut alice).await?;
        let mut theirs = theirs.into_iter().zip(&mut others);
        if counts {
            do_their_work(stage, &mut theirs).await?;
        }
        self.event.happens(stage, &mut alice, &held).await?;

        held.shows(stage, &mut alice, self.lives).await?;
        do_their_work(stage, &mut theirs).await
    }

    /// Codes of the set-up are used, and a proof that a key makes alone is one where the last is old.
    async fn time_passes(&self, stage: &Stage) -> Told {
        if self.holds().codes {
            stage.steps_pass(2).await?;
        }
        if matches!(self.artefact, Artefact::Proof(_)) {
            stage.time_passes(stage.proof_lifetime() + stage.margin()).await?;
        }
        Ok(())
    }

    /// What she has before it happens.
    const fn holds(&self) -> Holds {
        let holds = self.event.adds_to(self.artefact.holds());
        // With codes the password alone leads nowhere, so that the key would be what signs her in.
        let codes =
            holds.codes || matches!((self.event, self.artefact), (Event::KeysOff, Artefact::Key));
        Holds { codes, ..holds }
    }

    /// What the portal must be able to do.
    fn needs(&self) -> Vec<Ability> {
        let holds = self.holds();
        let again =
            self.event == Event::SetUpAbandoned || matches!(self.artefact, Artefact::SetUp(_));
        let further = [
            (holds.desk, Ability::KeySignIn),
            (holds.codes, Ability::Totp),
            (holds.codes && again, Ability::TotpAgain),
        ];
        let further = further.into_iter().filter_map(|(needed, ability)| needed.then_some(ability));
        let mut needs = self.artefact.needs().to_vec();
        for need in self.event.needs().iter().copied().chain(further) {
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        needs
    }

    /// How much time must pass.
    const fn waits(&self) -> Waits {
        if matches!(self.artefact, Artefact::Proof(_)) {
            Waits::Lifetime
        } else if self.holds().codes || matches!(self.artefact, Artefact::SetUp(_)) {
            Waits::Steps(4)
        } else {
            Waits::Seconds(0)
        }
    }
}

/// What others hold, to whom nothing happened, does its work.
async fn do_their_work(
    stage: &Stage,
    theirs: &mut impl Iterator<Item = (Held, &mut Cast)>,
) -> Told {
    for (held, cast) in theirs {
        as_control(held.shows(stage, cast, true).await)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_row_with_every_cell() {
        for requirement in CHAPTER {
            let cells = requirement.scenarios().len() + requirement.untried().len();
            assert_eq!(cells, Artefact::ALL.len(), "{}", requirement.id);
        }
        assert_eq!(CHAPTER.len(), TABLE.len());
    }
}
