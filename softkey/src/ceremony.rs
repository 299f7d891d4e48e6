//! The stages of a response in their order: client data, authenticator data, attestation or
//! signature, envelope. Each stage takes what the one before it gave, tampered with or not.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::algorithm::KeyPair;
use crate::attestation;
use crate::auth_data::AuthData;
use crate::base64url::base64url;
use crate::certificate::Authority;
use crate::client_data::ClientData;
use crate::key::{AttestationKind, Model};
use crate::refusal::Refusal;
use crate::seed::Seed;
use crate::tampering::{AttestationObject, Ceremony, Signer, Tampering, alter};
use crate::wire::Named;

/// A response, in JSON and in its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// RegistrationResponseJSON or AuthenticationResponseJSON (WebAuthn Level 3 §5.1), what a page
    /// sends to the portal.
    pub json: Value,
    /// The same before the change, where it was the envelope that was changed.
    pub unchanged: Option<Value>,
    /// The client data in bytes.
    pub client_data: Vec<u8>,
    /// The authenticator data in bytes.
    pub authenticator_data: Vec<u8>,
    /// The attestation object in bytes, after a registration.
    pub attestation_object: Option<Vec<u8>>,
    /// The signature: of the sign-in, or of the attestation where it has one.
    pub signature: Option<Vec<u8>>,
    /// The id of the credential, as the key said it.
    pub credential_id: Vec<u8>,
}

/// A ceremony before anything was said: the honest words, the keys, and the one change.
pub(crate) struct Draft<'a> {
    pub(crate) client_data: ClientData,
    pub(crate) auth_data: AuthData,
    pub(crate) model: Model,
    pub(crate) keys: Keys<'a>,
    pub(crate) change: Option<&'a Tampering>,
    pub(crate) extensions: Map<String, Value>,
}

/// Every private key that may sign in a ceremony.
pub(crate) struct Keys<'a> {
    pub(crate) credential: &'a KeyPair,
    /// Holds the attestation authority of the model.
    pub(crate) authority: Authority,
    /// Where strangers come from.
    pub(crate) seed: &'a Seed,
}

/// What browser and key have said, in bytes.
pub(crate) struct Words {
    pub(crate) client_data: Vec<u8>,
    pub(crate) auth_data: AuthData,
    pub(crate) auth_data_bytes: Vec<u8>,
}

impl Words {
    pub(crate) fn client_data_hash(&self) -> Vec<u8> {
        Sha256::digest(&self.client_data).to_vec()
    }

    /// What packed attestation and assertions sign.
    pub(crate) fn signed(&self) -> Vec<u8> {
        [self.auth_data_bytes.clone(), self.client_data_hash()].concat()
    }
}

impl Draft<'_> {
    /// Speaks a registration (§7.1 is what the portal will ask of it).
    pub(crate) fn register(mut self, kind: AttestationKind) -> Result<Spoken, Refusal> {
        self.fits(Ceremony::Registration(kind))?;
        let words = self.words()?;
        let attested = attestation::attest(kind, &self, &words)?;
        let mut object = AttestationObject::default();
        object.push("fmt", attested.format);
        object.push("attStmt", attested.statement.to_cbor());
        object.push("authData", words.auth_data_bytes.clone());
        if let Some(Tampering::AttestationObject(change)) = self.change {
            alter(change, &mut object)?;
        }
        let mut object = object.encode();
        if let Some(Tampering::AttestationObjectBytes(change)) = self.change {
            alter(change, &mut object)?;
        }
        let mut response = self.registration_members(&words);
        response.insert("attestationObject".to_owned(), base64url(&object).into());
        let credential_id = words.auth_data.attested.as_ref().map(|new| new.credential_id.clone());
        let spoken = self.envelope(words, &response, credential_id.unwrap_or_default())?;
        Ok(Spoken { attestation_object: Some(object), signature: attested.signature, ..spoken })
    }

    /// Speaks a sign-in (§7.2 is what the portal will ask of it).
    pub(crate) fn sign_in(
        mut self,
        credential_id: &[u8],
        user_handle: Option<&[u8]>,
    ) -> Result<Spoken, Refusal> {
        self.fits(Ceremony::SignIn)?;
        let words = self.words()?;
        let signature = self.sign(words.signed(), self.keys.credential)?;
        let mut response = Map::new();
        response.insert("clientDataJSON".to_owned(), base64url(&words.client_data).into());
        response.insert("authenticatorData".to_owned(), base64url(&words.auth_data_bytes).into());
        response.insert("signature".to_owned(), base64url(&signature).into());
        if let Some(handle) = user_handle {
            response.insert("userHandle".to_owned(), base64url(handle).into());
        }
        let spoken = self.envelope(words, &response, credential_id.to_vec())?;
        Ok(Spoken { signature: Some(signature), ..spoken })
    }

    fn fits(&self, ceremony: Ceremony) -> Result<(), Refusal> {
        self.change.map_or(Ok(()), |change| change.fits(ceremony))
    }

    /// The stages that both ceremonies begin with.
    fn words(&mut self) -> Result<Words, Refusal> {
        let mut auth_data = self.auth_data.clone();
        if let (Some(Tampering::PublicKey(change)), Some(new)) =
            (self.change, &mut auth_data.attested)
        {
            alter(change, &mut new.key)?;
        }
        if let Some(Tampering::ClientData(change)) = self.change {
            alter(change, &mut self.client_data)?;
        }
        let mut client_data = self.client_data.encode();
        if let Some(Tampering::ClientDataBytes(change)) = self.change {
            alter(change, &mut client_data)?;
        }
        if let Some(Tampering::AuthData(change)) = self.change {
            alter(change, &mut auth_data)?;
        }
        let mut auth_data_bytes = auth_data.encode();
        if let Some(Tampering::AuthDataBytes(change)) = self.change {
            alter(change, &mut auth_data_bytes)?;
        }
        Ok(Words { client_data, auth_data, auth_data_bytes })
    }

    /// The stages of a signature: what is signed, by whom, and the signature itself.
    pub(crate) fn sign(&self, mut message: Vec<u8>, honest: &KeyPair) -> Result<Vec<u8>, Refusal> {
        if let Some(Tampering::SignedBytes(change)) = self.change {
            alter(change, &mut message)?;
        }
        let mut signature = match self.change {
            Some(Tampering::Signer(signer)) => {
                let honest_signature = honest.sign(&message);
                let signature = self.instead_of(honest, *signer).sign(&message);
                if signature == honest_signature {
                    return Err(Refusal::NothingToChange("this pair is the one that signs anyway"));
                }
                signature
            }
            Some(_) | None => honest.sign(&message),
        };
        if let Some(Tampering::Signature(change)) = self.change {
            alter(change, &mut signature)?;
        }
        Ok(signature)
    }

    fn instead_of(&self, honest: &KeyPair, signer: Signer) -> KeyPair {
        match signer {
            Signer::Stranger => honest.stranger(honest.algorithm(), self.keys.seed),
            Signer::StrangerWith(algorithm) => honest.stranger(algorithm, self.keys.seed),
            Signer::Credential => self.keys.credential.clone(),
            Signer::Attestation => {
                self.keys.authority.batch_key(self.model.name, honest.algorithm())
            }
        }
    }

    /// The members that Level 3 adds for pages that read no CBOR.
    fn registration_members(&self, words: &Words) -> Map<String, Value> {
        let mut transports = self.model.transports.to_vec();
        transports.sort_unstable();
        let mut members = Map::new();
        members.insert("clientDataJSON".to_owned(), base64url(&words.client_data).into());
        members.insert("authenticatorData".to_owned(), base64url(&words.auth_data_bytes).into());
        members.insert("transports".to_owned(), transports.into());
        if let Some(new) = &words.auth_data.attested {
            if let Some(spki) = new.key.spki() {
                members.insert("publicKey".to_owned(), base64url(&spki).into());
            }
            if let Some(algorithm) = new.key.number(crate::cose::CoseKey::ALG) {
                members.insert("publicKeyAlgorithm".to_owned(), algorithm.into());
            }
        }
        members
    }

    fn envelope(
        self,
        words: Words,
        response: &Map<String, Value>,
        credential_id: Vec<u8>,
    ) -> Result<Spoken, Refusal> {
        let named = Named {
            credential_id: &credential_id,
            attachment: self.model.attachment,
            extensions: self.extensions,
        };
        let mut json = named.envelope(response);
        let mut unchanged = None;
        if let Some(Tampering::Envelope(change)) = self.change {
            unchanged = Some(json.clone());
            alter(change, &mut json)?;
        }
        Ok(Spoken {
            json,
            unchanged,
            client_data: words.client_data,
            authenticator_data: words.auth_data_bytes,
            attestation_object: None,
            signature: None,
            credential_id,
        })
    }
}
