//! The secrets of a profile go to its portal, and elsewhere only where the profile says so of each:
//! wherever a page of the portal leads a form or a redirect.

use percent_encoding::percent_decode_str;
use profile::{NamedSecret, SOUGHT_FROM, error::Error, secret::Secret};
use reports::redact::Redactor;
use url::Url;

use super::FlowRun;
use crate::wire::Request;

/// How often a value may be percent-encoded, and one more.
const ENCODINGS: usize = 3;

impl FlowRun<'_, '_> {
    /// Whether a request to another host than the portal's holds no secret that is not meant for it.
    pub(super) fn keeps_secrets(&self, request: &Request, flow: &str) -> Result<(), Error> {
        let (profile, label) = (self.driver.profile(), &self.visitor.scene.label);
        let home = Url::parse(&profile.description.base(label));
        if home.is_ok_and(|home| home.origin() == request.url.origin()) {
            return Ok(());
        }
        let to = request.url.origin().ascii_serialization();
        let kept = |named: &&NamedSecret| {
            !named.to.iter().any(|origin| origin.replace("{scenario}", label) == to)
        };
        let mut kept = profile.named.iter().filter(kept);
        match kept.find(|named| holds(request, &named.secret)) {
            None => Ok(()),
            Some(named) => Err(Error::Safety(format!(
                "{flow} would send `{}` to {to}, and the profile does not say that it goes there (`to`)",
                named.name
            ))),
        }
    }
}

/// Whether a secret stands in a request, in any form.
fn holds(request: &Request, secret: &Secret) -> bool {
    let value = secret.reveal();
    if value.len() < SOUGHT_FROM {
        return false;
    }
    let mut sent = request.url.to_string();
    for (name, value) in &request.headers {
        sent.push_str(&format!("\n{name}: {value}"));
    }
    if let Some((_, body)) = &request.body {
        sent.push('\n');
        sent.push_str(body);
    }
    // Nothing that it makes is written down.
    let redactor = Redactor::new([0; 32]);
    redactor.learn("secret", value);
    // What a flow encodes is encoded once more where it is put into a field or a URL.
    (0..ENCODINGS).any(|_| {
        let found = sent.contains(value) || !redactor.scan(sent.as_bytes()).is_empty();
        sent = percent_decode_str(&sent).decode_utf8_lossy().into_owned();
        found
    })
}
