//! What a target answers.

use super::{pieces, text};
use crate::connect::fuzz;
use crate::secrets::Redactor;

/// A known_hosts file.
pub(super) fn known_hosts(bytes: &[u8]) {
    for host in ["web-07.example.net", "10.0.0.1", "::1"] {
        let _ = fuzz::known_hosts(host, &text(bytes));
    }
}

/// A datagram, whose first two bytes are the id.
pub(super) fn dns_answer(bytes: &[u8]) {
    let id = bytes.first_chunk().map_or(0, |id| u16::from_be_bytes(*id));
    for record in ["A", "AAAA"] {
        if let Some(text) = fuzz::dns_answer("example.com", record, id, bytes) {
            assert!(text.ends_with('\n') && text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{text:?}");
        }
    }
}

/// A body.
pub(super) fn http_body(bytes: &[u8]) {
    if let Err(said) = fuzz::http_body(bytes, &Redactor::default()) {
        assert!(said.len() <= 4096 && !said.contains('\n'), "{said:?}");
    }
}

/// Values that are secret, and a text that may hold them: none survives.
pub(super) fn redactor(bytes: &[u8]) {
    let mut parts = pieces(bytes);
    let secret = text(parts.next().unwrap_or_default()).into_owned();
    let said = text(parts.next().unwrap_or_default()).into_owned();
    let redactor = Redactor::new([secret.clone()]);
    let clean = redactor.redact(said.clone());
    // Shorter ones are too common to be taken out; the mark may spell parts of others.
    if secret.len() >= 8 && !"[REDACTED]".contains(secret.as_str()) && said.contains(&secret) {
        assert!(!clean.contains(&secret), "{clean:?}");
    }
    let _ = redactor.redact_cut(said);
}
