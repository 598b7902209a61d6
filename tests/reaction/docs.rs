//! The tables of docs/reactions.md are those of the packs. `UPDATE=1` writes them.

use std::fmt::Write as _;
use std::fs;

use tecrax::facts;
use tecrax::profile::Profile;
use tecrax::reaction::Packs;
use tecrax::reaction::pack::{
    BUDGET_EXHAUSTED, CYCLE_DETECTED, DEPTH_EXCEEDED, NO_MATCHING_RULE, Operator, Pack, Rule, Vocabulary,
};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reactions.md");
const SHARED: [&str; 4] = ["reading.", "assessment.", "waiver.", "facts."];

fn is_shared(rule: &Rule) -> bool {
    SHARED.iter().any(|group| rule.id().starts_with(group))
}

fn table<'r>(rules: impl Iterator<Item = &'r Rule>) -> String {
    let mut table = "| rule | when | then | severity | what a person reads |\n|---|---|---|---|---|\n".to_owned();
    for rule in rules {
        let when: Vec<String> = rule.conditions().iter().map(|condition| format!("`{condition}`")).collect();
        let finding = rule.finding();
        let (id, when, outcome) = (rule.id(), when.join(" and "), rule.outcome().as_str());
        let then = rule
            .intent()
            .filter(|_| !is_shared(rule))
            .map_or_else(|| format!("`{outcome}`"), |intent| format!("`{outcome}` `{intent}`"));
        writeln!(table, "| `{id}` | {when} | {then} | {} | {} |", finding.severity.as_str(), finding.summary).unwrap();
    }
    table
}

fn put(page: &str, mark: &str, text: &str) -> String {
    let begin = format!("<!-- {mark} -->\n");
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no mark {mark}"));
    let (_, after) = rest.split_once("<!-- end -->").expect("an end");
    format!("{before}{begin}{text}<!-- end -->{after}")
}

#[test]
fn reaction_docs_tables_are_those_of_the_packs() {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the bundled profile");
    let packs = Packs::of(&profile).expect("the bundled packs");
    // The pack that has all of them.
    let (_, whole) = packs.iter().max_by_key(|(_, pack)| pack.rules().iter().filter(|rule| is_shared(rule)).count()).unwrap();
    let mut own = String::new();
    for (intent, pack) in packs.iter() {
        if pack.rules().iter().all(is_shared) {
            continue;
        }
        writeln!(own, "**{intent}**\n\n{}", table(pack.rules().iter().filter(|rule| !is_shared(rule)))).unwrap();
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let wanted = put(&put(&page, "shared rules", &table(whole.rules().iter().filter(|rule| is_shared(rule)))), "own rules", &own);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(PAGE, wanted).unwrap();
    } else {
        assert_eq!(page, wanted, "docs/reactions.md is not what the packs say; UPDATE=1 writes it");
    }
}

/// The pack of the page compiles, and the page names every operator and reason.
#[test]
fn reaction_docs_example_compiles() {
    let page = fs::read_to_string(PAGE).unwrap();
    let (_, rest) = page.split_once("```yaml\nreaction_pack:").expect("an example");
    let (example, _) = rest.split_once("```").unwrap();
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the bundled profile");
    let pack = Pack::compile(&format!("reaction_pack:{example}"), "docs/reactions.md", &Vocabulary::of(&profile));
    assert_eq!(pack.expect("the example compiles").rules().len(), 1);
    for operator in Operator::ALL {
        assert!(page.contains(&format!("`{}`", operator.as_str())), "{operator:?}");
    }
    for reason in [BUDGET_EXHAUSTED, CYCLE_DETECTED, DEPTH_EXCEEDED, NO_MATCHING_RULE] {
        assert!(page.contains(&format!("`{reason}`")), "{reason}");
    }
}
