//! What the verifier finds in bundles that upstream accepts, each made by one change to a good one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::bundle as support;
use crate::support::recorded_bundles as recorded;

use std::collections::BTreeSet;

use tecrax::evidence::json::Json;
use tecrax::evidence::sclite::findings::{FindingCode, replays};
use tecrax::evidence::sclite::guard::GuardKey;
use tecrax::evidence::sclite::{Bundle, BundleError, layout, verify_bundle};

/// A key that is long enough.
const KEY: &str = "a-guard-key-of-thirty-two-bytes!!";
/// The chain of the good bundle.
const CHAIN: &str = "tecrax-op-7f3a91c0";

fn good() -> [Json; 6] {
    let recorded = recorded::all();
    let live = recorded.iter().find(|case| case.name == "valid-success-live-readonly").expect("the live bundle");
    support::artifacts(&live.bundle)
}

fn key() -> GuardKey {
    GuardKey::new(KEY).expect("a key")
}

/// The findings of a bundle that upstream accepts.
fn found(bundle: &Bundle, key: Option<&GuardKey>) -> BTreeSet<FindingCode> {
    let report = verify_bundle(bundle, key);
    assert!(report.accepted().by_all(), "upstream refuses it: {:?}", report.upstream);
    report.findings.into_iter().map(|finding| finding.code).collect()
}

/// The findings after one change to an artifact, with everything bound together again.
fn after(artifact: usize, path: &[&str], to: Option<Json>) -> BTreeSet<FindingCode> {
    let mut artifacts = good();
    support::set(&mut artifacts[artifact], path, to);
    support::relink(&mut artifacts);
    found(&support::bundle(&artifacts, CHAIN, None), None)
}

fn text(text: &str) -> Json {
    Json::from(text)
}

/// An artifact, a place in it, what is put there (`null` takes it out), and what is found then.
type Change = (usize, &'static [&'static str], Json, &'static [FindingCode]);

#[test]
fn what_we_write_is_accepted_and_clean() {
    let bundle = support::bundle(&good(), CHAIN, Some(&key()));
    assert_eq!(found(&bundle, Some(&key())), BTreeSet::new());
    assert_eq!(found(&bundle, None), BTreeSet::new(), "without the key the guard is not looked at");
    assert_eq!(verify_bundle(&bundle, Some(&key())).accepted().guarded, Some(true));
}

#[test]
fn each_change_is_found_for_what_it_is() {
    use FindingCode as Code;
    let cases: [Change; 22] = [
        (0, &["requested_capability", "mode"], text("dry_run"), &[Code::ModeMismatch]),
        (3, &["approval", "status"], text("approved_for_dry_run"), &[Code::ModeMismatch]),
        (4, &["runtime", "mode"], text("dry_run"), &[Code::ModeMismatch]),
        (1, &["scope", "target_in_scope"], Json::from(false), &[Code::TargetScope]),
        (1, &["scope", "target_in_scope"], Json::Null, &[Code::TargetScope]),
        (1, &["scope", "target_in_scope"], Json::from(1), &[Code::TargetScope]),
        (2, &["target_binding", "target_in_scope"], Json::from(false), &[Code::TargetScope]),
        (2, &["execution_bounds", "max_commands"], Json::from(0), &[Code::OverBounds]),
        (4, &["execution", "planned_command_count"], Json::from(2), &[Code::OverBounds]),
        (4, &["ticket_use"], Json::Null, &[Code::TicketUse]),
        (4, &["ticket_use", "consumed_by_runtime"], Json::Null, &[Code::TicketUse]),
        (4, &["ticket_use", "use_count"], text("1"), &[Code::TicketUse]),
        (4, &["ticket_use", "one_shot_consumed"], Json::from(false), &[Code::TicketUse]),
        (3, &["validity", "not_before"], text("2026-03-06T00:00:00+00:00"), &[Code::TicketWindow, Code::ReceiptTime]),
        (3, &["validity", "not_after"], text("2026-03-05 09:15:00"), &[Code::TicketWindow]),
        (4, &["execution", "ended_at"], Json::Null, &[Code::ReceiptTime]),
        (4, &["execution", "started_at"], text("2026-03-04T09:15:43+00:00"), &[Code::ReceiptTime]),
        (4, &["execution", "ended_at"], text("2026-03-05T09:15:00.000001+00:00"), &[Code::ReceiptTime]),
        (0, &["created_at"], text("2026-03-04T09:15:00"), &[Code::Timestamp]),
        (0, &["intent_id"], text("intent-op-other"), &[Code::IdMismatch]),
        (1, &["links", "intent", "role"], text("policy_decision"), &[Code::LinkMismatch]),
        (0, &["created_at"], text("2026-03-04T10:15:00+01:00"), &[]),
    ];
    for (artifact, path, to, expected) in cases {
        let codes = after(artifact, path, Some(to.clone()).filter(|to| !to.is_null()));
        assert_eq!(codes, expected.iter().copied().collect(), "{path:?} → {to:?}");
    }
}

/// A link that upstream compares with nothing.
#[test]
fn ticket_linked_to_another_intent_is_found() {
    let mut artifacts = good();
    let path = ["links", "intent", "descriptor", "digest"];
    support::set(&mut artifacts[3], &path, Some(text(&"0".repeat(64))));
    let stale = artifacts[3].at(&["links", "intent"]).expect("a link").clone();
    support::relink(&mut artifacts);
    support::set(&mut artifacts[3], &["links", "intent"], Some(stale));
    // Only what follows the ticket is bound again.
    let ticket = tecrax::evidence::sclite::Artifact::of(artifacts[3].clone());
    for later in [4, 5] {
        let path = ["links", "execution_ticket", "descriptor"];
        support::set(&mut artifacts[later], &path, Some(ticket.descriptor().clone()));
    }
    let receipt = tecrax::evidence::sclite::Artifact::of(artifacts[4].clone());
    support::set(&mut artifacts[5], &["links", "execution_receipt", "descriptor"], Some(receipt.descriptor().clone()));
    let codes = found(&support::bundle(&artifacts, CHAIN, None), None);
    assert_eq!(codes, BTreeSet::from([FindingCode::LinkMismatch]));
}

#[test]
fn manifest_of_another_operation_is_found() {
    let codes = found(&support::bundle(&good(), "tecrax-op-other", None), None);
    assert_eq!(codes, BTreeSet::from([FindingCode::IdMismatch]));
}

#[test]
fn guard_that_was_taken_away_or_has_a_short_key_is_found() {
    let codes = |bundle: &Bundle, key: &GuardKey| -> BTreeSet<FindingCode> {
        verify_bundle(bundle, Some(key)).findings.into_iter().map(|finding| finding.code).collect()
    };
    let bundle = support::bundle(&good(), CHAIN, Some(&key()));
    let bare = support::without(&bundle, layout::GUARD);
    assert_eq!(codes(&bare, &key()), BTreeSet::from([FindingCode::GuardMissing]));
    assert_eq!(verify_bundle(&bare, Some(&key())).accepted().guarded, Some(false));
    let short = GuardKey::new("short").expect("a key");
    let bundle = support::bundle(&good(), CHAIN, Some(&short));
    assert_eq!(codes(&bundle, &short), BTreeSet::from([FindingCode::GuardKeyShort]));
}

#[test]
fn documents_that_others_refuse_are_found() {
    let mut artifacts = good();
    let deep = (0..70).fold(Json::from(1), |inner, _| Json::Array(vec![inner]));
    support::set(&mut artifacts[0], &["intent", "deep"], Some(deep));
    support::relink(&mut artifacts);
    let codes = found(&support::bundle(&artifacts, CHAIN, None), None);
    assert_eq!(codes, BTreeSet::from([FindingCode::DocumentLimits]));
    let bundle = support::bundle(&good(), CHAIN, None);
    let file = "01_intent_contract.json";
    let padded = [bundle.get(file).expect("the intent"), " ".repeat(1 << 20).as_bytes()].concat();
    let codes = found(&support::with(&bundle, file, padded), None);
    assert_eq!(codes, BTreeSet::from([FindingCode::DocumentLimits]));
}

/// A ticket for two uses may be used twice, and not three times.
#[test]
fn replay_counts_the_uses_of_a_ticket() {
    let used = |number: usize| {
        let mut artifacts = good();
        support::set(&mut artifacts[3], &["spend_limits", "max_uses"], Some(Json::from(2)));
        let id = format!("scoped-ticket-receipt-{number}");
        support::set(&mut artifacts[4], &["receipt_id"], Some(text(&id)));
        support::bundle(&artifacts, CHAIN, None)
    };
    let bundles = [used(1), used(2), used(3)];
    assert_eq!(replays(&bundles[..2]), []);
    let found = replays(&bundles);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].file, "bundle/04_execution_ticket.json");
}

#[test]
fn bundles_are_bounded() {
    let mut bundle = Bundle::new("big");
    for index in 0..Bundle::MAX_FILES {
        bundle.insert(format!("{index}"), Vec::new()).expect("a file");
    }
    assert_eq!(bundle.insert("one-more", Vec::new()), Err(BundleError::TooManyFiles("big".to_owned())));
    bundle.insert("7", vec![0; Bundle::MAX_BYTES]).expect("a file that replaces another");
    assert_eq!(bundle.insert("8", vec![0]), Err(BundleError::TooLarge("big".to_owned())));
    bundle.insert("7", Vec::new()).expect("a smaller one");
    for path in ["", "/etc/passwd", "../x", "a/../b", "./a", "a//b", "a\0b"] {
        assert_eq!(bundle.insert(path, Vec::new()), Err(BundleError::BadPath(path.to_owned())));
    }
}
