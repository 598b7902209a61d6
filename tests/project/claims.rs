//! What README.md claims, somebody tests: `docs/claims.yaml` says who, and this says whether that is so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::support::tested::is_test;

/// Words that nobody may claim, unless the sentence denies them.
const FORBIDDEN: [&str; 6] =
    ["production-ready", "production ready", "unhackable", "tamper-proof", "stores credentials", "zero risk"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    claim: String,
    tests: Vec<String>,
}

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn entries() -> Vec<Claim> {
    serde_yaml::from_str::<Claims>(&text("docs/claims.yaml")).expect("docs/claims.yaml").claims
}

/// The bullets between the claims marks of a page.
fn bullets(page: &str) -> Vec<String> {
    let (_, after) = page.split_once("<!-- claims -->").expect("a mark");
    let (inside, _) = after.split_once("<!-- /claims -->").expect("an end mark");
    inside.split("\n* ").skip(1).map(|bullet| bullet.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// What is wrong between a page and the entries.
fn faults(page: &str, entries: &[Claim], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let bullets = bullets(page);
    let mut faults = Vec::new();
    let mut known = BTreeSet::new();
    for entry in entries {
        if !bullets.contains(&entry.claim) {
            faults.push(format!("README.md does not claim: {}", entry.claim));
        }
        if !known.insert(&entry.claim) {
            faults.push(format!("two entries: {}", entry.claim));
        }
        if entry.tests.is_empty() {
            faults.push(format!("no test: {}", entry.claim));
        }
        faults.extend(entry.tests.iter().filter(|test| !exists(test)).map(|test| format!("no such test: {test}")));
    }
    faults.extend(bullets.iter().filter(|bullet| !known.contains(bullet)).map(|bullet| format!("nobody tests: {bullet}")));
    faults
}

#[test]
fn every_claim_has_a_test_and_every_test_a_claim() {
    let entries = entries();
    assert!(entries.len() >= 10, "only {} claims", entries.len());
    assert_eq!(faults(&text("README.md"), &entries, is_test), Vec::<String>::new());
}

/// Names in backticks that look like `folder::file::function`.
fn named(page: &str) -> Vec<&str> {
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let spans = page.split('`').skip(1).step_by(2);
    spans.filter(|span| span.contains("::") && span.split("::").all(is_word)).collect()
}

#[test]
fn every_test_that_the_security_page_names_exists() {
    let page = text("docs/security.md");
    let named = named(&page);
    assert!(named.len() >= 12, "only {} tests", named.len());
    let missing: Vec<&str> = named.into_iter().filter(|test| !is_test(test)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn nobody_claims_what_nobody_can_hold() {
    for page in ["README.md", "docs/concepts.md", "docs/evidence.md", "docs/secrets.md", "docs/security.md"] {
        for sentence in text(page).to_lowercase().split(['.', ';', '\n']) {
            let denied = sentence.contains("no ") || sentence.contains("not ") || sentence.contains("never");
            for word in FORBIDDEN {
                assert!(denied || !sentence.contains(word), "{page}: {sentence}");
            }
        }
    }
}

#[test]
fn each_fault_is_found() {
    let page = "x\n<!-- claims -->\n* One\n  thing.\n* Two.\n<!-- /claims -->\n";
    let entry =
        |claim: &str, tests: &[&str]| Claim { claim: claim.into(), tests: tests.iter().map(|test| (*test).to_owned()).collect() };
    let exists = |name: &str| name == "a::b";
    let found = |entries: &[Claim]| faults(page, entries, exists);
    assert_eq!(found(&[entry("One thing.", &["a::b"]), entry("Two.", &["a::b"])]), Vec::<String>::new());
    assert_eq!(found(&[entry("One thing.", &["a::b"])]), ["nobody tests: Two."]);
    assert_eq!(found(&[entry("One thing.", &["a::c"]), entry("Two.", &["a::b"])]), ["no such test: a::c"]);
    assert_eq!(found(&[entry("One thing.", &[]), entry("Two.", &["a::b"])]), ["no test: One thing."]);
    assert_eq!(
        found(&[entry("One thing.", &["a::b"]), entry("Two.", &["a::b"]), entry("Three.", &["a::b"])]),
        ["README.md does not claim: Three."]
    );
    assert!(
        is_test("project::claims::each_fault_is_found")
            && !is_test("project::claims::faults")
            && !is_test("project::claims::nowhere")
            && !is_test("none::x")
    );
}
