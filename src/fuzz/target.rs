//! What a target answers.

use super::{pieces, text};
use crate::connect::fuzz;
use crate::connect::ssh::{Gate, public_key, remote_command};
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

/// A public key, and the words of a command that its login may run: the line of `authorized_keys` and the script of the gate.
pub(super) fn gates(bytes: &[u8]) {
    let mut parts = pieces(bytes).map(|piece| text(piece).into_owned());
    let key = public_key(&parts.next().unwrap_or_default());
    let path = parts.next().unwrap_or_default();
    let argv: Vec<String> = parts.map(|word| word.replace('\0', "")).collect();
    let command = remote_command(&argv);
    assert_eq!(words(&command), Some(argv.clone()), "{command}");
    let Some(gate) = Gate::new("default/web-07", &path, [argv.as_slice()]) else { return };
    let script = gate.script();
    let rule = script.split_once("\nis '").map(|(_, rest)| format!("'{rest}")).and_then(|rest| words(&rest));
    let rule = rule.unwrap_or_default();
    assert_eq!(rule.first(), Some(&command), "the script compares with something else");
    assert_eq!(rule.get(1..3), Some(&["&&".to_owned(), "exec".to_owned()][..]));
    assert_eq!(rule.get(3..3 + argv.len()), Some(&argv[..]), "the script runs something else");
    if let Some(key) = key {
        let line = gate.line(&key);
        assert!(line.split(' ').count() == 3 && !line.contains(char::is_control), "{line:?}");
    }
}

/// The words that a POSIX shell reads in `text`, as far as blanks and single and double quotes go; `None` when a quote stays open.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            ' ' | '\n' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        end if end == character => break,
                        inner => word.push(inner),
                    }
                }
            }
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Some(words)
}

/// A body.
pub(super) fn http_body(bytes: &[u8]) {
    let redactor = Redactor::default();
    let line = |said: &str| assert!(said.len() <= 4096 && !said.contains('\n'), "{said:?}");
    let value = match fuzz::http_json(bytes) {
        Ok(value) => value,
        Err(said) => return line(&said),
    };
    for with_token in [false, true] {
        fuzz::http_rpc(&value, with_token, &redactor).unwrap_or_else(|said| line(&said));
    }
    for member in [None, Some("result"), Some("Version")] {
        let kept = fuzz::http_kept(value.clone(), member, &redactor);
        assert!(kept.is_object(), "a reading of JSON is an object: {kept}");
        assert!(fuzz::http_json(kept.to_string().as_bytes()).is_ok(), "what was kept can not be read again: {kept}");
    }
}

/// Values that are secret, and a text that may hold them: none survives.
pub(super) fn redactor(bytes: &[u8]) {
    let mut parts = pieces(bytes);
    let secret = text(parts.next().unwrap_or_default()).into_owned();
    let said = text(parts.next().unwrap_or_default()).into_owned();
    let redactor = Redactor::new([secret.clone()]);
    let clean = redactor.redact(said.clone());
    // Shorter ones are too common to be taken out; brackets could be those of the mark.
    if secret.trim().chars().count() >= 8 && !secret.contains(['[', ']']) && secret != "REDACTED" && said.contains(&secret) {
        assert!(!clean.contains(&secret), "{clean:?}");
    }
    let _ = redactor.redact_cut(said);
}
