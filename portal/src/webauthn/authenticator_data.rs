//! The authenticator data: what the key says and signs (WebAuthn Level 3 §6.1).

use super::{Ceremony, cbor};
use crate::{check::Checks, defect::Weakness};

/// RP id hash, flags, counter.
const HEAD: usize = 37;
const RESERVED: u8 = 0b0010_0010;

/// The authenticator data, read as far as it can be read.
#[derive(Clone, Debug, Default)]
pub(super) struct AuthenticatorData {
    pub(super) rp_id_hash: Vec<u8>,
    pub(super) flags: Flags,
    pub(super) counter: u32,
    /// The new credential. At registration it is read even where the flag for it is not set.
    pub(super) attested: Option<Attested>,
    /// Whether every part that the flags announce is there and sound.
    pub(super) well_formed: bool,
    /// Whether bytes are left over.
    pub(super) trailing: bool,
}

/// The attested credential data (§6.5.1).
#[derive(Clone, Debug)]
pub(super) struct Attested {
    pub(super) aaguid: [u8; 16],
    pub(super) credential_id: Vec<u8>,
    /// The public key, a COSE key if all is well.
    pub(super) key: cbor::Item,
}

/// The flags. The reserved ones mean nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags(u8);

impl Flags {
    pub(super) const fn user_present(self) -> bool {
        self.0 & 0x01 != 0
    }

    pub(super) const fn user_verified(self) -> bool {
        self.0 & 0x04 != 0
    }

    pub(super) const fn backup_eligible(self) -> bool {
        self.0 & 0x08 != 0
    }

    pub(super) const fn backed_up(self) -> bool {
        self.0 & 0x10 != 0
    }

    pub(super) const fn attested(self) -> bool {
        self.0 & 0x40 != 0
    }

    const fn extensions(self) -> bool {
        self.0 & 0x80 != 0
    }
}

impl AuthenticatorData {
    pub(super) fn read(checks: &Checks, bytes: &[u8], ceremony: Ceremony) -> Self {
        let Some((head, mut rest)) = bytes.split_first_chunk::<HEAD>() else {
            return Self::default();
        };
        let [hash @ .., flags, a, b, c, d] = head;
        let flags = Flags(*flags);
        let mut data = Self {
            rp_id_hash: hash.to_vec(),
            flags,
            counter: u32::from_be_bytes([*a, *b, *c, *d]),
            well_formed: !(checks.weak(Weakness::ReservedFlagsRefused) && flags.0 & RESERVED != 0),
            ..Self::default()
        };

        let at_registration = ceremony == Ceremony::Registration;
        if checks.weak(Weakness::FlagsWithoutData) && !at_registration && rest.is_empty() {
            return data;
        }
        if checks.weak(Weakness::FixedLengthAuthenticatorData) && !at_registration {
            data.well_formed &= rest.is_empty();
        }
        if flags.attested() || at_registration {
            data.attested = attested(&mut rest);
            data.well_formed &= data.attested.is_some() || !flags.attested();
        }
        if checks.weak(Weakness::ExtensionsSwallowed) && at_registration && flags.extensions() {
            // Whatever follows the id is taken for the key, which then is none.
            data.well_formed = false;
        }
        if flags.extensions() {
            data.well_formed &= extensions(&mut rest).is_some();
        }
        data.trailing = !rest.is_empty();
        data
    }
}

fn attested(rest: &mut &[u8]) -> Option<Attested> {
    let (aaguid, after) = rest.split_first_chunk::<16>()?;
    let (length, after) = after.split_first_chunk::<2>()?;
    let (id, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let key = cbor::read(after)?;
    *rest = after.get(key.length..)?;
    Some(Attested { aaguid: *aaguid, credential_id: id.to_vec(), key })
}

/// Takes the extension outputs: a map, in canonical form.
fn extensions(rest: &mut &[u8]) -> Option<()> {
    let item = cbor::read(rest)?;
    *rest = rest.get(item.length..)?;
    (item.value.is_map() && item.canonical && item.distinct).then_some(())
}
