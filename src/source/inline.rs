//! Secrets that stand in a manifest: refused with their place, never repeated.
//!
//! A manifest is read by many and kept by Git for ever; a value that stands in one is no secret any more. Refused are values under
//! names that say so, with everything below them, and texts that look like a secret wherever they stand, keys, labels and
//! annotations included. What only leads to a secret is what should stand there instead, and passes.

use crate::api::reason;
use crate::api::secret_text::{Marker, any_value, find, is_harmless, login, markers, names_access};

use super::bounds::MAX_PROBLEMS;
use super::finding::{Finding, word};
use super::scalar;
use super::tree::{Mark, Node, Value};

/// What to do instead.
const HELP: &str = "write a reference instead, like `tokenFrom: {secretKeyRef: {name: NAME, key: KEY}}` (docs/secrets.md); what Git has \
                    seen must be changed";
/// How the name of a field ends that leads to a secret: what stands below it says what the secret is called. Nothing but such a name
/// makes a mapping a reference: under `password`, the value of `key` is a secret like any other.
const LEADS: [&str; 4] = ["Ref", "From", "_ref", "_from"];

/// Adds a finding for every secret in `root`, which is part of `text`, in front of the others. When there is one, no finding of
/// the document shows its line: the line of another may hold the same value.
pub(super) fn check(root: &Node<'_>, text: &str, findings: &mut Vec<Finding>) {
    if is_plain(text.get(root.start.byte..root.end).unwrap_or(text)) {
        return;
    }
    let mut walk = Walk { found: Vec::new() };
    walk.node(root, "", false);
    if walk.found.is_empty() {
        return;
    }
    let rest = walk.found.len().saturating_sub(MAX_PROBLEMS);
    walk.found.truncate(MAX_PROBLEMS);
    if rest > 0 {
        walk.found.push(finding(root.start, format!("{rest} more secrets in this document")));
    }
    findings.splice(0..0, walk.found);
    for finding in findings {
        finding.shown = false;
    }
}

/// Whether no rule can find anything: every one begins at a marker, so most documents cost one search. An escape may hide one; an
/// address without `@` holds no login.
fn is_plain(text: &str) -> bool {
    let may_tell = |marker| marker != Marker::Authority || text.contains('@');
    !text.contains('\\') && !markers(&text.to_ascii_lowercase()).any(|(_, _, marker)| may_tell(marker))
}

struct Walk {
    found: Vec<Finding>,
}

impl Walk {
    /// `named`: whether a name above says that this is a secret.
    fn node(&mut self, node: &Node<'_>, path: &str, named: bool) {
        match &node.value {
            Value::Map(pairs) => {
                for (key, value) in pairs {
                    self.pair(key, value, path, named || is_entry(node, key));
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.node(item, &format!("{path}[{index}]"), named);
                }
            }
            Value::Scalar { text, .. } => {
                let value = text.trim();
                if named && !scalar::is_null(node) && !value.is_empty() && !is_harmless(value) {
                    self.add(node.start, format!("`{path}` holds a secret by its name"));
                } else if looks_secret(text) {
                    self.add(node.start, format!("`{path}` holds what looks like a secret"));
                }
            }
            Value::Alias => {}
        }
    }

    fn pair(&mut self, key: &Node<'_>, value: &Node<'_>, path: &str, named: bool) {
        let Some(name) = key.text() else {
            self.node(key, path, named);
            return self.node(value, path, named);
        };
        let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if looks_secret(name) {
            self.add(key.start, format!("a key below `{path}` looks like a secret"));
            return self.node(value, &join("…"), named);
        }
        // Of a label like `secrets.example.net/owner` only the part behind the domain is a name.
        let own = name.rsplit('/').next().unwrap_or(name);
        let leads = LEADS.iter().any(|end| own.ends_with(end));
        self.node(value, &join(&word(name)), names_access(own) || (named && !leads));
    }

    fn add(&mut self, mark: Mark, message: String) {
        self.found.push(finding(mark, message));
    }
}

/// Whether `key` is the `value` of an entry whose `name` says that it is a secret: `{name: api-token, value: …}`.
fn is_entry(map: &Node<'_>, key: &Node<'_>) -> bool {
    key.text() == Some("value") && map.get("name").and_then(Node::text).is_some_and(names_access)
}

fn finding(mark: Mark, message: String) -> Finding {
    Finding::new(reason::INLINE_SECRET, mark, message).help(HELP)
}

/// By the rules for outputs, and beyond them values of any length after `=` and in URLs: a person wrote this and meant it.
fn looks_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut parts = Vec::new();
    find(text, &lower, &mut parts);
    !parts.is_empty()
        || markers(&lower).any(|(_, end, marker)| match marker {
            Marker::Key => any_value(text, end),
            Marker::Authority => login(text, end),
            _ => false,
        })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use proptest::prelude::*;

    use super::{Walk, is_plain};
    use crate::source::tree;

    /// Pieces of which secrets are made, and what stands between them.
    fn text() -> impl Strategy<Value = String> {
        let pieces = "http://|https://|://|user|:|@|p4ssw0rd|example.net|/|?token=|password|pwd| |%40|ghp_abcdefghijklmnop|Bearer |=|-|.|#|''";
        let pieces: Vec<&str> = pieces.split('|').collect();
        prop::collection::vec(prop::sample::select(pieces), 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn where_one_search_says_that_there_is_nothing_the_walk_finds_nothing(key in text(), value in text(), quoted in any::<bool>()) {
            let value = if quoted { format!("'{}'", value.replace('\'', "''")) } else { value };
            let document = format!("spec:\n  baseURL: {value}\n  '{}': {value}\n", key.replace('\'', "''"));
            let Some(root) = tree::read(&document).ok().and_then(|tree| tree.root) else { return Ok(()) };
            let mut walk = Walk { found: Vec::new() };
            walk.node(&root, "", false);
            prop_assert!(!is_plain(&document) || walk.found.is_empty(), "{document}");
        }
    }

    #[test]
    fn addresses_cost_one_search_and_logins_do_not_hide_in_them() {
        assert!(is_plain("http: {baseURL: 'http://127.0.0.1:8080/zabbix'}"));
        let document = "baseURL: http://admin:hunter2@zabbix.example.net";
        let tree = tree::read(document).map_err(|stop| stop.cause).unwrap();
        let mut walk = Walk { found: Vec::new() };
        walk.node(&tree.root.unwrap(), "", false);
        assert!(!is_plain(document) && walk.found.len() == 1);
    }
}
