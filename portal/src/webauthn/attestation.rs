//! Attestation statements: none, packed and fido-u2f (WebAuthn Level 3 §8.7, §8.2, §8.6).

mod certificate;

pub(crate) use self::certificate::Certificate;
use super::{
    authenticator_data::AuthenticatorData,
    cbor::{self, Value},
    public_key::{NewKey, PublicKey},
};
use crate::check::{Check, Checks, Refusal};

/// The attestation object (§6.5.4).
#[derive(Clone, Debug)]
pub(crate) struct AttestationObject {
    pub(super) format: String,
    pub(super) authenticator_data: Vec<u8>,
    statement: Value,
    /// Whether no map names a key twice.
    pub(super) distinct: bool,
    /// Whether bytes are left over.
    pub(super) trailing: bool,
}

/// What a statement was made about.
pub(crate) struct Subject<'a> {
    pub(super) data: &'a AuthenticatorData,
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
    fn(&AttestationObject, &Checks, &Subject<'_>) -> Result<Attester, Refusal>;

/// The procedure of a format that the portal knows.
pub(crate) fn procedure(format: &str) -> Option<Procedure> {
    match format {
        "none" => Some(AttestationObject::verify_none),
        "packed" => Some(AttestationObject::verify_packed),
        "fido-u2f" => Some(AttestationObject::verify_u2f),
        _ => None,
    }
}

impl AttestationObject {
    /// Reads a map of the three members, in definite and shortest form.
    pub(super) fn strict(bytes: &[u8]) -> Option<Self> {
        let (object, sound) = Self::read(bytes);
        sound.then_some(object)
    }

    /// Whatever can be read.
    pub(super) fn leftover(bytes: &[u8]) -> Self {
        Self::read(bytes).0
    }

    fn read(bytes: &[u8]) -> (Self, bool) {
        let item = cbor::read(bytes);
        let member = |name| item.as_ref().and_then(|item| item.value.named(name));
        let format = member("fmt").and_then(Value::text);
        let statement = member("attStmt").filter(|statement| statement.is_map());
        let data = member("authData").and_then(Value::bytes);
        let sound = item.as_ref().is_some_and(|item| item.canonical)
            && format.is_some()
            && statement.is_some()
            && data.is_some();
        let object = Self {
            format: format.unwrap_or_default().to_owned(),
            authenticator_data: data.unwrap_or_default().to_vec(),
            statement: statement.cloned().unwrap_or(Value::Map(Vec::new())),
            distinct: item.as_ref().is_none_or(|item| item.distinct),
            trailing: item.is_some_and(|item| item.length < bytes.len()),
        };
        (object, sound)
    }

    /// Verifies the statement by its format's procedure (§7.1 steps 21 and 22).
    pub(super) fn verify(
        &self,
        checks: &Checks,
        subject: &Subject<'_>,
    ) -> Result<Attester, Refusal> {
        let known = (checks.rules().registration.procedure)(&self.format);
        let procedure = checks.admit(Check::RegistrationAttestationFormat, known, || {
            |_, _, _| Ok(Attester::Nobody)
        })?;
        procedure(self, checks, subject)
    }

    pub(crate) fn verify_none(
        &self,
        checks: &Checks,
        _: &Subject<'_>,
    ) -> Result<Attester, Refusal> {
        let empty = self.statement == Value::Map(Vec::new());
        checks.require(Check::RegistrationAttestationNone, empty)?;
        Ok(Attester::Nobody)
    }

    fn verify_packed(&self, checks: &Checks, subject: &Subject<'_>) -> Result<Attester, Refusal> {
        let algorithm = self.statement.named("alg").and_then(Value::integer);
        let signature = self.statement.named("sig").and_then(Value::bytes);
        let chain = self.chain();
        checks.require(
            Check::RegistrationPackedForm,
            algorithm.is_some()
                && signature.is_some()
                && self.statement.named("ecdaaKeyId").is_none()
                && chain.as_ref().is_none_or(|chain| !chain.is_empty()),
        )?;
        let algorithm = algorithm.unwrap_or_default();
        let signature = signature.unwrap_or_default();
        let signed = [&self.authenticator_data, subject.client_data_hash].concat();

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
        let signature = self.statement.named("sig").and_then(Value::bytes);
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
        let id = attested.map(|attested| attested.credential_id.as_slice());
        let signed = [
            &[0],
            subject.data.rp_id_hash.as_slice(),
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
        let chain = self.statement.named("x5c")?;
        let read = |der: &Value| Certificate::read(der.bytes()?);
        Some(chain.array().and_then(|all| all.iter().map(read).collect()).unwrap_or_default())
    }
}

fn verifies(key: Option<&PublicKey>, message: &[u8], signature: &[u8]) -> bool {
    key.is_some_and(|key| key.verifies(message, signature))
}
