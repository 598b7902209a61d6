//! Recorded verdicts of the Python stack's verifier over whole bundles, against ours; and what we find beside them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::recorded_bundles as recorded;

use std::collections::{BTreeMap, BTreeSet};

use crate::support::recorded_bundles::{Recorded, answers, shown};
use tecrax::evidence::json::Json;
use tecrax::evidence::sclite::findings::{FindingCode, replays};
use tecrax::evidence::sclite::verify_bundle;

/// Recorded output of another program's command line, which we do not have.
const OTHER_COMMAND_LINE: &str = "cli";

/// Every recorded check of every bundle: the same value, or the same class and words of the refusal.
#[test]
fn conformance_sclite_bundles_results() {
    let bundles = recorded::all();
    let mut ran: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in &bundles {
        let report = verify_bundle(&case.bundle, case.key().as_ref());
        for (check, theirs) in case.results().into_iter().filter(|(check, _)| *check != OTHER_COMMAND_LINE) {
            let ours = answers::answer(case, check, &report.upstream)
                .unwrap_or_else(|| panic!("{}: no answer to the recorded check {check}", case.name));
            *ran.entry(known(check)).or_default() += 1;
            if without_parser_words(&ours) != without_parser_words(theirs) {
                let (theirs, ours) = (shown(theirs), shown(&ours));
                failures.push(format!("{}: {check}:\n    recorded {theirs}\n    ours     {ours}", case.name));
            }
        }
    }
    println!("sclite/bundles.jsonl: {} bundles, checks {ran:?}", bundles.len());
    assert!(failures.is_empty(), "{} checks differ\n  {}", failures.len(), failures.join("\n  "));
    assert_eq!(ran.len(), CHECKS.len(), "a check is recorded for no bundle");
}

/// The checks that are recorded.
const CHECKS: [&str; 15] = [
    "carrier_profile",
    "chain",
    "chain_no_schema",
    "kernel_guard",
    "lifecycle",
    "manifest_schema",
    "reaction",
    "redaction_policy",
    "redaction_receipt",
    "review",
    "secure_bundle",
    "shape",
    "ticket_use",
    "ticket_use_strict",
    "trust_profile",
];

fn known(check: &str) -> &'static str {
    CHECKS.into_iter().find(|known| *known == check).unwrap_or_else(|| panic!("{check} is a new check"))
}

/// The words of a parser are its own: what stays is that and where the text is no JSON.
fn without_parser_words(value: &Json) -> Json {
    match value {
        Json::Text(text) => match text.split_once("invalid JSON: ") {
            Some((before, _)) => Json::from(format!("{before}invalid JSON")),
            None => value.clone(),
        },
        Json::Array(items) => items.iter().map(without_parser_words).collect(),
        Json::Object(members) if members.get("type").and_then(Json::as_str) == Some("JSONDecodeError") => {
            Json::from("JSONDecodeError")
        }
        Json::Object(members) => {
            Json::Object(members.iter().map(|(key, item)| (key.to_owned(), without_parser_words(item))).collect())
        }
        other => other.clone(),
    }
}

/// Which profiles accept each bundle.
#[test]
fn conformance_sclite_bundles_accepted() {
    let bundles = recorded::all();
    let mut failures = Vec::new();
    let mut profiles = BTreeSet::new();
    for case in &bundles {
        let ours = verify_bundle(&case.bundle, case.key().as_ref()).accepted();
        let theirs = case.expected.at(&["accepted", "1.0.5"]).and_then(Json::as_object).expect("what is accepted");
        for (profile, theirs) in theirs.iter() {
            let ours = match profile {
                "review" => ours.review,
                "guarded" => ours.guarded,
                "sidecars" => ours.sidecars,
                "reaction" => ours.reaction,
                other => panic!("{}: {other} is a new profile", case.name),
            };
            profiles.insert(profile.to_owned());
            if ours != theirs.as_bool() {
                failures.push(format!("{}: {profile}: recorded {theirs:?}, ours {ours:?}", case.name));
            }
        }
        // The name says what the profile that decides answers.
        let profile = case.expected.text_at(&["acceptance_profile"]).expect("a profile");
        let accepted = theirs.get(profile).and_then(Json::as_bool).expect("an answer");
        assert_eq!(accepted, !case.name.starts_with("invalid-"), "{}", case.name);
        assert_eq!(ours.reaction.is_some(), case.is_reaction(), "{}", case.name);
    }
    println!("sclite/bundles.jsonl: {} bundles, profiles {profiles:?}", bundles.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(profiles.len(), 4);
}

/// What a tolerated bundle is tolerated for. Formatting means nothing.
fn explanation(name: &str) -> Option<FindingCode> {
    Some(match name {
        "tolerated-duplicate-keys" => FindingCode::DuplicateKey,
        "tolerated-expired-window" => FindingCode::ReceiptTime,
        "tolerated-extra-file" => FindingCode::ExtraFile,
        "tolerated-float-bytes" => FindingCode::InexactNumber,
        "tolerated-garbage-window" => FindingCode::TicketWindow,
        "tolerated-manifest-metadata" => FindingCode::ManifestProfile,
        "tolerated-no-ticket-use" => FindingCode::TicketUse,
        "tolerated-out-of-scope" => FindingCode::TargetScope,
        "tolerated-receipt-sidecar-garbage" => FindingCode::StaleReview,
        "tolerated-reformatted" => return None,
        "tolerated-required-false" => FindingCode::ManifestMetadata,
        "tolerated-short-guard-key" => FindingCode::GuardKeyShort,
        other => panic!("{other} is a new tolerated bundle"),
    })
}

#[test]
fn conformance_sclite_bundles_tolerated_are_found() {
    let bundles = recorded::all();
    let mut count = 0;
    for case in bundles.iter().filter(|case| case.name.starts_with("tolerated-")) {
        let codes = codes(case);
        match explanation(&case.name) {
            Some(code) => assert!(codes.contains(&code), "{}: no {code:?} in {codes:?}", case.name),
            None => assert!(codes.is_empty(), "{}: {codes:?}", case.name),
        }
        count += 1;
    }
    assert_eq!(count, 12);
}

/// In bundles that are as they should be, there is nothing to find.
#[test]
fn conformance_sclite_bundles_valid_are_clean() {
    let bundles = recorded::all();
    let mut count = 0;
    for case in bundles.iter().filter(|case| case.name.starts_with("valid-")) {
        let report = verify_bundle(&case.bundle, case.key().as_ref());
        assert!(report.findings.is_empty(), "{}: {:?}", case.name, report.findings);
        assert!(report.is_clean(), "{}: {:?}", case.name, report.accepted());
        count += 1;
    }
    assert_eq!(count, 14);
}

fn codes(case: &Recorded) -> BTreeSet<FindingCode> {
    verify_bundle(&case.bundle, case.key().as_ref()).findings.into_iter().map(|finding| finding.code).collect()
}

/// The same bundle twice is a replay; different ones are none.
#[test]
fn conformance_sclite_bundles_replays() {
    let bundles = recorded::all();
    let named = |name: &str| &bundles.iter().find(|case| case.name == name).expect("a bundle").bundle;
    let (one, other) = (named("valid-blocked"), named("valid-failed-run"));
    assert_eq!(replays([one, other]), []);
    let found = replays([one, other, one]);
    let files: BTreeSet<&str> = found.iter().map(|finding| finding.file.as_str()).collect();
    assert_eq!(files, BTreeSet::from(["<BUNDLE>/04_execution_ticket.json", "<BUNDLE>/05_execution_receipt.json"]));
    assert!(found.iter().all(|finding| finding.code == FindingCode::Replay), "{found:?}");
}
