//! Attestation statements: none, packed and fido-u2f (WebAuthn Level 3 §8.7, §8.2, §8.6).

mod certificate;

pub(crate) use self::certificate::Certificate;
use super::{
    authenticator_data::AuthenticatorData,
    cbor::{self, Item, Value},
    public_key::{NewKey, PublicKey},
};
use crate::check::{Check, Checks, Refusal};

/// The attestation object (§6.5.4).
#[derive(Clone, Debug)]
pub(crate) struct AttestationObject<'a> {
    item: Option<Item<'a>>,
    /// Whether bytes are left over.
    pub(super) trailing: bool,
}

/// What a statement was made about.
pub(crate) struct Subject<'a> {
    pub(super) data: &'a AuthenticatorData<'a>,
    pub(super) key: &'a NewKey,
    pub(super) client_data_hash: &'a [u8],
}

/// Who stands behind a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attester {
    Nobody,
    TheKeyItself,
    ItsMaker,
}

/// How the statement of a format is verified.
pub(crate) type Procedure =
    fn(&AttestationObject<'_>, &Checks, &Subject<'_>) -> Result<Attester, Refusal>;

/// The procedure of a format that the portal knows.
pub(crate) fn procedure(format: &str) -> Option<Procedure> {
    match format {
        "none" => Some(|object, checks, _| object.verify_none(checks)),
        "packed" => Some(|object, checks, subject| object.verify_packed(checks, subject)),
        "fido-u2f" => Some(|object, checks, subject| object.verify_u2f(checks, subject)),
        _ => None,
    }
}

impl<'a> AttestationObject<'a> {
    /// Reads a map of the three members, in definite and shortest form.
    pub(super) fn strict(bytes: &'a [u8]) -> Option<Self> {
        let object = Self::leftover(bytes);
        let sound = object.item.as_ref().is_some_and(|item| item.canonical)
            && object.member("fmt").and_then(Value::text).is_some()
            && object.statement().is_some()
            && object.member("authData").and_then(Value::bytes).is_some();
        sound.then_some(object)
    }

    /// Whatever can be read.
    pub(super) fn leftover(bytes: &'a [u8]) -> Self {
        let item = cbor::read(bytes);
        let trailing = item.as_ref().is_some_and(|item| item.length < bytes.len());
        Self { item, trailing }
    }

    pub(super) fn format(&self) -> &str {
        self.member("fmt").and_then(Value::text).unwrap_or_default()
    }

    pub(super) fn authenticator_data(&self) -> &[u8] {
        self.member("authData").and_then(Value::bytes).unwrap_or_default()
    }

    /// Whether no map names a key twice.
    pub(super) fn is_distinct(&self) -> bool {
        self.item.as_ref().is_none_or(|item| item.distinct)
    }

    fn statement(&self) -> Option<&Value<'a>> {
        self.member("attStmt").filter(|statement| statement.is_map())
    }

    /// A member of the statement.
    fn stated(&self, name: &str) -> Option<&Value<'a>> {
        self.statement()?.named(name)
    }

    fn member(&self, name: &str) -> Option<&Value<'a>> {
        self.item.as_ref()?.value.named(name)
    }

    /// Verifies the statement by its format's procedure (§7.1 steps 21 and 22).
    pub(super) fn verify(
        &self,
        checks: &Checks,
        subject: &Subject<'_>,
    ) -> Result<Attester, Refusal> {
        let known = (checks.rules().registration.procedure)(self.format());
        let procedure = checks.admit(Check::RegistrationAttestationFormat, known, || {
            |_, _, _| Ok(Attester::Nobody)
        })?;
        procedure(self, checks, subject)
    }

    pub(crate) fn verify_none(&self, checks: &Checks) -> Result<Attester, Refusal> {
        let empty = self.statement().is_none_or(|statement| *statement == Value::Map(Vec::new()));
        checks.require(Check::RegistrationAttestationNone, empty)?;
        Ok(Attester::Nobody)
    }

    fn verify_packed(&self, checks: &Checks, subject: &Subject<'_>) -> Result<Attester, Refusal> {
        let algorithm = self.stated("alg").and_then(Value::integer);
        let signature = self.stated("sig").and_then(Value::bytes);
        let chain = self.chain();
        checks.require(
            Check::RegistrationPackedForm,
            algorithm.is_some()
                && signature.is_some()
                && self.stated("ecdaaKeyId").is_none()
                && chain.as_ref().is_none_or(|chain| !chain.is_empty()),
        )?;
        let algorithm = algorithm.unwrap_or_default();
        let signature = signature.unwrap_or_default();
        let signed = [self.authenticator_data(), subject.client_data_hash].concat();

        let Some(chain) = chain else {
            let own = algorithm == i128::from(subject.key.algorithm);
            checks.require(Check::RegistrationPackedAlgorithm, own)?;
            let verified = verifies(subject.key.key.as_ref(), &signed, signature);
            checks.require(Check::RegistrationPackedSignature, verified)?;
            return Ok(Attester::TheKeyItself);
        };

        let leaf = chain.first();
        let key = leaf.and_then(|leaf| leaf.key.as_ref());
        checks.require(
            Check::RegistrationPackedAlgorithm,
            key.is_some_and(|key| key.is_of(algorithm)),
        )?;
        checks.require(Check::RegistrationPackedSignature, verifies(key, &signed, signature))?;
        let fits = leaf.is_some_and(checks.rules().registration.leaf);
        checks.require(Check::RegistrationPackedCertificate, fits)?;
        let aaguid = subject.data.attested.as_ref().map(|attested| attested.aaguid);
        checks.require(
            Check::RegistrationPackedAaguid,
            leaf.is_some_and(|leaf| aaguid.is_some_and(|aaguid| leaf.names_model(aaguid))),
        )?;
        Ok(Attester::ItsMaker)
    }

    fn verify_u2f(&self, checks: &Checks, subject: &Subject<'_>) -> Result<Attester, Refusal> {
        let signature = self.stated("sig").and_then(Value::bytes);
        let chain = self.chain().unwrap_or_default();
        let leaf = chain.first().and_then(|leaf| leaf.key.as_ref());
        let leaf = leaf.filter(|key| key.p256_point().is_some());
        let point = subject.key.key.as_ref().and_then(PublicKey::p256_point);
        checks.require(
            Check::RegistrationU2fForm,
            leaf.is_some() && chain.len() == 1 && signature.is_some() && point.is_some(),
        )?;
        let attested = subject.data.attested.as_ref();
        checks.require(
            Check::RegistrationU2fAaguid,
            attested.is_some_and(|attested| attested.aaguid == [0; 16]),
        )?;
        let id = attested.map(|attested| attested.credential_id);
        let signed = [
            &[0],
            subject.data.rp_id_hash,
            subject.client_data_hash,
            id.unwrap_or_default(),
            point.unwrap_or_default(),
        ]
        .concat();
        checks.require(
            Check::RegistrationU2fSignature,
            verifies(leaf, &signed, signature.unwrap_or_default()),
        )?;
        Ok(Attester::ItsMaker)
    }

    /// The certificates of `x5c`, if it is there: empty when one of them cannot be read.
    fn chain(&self) -> Option<Vec<Certificate>> {
        let chain = self.stated("x5c")?;
        let read = |der: &Value<'_>| Certificate::read(der.bytes()?);
        Some(chain.array().and_then(|all| all.iter().map(read).collect()).unwrap_or_default())
    }
}

fn verifies(key: Option<&PublicKey>, message: &[u8], signature: &[u8]) -> bool {
    key.is_some_and(|key| key.verifies(message, signature))
}
