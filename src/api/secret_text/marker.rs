//! The few words at which a secret may begin: ordinary output has none of them and costs one fast search.

use std::sync::LazyLock;

use regex::Regex;

/// What begins at a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// A name after which a value may stand.
    Key,
    /// A name after which a scheme and a value may stand.
    Authorization,
    /// `pwd`: a name like others, but also what shells call the working directory.
    Pwd,
    /// A bearer token.
    Bearer,
    /// Name and password as Base64.
    Basic,
    /// The authority of a URL.
    Authority,
    /// A PEM block.
    Pem,
    /// A token that is known by its beginning.
    Token,
}

/// In lower case. No word is the beginning of a later one, so that the first that fits is the only one.
const WORDS: [(&str, Marker); 39] = [
    ("password", Marker::Key),
    ("passwd", Marker::Key),
    ("passphrase", Marker::Key),
    ("secret", Marker::Key),
    ("token", Marker::Key),
    ("credential", Marker::Key),
    ("api_key", Marker::Key),
    ("api-key", Marker::Key),
    ("apikey", Marker::Key),
    ("access_key", Marker::Key),
    ("access-key", Marker::Key),
    ("accesskey", Marker::Key),
    ("private_key", Marker::Key),
    ("private-key", Marker::Key),
    ("privatekey", Marker::Key),
    ("auth_header", Marker::Key),
    ("pwd", Marker::Pwd),
    ("authorization", Marker::Authorization),
    ("bearer", Marker::Bearer),
    ("basic ", Marker::Basic),
    ("://", Marker::Authority),
    ("-----begin ", Marker::Pem),
    ("akia", Marker::Token),
    ("asia", Marker::Token),
    ("ghp_", Marker::Token),
    ("gho_", Marker::Token),
    ("ghu_", Marker::Token),
    ("ghs_", Marker::Token),
    ("ghr_", Marker::Token),
    ("github_pat_", Marker::Token),
    ("glpat-", Marker::Token),
    ("xox", Marker::Token),
    ("aiza", Marker::Token),
    ("eyj", Marker::Token),
    ("npm_", Marker::Token),
    ("dckr_pat_", Marker::Token),
    ("hvs.", Marker::Token),
    ("sk-", Marker::Token),
    ("age-secret-key-", Marker::Token),
];

/// All words as one expression of literals, which is searched with vector instructions.
static SEARCH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&WORDS.map(|(word, _)| regex::escape(word)).join("|")).ok());

/// Every word in `lower`, a text in lower case: where it begins and ends, and what it may begin.
pub(crate) fn markers(lower: &str) -> impl Iterator<Item = (usize, usize, Marker)> {
    SEARCH.iter().flat_map(|search| search.find_iter(lower)).filter_map(|found| {
        let (_, marker) = WORDS.iter().find(|(word, _)| *word == found.as_str())?;
        Some((found.start(), found.end(), *marker))
    })
}

#[cfg(test)]
mod tests {
    use super::{WORDS, markers};

    #[test]
    fn every_word_is_found_as_itself() {
        for (word, marker) in WORDS {
            assert_eq!(word, word.to_ascii_lowercase());
            let text = format!("a {word} b");
            assert_eq!(markers(&text).collect::<Vec<_>>(), [(2, 2 + word.len(), marker)], "{word}");
        }
    }
}
