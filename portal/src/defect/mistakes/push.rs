//! The ways in which real portals took what is said to a prompt.

use crate::{
    Portal,
    ceremony::Asked,
    check::{Check, Refusal},
    defect::Scars,
    push,
    state::{Device, Said},
};

/// Once a prompt was denied no approval counts any more.
pub(in crate::defect) fn denial_sticks(scars: &mut Scars, device: &str, approves: bool) -> bool {
    if !approves {
        scars.denied.insert(device.to_owned());
    }
    approves && !scars.denied.contains(device)
}

/// An approval counts for every session of the user, for as long as the prompt lives.
pub(in crate::defect) fn of_any_session(
    portal: &Portal,
    device: &mut Device,
    asked: &Asked<'_>,
    now: u64,
) -> Result<Said, Refusal> {
    if device.prompts.iter().any(|prompt| prompt.said == Said::Yes && prompt.lives(now)) {
        return Ok(Said::Yes);
    }
    push::outcome(portal, device, asked, now)
}

/// A prompt that nobody has answered passes.
pub(in crate::defect) fn pending_passes(
    portal: &Portal,
    device: &mut Device,
    asked: &Asked<'_>,
    now: u64,
) -> Result<Said, Refusal> {
    match own(device, asked) {
        Some(Said::Nothing) => Ok(Said::Yes),
        Some(Said::Yes | Said::No) | None => push::outcome(portal, device, asked, now),
    }
}

/// An approval signs nobody in.
pub(in crate::defect) fn approval_ignored(
    portal: &Portal,
    device: &mut Device,
    asked: &Asked<'_>,
    now: u64,
) -> Result<Said, Refusal> {
    match own(device, asked) {
        Some(Said::Yes) => Err(Refusal(Check::PushApproved)),
        Some(Said::Nothing | Said::No) | None => push::outcome(portal, device, asked, now),
    }
}

fn own(device: &Device, asked: &Asked<'_>) -> Option<Said> {
    device.prompts.iter().find(|prompt| prompt.is_for(asked)).map(|own| own.said)
}
