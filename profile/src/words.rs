//! Names that people type: globs, and the known name that a mistyped one is nearest to.

use wildmatch::WildMatch;

/// Whether a glob covers a text; `*` stands for any run of characters, `?` for one.
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    WildMatch::new(pattern).matches(text)
}

/// The known word nearest to `word`; a swap of neighbours counts as one change.
#[must_use]
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known.into_iter().min_by_key(|known| strsim::osa_distance(word, known))
}

/// The known word that is meant by `word`: the nearest, where it is near enough.
#[must_use]
pub fn meant<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let most = (word.chars().count() / 3).max(2);
    nearest(word, known).filter(|known| strsim::osa_distance(word, known) <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, covers) in [
            ("login/*", "login/origin/prefix", true),
            ("*/prefix", "login/origin/prefix", true),
            ("login/?rigin/*", "login/origin/prefix", true),
            ("login", "login/origin", false),
            ("login/*/x", "login/origin/prefix", false),
            ("*a*b*", "xxaxxbxx", true),
            ("", "", true),
            ("?", "", false),
        ] {
            assert_eq!(glob(pattern, text), covers, "{pattern} {text}");
        }
    }

    #[test]
    fn the_nearest_is_meant_only_where_it_is_near() {
        let known = ["sign_in", "sign_out", "whoami"];
        assert_eq!(meant("sgin_in", known), Some("sign_in"));
        assert_eq!(meant("whomai", known), Some("whoami"));
        assert_eq!(meant("password", known), None);
        assert!(nearest("password", known).is_some());
    }
}
