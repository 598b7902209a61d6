//! One observation against a pack of 100 rules: each path looked up once, beside a naive loop over the rules, on one core, in turn.
//!
//!     cargo bench --bench reaction
//!
//! Goal: under 20 µs in the slowest mix, decision and its words included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints figures")]

use serde_json::{Value, json};
use tecrax::facts;
use tecrax::profile::Profile;
use tecrax::reaction::Packs;
use tecrax::reaction::pack::{Context, Pack, Rule, Vocabulary};

/// Rules of a pack.
const RULES: usize = 100;
/// Times that a figure repeats the work, so that the kernel's clock ticks often enough meanwhile.
const MANY: u32 = 10_000;
/// Figures of each contender, in turn.
const ROUNDS: usize = 11;
/// Microseconds.
const GOAL: f64 = 20.0;

fn pack(when: impl Fn(usize) -> Value) -> Pack {
    let finding = json!({"kind": "bench.found", "severity": "low", "summary": "Something was found."});
    let rule = |number: usize| {
        let id = format!("rule-{number:03}");
        json!({"id": id, "priority": number, "when": when(number), "finding": finding, "outcome": "escalate"})
    };
    let rules: Vec<Value> = (0..RULES).map(rule).collect();
    let fallback = json!({"id": "rest", "finding": finding, "outcome": "escalate"});
    let budgets = json!({"max_depth": 3, "max_reactions": 5});
    let document =
        json!({"reaction_pack": {"id": "bench", "version": "1", "budgets": budgets, "rules": rules, "fallback": fallback}});
    Pack::compile(&document.to_string(), "bench.json", &Vocabulary::default()).unwrap()
}

/// As the packs of the profile are: a reason code, and the assessment.
fn reasons(number: usize) -> Value {
    json!([
        {"path": format!("facts.verdict.reasons.code_{number}"), "operator": "exists"},
        {"path": "facts.verdict.assessment", "operator": "equals", "value": "unknown"},
    ])
}

/// As the recorded pack is: the state of a component, eight of them, many words.
fn components(number: usize) -> Value {
    let path = format!("facts.components.component_{}.status", number % 8);
    json!([{"path": path, "operator": "equals", "value": format!("state-{number}")}])
}

/// Sixteen conditions each; the last one does not hold.
fn deep(number: usize) -> Value {
    let number_at = |index: usize| json!({"path": format!("facts.counts.n{index}"), "operator": "gte", "value": 0.5});
    let last = json!({"path": "facts.counts.n15", "operator": "in", "value": [number, "x", [1, 2]]});
    (0..15).map(number_at).chain([last]).collect()
}

fn observation() -> Value {
    let component = |index: usize| (format!("component_{index}"), json!({"status": "healthy", "reason": null}));
    let components: serde_json::Map<_, _> = (0..8).map(component).collect();
    let counts: serde_json::Map<_, _> = (0..16).map(|index| (format!("n{index}"), json!(1_000 + index))).collect();
    let verdict = json!({"assessment": "unknown", "coverage": "partial", "kinds": {"facts": 1}, "reasons": {"code_99": 1}});
    json!({"facts": {"components": components, "counts": counts, "verdict": verdict}})
}

/// The rule that decides, by walking every path anew.
fn naive<'p>(pack: &'p Pack, observation: &Value) -> Option<&'p str> {
    let holds = |condition: &tecrax::reaction::pack::Condition| {
        let actual = condition.path().split('.').try_fold(observation, |value, key| value.get(key));
        condition.holds(actual)
    };
    pack.rules().iter().find(|rule| rule.conditions().iter().all(holds)).map(Rule::id)
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
    let seen = observation();
    let mixes = [
        ("a reason code each, the last one holds", pack(reasons)),
        ("states of eight components, none holds", pack(components)),
        ("sixteen conditions each, none holds", pack(deep)),
    ];
    let context = Context::default();
    let mut slowest = 0.0_f64;
    println!("{RULES} rules, µs of processor time an observation ({ROUNDS} rounds in turn): min, median, max");
    for (name, pack) in mixes {
        let decided = pack.evaluate(&seen, &context);
        assert_eq!(naive(&pack, &seen), decided.matched.then_some(decided.rule_id.as_str()), "both decide alike");
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(each(MANY, || drop(std::hint::black_box(pack.evaluate(std::hint::black_box(&seen), &context)))));
            theirs.push(each(MANY, || {
                std::hint::black_box(naive(&pack, std::hint::black_box(&seen)));
            }));
        }
        println!("{name}");
        line("decision", &ours);
        line("naive loop", &theirs);
        let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
        line("decision / naive loop", &ratios);
        slowest = slowest.max(spread(&ours)[1]);
    }
    let known = |name: &str| facts::normalizer(name).is_some();
    let load: Vec<f64> = (0..ROUNDS).map(|_| each(4, || drop(std::hint::black_box(Profile::embedded(&known))))).collect();
    let profile = Profile::embedded(&known).unwrap();
    let compile: Vec<f64> = (0..ROUNDS).map(|_| each(4, || drop(std::hint::black_box(Packs::of(&profile))))).collect();
    println!("the built-in profile");
    line("loaded (this thread's part)", &load);
    line("its packs compiled", &compile);
    let word = if slowest < GOAL { "met" } else { "MISSED" };
    println!("slowest median of a decision {slowest:.2} µs; goal: under {GOAL} µs: {word}");
}
