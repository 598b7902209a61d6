//! The admission of one plan by 1,000 rules (four Policies of 250, more than one may not have), as the product decides it, beside a
//! naive loop over the same rules, on one core, in turn.
//!
//!     cargo bench --bench admission
//!
//! Goal: at most 50 µs for an inventory of one host in the slowest mix; the diagnosis, which takes about twice as many readings over
//! as many connections as there are, is measured beside it. The loop knows what the index knows: it stops at the first deny and
//! compares the same values; it is given its requests for nothing and names no rule, takes no digest and checks no bound.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints figures")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tecrax::admission::{DefaultPolicy, Judge};
use tecrax::api::{SandboxLevel, Severity};
use tecrax::desired::{Desired, Pair, build};
use tecrax::facts;
use tecrax::plan::propose;
use tecrax::profile::Profile;

/// Policies that select the pair.
const POLICIES: usize = 4;
/// Rules of each.
const RULES: usize = 250;
/// Plans of one figure.
const RUNS: usize = 2_000;
/// Figures of each contender, in turn.
const ROUNDS: usize = 11;
/// Microseconds.
const GOAL: f64 = 50.0;

const INVENTORY: &str = "collect_basic_host_inventory";
const DIAGNOSIS: &str = "diagnose_monitoring_host";

const PAIRS: &str = "apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: web-07, labels: {os: ubuntu, site: site-7, stage: production}}
spec:
  type: Host
  connections:
  - {name: os, local: {}}
  - {name: zabbix, http: {baseURL: \"https://zabbix.example.net\"}}
  - {name: portainer, http: {baseURL: \"https://portainer.example.net\"}}
  - {name: adguard, http: {baseURL: \"http://adguard.example.net\"}}
  - {name: adguard-dns, dns: {server: 10.0.0.53}}
";

/// A rule of a manifest: effect, and values by key.
struct Rule {
    effect: &'static str,
    conditions: Vec<(String, Vec<String>)>,
}

impl Rule {
    fn new(effect: &'static str, conditions: &[(&str, &[&str])]) -> Self {
        let owned = |(key, values): &(&str, &[&str])| ((*key).to_owned(), values.iter().map(ToString::to_string).collect());
        Self { effect, conditions: conditions.iter().map(owned).collect() }
    }

    fn yaml(&self, number: usize) -> String {
        let conditions = self.conditions.iter().map(|(key, values)| format!("{{key: {key}, values: [{}]}}", values.join(", ")));
        let conditions = conditions.collect::<Vec<_>>().join(", ");
        format!("  - {{name: rule-{number:04}, effect: {}, conditions: [{conditions}]}}\n", self.effect)
    }
}

/// What readings a plan takes: connector, backend, shape.
type Readings = BTreeSet<(String, &'static str, String)>;

/// Rules about those readings.
type Rules = fn(&Readings) -> Vec<Rule>;

/// As an organisation would write them: who may read what, where; and what nobody may.
fn organisation(_: &Readings) -> Vec<Rule> {
    let intents = [INVENTORY, DIAGNOSIS, "check_ntp_health", "check_zabbix_container_health", "check_portainer_health"];
    let rule = |number: usize| {
        let (site, team) = (format!("site-{}", number % 50), format!("team-{}", number / 100));
        let intents: &[&str] = if number == 7 { &intents[..2] } else { &intents[number % 5..=number % 5] };
        let mut conditions: Vec<(&str, &[&str])> = vec![("action.mode", &["read"]), ("action.intent", intents)];
        let (site, team) = ([site.as_str()], [team.as_str(), "everyone"]);
        conditions.extend([("resource.labels.site", &site[..]), ("check.labels.team", &team[..])]);
        match number % 10 {
            0 => {
                conditions.push(("resource.criticality", &["Critical"]));
                Rule::new("Deny", &conditions)
            }
            1..=6 => Rule::new("AllowWithObligations", &conditions),
            _ => Rule::new("Allow", &conditions),
        }
    };
    (0..POLICIES * RULES).map(rule).collect()
}

/// Each admits one reading, as part of the operation or as a call, at one site.
fn readings(readings: &Readings) -> Vec<Rule> {
    let rule = |number: usize| {
        let (connector, backend, name) = readings.iter().nth(number % readings.len()).unwrap();
        let category = ["operation", "connector"][number / readings.len() % 2];
        // The first round of both categories is that of the Target's own site.
        let site = format!("site-{}", 7 + number / readings.len() / 2);
        let conditions: [(&str, &[&str]); 5] = [
            ("action.category", &[category]),
            ("action.connector", &[connector]),
            ("action.backend", &[backend]),
            ("action.name", &[name]),
            ("resource.labels.site", &[&site]),
        ];
        Rule::new("Allow", &conditions)
    };
    (0..POLICIES * RULES).map(rule).collect()
}

/// Each asks for the same value of the same key: an index finds nothing to tell apart, every rule matches.
fn alike(_: &Readings) -> Vec<Rule> {
    (0..POLICIES * RULES).map(|_| Rule::new("Allow", &[("action.mode", &["read"])])).collect()
}

/// Each looks at a label of its own: nothing is shared, every label is looked up. The first admits.
fn strangers(_: &Readings) -> Vec<Rule> {
    let rule = |number: usize| match number {
        0 => Rule::new("Allow", &[("action.mode", &["read"])]),
        _ => Rule::new("Allow", &[(&format!("resource.labels.l{number}"), &["yes"])]),
    };
    (0..POLICIES * RULES).map(rule).collect()
}

/// The same, and one rule in each Policy that looks at readings, so that everything is asked for every one of them.
fn strangers_to_readings(found: &Readings) -> Vec<Rule> {
    let mut rules = strangers(found);
    for rule in rules.iter_mut().skip(1).step_by(RULES) {
        *rule = Rule::new(
            "Deny",
            &[("action.category", &["connector"]), ("action.name", &["read_hostname"]), ("resource.labels.x", &["y"])],
        );
    }
    rules
}

/// The Policies with these rules over one Target and one Check of `intent`.
fn desired(rules: &[Rule], intent: &str) -> (Desired, Profile) {
    let mut text = PAIRS.to_owned();
    write!(
        text,
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: look, labels: {{team: team-0}}}}\n\
         spec: {{intent: {intent}, targetRef: {{name: web-07}}, timeout: 1m}}\n"
    )
    .unwrap();
    for (place, rules) in rules.chunks(RULES).enumerate() {
        write!(text, "---\napiVersion: tecrax.io/v1alpha1\nkind: Policy\nmetadata: {{name: policy-{place}}}\nspec:\n  rules:\n")
            .unwrap();
        for (number, rule) in rules.iter().enumerate() {
            text += &rule.yaml(number);
        }
    }
    let directory = tempfile::TempDir::new().unwrap();
    std::fs::write(directory.path().join("all.yaml"), text).unwrap();
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    let snapshot = tecrax::source::load(&[directory.path().to_owned()], None);
    let desired = build(&snapshot, &profile, &facts::check_path);
    let problems = snapshot.problems.iter().chain(&desired.problems);
    let errors: Vec<_> = problems.filter(|problem| problem.severity == Severity::Error).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    (desired, profile)
}

fn readings_of(pair: &Pair) -> Readings {
    let plan = propose(pair);
    let steps = plan.steps().iter().filter_map(|step| {
        let connection = pair.target.connections.get(&step.connection)?;
        Some((step.shape.connector.clone(), connection.config.kind(), step.shape.action.clone()))
    });
    steps.collect()
}

/// The requests of the plan, for the loop: every reading, as part of the operation and as a call, when a rule tells them apart.
fn requests(rules: &[Rule], intent: &str, readings: &Readings) -> Vec<BTreeMap<&'static str, String>> {
    let looks = |keys: &[&str]| rules.iter().flat_map(|rule| &rule.conditions).any(|(key, _)| keys.contains(&key.as_str()));
    let most = if looks(&["action.connector", "action.backend", "action.name"]) { readings.len() } else { 1 };
    let categories = if looks(&["action.category"]) { &["operation", "connector"][..] } else { &["operation"] };
    let mut requests = Vec::new();
    for (connector, backend, name) in readings.iter().take(most) {
        for category in categories {
            let members = [
                ("action.mode", "read"),
                ("action.category", category),
                ("action.intent", intent),
                ("action.connector", connector),
                ("action.backend", backend),
                ("action.name", name),
                ("resource.criticality", "Low"),
                ("resource.labels.os", "ubuntu"),
                ("resource.labels.site", "site-7"),
                ("resource.labels.stage", "production"),
                ("check.labels.team", "team-0"),
            ];
            requests.push(members.into_iter().map(|(key, value)| (key, value.to_owned())).collect());
        }
    }
    requests
}

/// Whether the plan is admitted, by asking every rule about every condition of every request.
fn naive(rules: &[Rule], requests: &[BTreeMap<&'static str, String>]) -> bool {
    requests.iter().all(|request| {
        let mut admitted = false;
        for rule in rules {
            let holds =
                rule.conditions.iter().all(|(key, values)| request.get(key.as_str()).is_some_and(|found| values.contains(found)));
            if holds && rule.effect == "Deny" {
                return false;
            }
            admitted |= holds;
        }
        admitted
    })
}

/// On-processor time of this thread so far: others may be at work on the machine.
fn spent() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e3
}

fn each<T>(of: Vec<T>, mut work: impl FnMut(T)) -> f64 {
    let (count, began) = (of.len(), spent());
    of.into_iter().for_each(&mut work);
    (spent() - began) / count as f64
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

/// The median of the product, in µs.
fn compare(rules: &[Rule], intent: &str) -> f64 {
    let (desired, profile) = desired(rules, intent);
    let pair = &desired.pairs[0];
    let judge = Judge::new(&desired, &profile.name, DefaultPolicy::Bundled, SandboxLevel::Full);
    let readings = readings_of(pair);
    let requests = requests(rules, intent, &readings);
    let decided = judge.admit(propose(pair));
    assert!(decided.is_ok() && naive(rules, &requests), "both admit it: {:?}", decided.err());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let plans: Vec<_> = (0..RUNS).map(|_| propose(pair)).collect();
        ours.push(each(plans, |plan| drop(std::hint::black_box(judge.admit(plan)))));
        theirs.push(each(vec![(); RUNS / 20], |()| {
            std::hint::black_box(naive(rules, std::hint::black_box(&requests)));
        }));
    }
    println!("  {intent}: {} readings, {} requests", readings.len(), requests.len());
    line("Judge::admit", &ours);
    line("naive loop", &theirs);
    let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
    line("Judge::admit / naive loop", &ratios);
    spread(&ours)[1]
}

fn main() {
    let (bare, _) = desired(&[], DIAGNOSIS);
    let all = readings_of(&bare.pairs[0]);
    let mixes: [(&str, Rules); 5] = [
        ("an organisation's rules, about the run", organisation),
        ("rules about single readings", readings),
        ("rules that all match", alike),
        ("rules about a label each", strangers),
        ("rules about a label each, some about readings", strangers_to_readings),
    ];
    println!("{POLICIES} Policies of {RULES} rules, µs of processor time a plan ({ROUNDS} rounds in turn): min, median, max");
    let mut slowest = [0.0_f64; 2];
    for (name, rules) in mixes {
        let rules = rules(&all);
        println!("{name}");
        for (slowest, intent) in slowest.iter_mut().zip([INVENTORY, DIAGNOSIS]) {
            *slowest = slowest.max(compare(&rules, intent));
        }
    }
    let word = if slowest[0] <= GOAL { "met" } else { "MISSED" };
    println!("slowest median: inventory {:.2} µs (goal: at most {GOAL} µs: {word}), diagnosis {:.2} µs", slowest[0], slowest[1]);
}
