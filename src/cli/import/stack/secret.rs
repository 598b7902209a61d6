//! References to secrets: what the Python stack calls by one name is a key of one secret here.

use std::collections::BTreeSet;

use super::super::item::{Kind, Report};
use crate::api::{Place, SecretKeyRef, SubdomainName};

/// The secret that holds everything that the Python stack's one flat list held.
pub(super) const SECRET: &str = "stack";
/// Longest key, in bytes.
const MAX_KEY: usize = 253;

/// What somebody has to put into a secret.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// What it held before.
    Same(&'static str),
    /// The content of the file whose path it held before.
    File(&'static str),
}

/// References that were told about.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    told: BTreeSet<(String, &'static str)>,
}

impl Secrets {
    /// The reference for what the Python stack calls `name`, told about once.
    pub(super) fn reference(
        &mut self,
        name: &str,
        content: Content,
        place: &Place,
        object: &str,
        report: &mut Report,
    ) -> Option<SecretKeyRef> {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
        let key: String = name.chars().map(plain).collect();
        let key = key.trim_start_matches('.').get(..key.trim_start_matches('.').len().min(MAX_KEY))?.to_owned();
        if key.is_empty() || report.plain(&key).is_none() {
            let message = format!("{} can not be the key of a secret", report.word(name));
            report.add(Kind::NotCarried, place, object, message);
            return None;
        }
        let what = match content {
            Content::Same(what) | Content::File(what) => what,
        };
        if self.told.insert((key.clone(), what)) {
            let message = match content {
                Content::Same(what) => format!("{what} as key {key} of {SECRET}, the value that it had"),
                Content::File(what) => {
                    format!("{what} as key {key} of {SECRET}: the content of the file, where its path was before")
                }
            };
            let variable: String =
                key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
            let help = format!(
                "set TECRAX_SECRET_{}_{variable}, or the key below secrets.{SECRET} in the file of TECRAX_SECRETS_FILE",
                SECRET.to_ascii_uppercase()
            );
            report.advise(Kind::Secret, place, object, message, help);
        }
        Some(SecretKeyRef { name: SubdomainName::parse(SECRET).ok()?, key })
    }
}
