//! The secrets file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use zeroize::Zeroizing;

use super::safe::{MAX_VALUE, Stamp, open_own, text_of, whole};
use super::{SecretError, SecretValue};
use crate::api::{DEFAULT_NAMESPACE, SecretId};

/// Largest file, in bytes.
const MAX_FILE: usize = 1024 * 1024;
/// Most nodes of the file.
const MAX_NODES: usize = 20_000;
/// Deepest nesting: document, `namespaces`, namespace, secret, key.
const MAX_DEPTH: usize = 8;

/// Key to value.
type Secret = BTreeMap<String, Text>;

/// A value as it is read: wiped from the first moment on.
struct Text(Zeroizing<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Of the default namespace: name to keys.
    #[serde(default)]
    secrets: BTreeMap<String, Secret>,
    /// Of the others: namespace to name to keys.
    #[serde(default)]
    namespaces: BTreeMap<String, BTreeMap<String, Secret>>,
}

/// The file as it was when it was read.
pub(super) struct Content {
    stamp: Stamp,
    /// By namespace, name and key.
    secrets: BTreeMap<String, BTreeMap<String, BTreeMap<String, SecretValue>>>,
}

impl Content {
    /// Reads the file; gives `before` back as long as the file is the same.
    pub(super) fn read(path: &Path, before: Option<Self>) -> Result<(Self, bool), SecretError> {
        let (file, stamp) = open_own(path, MAX_FILE as u64)?;
        if let Some(before) = before.filter(|before| before.stamp == stamp) {
            return Ok((before, false));
        }
        let unread =
            |error| bad(path, &format!("can not be read: {error}"), "Let the user who runs tecrax read it.").because(error);
        let bytes = whole(file, MAX_FILE).map_err(unread)?;
        Ok((Self { stamp, secrets: parse(path, bytes)? }, true))
    }

    /// The value of a reference.
    pub(super) fn get(&self, id: &SecretId) -> Option<&SecretValue> {
        self.secrets.get(id.namespace.as_str())?.get(id.name.as_str())?.get(&id.key)
    }

    /// Every value.
    pub(super) fn values(&self) -> impl Iterator<Item = &SecretValue> {
        self.secrets.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values)
    }
}

/// By namespace, name and key.
type Values = BTreeMap<String, BTreeMap<String, BTreeMap<String, SecretValue>>>;

/// Reads the content of the file at `path`.
pub(super) fn parse(path: &Path, bytes: Zeroizing<Vec<u8>>) -> Result<Values, SecretError> {
    let bad = |why: String, help: &str| bad(path, &why, help);
    let text = text_of(bytes).ok_or_else(|| bad("is not UTF-8".to_owned(), "Save it as UTF-8."))?;
    let mut document: Document = serde_yaml::from_str_with_options(&text, options()).map_err(|error| {
        // Whatever the reader says may quote what it read: only the place is safe to tell.
        let place = error.location().map_or_else(String::new, |at| format!(" (line {}, column {})", at.line(), at.column()));
        bad(format!("is not as it should be{place}"), "Write `secrets: {NAME: {KEY: VALUE}}`; docs/secrets.md shows it.")
    })?;
    if document.namespaces.insert(DEFAULT_NAMESPACE.to_owned(), document.secrets).is_some() {
        let why = format!("names the namespace `{DEFAULT_NAMESPACE}` under `namespaces`");
        return Err(bad(why, "Write its secrets under `secrets`."));
    }
    let mut keys = document.namespaces.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values);
    if keys.any(|value| value.0.len() > MAX_VALUE) {
        return Err(bad("holds a value longer than 64 KiB".to_owned(), "Give a shorter value."));
    }
    let secrets = document.namespaces.into_iter().map(|(namespace, secrets)| (namespace, values(secrets))).collect();
    Ok(secrets)
}

fn bad(path: &Path, why: &str, help: &str) -> SecretError {
    SecretError::new(format!("the secrets file {} {why}", path.display()), help)
}

fn values(secrets: BTreeMap<String, Secret>) -> BTreeMap<String, BTreeMap<String, SecretValue>> {
    let secret = |secret: Secret| secret.into_iter().map(|(key, value)| (key, SecretValue::of_file(value.0))).collect();
    secrets.into_iter().map(|(name, keys)| (name, secret(keys))).collect()
}

fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_documents: 1,
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            max_aliases: 0,
            max_anchors: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}
