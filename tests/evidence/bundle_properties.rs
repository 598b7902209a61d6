//! Whatever is done to a good bundle: the verifier never panics, and a changed byte is noticed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::bundle as support;
use crate::support::cases::cases;
use crate::support::recorded_bundles as recorded;

use std::sync::LazyLock;

use crate::support::recorded_bundles::Recorded;
use proptest::prelude::*;
use proptest::sample::Index;
use tecrax::evidence::json::{Json, Limits, pretty, read};
use tecrax::evidence::sclite::findings::replays;
use tecrax::evidence::sclite::{Bundle, layout, verify_bundle};

static VALID: LazyLock<Vec<Recorded>> =
    LazyLock::new(|| recorded::all().into_iter().filter(|case| case.name.starts_with("valid-")).collect());

fn live() -> &'static Recorded {
    VALID.iter().find(|case| case.name == "valid-success-live-readonly").expect("the live bundle")
}

/// The files of a guarded bundle that its digests, its guard and its record vouch for. References beside it have free text
/// that nothing binds.
fn bound_files() -> Vec<&'static str> {
    let artifacts = layout::LIFECYCLE.iter().map(|(_, file)| *file);
    artifacts.chain([layout::MANIFEST, layout::GUARD, layout::REVIEW_RECORD]).collect()
}

/// A value of any kind, also such as the rules look for.
fn value() -> impl Strategy<Value = Json> {
    const TEXTS: [&str; 15] = [
        "",
        "live",
        "dry_run",
        "failed",
        "BLOCKED",
        "approved",
        "host:a.b",
        "http://[",
        "tool_executed",
        "v0.2",
        " 1_0 ",
        "it's",
        "//a\u{2100}b.c",
        "schemas/finding.v0.1.schema.json",
        "2026-03-04T09:15:00+00:00",
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        Just(read(b"[1.9,1e300,123456789012345678901234567890]", &Limits::UPSTREAM).expect("JSON").value),
        proptest::sample::select(&TEXTS[..]).prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((".{0,6}", inner), 0..4).prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// Puts `to` at a place of the value, or takes the place out.
fn change(value: &mut Json, at: Index, to: Option<Json>) {
    let paths = support::paths(value);
    if paths.is_empty() {
        return;
    }
    let path: Vec<&str> = at.get(&paths).iter().map(String::as_str).collect();
    match to {
        Some(to) => {
            if let Some(place) = support::place(value, &path) {
                *place = to;
            }
        }
        None => support::set(value, &path, None),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(400), ..ProptestConfig::default() })]

    #[test]
    fn changed_byte_is_noticed_or_means_nothing(file in any::<Index>(), at in any::<Index>(), mask in 1_u8..) {
        let case = live();
        let file = *file.get(&bound_files());
        let good = case.bundle.get(file).expect(file);
        let mut bytes = good.to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= mask;
        let parsed = |bytes: &[u8]| read(bytes, &Limits::UPSTREAM).ok().map(|document| document.value);
        let same = parsed(&bytes) == parsed(good);
        let report = verify_bundle(&support::with(&case.bundle, file, bytes), case.key().as_ref());
        prop_assert!(same || !report.is_clean(), "{file}, byte {at} ^ {mask:#x} goes unnoticed");
        // What means nothing is not held against the bundle.
        prop_assert!(!same || report.is_clean(), "{file}, byte {at} ^ {mask:#x}: {:?}", report.findings);
    }

    #[test]
    fn changed_byte_of_the_page_is_noticed(at in any::<Index>(), mask in 1_u8..) {
        let case = live();
        let mut bytes = case.bundle.get(layout::REVIEW_PAGE).expect("the page").to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= mask;
        let report = verify_bundle(&support::with(&case.bundle, layout::REVIEW_PAGE, bytes), case.key().as_ref());
        prop_assert!(!report.is_clean());
    }

    /// Bytes, lost files and truncation in any file of any recorded bundle.
    #[test]
    fn damaged_files_never_panic(
        case in any::<Index>(),
        file in any::<Index>(),
        at in any::<Index>(),
        damage in prop::collection::vec(any::<u8>(), 0..6),
        cut in any::<bool>(),
    ) {
        let case = case.get(&VALID[..]);
        let names: Vec<&str> = case.bundle.iter().map(|(name, _)| name).collect();
        let name = *file.get(&names);
        let bytes = case.bundle.get(name).expect(name);
        let at = at.index(bytes.len());
        let (before, after) = bytes.split_at(at);
        let after = if cut { &[][..] } else { &after[1..] };
        let damaged = support::with(&case.bundle, name, [before, &damage, after].concat());
        for bundle in [damaged, support::without(&case.bundle, name)] {
            let _ = verify_bundle(&bundle, case.key().as_ref());
            let _ = replays([&bundle, &case.bundle]);
        }
    }

    /// Odd values anywhere in the artifacts, in a chain that holds all the same.
    #[test]
    fn odd_artifacts_never_panic(
        case in any::<Index>(),
        changes in prop::collection::vec((0_usize..6, any::<Index>(), prop::option::weighted(0.8, value())), 1..4),
    ) {
        let lifecycles: Vec<&Recorded> = VALID.iter().filter(|case| !case.is_reaction()).collect();
        let case = case.get(&lifecycles);
        let mut artifacts = support::artifacts(&case.bundle);
        for (artifact, at, to) in changes {
            change(&mut artifacts[artifact], at, to);
        }
        support::relink(&mut artifacts);
        let key = live().key();
        let bundle = support::bundle(&artifacts, "tecrax-op-1", key.as_ref());
        let report = verify_bundle(&bundle, key.as_ref());
        prop_assert!(report.accepted().reaction.is_none());
    }

    /// Odd values anywhere in the other files, of lifecycles and reactions.
    #[test]
    fn odd_documents_never_panic(case in any::<Index>(), file in any::<Index>(), at in any::<Index>(), to in prop::option::of(value())) {
        let case = case.get(&VALID[..]);
        let documents: Vec<(&str, Json)> = case
            .bundle
            .iter()
            .filter_map(|(name, bytes)| Some((name, read(bytes, &Limits::UPSTREAM).ok()?.value)))
            .collect();
        let (name, mut document) = file.get(&documents).clone();
        change(&mut document, at, to);
        let changed = support::with(&case.bundle, name, pretty(&document).into_bytes());
        let _ = verify_bundle(&changed, live().key().as_ref());
    }
}

/// No bundle at all is no reason to panic either.
#[test]
fn empty_bundle_is_refused() {
    let report = verify_bundle(&Bundle::new("nothing"), None);
    assert_eq!(report.accepted().review, Some(false));
}
