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
    prose: Vec<Claim>,
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

fn entries() -> Claims {
    serde_yaml::from_str(&text("docs/claims.yaml")).expect("docs/claims.yaml")
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
    let entries = entries().claims;
    assert!(entries.len() >= 10, "only {} claims", entries.len());
    assert_eq!(faults(&text("README.md"), &entries, is_test), Vec::<String>::new());
}

/// Words that make a sentence a claim, wherever it stands.
const ABSOLUTE: [&str; 8] = ["never", "nothing", "always", "no", "nobody", "anything", "unseen", "offline"];

/// The sentences of a page outside its claims: of paragraphs, and of the comments beside its commands. Tables say what somebody saw, and
/// the list of further pages is headings.
fn sentences(page: &str) -> Vec<String> {
    let (before, rest) = page.split_once("<!-- claims -->").expect("a mark");
    let (_, after) = rest.split_once("<!-- /claims -->").expect("an end mark");
    let after = after.split("\n## Read on\n").next().unwrap_or_default();
    let mut paragraphs = vec![String::new()];
    let mut is_code = false;
    for line in before.lines().chain([""]).chain(after.lines()) {
        let (ends, part) = if line.starts_with("```") {
            is_code = !is_code;
            (true, "")
        } else if is_code {
            (true, line.split_once("# ").map_or("", |(_, comment)| comment))
        } else {
            let is_text = !line.starts_with(['|', '#']);
            (line.is_empty() || !is_text, if is_text { line } else { "" })
        };
        if ends {
            paragraphs.push(String::new());
        }
        let last = paragraphs.last_mut().expect("a paragraph");
        last.push_str(part);
        last.push(' ');
    }
    let split = |text: &String| {
        text.replace("; ", ". ").split(". ").map(|one| one.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    paragraphs.iter().flat_map::<Vec<String>, _>(split).filter(|sentence| !sentence.is_empty()).collect()
}

/// What is wrong between the sentences of a page and the entries for its prose.
fn prose_faults(page: &str, entries: &[Claim], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let sentences = sentences(page);
    let is_absolute = |sentence: &&String| {
        let lower = sentence.to_lowercase();
        lower.split(|c: char| !c.is_alphanumeric()).any(|word| ABSOLUTE.contains(&word))
    };
    let is_held = |sentence: &String| entries.iter().any(|entry| sentence.contains(&entry.claim));
    let open = sentences.iter().filter(is_absolute).filter(|sentence| !is_held(sentence));
    let mut faults: Vec<String> = open.map(|sentence| format!("nobody tests: {sentence}")).collect();
    for entry in entries {
        if !sentences.iter().any(|sentence| sentence.contains(&entry.claim)) {
            faults.push(format!("README.md does not say: {}", entry.claim));
        }
        if entry.tests.is_empty() {
            faults.push(format!("no test: {}", entry.claim));
        }
        faults.extend(entry.tests.iter().filter(|test| !exists(test)).map(|test| format!("no such test: {test}")));
    }
    faults
}

#[test]
fn what_the_prose_claims_has_a_test_too() {
    assert_eq!(prose_faults(&text("README.md"), &entries().prose, is_test), Vec::<String>::new());
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

/// Words between a denial and what it denies.
const DENIED_WITHIN: usize = 3;

/// Whether a page claims, undenied, what nobody can hold: the sentence, if so.
fn boast(page: &str) -> Option<String> {
    let lower = page.to_lowercase();
    let mut sentences = lower.split(['.', ';', '\n']);
    let found = sentences.find(|sentence| {
        FORBIDDEN.iter().any(|word| {
            sentence.split_once(word).is_some_and(|(before, _)| {
                let near = before.split_whitespace().rev().take(DENIED_WITHIN);
                !near.into_iter().any(|word| ["no", "not", "never", "nobody"].contains(&word))
            })
        })
    });
    found.map(str::to_owned)
}

#[test]
fn nobody_claims_what_nobody_can_hold() {
    let pages = crate::readme::pages();
    assert!(pages.len() > 30, "only {} pages", pages.len());
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page");
        assert_eq!(boast(&text), None, "{}", page.display());
    }
    assert_eq!(boast("It is not tamper-proof. It never is zero risk").as_deref(), None);
    assert_eq!(
        boast("With no configuration it is at once production-ready.").as_deref(),
        Some("with no configuration it is at once production-ready")
    );
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

#[test]
fn each_fault_of_the_prose_is_found() {
    let page = "# Never mind\nIt never\nsleeps. Fine; no dogs.\n| never |\n```sh\nx  # nothing else\n```\n<!-- claims -->\n* Never.\n<!-- /claims -->\nKnown.\n## Read on\nNever.\n";
    let entry = |claim: &str, test: &str| Claim { claim: claim.into(), tests: vec![test.into()] };
    let found = |entries: &[Claim]| prose_faults(page, entries, |name| name == "a::b");
    assert_eq!(
        found(&[entry("never sleeps", "a::b"), entry("no dogs", "a::b"), entry("nothing else", "a::b")]),
        Vec::<String>::new()
    );
    assert_eq!(found(&[entry("no dogs", "a::b"), entry("nothing else", "a::b")]), ["nobody tests: It never sleeps"]);
    assert_eq!(
        found(&[
            entry("never sleeps", "a::c"),
            entry("no dogs", "a::b"),
            entry("nothing else", "a::b"),
            entry("no cats", "a::b")
        ]),
        ["no such test: a::c", "README.md does not say: no cats"]
    );
}
