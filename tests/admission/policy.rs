//! Properties of the policy engine. Packs and requests grow out of a number; a failing case shrinks by its size.

use crate::support::cases::cases;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tecrax::admission::policy::{
    Condition, Controls, Effect, EnforcementPlan, MAX_DEPTH, MAX_RULES, NO_MATCHING_RULE, OPEN, Pack, Refused, Request, Rows,
    Rule, Ruling, gate,
};

/// Numbers out of a seed (SplitMix64).
#[derive(Debug, Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end.max(1) as u64).expect("a small number")
    }

    fn pick(&mut self, from: &[&str]) -> String {
        from[self.below(from.len())].to_owned()
    }
}

/// Few values, so that conditions often hold; some are one in the sense of conditions.
fn value(dice: &mut Dice) -> Value {
    match dice.below(9) {
        0 => json!(1),
        1 => json!(1.0),
        2 => json!(true),
        3 => json!("1"),
        4 => json!(null),
        5 => json!([1, "x"]),
        6 => json!({"a": 0.5}),
        _ => json!(dice.pick(&["read", "x"])),
    }
}

const KEYS: [&str; 10] = [
    "action.mode",
    "action.n",
    "resource.labels.site",
    "resource.labels.a.b",
    "context.w",
    "check.name",
    "principal.role",
    "request_context.w",
    "bare",
    "action.deep.er",
];

fn rules(dice: &mut Dice, own: bool) -> Vec<Rule> {
    (0..dice.below(30))
        .map(|number| {
            let mut conditions: Vec<Condition> = Vec::new();
            for _ in 0..dice.below(4) {
                let key = dice.pick(&KEYS);
                if own || conditions.iter().all(|condition| condition.key != key) {
                    let several = if own { dice.below(3) } else { 1 };
                    conditions.push(Condition { key, accepted: (0..several).map(|_| value(dice)).collect() });
                }
            }
            if !own && conditions.is_empty() {
                conditions.push(Condition { key: "action.mode".to_owned(), accepted: vec![value(dice)] });
            }
            let mut rule = Rule::new(format!("rule-{number}"), Effect::ALL[dice.below(4)], conditions);
            rule.priority = [100, 1, -3][dice.below(3)];
            rule
        })
        .collect()
}

/// The pack of the Python stack with these rules.
fn python(rules: &[Rule]) -> Value {
    let rule = |rule: &Rule| {
        let conditions: Map<String, Value> =
            rule.conditions.iter().map(|condition| (condition.key.clone(), condition.accepted[0].clone())).collect();
        json!({"id": rule.id, "effect": rule.effect.as_str(), "priority": rule.priority, "conditions": conditions})
    };
    json!({"id": "p", "version": "1", "rules": rules.iter().map(rule).collect::<Vec<_>>()})
}

fn map(dice: &mut Dice, keys: &[&str]) -> Value {
    let mut map = Map::new();
    for key in keys {
        if dice.below(4) > 0 {
            map.insert((*key).to_owned(), value(dice));
        }
    }
    Value::Object(map)
}

fn request(dice: &mut Dice) -> Value {
    let mut resource = map(dice, &["bare"]);
    resource["labels"] = map(dice, &["site", "a.b", "a"]);
    let mut action = map(dice, &["mode", "n"]);
    action["deep"] = map(dice, &["er"]);
    json!({
        "id": "r", "subject_ref": "s", "action": action, "resource": resource,
        "context": map(dice, &["w", "bare"]), "check": map(dice, &["name"]), "principal": map(dice, &["role"]),
    })
}

/// Equality of conditions, written down once more.
fn equal(left: &Value, right: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        other => other.as_f64(),
    };
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| equal(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(key, l)| right.get(key).is_some_and(|r| equal(l, r)))
        }
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left.to_bits() == right.to_bits() || (left == 0.0 && right == 0.0),
            (None, None) => left == right,
            _ => false,
        },
    }
}

/// The value of a key, written down once more.
fn found<'r>(key: &str, request: &'r Value, runtime: &'r Value, own: bool) -> &'r Value {
    const NULL: &Value = &Value::Null;
    let Some((root, rest)) = key.split_once('.') else {
        let anywhere = ["action", "resource", "context"].into_iter().find_map(|part| request[part].get(key));
        return anywhere.unwrap_or(NULL);
    };
    let from = match (root, own) {
        ("context", false) => runtime,
        ("request_context", false) => &request["context"],
        ("context", true) if request["context"].get(rest).is_none() => runtime,
        ("principal" | "request_context", true) | ("check", false) => NULL,
        _ => &request[root],
    };
    match rest.strip_prefix("labels.").filter(|_| own) {
        Some(label) => &from["labels"][label],
        None => rest.split('.').fold(from, |value, name| value.get(name).unwrap_or(NULL)),
    }
}

/// The rule that decides, by asking every rule.
fn naive<'p>(pack: &'p Pack, request: &Value, runtime: &Value, own: bool) -> Option<&'p Rule> {
    let holds = |condition: &Condition| {
        let found = found(&condition.key, request, runtime, own);
        condition.accepted.iter().any(|accepted| equal(accepted, found))
    };
    let matching = pack.rules().iter().enumerate().filter(|(_, rule)| rule.conditions.iter().all(holds));
    matching.min_by_key(|(place, rule)| (rule.effect, *place)).map(|(_, rule)| rule)
}

/// Any JSON, often near to a pack or a request.
fn anything(dice: &mut Dice, depth: usize) -> Value {
    let words = [
        "policy_id",
        "id",
        "version",
        "rules",
        "metadata",
        "rule_id",
        "effect",
        "conditions",
        "obligations",
        "constraints",
        "kind",
        "value",
        "timeout",
        "max_steps",
        "allow",
        "deny",
        "allow_with_obligations",
        "action.mode",
        "read",
        "request_id",
        "subject_ref",
        "action",
        "resource",
        "context",
        "evidence_refs",
        "token",
        "risk_score",
        "priority",
        "",
        "9e999",
        "\u{0}é",
    ];
    match dice.below(if depth == 0 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => json!(dice.below(2) == 0),
        2 => json!(dice.roll().cast_signed() >> dice.below(64)),
        3 => json!(f64::from_bits(dice.roll())),
        4 | 5 => json!(dice.pick(&words)),
        6 => (0..dice.below(4)).map(|_| anything(dice, depth - 1)).collect(),
        _ => Value::Object((0..dice.below(9)).map(|_| (dice.pick(&words), anything(dice, depth - 1))).collect()),
    }
}

/// A pack that compiles or nearly does.
fn nearly(dice: &mut Dice) -> Value {
    let control = |dice: &mut Dice| json!({"id": "c", "kind": dice.pick(&["timeout", "max_steps", "output_limit", "receipt", "x"]), "value": anything(dice, 1)});
    let mut rules: Vec<Value> = (0..=dice.below(3))
        .map(|number| {
            json!({
                "id": format!("r{number}"), "effect": dice.pick(&["allow", "allow_with_obligations", "deny", "permit"]),
                "conditions": {"action.mode": value(dice)}, "priority": anything(dice, 0), "risk_score": anything(dice, 0),
                "obligations": [control(dice)], "constraints": [control(dice)],
            })
        })
        .collect();
    let (spoiled, key) =
        (dice.below(rules.len()), dice.pick(&["obligations", "risk_class", "conditions", "none", "none", "none"]));
    if key != "none" {
        rules[spoiled][key] = anything(dice, 2);
    }
    json!({"id": "p", "version": "1", "rules": rules})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(2_000), failure_persistence: None, ..ProptestConfig::default() })]

    /// The index finds what asking every rule finds, for packs of both kinds.
    #[test]
    fn the_index_decides_as_a_loop_does(seed: u64, own: bool) {
        let mut dice = Dice(seed);
        let rules = rules(&mut dice, own);
        let pack = if own { Ok(Pack::new("p", "1", rules)) } else { Pack::from_python(&python(&rules)) };
        // What the compiler refuses (no rule, a conflict) decides nothing.
        let Ok(pack) = pack else { return Ok(()) };
        let (asked, runtime) = (request(&mut dice), map(&mut dice, &["w"]));
        let verdict = pack.evaluate(&Request::from_json(&asked).unwrap(), runtime.as_object().unwrap()).unwrap();
        let expected = naive(&pack, &asked, &runtime, own);
        prop_assert_eq!(verdict.rule.as_deref(), expected.map(|rule| rule.id.as_str()));
        prop_assert_eq!(verdict.decision, expected.map_or(Effect::Deny, |rule| rule.effect));
        prop_assert_eq!(expected.is_none(), verdict.reason_code == NO_MATCHING_RULE);
    }

    /// Requests that differ in what tells readings apart are decided together as each is by itself.
    #[test]
    fn many_requests_at_once_are_decided_as_each_alone(seed: u64) {
        let mut dice = Dice(seed);
        let mut rules = rules(&mut dice, true);
        for rule in &mut rules {
            for _ in 0..dice.below(3) {
                let key = dice.pick(&["action.category", "action.connector", "action.backend", "action.name", "name", "action.name.x"]);
                let accepted = (0..dice.below(4)).map(|_| dice.pick(&["x", "y", "z"]).into()).collect();
                rule.conditions.push(Condition { key, accepted });
            }
            if dice.below(20) == 0 {
                rule.risk_class = "none".to_owned();
            }
        }
        let pack = Pack::new("p", "1", rules);
        let mut asked = request(&mut dice);
        asked["action"]["mode"] = dice.pick(&["read", "read", "x", "write"]).into();
        asked["action"]["destructive"] = (dice.below(9) == 0).into();
        asked["resource"]["criticality"] = dice.pick(&["low", "critical"]).into();
        let (asked, runtime) = (Request::from_json(&asked).unwrap(), map(&mut dice, &["w"]));
        let runtime = runtime.as_object().unwrap();
        let texts: Vec<[String; 4]> = (0..dice.below(12)).map(|_| [(); 4].map(|()| dice.pick(&["x", "y", "w"]))).collect();
        let rows = || texts.iter().map(|row| row.each_ref().map(String::as_str));
        let alone: Result<Vec<_>, Refused> = rows()
            .map(|row| pack.evaluate(&asked.with_action(OPEN.into_iter().zip(row)), runtime))
            .map(|verdict| verdict.map(|verdict| (verdict.decision, verdict.rule, verdict.reason_code)))
            .collect();
        let together = pack.rulings(&asked, runtime, &Rows::new(rows())).map(|rulings| {
            let owned = |ruling: &Ruling<'_>| (ruling.decision, ruling.rule.map(|rule| rule.id.clone()), ruling.reason_code.to_owned());
            rulings.iter().map(owned).collect::<Vec<_>>()
        });
        prop_assert_eq!(together, alone);
    }

    /// Where a rule was written, and what it decides beside, changes nothing.
    #[test]
    fn the_order_of_rules_means_nothing(seed: u64, turn: usize) {
        let mut dice = Dice(seed);
        let rules = rules(&mut dice, true);
        let mut turned = rules.clone();
        turned.rotate_left(turn % rules.len().max(1));
        turned.reverse();
        let asked = Request::from_json(&request(&mut dice)).unwrap();
        let (one, other) = (Pack::new("p", "1", rules), Pack::new("p", "1", turned));
        prop_assert_eq!(one.digest(), other.digest());
        prop_assert_eq!(one.evaluate(&asked, &Map::new()), other.evaluate(&asked, &Map::new()));
    }

    /// One matching deny among any rules, of any priority, denies; whatever an invariant asks for.
    #[test]
    fn deny_wins(seed: u64, priority: i64, mutating: bool) {
        let mut dice = Dice(seed);
        let mut rules = rules(&mut dice, true);
        let mut asked = request(&mut dice);
        if mutating {
            asked["action"]["mode"] = json!("apply");
            asked["resource"]["criticality"] = json!("critical");
        }
        let accepted = vec![json!("other"), asked["action"]["mode"].clone()];
        let mut deny = Rule::new("never", Effect::Deny, vec![Condition { key: "action.mode".to_owned(), accepted }]);
        deny.priority = priority;
        rules.insert(dice.below(rules.len() + 1), deny);
        let pack = Pack::new("p", "1", rules);
        let verdict = pack.evaluate(&Request::from_json(&asked).unwrap(), &Map::new()).unwrap();
        prop_assert_eq!(verdict.decision, Effect::Deny);
        prop_assert!(verdict.rule.is_some() && !EnforcementPlan::of(&pack, &verdict).is_ready());
        prop_assert!(gate::connector(&verdict).is_err());
    }

    /// The nearest rule is one that admits, and no admitting rule misses fewer conditions.
    #[test]
    fn the_nearest_rule_is_the_nearest(seed: u64) {
        let mut dice = Dice(seed);
        let pack = Pack::new("p", "1", rules(&mut dice, true));
        let asked = request(&mut dice);
        let misses = |rule: &Rule| {
            let holds = |condition: &&Condition| {
                let found = found(&condition.key, &asked, &Value::Null, true);
                !condition.accepted.iter().any(|accepted| equal(accepted, found))
            };
            rule.conditions.iter().filter(holds).count()
        };
        let fewest = pack.rules().iter().filter(|rule| rule.effect.admits()).map(misses).min();
        let nearest = pack.nearest(&Request::from_json(&asked).unwrap(), &Map::new());
        prop_assert_eq!(nearest.as_ref().map(|nearest| nearest.unmet.len()), fewest);
        if let Some(nearest) = nearest {
            let rule = pack.rules().iter().find(|rule| rule.id == nearest.rule).unwrap();
            prop_assert!(rule.effect.admits());
            prop_assert_eq!(misses(rule), nearest.unmet.len());
        }
    }

    /// Whatever JSON a pack and a request are: an answer, and the same one again.
    #[test]
    fn no_document_panics(seed: u64) {
        let mut dice = Dice(seed);
        let pack = if dice.below(2) == 0 { anything(&mut dice, 5) } else { nearly(&mut dice) };
        let asked = if dice.below(2) == 0 { anything(&mut dice, 5) } else { request(&mut dice) };
        let answer = || -> Result<_, Refused> {
            let pack = Pack::from_python(&pack)?;
            let request = Request::from_json(&asked)?;
            let verdict = pack.evaluate(&request, &Map::new())?;
            let plan = EnforcementPlan::of(&pack, &verdict);
            assert_eq!(plan.is_ready(), plan.blockers.is_empty());
            assert_eq!(plan.is_ready(), verdict.decision.admits() && Controls::of(&verdict).is_ok());
            let admits = gate::operation(&verdict, &plan).is_ok();
            assert!(!admits || verdict.decision.admits());
            pack.nearest(&request, &Map::new());
            Ok(plan.admission_digest())
        };
        prop_assert_eq!(answer(), answer());
    }
}

/// Bounds are refused by name, not by a stack that ends.
#[test]
fn what_is_too_deep_or_too_much_is_refused() {
    let deep = (0..=MAX_DEPTH).fold(json!(1), |inner, _| json!([inner]));
    let mut pack = json!({"id": "p", "version": 1, "rules": [{"id": "r", "effect": "deny", "conditions": {"a": deep.clone()}}]});
    assert_eq!(Pack::from_python(&pack).unwrap_err().code, "policy_pack_too_deep");
    let request = json!({"id": "r", "subject_ref": "s", "action": {"a": deep}});
    assert_eq!(Request::from_json(&request).unwrap_err().code, "policy_request_too_deep");
    pack["rules"] = (0..=MAX_RULES).map(|number| json!({"id": "r", "effect": "deny", "conditions": {"n": number}})).collect();
    assert_eq!(Pack::from_python(&pack).unwrap_err().code, "too_many_policy_rules");
}
