//! Every parser that hostile bytes reach, as functions from bytes: what a fuzzer drives. Only tests and fuzzers have this module.
//!
//! An entry panics when a promise of its parser is broken; what it returns to a user is its own matter. `fuzz/` drives each with
//! libFuzzer, and the tests with a few thousand mutations of real inputs.

mod command;
mod evidence;
mod facts;
mod manifest;
mod policy;
mod reaction;
mod stored;
mod target;
#[cfg(test)]
#[path = "../../tests/fuzz/mod.rs"]
mod tests;

/// One parser.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name: that of the fuzz target.
    pub name: &'static str,
    /// Reads the bytes.
    ///
    /// # Panics
    /// When a promise is broken: that is what a fuzzer looks for.
    pub run: fn(&[u8]),
}

/// Every parser.
pub const ENTRIES: &[Entry] = &[
    Entry { name: "manifests", run: manifest::yaml },
    Entry { name: "manifests_json", run: manifest::json },
    Entry { name: "located", run: manifest::located },
    Entry { name: "values", run: manifest::values },
    Entry { name: "secrets_file", run: manifest::secrets },
    Entry { name: "schedules", run: manifest::schedules },
    Entry { name: "git_index", run: manifest::git_index },
    Entry { name: "profile", run: command::profile },
    Entry { name: "catalogs", run: command::catalogs },
    Entry { name: "tables", run: command::tables },
    Entry { name: "giveaways", run: command::giveaways },
    Entry { name: "policy_packs", run: policy::packs },
    Entry { name: "reaction_packs", run: reaction::packs },
    Entry { name: "ssh_config", run: command::ssh_config },
    Entry { name: "inventories", run: command::inventories },
    Entry { name: "known_hosts", run: target::known_hosts },
    Entry { name: "dns_answer", run: target::dns_answer },
    Entry { name: "gates", run: target::gates },
    Entry { name: "http_body", run: target::http_body },
    Entry { name: "redactor", run: target::redactor },
    Entry { name: "normalizers", run: facts::normalizers },
    Entry { name: "contracts", run: facts::contracts },
    Entry { name: "evidence_json", run: evidence::json },
    Entry { name: "evidence_bundle", run: evidence::bundle },
    Entry { name: "evidence_parts", run: evidence::parts },
    Entry { name: "evidence_notes", run: evidence::notes },
    Entry { name: "evidence_checkpoints", run: evidence::checkpoints },
    Entry { name: "evidence_records", run: evidence::records },
    Entry { name: "wal", run: stored::wal },
    Entry { name: "states", run: stored::states },
    Entry { name: "exports", run: stored::exports },
];

/// The bytes as text, what is not UTF-8 replaced.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The pieces between bytes of value 0x1e, the ASCII record separator.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == SEPARATOR)
}

/// How many lines YAML counts: a carriage return alone ends one, too.
fn lines(text: &str) -> u32 {
    let breaks = text.replace("\r\n", "\n").matches(['\n', '\r']).count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}

/// What stands between the parts of an input that has several.
pub const SEPARATOR: u8 = 0x1e;
