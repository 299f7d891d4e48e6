//! The key: which model it is, the credentials it holds, and how it answers a page's options.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::algorithm::{Algorithm, KeyPair};
use crate::auth_data::{Attested, AuthData, Flags, rp_id_hash_of};
use crate::browser::Browser;
use crate::ceremony::{Draft, Keys, Spoken};
use crate::certificate::Authority;
use crate::client_data::ClientData;
use crate::refusal::Refusal;
use crate::seed::Seed;
use crate::tampering::{Tampering, alter};
use crate::wire::{self, CreationOptions, Descriptor, RequestOptions, Wanted};

mod credential;
mod model;

pub use credential::Credential;
pub use model::{AttestationKind, Counter, Model};

/// A software security key. Cloning it clones the key: both know the same credentials, and the next
/// registration of either makes the same one.
#[derive(Clone)]
pub struct SoftKey {
    model: Model,
    seed: Seed,
    authority: Seed,
    credentials: Vec<Credential>,
    made: u64,
    next_counter: u32,
    next_id: Option<Vec<u8>>,
}

impl SoftKey {
    /// A key without credentials. Everything it will ever make comes from the seed.
    pub fn new(model: Model, seed: &Seed) -> Self {
        let start = u16::from_be_bytes(seed.bytes("counter", 2).try_into().unwrap_or_default());
        Self {
            model,
            seed: seed.clone(),
            authority: seed.clone(),
            credentials: Vec::new(),
            made: 0,
            // Above zero, since zero would say that the key does not count.
            next_counter: u32::from(start) + 1,
            next_id: None,
        }
    }

    /// The same key, attested by the authority of another seed, so that several keys have one
    /// trust anchor ([`attestation_root_der`](crate::attestation_root_der) of that seed).
    pub fn with_authority(mut self, seed: &Seed) -> Self {
        self.authority = seed.clone();
        self
    }

    /// Answers `navigator.credentials.create`: `options` are the members of `publicKey` in their
    /// JSON form. The new credential stays in the key until it is [forgotten](Self::forget).
    pub fn register(
        &mut self,
        options: &Value,
        browser: &Browser,
        change: Option<&Tampering>,
    ) -> Result<Spoken, Refusal> {
        let options: CreationOptions = wire::read(options)?;
        let model = self.model_for(change)?;
        let rp_id = browser.rp_id(options.rp.id.as_deref())?;
        if options.user.id.0.is_empty() || options.user.id.0.len() > 64 {
            return Err(Refusal::BadOptions("user.id must have 1 to 64 bytes".to_owned()));
        }
        let algorithm = chosen_algorithm(&model, &options)?;
        let discoverable = residency(&model, &options)?;
        let excluded = options.exclude_credentials.as_deref().unwrap_or_default();
        if browser.obeys_lists && self.own(&rp_id).any(|own| is_listed(own, excluded)) {
            return Err(Refusal::Excluded);
        }
        let selection = options.authenticator_selection.as_ref();
        let wanted = selection.and_then(|selection| selection.user_verification.as_deref());
        let mut flags = presence(&model, browser, wanted)?;
        flags.set(Flags::AT);

        let seed = self.seed.derive(&format!("credential/{}", self.made));
        let length = usize::from(model.credential_id_length);
        let id = self.next_id.clone().unwrap_or_else(|| seed.bytes("id", length));
        let pair = KeyPair::from_seed(algorithm, &seed);
        // A U2F key tells no counter when it registers.
        let counts = model.attestation != AttestationKind::FidoU2f;
        let counter = if counts { self.counter_for(&model) } else { 0 };
        let attested = Attested {
            aaguid: model.aaguid,
            credential_id: id,
            declared_length: None,
            key: pair.public_key(),
        };
        let draft = Draft {
            client_data: client_data("webauthn.create", &options.challenge.0, browser),
            auth_data: AuthData { attested: Some(attested), ..auth_data(&rp_id, flags, counter) },
            model,
            keys: self.keys(&pair),
            change,
            extensions: properties(&options, discoverable),
        };
        let spoken = draft.register(conveyed(&model, &options, browser))?;
        self.made += 1;
        self.next_id = None;
        if counts {
            self.count(&model);
        }
        self.credentials.push(Credential {
            id: spoken.credential_id.clone(),
            rp_id,
            user_handle: options.user.id.0,
            discoverable,
            counter,
            pair,
        });
        Ok(spoken)
    }

    /// Answers `navigator.credentials.get`: `options` are the members of `publicKey` in their JSON
    /// form.
    pub fn sign_in(
        &mut self,
        options: &Value,
        browser: &Browser,
        change: Option<&Tampering>,
    ) -> Result<Spoken, Refusal> {
        let options: RequestOptions = wire::read(options)?;
        let model = self.model_for(change)?;
        let rp_id = browser.rp_id(options.rp_id.as_deref())?;
        let place = self.chosen_credential(&rp_id, &options, browser)?;
        let flags = presence(&model, browser, options.user_verification.as_deref())?;
        let counter = self.counter_for(&model);
        let credential = &self.credentials[place];
        let draft = Draft {
            client_data: client_data("webauthn.get", &options.challenge.0, browser),
            auth_data: auth_data(&rp_id, flags, counter),
            model,
            keys: self.keys(&credential.pair),
            change,
            extensions: Map::new(),
        };
        // A key stores the handle only of a credential that it can find by itself.
        let handle = credential.discoverable.then_some(credential.user_handle.as_slice());
        let spoken = draft.sign_in(&credential.id, handle)?;
        self.count(&model);
        self.credentials[place].counter = counter;
        Ok(spoken)
    }

    /// Drops a credential (base64url), as after a refused registration.
    pub fn forget(&mut self, credential_id: &str) {
        self.credentials.retain(|credential| credential.id_text() != credential_id);
    }

    /// The credentials of the key, oldest first.
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    /// What kind of key it is.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Turns the counter back: by 1, the next ceremony tells the number of the last one again.
    pub fn wind_back(&mut self, by: u32) {
        self.next_counter = self.next_counter.saturating_sub(by);
    }

    /// The number that the next ceremony tells.
    pub fn set_counter(&mut self, next: u32) {
        self.next_counter = next;
    }

    /// The next registration makes a new key pair under this credential id, which may be another's.
    pub fn claim_id(&mut self, credential_id: &[u8]) {
        self.next_id = Some(credential_id.to_vec());
    }

    fn model_for(&self, change: Option<&Tampering>) -> Result<Model, Refusal> {
        let mut model = self.model;
        if let Some(Tampering::Model(change)) = change {
            alter(change, &mut model)?;
        }
        Ok(model)
    }

    fn keys<'a>(&'a self, credential: &'a KeyPair) -> Keys<'a> {
        Keys { credential, authority: Authority::new(&self.authority), seed: &self.seed }
    }

    fn own<'a>(&'a self, rp_id: &'a str) -> impl Iterator<Item = &'a Credential> {
        self.credentials.iter().filter(move |credential| credential.rp_id == rp_id)
    }

    /// The place of the credential that answers: the user's pick, else the first in the portal's
    /// order, else the newest that the key finds by itself.
    fn chosen_credential(
        &self,
        rp_id: &str,
        options: &RequestOptions,
        browser: &Browser,
    ) -> Result<usize, Refusal> {
        let listed = options.allow_credentials.as_deref().unwrap_or_default();
        let picked =
            |own: &Credential| browser.picks.as_ref().is_none_or(|id| *id == own.id_text());
        let place = |fits: &dyn Fn(&Credential) -> bool| {
            self.credentials.iter().rposition(|own| own.rp_id == rp_id && picked(own) && fits(own))
        };
        let found = if !browser.obeys_lists {
            place(&|_| true)
        } else if listed.is_empty() {
            place(&|own| own.discoverable)
        } else {
            listed.iter().find_map(|named| place(&|own| is_named(own, named)))
        };
        found.ok_or(Refusal::NoMatch)
    }

    fn counter_for(&self, model: &Model) -> u32 {
        match model.counter {
            Counter::Advancing => self.next_counter,
            Counter::Zero => 0,
        }
    }

    fn count(&mut self, model: &Model) {
        match model.counter {
            Counter::Advancing => self.next_counter = self.next_counter.saturating_add(1),
            Counter::Zero => {}
        }
    }
}

impl fmt::Debug for SoftKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SoftKey");
        shown.field("model", &self.model.name).field("credentials", &self.credentials);
        shown.finish_non_exhaustive()
    }
}

fn client_data(kind: &str, challenge: &[u8], browser: &Browser) -> ClientData {
    let mut data = ClientData::new(kind, challenge, &browser.origin);
    if let Some(top) = browser.top_origin.as_ref().filter(|top| **top != browser.origin) {
        data.cross_origin = true.into();
        data.top_origin = top.clone().into();
    }
    data
}

fn auth_data(rp_id: &str, flags: Flags, counter: u32) -> AuthData {
    AuthData {
        rp_id_hash: rp_id_hash_of(rp_id),
        flags,
        counter,
        attested: None,
        extensions: None,
        trailing: Vec::new(),
    }
}

/// The first algorithm in the portal's order that the key knows (§5.1.3 step 10: an empty list
/// means ES256 and RS256).
fn chosen_algorithm(model: &Model, options: &CreationOptions) -> Result<Algorithm, Refusal> {
    let offered = &options.pub_key_cred_params;
    let of_keys = offered.iter().filter(|offer| offer.kind == "public-key");
    let mut wanted: Vec<i64> = of_keys.map(|offer| offer.alg).collect();
    if offered.is_empty() {
        wanted = vec![Algorithm::Es256.cose_id(), Algorithm::Rs256.cose_id()];
    }
    let known = |algorithm: &Algorithm| model.algorithms.contains(algorithm);
    let mut chosen = wanted.into_iter().filter_map(Algorithm::from_cose_id);
    chosen.find(known).ok_or(Refusal::UnsupportedAlgorithm)
}

/// Whether the credential will be discoverable, if the key is of the kind that is asked for.
fn residency(model: &Model, options: &CreationOptions) -> Result<bool, Refusal> {
    let Some(selection) = &options.authenticator_selection else {
        return Ok(model.discoverable && model.backup_eligible);
    };
    let attachment = selection.authenticator_attachment.as_deref();
    if attachment.is_some_and(|kind| {
        ["platform", "cross-platform"].contains(&kind) && kind != model.attachment
    }) {
        return Err(Refusal::NoMatch);
    }
    let required = selection.require_resident_key == Some(true);
    let default = if required { Wanted::Required } else { Wanted::Discouraged };
    match Wanted::from_word(selection.resident_key.as_deref(), default) {
        Wanted::Required if !model.discoverable => Err(Refusal::NoMatch),
        Wanted::Required => Ok(true),
        Wanted::Preferred => Ok(model.discoverable),
        // A synced passkey is never anything else.
        Wanted::Discouraged => Ok(model.discoverable && model.backup_eligible),
    }
}

/// Touch and user verification, as flags.
fn presence(model: &Model, browser: &Browser, wanted: Option<&str>) -> Result<Flags, Refusal> {
    if !browser.touches {
        return Err(Refusal::NoTouch);
    }
    let wanted = Wanted::from_word(wanted, Wanted::Preferred);
    let verified = model.verifies_user && browser.verifies && wanted != Wanted::Discouraged;
    if wanted == Wanted::Required && !verified {
        return Err(Refusal::NoUserVerification);
    }
    let mut flags = Flags(Flags::UP);
    flags.put(Flags::UV, verified);
    flags.put(Flags::BE, model.backup_eligible);
    flags.put(Flags::BS, model.backed_up);
    Ok(flags)
}

/// §5.1.3, attestation conveyance: asked for none, the browser strips the statement.
fn conveyed(model: &Model, options: &CreationOptions, browser: &Browser) -> AttestationKind {
    let asked = options.attestation.as_deref();
    let asked = asked.is_some_and(|word| ["indirect", "direct", "enterprise"].contains(&word));
    // §5.1.3: self attestation without an AAGUID tells nothing that could identify the user.
    let harmless = model.attestation == AttestationKind::PackedSelf && model.aaguid == [0; 16];
    if asked || harmless || browser.keeps_attestation {
        model.attestation
    } else {
        AttestationKind::None
    }
}

/// The output of the extension credProps (§10.1.3), where the portal asked for it.
fn properties(options: &CreationOptions, discoverable: bool) -> Map<String, Value> {
    let asked = options.extensions.as_ref().and_then(|extensions| extensions.cred_props);
    let mut results = Map::new();
    if asked == Some(true) {
        results.insert("credProps".to_owned(), json!({ "rk": discoverable }));
    }
    results
}

fn is_listed(own: &Credential, list: &[Descriptor]) -> bool {
    list.iter().any(|named| is_named(own, named))
}

fn is_named(own: &Credential, named: &Descriptor) -> bool {
    named.kind == "public-key" && named.id.0 == own.id
}
