//! What an operator writes.

use std::sync::LazyLock;

use super::{lines, pieces, text};
use crate::api::{Duration, LabelName, PairId, Problem, Schedule, SubdomainName};
use crate::desired::Cadence;
use crate::profile::Profile;
use crate::{desired, facts, plan, secrets, source};

/// Most values of a document that is read with places.
const MAX_NODES: usize = 100_000;

static PROFILE: LazyLock<Option<Profile>> =
    LazyLock::new(|| Profile::embedded(&|name: &str| facts::normalizer(name).is_some()).ok());

/// A file of YAML documents, to valid pairs.
pub(super) fn yaml(bytes: &[u8]) {
    manifest("manifests/one.yaml", &text(bytes));
}

/// One JSON document, to valid pairs.
pub(super) fn json(bytes: &[u8]) {
    manifest("manifests/one.json", &text(bytes));
}

fn manifest(name: &str, text: &str) {
    let snapshot = source::fuzz::snapshot(name, text);
    let lines = lines(text);
    places(&snapshot.problems, lines);
    let Some(profile) = &*PROFILE else { return };
    let desired = desired::build(&snapshot, profile, &facts::check_path);
    places(&desired.problems, lines);
    assert!(
        snapshot.documents.len() + snapshot.problems.len() + snapshot.foreign > 0 || desired.pairs.is_empty(),
        "pairs out of nothing"
    );
}

/// Every problem stands in the file.
fn places(problems: &[Problem], lines: u32) {
    for place in problems.iter().filter_map(|problem| problem.place.as_ref()) {
        assert!(place.line <= lines, "line {} of {lines}: {problems:?}", place.line);
    }
}

/// A document with the place of every value.
pub(super) fn located(bytes: &[u8]) {
    if let Ok(found) = source::located(&text(bytes), MAX_NODES) {
        let _ = found.json();
    }
}

/// The small values of manifests: what reads prints what reads the same.
pub(super) fn values(bytes: &[u8]) {
    let text = text(bytes);
    if let Some(duration) = Duration::parse(&text) {
        assert_eq!(Duration::parse(&duration.to_string()), Some(duration));
    }
    if let Some(pair) = PairId::parse(&text) {
        assert_eq!(pair.to_string(), text);
    }
    if let Ok(name) = LabelName::parse(&text) {
        assert!(SubdomainName::parse(name.as_str()).is_ok(), "a label is a subdomain");
    }
    let _ = desired::is_host(&text);
    for https_only in [false, true] {
        let _ = desired::base_url_fault(&text, https_only);
    }
}

/// A cron expression, a time zone and a moment, in three pieces: slots come one after the other, and never in the past.
pub(super) fn schedules(bytes: &[u8]) {
    let mut parts = pieces(bytes).map(text);
    let cron = parts.next().unwrap_or_default().chars().take(128).collect();
    let time_zone = parts.next().map(Into::into);
    let seconds = parts.next().and_then(|moment| moment.trim().parse().ok()).unwrap_or(1_764_000_000);
    let cadence = Cadence::Schedule(Schedule { cron, time_zone, starting_deadline: None }.into());
    let (Some(pair), Ok(mut from)) = (PairId::parse("default/clock.web-07"), jiff::Timestamp::from_second(seconds)) else {
        return;
    };
    for _ in 0..4 {
        let Some(slot) = plan::next_slot(&cadence, &pair, from) else { return };
        assert!(slot >= from, "{slot} comes before {from}");
        let Ok(after) = slot.checked_add(jiff::SignedDuration::from_millis(1)) else { return };
        from = after;
    }
}

/// The index of a Git work tree: what it names lies below the tree.
pub(super) fn git_index(bytes: &[u8]) {
    for sha256 in [false, true] {
        for path in source::fuzz::git_index(bytes, sha256).into_iter().flatten() {
            let inside = |part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir);
            assert!(path.components().all(inside), "{}", path.display());
        }
    }
}

/// A secrets file; what is said of a bad one quotes nothing of it.
pub(super) fn secrets(bytes: &[u8]) {
    const CANARY: &str = "canary-8f31c0";
    let text = text(bytes);
    if let Err(said) = secrets::fuzz::secrets_file(bytes) {
        assert!(!text.contains(CANARY) || !said.contains(CANARY), "{said}");
    }
}
