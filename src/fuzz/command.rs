//! What a user hands to a command.

use std::collections::BTreeSet;

use super::{lines, pieces, text};
use crate::api::Severity;
use crate::cli::fuzz;
use crate::profile::fuzz::profile as load;
use crate::{facts, source};

/// A catalog and the environment that it names: two pieces.
pub(super) fn catalogs(bytes: &[u8]) {
    let mut parts = pieces(bytes).map(text);
    let (catalog, environment) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match fuzz::catalog(&catalog, &environment) {
        Ok(targets) => {
            let ids: BTreeSet<_> = targets.iter().map(|target| target["id"].to_string()).collect();
            assert!(ids.len() == targets.len() && !targets.is_empty(), "a target stands twice, or none at all");
        }
        Err((message, place)) => {
            let stands = place.as_ref().is_some_and(|place| {
                let file = if &*place.file == "catalog.yaml" { &catalog } else { &environment };
                place.line <= lines(file)
            });
            assert!(stands && !message.is_empty(), "{message:?} at {place:?}");
        }
    }
}

/// The files of a profile, each a piece that begins with a byte for its path.
pub(super) fn profile(bytes: &[u8]) {
    let files = pieces(bytes).filter_map(|piece| {
        let (byte, content) = piece.split_first()?;
        let path = PATHS.get(usize::from(byte.wrapping_sub(b'0')) % PATHS.len())?;
        Some(((*path).to_owned(), text(content).into_owned()))
    });
    if let Err(problems) = load(files, &|name| facts::normalizer(name).is_some()) {
        assert!(!problems.is_empty(), "refused without a reason");
        for place in problems.iter().map(|problem| &problem.place) {
            assert!(place.as_ref().is_some_and(|place| place.file.starts_with("profile/")), "nowhere: {place:?}");
        }
    }
}

/// An OpenSSH configuration and what every Include of it leads to: two pieces. The manifests that come out are read without a fault.
pub(super) fn ssh_config(bytes: &[u8]) {
    let mut parts = pieces(bytes).map(text);
    let (written, included) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match fuzz::ssh_config(&written, &included) {
        Ok(manifests) => {
            let snapshot = source::fuzz::snapshot("ssh-config.yaml", &manifests);
            let errors = snapshot.problems.iter().filter(|problem| problem.severity == Severity::Error);
            assert_eq!(errors.count(), 0, "{:?} in {manifests}", snapshot.problems);
        }
        Err((place, why)) => {
            let place = place.unwrap_or_else(|| unreachable!("what was read can not be written: {why}"));
            let file = if &*place.file == "config" { &written } else { &included };
            assert!(place.line <= lines(file) && !why.is_empty(), "{why:?} at {place:?}");
        }
    }
}

/// An Ansible inventory, whose first byte says what its file is called. The manifests that come out are read without a fault.
pub(super) fn inventories(bytes: &[u8]) {
    let Some((name, inventory)) = bytes.split_first() else { return };
    let name = match name % 3 {
        0 => "hosts",
        1 => "hosts.ini",
        _ => "hosts.yaml",
    };
    let inventory = text(inventory);
    match fuzz::ansible(name, &inventory) {
        Ok(manifests) => {
            let snapshot = source::fuzz::snapshot("ansible.yaml", &manifests);
            let errors = snapshot.problems.iter().filter(|problem| problem.severity == Severity::Error);
            assert_eq!(errors.count(), 0, "{:?} in {manifests}", snapshot.problems);
        }
        Err((place, why)) => {
            let line = place.map_or(0, |place| place.line);
            assert!(line <= lines(&inventory) && !why.is_empty(), "{why:?} in line {line}");
        }
    }
}

/// Files of a small profile.
pub(super) const PATHS: [&str; 9] = [
    "profile.yaml",
    "taxonomy.yaml",
    "finding_taxonomy.yaml",
    "intents/check_ntp_health.yaml",
    "workflows/check_ntp_health.yaml",
    "connectors/monitoring_host.yaml",
    "validation_rules/check_ntp_health.yaml",
    "contracts/tecrax.ntp_local_health@1.0.schema.json",
    "contracts/tecrax.ntp_local_health@1.1.schema.json",
];

/// Readings as a file, and a table of cases for a policy.
pub(super) fn tables(bytes: &[u8]) {
    let _ = fuzz::readings_file(bytes);
    if let Err(problems) = fuzz::policy_table(&text(bytes)) {
        assert!(!problems.is_empty(), "refused without a reason");
    }
}

/// A text that is looked through for what it gives away, and a list of exceptions.
pub(super) fn giveaways(bytes: &[u8]) {
    let text = text(bytes);
    let lengths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
    for (line, column) in fuzz::findings(bytes) {
        let length = line.checked_sub(1).and_then(|line| lengths.get(line));
        assert!(length.is_some_and(|length| (1..=*length).contains(&column)), "found at {line}:{column}");
    }
    assert!(fuzz::exceptions(bytes).iter().all(|line| (1..=lengths.len()).contains(line)), "a line that is not there");
}
