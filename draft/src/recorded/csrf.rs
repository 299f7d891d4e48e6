//! How a recorded portal protects its forms.

use std::collections::HashMap;

use super::{
    super::{
        Csrf,
        har::Entry,
        page,
        scrub::Scrub,
        toml::{named, text},
    },
    Reading,
};

impl Reading<'_> {
    /// A header that is the value of a cookie, or of a token in a page's head, or always the same.
    pub(super) fn csrf(&self) -> Option<Csrf> {
        for (at, entry) in
            self.entries.iter().enumerate().filter(|(_, entry)| entry.method != "get")
        {
            for (name, value) in &entry.headers {
                let known = name != "cookie" && self.scrub.name(name).is_some();
                let looks = name.contains("csrf") || name.contains("xsrf");
                let decoded = |cookie: &str| {
                    percent_encoding::percent_decode_str(cookie).decode_utf8_lossy()
                        == value.as_str()
                };
                let cookie = entry
                    .cookies()
                    .find(|(_, cookie)| value.len() >= 8 && (cookie == value || decoded(cookie)));
                let header = ("header", text(name));
                if let Some(cookie) = cookie
                    .as_ref()
                    .filter(|_| known)
                    .and_then(|(cookie, _)| self.scrub.name(cookie))
                {
                    return Some(self.with_get(
                        at,
                        vec![("cookie", text(cookie)), header],
                        &format!("the header {name} is the cookie {cookie}"),
                    ));
                }
                if !known || !looks {
                    continue;
                }
                if let Some(csrf) = self.token_in_head(at, name, value) {
                    return Some(csrf);
                }
                if value.len() <= 2 && value.bytes().all(|b| b.is_ascii_digit()) {
                    let evidence = format!(
                        "recorded: {} has the header {name} with one digit",
                        self.shown(at)
                    );
                    return Some(Csrf { evidence, entries: vec![("value", text(value)), header] });
                }
            }
        }
        None
    }

    fn with_get(&self, at: usize, mut entries: Vec<(&'static str, String)>, what: &str) -> Csrf {
        let page =
            self.entries[..at].iter().rev().find(|entry| entry.method == "get" && entry.is_page());
        if let Some((path, false)) = page.map(|page| self.scrub.path(&page.url)) {
            entries.push(("get", text(&path)));
        }
        Csrf { evidence: format!("recorded: in {} {what}", self.shown(at)), entries }
    }

    fn token_in_head(&self, at: usize, header: &str, value: &str) -> Option<Csrf> {
        let pages = self.tokens.get(value)?;
        let before = pages.partition_point(|page| page.at < at);
        let InHead { name, path, .. } = pages[..before].last()?;
        let css = text(&format!("meta{}", named(name)));
        Some(Csrf {
            evidence: format!(
                "recorded: in {} the header {header} is the token in the head of {path}",
                self.shown(at)
            ),
            entries: vec![
                ("token", format!("{{ css = {css}, attr = \"content\" }}")),
                ("header", text(header)),
                ("get", text(path)),
            ],
        })
    }
}

/// A token in the head of a page.
pub(super) struct InHead {
    at: usize,
    name: String,
    path: String,
}

/// The tokens in the heads of pages that can be asked for again, where a header could carry one.
pub(super) fn in_heads(entries: &[Entry], scrub: &Scrub) -> HashMap<String, Vec<InHead>> {
    let mut tokens: HashMap<String, Vec<InHead>> = HashMap::new();
    let looks = |name: &str| name.contains("csrf") || name.contains("xsrf");
    if !entries.iter().any(|entry| entry.headers.iter().any(|(name, _)| looks(name))) {
        return tokens;
    }
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.is_page()) {
        #[cfg(test)]
        super::super::tests::works(entry.answer.len());
        let html = html::parse(&entry.answer);
        let Some((name, content)) = page::token_in_head(&html) else { continue };
        let (path, changes) = scrub.path(&entry.url);
        if !changes && scrub.name(&name).is_some() {
            tokens.entry(content).or_default().push(InHead { at, name, path });
        }
    }
    tokens
}
