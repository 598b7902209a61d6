//! The reaction packs of the profile: every rule is fired from readings, and nothing that a reading can say is left to the fallback.

mod classes;
mod diagnosis;
use crate::support::harness;
mod readings;
mod scenarios;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};
use tecrax::api::{Assessment, ErrorClass, reason};
use tecrax::facts;
use tecrax::profile::Profile;
use tecrax::reaction::Packs;
use tecrax::reaction::pack::{CYCLE_DETECTED, Context, Outcome, Pack, Rule, Vocabulary};

use scenarios::Decided;

const DIAGNOSIS: &str = "diagnose_monitoring_host";

/// A rule of the recorded pack that our facts never meet: an inventory judges nothing, and what it does not see is unavailable. It
/// stays for facts that others have written.
const WITHOUT_READING: [&str; 1] = ["monitoring.host-inventory-unhealthy"];

static PROFILE: LazyLock<Profile> =
    LazyLock::new(|| Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the bundled profile"));
static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::of(&PROFILE).expect("the bundled packs"));

fn pack(intent: &str) -> &'static Pack {
    PACKS.for_intent(intent).expect("every intent has a pack")
}

fn decided(intent: &str) -> Vec<Decided> {
    let loaded = &PROFILE.intents[intent];
    let scenarios = if intent == DIAGNOSIS { diagnosis::scenarios(&PROFILE, loaded) } else { scenarios::leaf(loaded) };
    scenarios.iter().map(|scenario| scenario.decide(loaded, pack(intent))).collect()
}

/// A rule that knows no more than the assessment.
fn is_general(rule: &str) -> bool {
    rule.starts_with("assessment.")
}

fn check(intent: &str) {
    let decided = decided(intent);
    let fired: BTreeSet<&str> = decided.iter().map(|one| one.evaluation.rule_id.as_str()).collect();
    let rules = pack(intent).rules().iter().map(Rule::id).filter(|rule| !WITHOUT_READING.contains(rule));
    let rules: BTreeSet<&str> = rules.collect();
    assert!(WITHOUT_READING.iter().all(|rule| !fired.contains(rule)), "a reading fires it by now: {WITHOUT_READING:?}");
    let silent: Vec<&&str> = rules.difference(&fired).collect();
    assert!(silent.is_empty(), "{intent}: no reading fires {silent:?}");
    for one in &decided {
        let (name, rule) = (&one.name, one.evaluation.rule_id.as_str());
        assert!(one.evaluation.matched, "{intent}, {name}: left to the fallback");
        let healthy = one.assessment == Assessment::Healthy;
        let waiver = rule == "waiver.expiring";
        assert_eq!(one.evaluation.outcome == Outcome::NoOp, healthy && !waiver, "{intent}, {name}: {rule}");
        let known = healthy || one.codes.is_empty() || !is_general(rule);
        assert!(known, "{intent}, {name}: no rule knows {:?}, only {rule}", one.codes);
        if one.codes.contains(reason::INVALID_FACTS) {
            assert_eq!(rule, "facts.invalid", "{intent}, {name}");
        }
        if let Some(class) = one.class {
            of_class(intent, one, class);
        }
    }
}

/// A run that failed as a whole in one way.
fn of_class(intent: &str, one: &Decided, class: ErrorClass) {
    let rule = one.evaluation.rule_id.as_str();
    if class == ErrorClass::NotDeclared {
        assert_eq!(rule, "assessment.unknown", "{intent}: nobody's failure");
        return;
    }
    let outcome = if classes::PASSING.contains(&class) { Outcome::RetryIntent } else { Outcome::Escalate };
    let named = format!("reading.{}", kebab(class.reason()));
    // The diagnosis knows better of a service that answers wrongly: which component it is.
    let better = intent == DIAGNOSIS && one.assessment == Assessment::Unhealthy;
    if better {
        assert!(rule.starts_with("monitoring."), "{intent}, {class:?}: {rule}");
    } else {
        assert_eq!((rule, one.evaluation.outcome), (named.as_str(), outcome), "{intent}, {class:?}");
    }
}

fn kebab(word: &str) -> String {
    let dashed: String =
        word.chars().flat_map(|c| [c.is_uppercase().then_some('-'), Some(c.to_ascii_lowercase())]).flatten().collect();
    dashed.trim_start_matches('-').to_owned()
}

macro_rules! packs {
    ($($name:ident: $intent:literal)+) => {
        const CHECKED: &[&str] = &[$($intent),+];
        $(#[test] fn $name() { check($intent); })+
    };
}

packs! {
    reaction_packs_network_posture: "assess_network_device_management_posture_readonly"
    reaction_packs_adguard: "check_adguard_health"
    reaction_packs_docker: "check_docker_services_health"
    reaction_packs_ntp: "check_ntp_health"
    reaction_packs_ntp_server: "check_ntp_server_health"
    reaction_packs_portainer: "check_portainer_health"
    reaction_packs_zabbix: "check_zabbix_container_health"
    reaction_packs_inventory: "collect_basic_host_inventory"
    reaction_packs_host_security: "collect_host_security_posture_readonly"
    reaction_packs_network_inventory: "collect_network_device_inventory_readonly"
    reaction_packs_zabbix_availability: "collect_zabbix_host_availability_summary_readonly"
    reaction_packs_zabbix_problems: "collect_zabbix_problem_summary_readonly"
    reaction_packs_diagnosis: "diagnose_monitoring_host"
}

/// Every code that any contract can name has been met, and was decided by a rule that knows it.
#[test]
fn reaction_packs_meet_every_code() {
    for (intent, _) in PACKS.iter() {
        let met: BTreeSet<String> = decided(intent).into_iter().flat_map(|one| one.codes).collect();
        let failures = classes::all().into_iter().filter(|class| *class != ErrorClass::NotDeclared).map(ErrorClass::reason);
        let missing: Vec<&str> = failures.chain([reason::INVALID_FACTS]).filter(|code| !met.contains(*code)).collect();
        assert!(missing.is_empty(), "{intent}: no reading makes {missing:?}");
    }
}

#[test]
fn reaction_packs_are_all_checked() {
    let intents: Vec<&str> = PROFILE.intents.keys().map(String::as_str).collect();
    assert_eq!(intents, CHECKED);
    assert_eq!(PACKS.iter().map(|(intent, _)| intent).collect::<Vec<_>>(), CHECKED);
}

/// Whatever else is known: each assessment alone has a rule, and a run that repeats itself calls a person.
#[test]
fn reaction_packs_know_every_assessment_and_end() {
    for (intent, pack) in PACKS.iter() {
        for assessment in ["healthy", "unknown", "degraded", "unhealthy"] {
            let healthy_facts = json!({"verdict": {"assessment": assessment}, "observed_health": assessment});
            let decision = pack.evaluate(&json!({"facts": healthy_facts}), &Context::default());
            assert!(decision.matched, "{intent}, {assessment}");
            let again = Context { depth: 1, reaction_count: 1, visited: vec![decision.rule_digest] };
            let second = pack.evaluate(&json!({"facts": healthy_facts}), &again);
            assert_eq!((second.outcome, second.reason.as_str()), (Outcome::Escalate, CYCLE_DETECTED));
            assert_eq!(second.held, Some((decision.rule_id, decision.rule_digest)));
        }
        assert_eq!(pack.fallback().outcome(), Outcome::Escalate, "{intent}");
    }
}

#[test]
fn reaction_packs_rerun_their_own_intent_and_use_words_of_the_taxonomy() {
    for (intent, pack) in PACKS.iter() {
        for rule in pack.rules().iter().chain([pack.fallback()]) {
            let id = rule.id();
            assert!(PROFILE.findings.kinds.contains(&rule.finding().kind), "{intent}, {id}: {}", rule.finding().kind);
            assert!(PROFILE.findings.severities.contains(rule.finding().severity.as_str()), "{intent}, {id}");
            match rule.outcome() {
                Outcome::RetryIntent => assert_eq!(rule.intent(), Some(intent), "{id}"),
                Outcome::RunIntent => assert_ne!(rule.intent(), Some(intent), "{id}"),
                Outcome::Escalate | Outcome::NoOp => assert_eq!(rule.intent(), None, "{id}"),
            }
        }
    }
}

/// What all packs say of readings and assessments is the same everywhere, but for the intent that is run again.
#[test]
fn reaction_packs_agree_on_what_they_share() {
    let mut said: BTreeMap<&str, Value> = BTreeMap::new();
    for (intent, pack) in PACKS.iter() {
        let shared = |id: &str| ["reading.", "assessment.", "waiver.", "facts."].iter().any(|group| id.starts_with(group));
        for rule in pack.rules().iter().filter(|rule| shared(rule.id())) {
            let conditions: Vec<String> = rule.conditions().iter().map(ToString::to_string).collect();
            let says = json!([rule.priority(), conditions, rule.finding().record(), rule.outcome().as_str()]);
            let first = said.entry(rule.id()).or_insert_with(|| says.clone());
            assert_eq!(*first, says, "{intent}, {}", rule.id());
        }
    }
    assert!(said.len() >= classes::all().len(), "{} rules are shared", said.len());
}

/// The rules of the recorded pack are in ours, word for word. Healthy alone is asked earlier, and means the whole verdict.
#[test]
fn reaction_packs_diagnosis_keeps_the_recorded_rules() {
    let recorded = harness::read("rexecop/reactions.json")["packs"]["tecrax"].clone();
    let compiled = Pack::compile(&recorded["document"].to_string(), "recorded.json", &Vocabulary::of(&PROFILE)).unwrap();
    let ours: BTreeMap<&str, &Rule> = pack(DIAGNOSIS).rules().iter().map(|rule| (rule.id(), rule)).collect();
    let changed: Vec<&str> =
        compiled.rules().iter().filter(|rule| ours[rule.id()].digest() != rule.digest()).map(Rule::id).collect();
    assert_eq!(changed, ["monitoring.observed-healthy"]);
    assert_eq!(ours[changed[0]].finding(), compiled.rules().iter().find(|rule| rule.id() == changed[0]).unwrap().finding());
    assert_eq!(compiled.rules().len(), 17);
    assert_eq!(pack(DIAGNOSIS).fallback().digest(), compiled.fallback().digest());
    assert_eq!(pack(DIAGNOSIS).budgets(), compiled.budgets());
    for rule in WITHOUT_READING {
        let facts = json!({"components": {"host_inventory": {"status": "unhealthy"}}});
        assert_eq!(pack(DIAGNOSIS).evaluate(&json!({"facts": facts}), &Context::default()).rule_id, rule);
    }
}
