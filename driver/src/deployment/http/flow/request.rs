//! From a step to a request: URL, body, headers, CSRF token, and what changes on a redirect.

use profile::{
    error::Error,
    flow::{Body, Csrf, CsrfToken, Field, Method, Request as Asked, Step},
    template::Template,
};
use url::{Url, form_urlencoded};

use super::{FlowRun, Stop, extract::plain, form};
use crate::wire::Request;

const FORM: &str = "application/x-www-form-urlencoded";
/// The boundary is no text that a person or a portal writes.
const PARTS: &str = "multipart/form-data; boundary=----part-7f1c0a4e92d85b36";
const BOUNDARY: &str = "------part-7f1c0a4e92d85b36";
const JSON: &str = "application/json";

impl FlowRun<'_, '_> {
    /// The request of a step. May fetch a CSRF token first.
    pub(super) async fn request(&mut self, step: &Step) -> Result<Request, Stop> {
        let mut request = match &step.request {
            Asked::Send { method, url } => self.plain_request(step, *method, url)?,
            Asked::Form(form) => self.form_request(step, form)?,
            Asked::Stay | Asked::Mail(_) | Asked::Command(_) => {
                return Err(Error::Harness("this step sends nothing".into()).into());
            }
        };
        if !step.query.is_empty() {
            let pairs = self.texts(step, &step.query)?;
            request.url.query_pairs_mut().extend_pairs(pairs);
        }
        request.headers = self.pages_headers(&request);
        let common = self.common(step, &request.url)?;
        put_all(&mut request.headers, common);
        let sends = matches!(&step.request, Asked::Send { method, .. } if *method != Method::Get);
        if let (true, true, Some(csrf)) =
            (sends, step.csrf && step.cookies, &self.driver.profile().flows.csrf)
            && let Some(token) = self.csrf_token(step, csrf).await?
        {
            put_all(&mut request.headers, vec![(csrf.header.clone(), token)]);
        }
        let own = self.texts(step, &step.headers)?;
        put_all(&mut request.headers, own);
        Ok(request)
    }

    /// Headers that every request to the portal has. Another host gets none of them, since they may
    /// hold its secrets; what they take out, they take out everywhere.
    fn common(&self, step: &Step, to: &Url) -> Result<Vec<(String, String)>, Stop> {
        let base = self.driver.profile().description.base(&self.visitor.scene.label);
        let home = Url::parse(&base).is_ok_and(|base| base.origin() == to.origin());
        let mut common = self.texts(step, &self.driver.profile().portal.headers)?;
        common.retain(|(_, value)| home || value.is_empty());
        Ok(common)
    }

    /// What a browser sends to where it is redirected. At another origin nothing of the step goes along,
    /// and the common headers are those of that origin.
    pub(super) fn follow(
        &self,
        step: &Step,
        request: Request,
        (to, status): (Url, u16),
    ) -> Result<Request, Stop> {
        let common =
            if request.url.origin() == to.origin() { Vec::new() } else { self.common(step, &to)? };
        let mut request = redirected(request, to, status);
        put_all(&mut request.headers, common);
        Ok(request)
    }

    fn plain_request(
        &mut self,
        step: &Step,
        method: Method,
        url: &Template,
    ) -> Result<Request, Stop> {
        let body = match &step.body {
            Body::Empty => None,
            Body::Json(tree) => {
                let json = self
                    .values
                    .json(tree)
                    .map_err(|place| self.missing(step, &place))?
                    .unwrap_or_default();
                let json = self.members_of(json);
                Some((JSON, json.to_string()))
            }
            Body::Fields(fields) => {
                let fields = self.fields(step, fields)?;
                Some((FORM, encoded(&self.fields_of(fields))))
            }
        };
        let url = self.url(step, url)?;
        Ok(Request { method: method.name(), url, headers: Vec::new(), body })
    }

    fn form_request(&mut self, step: &Step, asked: &profile::flow::Form) -> Result<Request, Stop> {
        let stuck = |why: String| Stop::Stuck(format!("{}: {why}", step.place));
        let fill = self.fields(step, &asked.fill)?;
        let mut submission = form::submit(&self.page, asked, &fill).map_err(stuck)?;
        submission.fields = self.fields_of(submission.fields);
        let mut url = self.address_of(submission.url);
        let body = if submission.method == "GET" {
            url.set_query(Some(&encoded(&submission.fields)));
            None
        } else if submission.multipart {
            Some((PARTS, in_parts(&submission.fields)))
        } else {
            Some((FORM, encoded(&submission.fields)))
        };
        Ok(Request { method: submission.method, url, headers: Vec::new(), body })
    }

    /// A path on the base, a whole URL, or a place relative to the page.
    fn url(&self, step: &Step, template: &Template) -> Result<Url, Stop> {
        let text = self.values.url(template).map_err(|place| self.missing(step, &place))?;
        let base = self.driver.profile().description.base(&self.visitor.scene.label);
        let wrong = |_| Stop::Stuck(format!("{}: the step's URL cannot be read", step.place));
        if text.starts_with('/') && template.only_place().is_none() {
            return Url::parse(&format!("{base}{text}")).map_err(wrong);
        }
        let base = Url::parse(&base).map_err(wrong)?;
        self.page.url().unwrap_or(&base).join(&text).map_err(wrong)
    }

    /// Templates by name as texts; an optional place without a value leaves its entry out.
    pub(super) fn texts(
        &self,
        step: &Step,
        templates: &[(String, Template)],
    ) -> Result<Vec<(String, String)>, Stop> {
        let mut texts = Vec::new();
        for (name, template) in templates {
            if let Some(text) =
                self.values.maybe_text(template).map_err(|place| self.missing(step, &place))?
            {
                texts.push((name.clone(), text));
            }
        }
        Ok(texts)
    }

    /// Fields of a form as texts, as [`Self::texts`].
    fn fields(&self, step: &Step, fields: &[Field]) -> Result<Vec<(String, String)>, Stop> {
        let mut texts = Vec::new();
        for field in fields {
            let text = |template| {
                self.values.maybe_text(template).map_err(|place| self.missing(step, &place))
            };
            texts.extend(text(&field.name)?.zip(text(&field.value)?));
        }
        Ok(texts)
    }

    /// What a browser adds: where the request comes from.
    fn pages_headers(&self, request: &Request) -> Vec<(String, String)> {
        let base = self.driver.profile().description.base(&self.visitor.scene.label);
        let base = Url::parse(&base).ok();
        let from = self.page.url().or(base.as_ref());
        let mut headers = Vec::new();
        let Some(from) = from else { return headers };
        if request.method != "GET" {
            headers.push(("origin".to_owned(), from.origin().ascii_serialization()));
        }
        if self.page.url().is_some()
            && !(from.scheme() == "https" && request.url.scheme() == "http")
        {
            let same_site = from.origin() == request.url.origin();
            let mut from = from.clone();
            from.set_fragment(None);
            let referer = if same_site {
                from.to_string()
            } else {
                format!("{}/", from.origin().ascii_serialization())
            };
            headers.push(("referer".to_owned(), referer));
        }
        headers
    }

    async fn csrf_token(&mut self, step: &Step, csrf: &Csrf) -> Result<Option<String>, Stop> {
        if let CsrfToken::Value(template) = &csrf.token {
            return self.values.maybe_text(template).map_err(|place| self.missing(step, &place));
        }
        if let CsrfToken::Cookie(name) = &csrf.token
            && let Some(token) = self.browser.jar.get(name)
        {
            return Ok(Some(token.reveal().to_owned()));
        }
        let Some(get) = &csrf.get else { return Ok(None) };
        let url = self.url(step, get)?;
        let mut request = Request { method: "GET", url, headers: Vec::new(), body: None };
        let common = self.common(step, &request.url)?;
        let own = self.texts(step, &csrf.headers)?;
        put_all(&mut request.headers, common);
        put_all(&mut request.headers, own);
        let origin = self.origin(&format!("{} (csrf)", self.name()), step);
        let response = self.exchange(&request, &origin).await?;
        let page = super::Page::new(request.url, response);
        let view = super::PageView { page: &page, jar: &self.browser.jar };
        let token = match &csrf.token {
            CsrfToken::Cookie(name) => {
                self.browser.jar.get(name).map(|secret| secret.reveal().to_owned())
            }
            CsrfToken::Found(extractor) => {
                view.find(extractor, &self.values).map(|value| plain(&value))
            }
            CsrfToken::Value(_) => None,
        };
        if let Some(token) = &token {
            self.visitor.scene.recorder.redactor().learn("token", token);
        }
        Ok(token)
    }
}

/// The later replaces the earlier of the same name.
fn put_all(headers: &mut Vec<(String, String)>, more: Vec<(String, String)>) {
    for (name, value) in more {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        headers.push((name, value));
    }
}

fn encoded(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// `multipart/form-data` as HTML has it: line breaks are CRLF, and in names they and quotes are escaped.
fn in_parts(pairs: &[(String, String)]) -> String {
    let line_breaks = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let mut body = String::new();
    for (name, value) in pairs {
        let name = line_breaks(name).replace('\n', "%0D%0A").replace('"', "%22");
        let value = line_breaks(value).replace('\n', "\r\n");
        body.push_str(&format!(
            "{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body + BOUNDARY + "--\r\n"
}

/// What a browser sends to where it is redirected: 307 and 308 repeat the request, the others become a
/// GET. Headers of the step go along to the same origin only.
fn redirected(request: Request, to: Url, status: u16) -> Request {
    let repeats = matches!(status, 307 | 308);
    let same_origin = request.url.origin() == to.origin();
    let mut headers = if same_origin { request.headers } else { Vec::new() };
    let from_page =
        |name: &str| ["origin", "referer"].iter().any(|own| name.eq_ignore_ascii_case(own));
    headers.retain(|(name, _)| repeats || !from_page(name));
    if repeats {
        return Request { method: request.method, url: to, headers, body: request.body };
    }
    Request { method: "GET", url: to, headers, body: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_in_parts_are_written_as_html_has_it() {
        let pairs = [("a\"b".to_owned(), "one\ntwo".to_owned()), ("é".to_owned(), String::new())];
        let head = "------part-7f1c0a4e92d85b36\r\nContent-Disposition: form-data; name=";
        assert_eq!(
            in_parts(&pairs),
            format!("{head}\"a%22b\"\r\n\r\none\r\ntwo\r\n{head}\"é\"\r\n\r\n\r\n{BOUNDARY}--\r\n")
        );
        assert_eq!(
            PARTS.rsplit_once("boundary=").map(|(_, name)| format!("--{name}")).as_deref(),
            Some(BOUNDARY)
        );
    }
}
