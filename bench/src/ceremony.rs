//! Honest ceremonies of the software key, as JSON bodies.

use serde_json::{Value, json};
use softkey::{Algorithm, AttestationKind, Browser, Model, Seed, SoftKey, Spoken, base64url};

/// Where the ceremonies take place.
pub const ORIGIN: &str = "https://portal.example";
/// The relying party of that origin.
pub const RP_ID: &str = "portal.example";
/// What the options ask to be signed.
pub const CHALLENGE: [u8; 32] = *b"thirty-two bytes of a challenge.";
/// The user handle, as long as webauthn_rp wants it.
pub const USER_HANDLE: [u8; 64] = [0x5a; 64];

/// A key, and the page it is used on.
pub struct Actor {
    key: SoftKey,
    page: Browser,
}

impl Actor {
    /// A key that vouches for itself in some way, and knows one algorithm.
    pub fn new(algorithm: Algorithm, attestation: AttestationKind) -> Self {
        let algorithms: &'static [Algorithm] = match algorithm {
            Algorithm::Es256 => &[Algorithm::Es256],
            Algorithm::EdDsa => &[Algorithm::EdDsa],
            Algorithm::Rs256 => &[Algorithm::Rs256],
        };
        let model = match attestation {
            AttestationKind::FidoU2f => Model::u2f(),
            AttestationKind::None
            | AttestationKind::PackedSelf
            | AttestationKind::PackedCertificate => {
                Model { algorithms, attestation, ..Model::roaming() }
            }
        };
        Self { key: SoftKey::new(model, &Seed::new([7; 32])), page: Browser::at(ORIGIN) }
    }

    /// What the key and the browser say to the options of a registration.
    pub fn registers(&mut self, options: &Value) -> Spoken {
        self.key.register(options, &self.page, None).expect("an honest registration")
    }

    /// What they say to the options of a sign-in.
    pub fn signs_in(&mut self, options: &Value) -> Spoken {
        self.key.sign_in(options, &self.page, None).expect("an honest sign-in")
    }
}

/// The options of a registration, of our own.
pub fn creation_options(algorithm: Algorithm) -> Value {
    json!({
        "challenge": base64url(&CHALLENGE),
        "rp": { "id": RP_ID, "name": "Portal" },
        "user": { "id": base64url(&USER_HANDLE), "name": "alice", "displayName": "Alice" },
        "pubKeyCredParams": [{ "type": "public-key", "alg": algorithm.cose_id() }],
        "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
        "attestation": "direct",
    })
}

/// The options of a sign-in, of our own.
pub fn request_options() -> Value {
    json!({
        "challenge": base64url(&CHALLENGE),
        "rpId": RP_ID,
        "allowCredentials": [],
        "userVerification": "preferred",
    })
}

/// The body of the request that carries what was said.
pub fn body(said: &Spoken) -> Vec<u8> {
    said.json.to_string().into_bytes()
}
