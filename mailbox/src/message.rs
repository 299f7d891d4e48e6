//! One mail: its recipients and its text, with MIME, quoted-printable and HTML entities decoded.

use std::sync::Arc;

use mail_parser::MessageParser;
use reports::bounds::LINK;

use super::{Found, Mail, MailQuery};
use html::unescaped;

/// One mail as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Recipients of the envelope; where there is none, those of the headers count.
    pub(super) recipients: Vec<String>,
    pub(super) raw: Arc<[u8]>,
}

impl Message {
    /// The link or code in it, where the mail is the one that is looked for.
    pub(super) fn find(&self, seen: &MailQuery<'_>) -> Option<Found> {
        // What is for somebody else is not even read.
        if !self.recipients.is_empty() && !self.is_addressed_to(seen.to) {
            return None;
        }
        let mail = MessageParser::default().parse(&*self.raw)?;
        if self.recipients.is_empty() && !is_to(&mail, seen.to) {
            return None;
        }
        if seen.subject.is_some_and(|wanted| !wanted.is_match(mail.subject().unwrap_or_default())) {
            return None;
        }
        let plain = (0..mail.text_body.len())
            .filter_map(|part| mail.body_text(part).map(|text| text.into_owned()));
        // A link may stand only in an attribute of the HTML part, which its text does not show.
        let html = (0..mail.html_body.len())
            .filter_map(|part| mail.body_html(part).map(|text| unescaped(&text)));
        plain.chain(html).find_map(|text| {
            let found =
                seen.pattern.captures_iter(&text).find(|found| found[0].len() <= LINK.most)?;
            let whole = found.get(0)?.as_str().to_owned();
            let value =
                found.get(1).map_or_else(|| whole.clone(), |group| group.as_str().to_owned());
            Some(Found { whole, value })
        })
    }

    /// The mail as a person reads it. One that is no MIME is shown as it came.
    pub(super) fn shown(&self) -> Mail {
        let mail = MessageParser::default().parse(&*self.raw);
        let subject = mail.as_ref().and_then(|mail| mail.subject()).unwrap_or_default();
        let text = mail.as_ref().and_then(|mail| mail.body_text(0));
        let raw = || String::from_utf8_lossy(&self.raw).into_owned();
        Mail {
            to: self.recipients.join(", "),
            subject: subject.to_owned(),
            text: text.map_or_else(raw, |text| text.into_owned()),
        }
    }

    fn is_addressed_to(&self, wanted: &str) -> bool {
        self.recipients.iter().any(|address| address.eq_ignore_ascii_case(wanted))
    }
}

/// Whether the headers of a mail name somebody.
fn is_to(mail: &mail_parser::Message<'_>, wanted: &str) -> bool {
    let named = mail.to().into_iter().chain(mail.cc()).flat_map(|list| list.iter());
    named
        .filter_map(|address| address.address())
        .any(|address| address.eq_ignore_ascii_case(wanted))
}
