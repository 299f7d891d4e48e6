//! The authenticator data: what the key says and signs (WebAuthn Level 3 §6.1).

use super::cbor;
use crate::rules::DataRules;

/// RP id hash, flags, counter, bytes.
pub(crate) const HEAD: usize = 37;

/// What the authenticator data says.
#[derive(Clone, Debug, Default)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: &'a [u8],
    pub(super) flags: Flags,
    pub(super) counter: u32,
    /// The new credential. At registration it is read even where the flag for it is not set.
    pub(super) attested: Option<Attested<'a>>,
    /// Whether bytes are left over.
    pub(super) trailing: bool,
}

/// The attested credential data (§6.5.1).
#[derive(Clone, Debug)]
pub(super) struct Attested<'a> {
    pub(super) aaguid: [u8; 16],
    pub(super) credential_id: &'a [u8],
    /// The public key, a COSE key if all is well.
    pub(super) key: cbor::Item<'a>,
}

/// The flags. The reserved ones mean nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags(pub(crate) u8);

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

    pub(crate) const fn attested(self) -> bool {
        self.0 & 0x40 != 0
    }

    pub(crate) const fn extensions(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// The parts behind the head that are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) attested: bool,
    pub(crate) extensions: bool,
}

impl<'a> AuthenticatorData<'a> {
    /// Reads it where every part that its flags announce is there and sound.
    pub(super) fn strict(
        rules: &DataRules,
        flags: fn(Flags) -> bool,
        bytes: &'a [u8],
    ) -> Option<Self> {
        let (data, sound) = Self::read(rules, bytes);
        (sound && flags(data.flags)).then_some(data)
    }

    /// Whatever can be read.
    pub(super) fn leftover(rules: &DataRules, bytes: &'a [u8]) -> Self {
        Self::read(rules, bytes).0
    }

    fn read(rules: &DataRules, bytes: &'a [u8]) -> (Self, bool) {
        let Some((head, mut rest)) = bytes.split_first_chunk::<HEAD>() else {
            return (Self::default(), false);
        };
        let [hash @ .., flags, a, b, c, d] = head;
        let flags = Flags(*flags);
        let parts = (rules.parts)(flags, rest);
        let mut sound = (rules.length)(bytes.len());
        let attested = if parts.attested { attested(&mut rest) } else { None };
        sound &= attested.is_some() || !(parts.attested && flags.attested());
        if parts.extensions {
            sound &= (rules.extensions)(&mut rest).is_some();
        }
        let data = Self {
            rp_id_hash: hash,
            flags,
            counter: u32::from_be_bytes([*a, *b, *c, *d]),
            attested,
            trailing: !rest.is_empty(),
        };
        (data, sound)
    }
}

fn attested<'a>(rest: &mut &'a [u8]) -> Option<Attested<'a>> {
    let (aaguid, after) = rest.split_first_chunk::<16>()?;
    let (length, after) = after.split_first_chunk::<2>()?;
    let (id, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let key = cbor::read(after)?;
    *rest = after.get(key.length..)?;
    Some(Attested { aaguid: *aaguid, credential_id: id, key })
}

/// Takes the extension outputs: a map, in canonical form.
pub(crate) fn extensions(rest: &mut &[u8]) -> Option<()> {
    let item = cbor::read(rest)?;
    *rest = rest.get(item.length..)?;
    (item.value.is_map() && item.canonical && item.distinct).then_some(())
}
