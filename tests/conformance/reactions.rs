//! Recorded reactions of the Python stack, against our packs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::harness;

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::support::harness::Answer;
use serde_json::{Value, json};
use tecrax::api::Digest;
use tecrax::reaction::pack::{Context, Identity, Pack, Rule, Vocabulary, canonical_digest};

const FILE: &str = "rexecop/reactions.json";
const PROFILE_FILE: &str = "tecrax/reactions.json";

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is a text"))
}

fn vocabulary(recorded: &Value, profile: &str) -> Vocabulary {
    let profile = &recorded["profiles"][profile];
    let intents = profile["intents"].as_object().expect("intents");
    Vocabulary {
        contract: profile["contract"].clone(),
        intents: intents.iter().map(|(id, intent)| (id.clone(), intent.clone())).collect(),
    }
}

/// JSON is YAML.
fn compile(document: &Value, vocabulary: &Vocabulary) -> Pack {
    Pack::compile(&document.to_string(), "pack.json", vocabulary).unwrap_or_else(|fault| panic!("{fault}"))
}

fn packs(recorded: &Value) -> BTreeMap<String, Pack> {
    let packs = recorded["packs"].as_object().expect("packs").iter();
    packs.map(|(name, pack)| (name.clone(), compile(&pack["document"], &vocabulary(recorded, text(pack, "profile"))))).collect()
}

fn compiled(pack: &Pack) -> Value {
    let digests = pack.rules().iter().chain([pack.fallback()]).map(|rule| (rule.id().to_owned(), json!(rule.digest())));
    json!({
        "ok": true,
        "pack_id": pack.id(),
        "version": pack.version(),
        "max_depth": pack.budgets().max_depth,
        "max_reactions": pack.budgets().max_reactions,
        "digest": pack.digest(),
        "profile_digest": pack.profile_digest(),
        "rule_order": pack.rules().iter().map(Rule::id).collect::<Vec<_>>(),
        "rule_digests": digests.collect::<serde_json::Map<_, _>>(),
    })
}

fn number(value: &Value) -> u32 {
    value.as_u64().map_or(0, |number| u32::try_from(number).expect("a small number"))
}

/// Runs one section and holds how many of its cases were answered: nothing is left out in silence.
fn counted(section: &str, expected: usize, recorded: impl Fn(&Value) -> Value, answer: impl Fn(&Value) -> Value) {
    let ran = Cell::new(0);
    harness::run_section(FILE, section, recorded, |case| {
        ran.set(ran.get() + 1);
        Answer::Value(answer(case))
    });
    assert_eq!(ran.get(), expected, "{section}");
}

#[test]
fn conformance_rexecop_reactions_packs() {
    let recorded = harness::read(FILE);
    let packs = packs(&recorded);
    for (name, pack) in &packs {
        assert_eq!(compiled(pack), recorded["packs"][name]["compiled"], "{name}");
    }
    assert_eq!(packs.len(), 22);
}

#[test]
fn conformance_rexecop_reactions_cases() {
    let packs = packs(&harness::read(FILE));
    counted(
        "cases",
        418,
        |case| case["expect"].clone(),
        |case| {
            let context = &case["context"];
            let visited = context["visited_rule_digests"].as_array().into_iter().flatten();
            let context = Context {
                depth: number(&context["depth"]),
                reaction_count: number(&context["reaction_count"]),
                visited: visited.map(|digest| Digest::parse(digest.as_str().unwrap()).unwrap()).collect(),
            };
            packs[text(case, "pack")].evaluate(&json!({"facts": case["facts"]}), &context).record()
        },
    );
}

fn document(case: &Value) -> String {
    match (&case["yaml"], case.get("document")) {
        (_, Some(document)) => document.to_string(),
        (Value::String(yaml), _) => yaml.clone(),
        (long, _) => {
            let count = usize::try_from(long["count"].as_u64().unwrap()).unwrap();
            format!("{}{}{}", text(long, "prefix"), text(long, "repeat").repeat(count), text(long, "suffix"))
        }
    }
}

/// An accident of the other language: that it is refused is meant, its words are not.
fn is_accident(expect: &Value) -> bool {
    expect["ok"] == false && text(expect, "error_type") != "RExecOpValidationError"
}

#[test]
fn conformance_rexecop_reactions_compile_cases() {
    let vocabulary = vocabulary(&harness::read(FILE), "generic");
    counted(
        "compile_cases",
        87,
        |case| match &case["expect"] {
            expect if is_accident(expect) => json!({"ok": false}),
            expect => {
                let mut expect = expect.clone();
                expect.as_object_mut().unwrap().remove("error_type");
                expect
            }
        },
        |case| {
            let text = document(case);
            match Pack::compile(&text, "pack.yaml", &vocabulary) {
                Ok(pack) => compiled(&pack),
                Err(_) if is_accident(&case["expect"]) => json!({"ok": false}),
                Err(fault) => {
                    let place = fault.place.clone().expect("every fault has its place");
                    assert!(place.line > 0 || text.len() > 262_144, "{fault}");
                    json!({"ok": false, "error": fault.message})
                }
            }
        },
    );
}

#[test]
fn conformance_rexecop_reactions_idempotency() {
    let recorded = harness::read(FILE);
    let pack = &packs(&recorded)["tecrax"];
    counted(
        "idempotency",
        6,
        |case| {
            let mut expect = case.clone();
            for key in ["id", "observation", "target_id"] {
                expect.as_object_mut().unwrap().remove(key);
            }
            expect
        },
        |case| {
            let decision = pack.evaluate(&case["observation"], &Context::default());
            let observation = canonical_digest(&case["observation"]);
            let identity = Identity::of(pack.profile_digest(), observation, decision.rule_digest, text(case, "target_id"));
            json!({
                "canonical_bytes": tecrax::evidence::canonical(&case["observation"]).len(),
                "finding_id": identity.finding_id(),
                "idempotency_key": identity.key(),
                "observation_digest": observation,
                "reaction_id": identity.reaction_id(),
                "rule_digest": decision.rule_digest,
            })
        },
    );
}

/// The rules of the recorded pack, on the facts of the profile.
#[test]
fn conformance_tecrax_reactions() {
    let pack = packs(&harness::read(FILE)).remove("tecrax").unwrap();
    let ran = Cell::new(0);
    harness::run(
        PROFILE_FILE,
        |case| case["expect"].clone(),
        |case| {
            ran.set(ran.get() + 1);
            let input = &case["input"];
            let digest = |id: &Value| pack.rules().iter().find(|rule| Some(rule.id()) == id.as_str()).unwrap().digest();
            let context = Context {
                depth: number(&input["depth"]),
                reaction_count: number(&input["reaction_count"]),
                visited: input["visited_rule_ids"].as_array().unwrap().iter().map(digest).collect(),
            };
            let mut record = pack.evaluate(&json!({"facts": input["facts"]}), &context).record();
            record.as_object_mut().unwrap().remove("rule_digest");
            Answer::Value(record)
        },
    );
    assert_eq!(ran.get(), 32);
}
