//! The table of defects: what each is called, which requirement it breaks, and how. Its rows stand in
//! the folder, by what they are about.

mod after;
mod ceremonies;
mod challenges;
mod forgotten;
mod keys;
mod push;
mod reset;
mod sign_in;
mod totp;

use super::{Defect, Fault};
use crate::{check::Check, rules::Rules};

/// The parts, in the order of the catalogue's chapters.
const PARTS: &[&[Defect]] = &[
    ceremonies::DEFECTS,
    forgotten::DEFECTS,
    challenges::DEFECTS,
    sign_in::DEFECTS,
    keys::DEFECTS,
    totp::DEFECTS,
    reset::DEFECTS,
    push::DEFECTS,
    after::DEFECTS,
    CANARY,
];

const CANARY: &[Defect] = &[Defect {
    id: "canary/accepts-everything",
    breaks: "authentication/signature",
    says: "It makes no check at all.",
    fault: Fault::AcceptsEverything,
}];

/// Every defect, by chapter of the catalogue.
pub const DEFECTS: &[Defect] = &joined::<{ count() }>();

const fn count() -> usize {
    let (mut count, mut part) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
}

const fn joined<const N: usize>() -> [Defect; N] {
    let mut all = [CANARY[0]; N];
    let (mut row, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut own = 0;
        while own < PARTS[part].len() {
            all[row] = PARTS[part][own];
            own += 1;
            row += 1;
        }
        part += 1;
    }
    all
}

const fn decides(
    id: &'static str,
    breaks: &'static str,
    says: &'static str,
    change: fn(&mut Rules),
) -> Defect {
    Defect { id, breaks, says, fault: Fault::Decides(change) }
}

const fn forgets(
    id: &'static str,
    breaks: &'static str,
    says: &'static str,
    check: Check,
) -> Defect {
    Defect { id, breaks, says, fault: Fault::Forgets(check) }
}
