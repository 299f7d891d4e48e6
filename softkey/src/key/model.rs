//! What kinds of keys there are, as facts: a key in the pocket, a synced passkey, a laptop's chip, U2F.

use crate::algorithm::Algorithm;

/// How a key vouches for its new credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationKind {
    /// Not at all.
    None,
    /// Packed, signed by the credential itself.
    PackedSelf,
    /// Packed, signed by the attestation key of the model.
    PackedCertificate,
    /// As U2F keys do.
    FidoU2f,
}

/// How the signature counter behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// One counter for the whole key, from a seeded start, one more at each ceremony.
    Advancing,
    /// Always zero, as with synced passkeys.
    Zero,
}

/// A kind of key. The constructors are honest kinds; others are struct updates of them:
/// `Model { verifies_user: false, ..Model::roaming() }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name, also of the attestation certificate.
    pub name: &'static str,
    /// The AAGUID, zeros where the kind has none.
    pub aaguid: [u8; 16],
    /// How it can be reached: `usb`, `nfc`, `ble`, `hybrid`, `internal`.
    pub transports: &'static [&'static str],
    /// `cross-platform` or `platform`.
    pub attachment: &'static str,
    /// The algorithms it knows.
    pub algorithms: &'static [Algorithm],
    /// How it vouches for new credentials, if the portal asks.
    pub attestation: AttestationKind,
    /// How it counts.
    pub counter: Counter,
    /// Whether its credentials can be backed up (BE).
    pub backup_eligible: bool,
    /// Whether its credentials are backed up (BS).
    pub backed_up: bool,
    /// Whether it can verify the user by PIN or fingerprint.
    pub verifies_user: bool,
    /// Whether it can hold discoverable credentials.
    pub discoverable: bool,
    /// The length of its credential ids, in bytes.
    pub credential_id_length: u16,
}

impl Model {
    /// A FIDO2 key in the pocket: PIN, counter, certified attestation, never backed up.
    pub const fn roaming() -> Self {
        Self {
            name: "Touchstone roaming key",
            aaguid: *b"touchstone-roam\x01",
            transports: &["nfc", "usb"],
            attachment: "cross-platform",
            algorithms: Algorithm::ALL,
            attestation: AttestationKind::PackedCertificate,
            counter: Counter::Advancing,
            backup_eligible: false,
            backed_up: false,
            verifies_user: true,
            discoverable: true,
            credential_id_length: 32,
        }
    }

    /// A passkey that a provider keeps in step on all of a user's devices: no counter, no
    /// attestation, backed up.
    pub const fn synced() -> Self {
        Self {
            name: "Touchstone synced passkey",
            aaguid: *b"touchstone-sync\x01",
            transports: &["hybrid", "internal"],
            attachment: "platform",
            algorithms: &[Algorithm::Es256],
            attestation: AttestationKind::None,
            counter: Counter::Zero,
            backup_eligible: true,
            backed_up: true,
            ..Self::roaming()
        }
    }

    /// A chip in a laptop: bound to the device, RSA beside ES256, attests by itself.
    pub const fn platform() -> Self {
        Self {
            name: "Touchstone platform key",
            aaguid: *b"touchstone-plat\x01",
            transports: &["internal"],
            attachment: "platform",
            algorithms: &[Algorithm::Es256, Algorithm::Rs256],
            attestation: AttestationKind::PackedSelf,
            ..Self::roaming()
        }
    }

    /// A key from before FIDO2: a touch and nothing else, no AAGUID, long ids.
    pub const fn u2f() -> Self {
        Self {
            name: "Touchstone U2F key",
            aaguid: [0; 16],
            transports: &["usb"],
            algorithms: &[Algorithm::Es256],
            attestation: AttestationKind::FidoU2f,
            verifies_user: false,
            discoverable: false,
            credential_id_length: 64,
            ..Self::roaming()
        }
    }
}
