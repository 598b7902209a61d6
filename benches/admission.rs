//! One request against 1,000 rules: the index of a pack beside a naive loop over its rules, on one core, in turn.
//!
//!     cargo bench --bench admission
//!
//! Goal: at most 50 µs for the whole of one admission (verdict, limits, digests of all records) in the slowest mix. The loop knows
//! what the index knows: it stops at the first deny and compares the same values.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints figures")]

use serde_json::{Map, Value, json};
use tecrax::admission::policy::{Condition, Effect, EnforcementPlan, Pack, Request, Rule};

/// Rules of a pack.
const RULES: usize = 1_000;
/// Times that a figure repeats what takes a microsecond, so that the kernel's clock ticks often enough meanwhile.
const MANY: u32 = 40_000;
/// Times that a figure repeats what takes tens of them.
const SOME: u32 = 4_000;
/// Figures of each contender, in turn.
const ROUNDS: usize = 11;
/// Microseconds.
const GOAL: f64 = 50.0;

fn condition(key: &str, accepted: &[&str]) -> Condition {
    Condition { key: key.to_owned(), accepted: accepted.iter().map(|value| json!(value)).collect() }
}

/// As an organisation would write them: who may read what, where; and what nobody may.
fn organisation() -> Vec<Rule> {
    let rule = |number: usize| {
        let (site, intent, team) =
            (format!("site-{}", number % 50), format!("intent-{}", number % 13), format!("team-{}", number / 100));
        let mut conditions = vec![
            condition("action.mode", &["read"]),
            condition("action.intent", &[&intent]),
            condition("resource.labels.site", &[&site]),
            condition("check.labels.team", &[&team, "everyone"]),
        ];
        let effect = match number % 10 {
            0 => {
                conditions.push(condition("resource.criticality", &["Critical"]));
                Effect::Deny
            }
            1..=6 => Effect::AllowWithObligations,
            _ => Effect::Allow,
        };
        Rule::new(format!("rule-{number:04}"), effect, conditions)
    };
    (0..RULES).map(rule).collect()
}

/// Each asks for the same value of the same key: an index finds nothing to tell apart, every rule matches.
fn alike() -> Vec<Rule> {
    (0..RULES)
        .map(|number| Rule::new(format!("rule-{number:04}"), Effect::Allow, vec![condition("action.mode", &["read"])]))
        .collect()
}

/// Each looks at a label of its own: nothing is shared, every label is looked up.
fn strangers() -> Vec<Rule> {
    let rule = |number: usize| {
        Rule::new(format!("rule-{number:04}"), Effect::Allow, vec![condition(&format!("resource.labels.l{number}"), &["yes"])])
    };
    (0..RULES).map(rule).collect()
}

fn request(site: &str, team: &str) -> Value {
    json!({
        "request_id": "run-1",
        "subject_ref": "default/inventory/web-07",
        "action": {"mode": "read", "category": "operation", "intent": "intent-7", "risk": "low"},
        "resource": {"target_ref": "web-07", "criticality": "Low", "type": "Host", "labels": {"os": "ubuntu", "site": site}},
        "check": {"name": "inventory", "labels": {"team": team}},
        "context": {"profile": "tecrax", "environment": "default"},
    })
}

/// The effect and the rule that decide, by asking every rule about every condition.
fn naive(pack: &Pack, request: &Value) -> Option<(Effect, usize)> {
    let mut best: Option<(Effect, usize)> = None;
    for (place, rule) in pack.rules().iter().enumerate() {
        let holds = rule.conditions.iter().all(|condition| {
            let (root, rest) = condition.key.split_once('.').unwrap_or((&condition.key, ""));
            let found = match rest.strip_prefix("labels.") {
                Some(label) => request.get(root).and_then(|map| map.get("labels")).and_then(|map| map.get(label)),
                None => request.get(root).and_then(|map| map.get(rest)),
            };
            found.is_some_and(|found| condition.accepted.contains(found))
        });
        if holds && best.is_none_or(|best| (rule.effect, place) < best) {
            best = Some((rule.effect, place));
            if rule.effect == Effect::Deny {
                break;
            }
        }
    }
    best
}

/// On-processor time of this thread so far: others may be at work on the machine.
fn spent() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e3
}

fn each(runs: u32, mut work: impl FnMut()) -> f64 {
    let began = spent();
    for _ in 0..runs {
        work();
    }
    (spent() - began) / f64::from(runs)
}

fn spread(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    [sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1]]
}

fn line(name: &str, values: &[f64]) {
    let [min, median, max] = spread(values);
    println!("  {name:<44} {min:>9.2} {median:>9.2} {max:>9.2}");
}

fn main() {
    let mixes = [
        ("an organisation's rules, one matches", organisation(), request("site-7", "team-0")),
        ("an organisation's rules, none matches", organisation(), request("site-99", "team-0")),
        ("rules that all match", alike(), request("site-7", "team-0")),
        ("rules about a key each", strangers(), request("site-7", "team-0")),
    ];
    let none = Map::new();
    let mut slowest = 0.0_f64;
    println!("{RULES} rules, µs of processor time an admission ({ROUNDS} rounds in turn): min, median, max");
    for (name, rules, asked) in mixes {
        let pack = Pack::new("bench", "1", rules);
        let request = Request::from_json(&asked).unwrap();
        let verdict = pack.evaluate(&request, &none).unwrap();
        let decided = naive(&pack, &asked).map(|(effect, place)| (effect, pack.rules()[place].id.clone()));
        assert_eq!(decided, verdict.rule.clone().map(|rule| (verdict.decision, rule)), "both decide alike");
        let (mut ours, mut whole, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(each(MANY, || drop(std::hint::black_box(pack.evaluate(&request, &none)))));
            theirs.push(each(SOME, || {
                std::hint::black_box(naive(&pack, std::hint::black_box(&asked)));
            }));
            whole.push(each(SOME, || {
                let request = Request::from_json(std::hint::black_box(&asked)).unwrap();
                let verdict = pack.evaluate(&request, &none).unwrap();
                std::hint::black_box(EnforcementPlan::of(&pack, &verdict).admission_digest());
            }));
        }
        println!("{name}");
        line("verdict", &ours);
        line("naive loop", &theirs);
        let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
        line("verdict / naive loop", &ratios);
        line("the whole admission, request to digests", &whole);
        slowest = slowest.max(spread(&whole)[1]);
    }
    let word = if slowest <= GOAL { "met" } else { "MISSED" };
    println!("slowest median of a whole admission {slowest:.2} µs; goal: at most {GOAL} µs: {word}");
}
