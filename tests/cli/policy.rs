//! `tecrax policy test` from the outside.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const PACK: &str = "\
policy_id: lab
version: 2
rules:
- rule_id: allow-reads
  effect: allow
  reason_code: reads_are_fine
  conditions: {action.mode: read, action.intent: check_ntp_health, resource.criticality: low}
- rule_id: allow-more
  effect: allow_with_obligations
  conditions: {action.mode: read, resource.zone: z1, action.n: 1, request_context.w: x}
- rule_id: no-storage
  effect: deny
  reason_code: storage_is_closed
  conditions: {resource.kind: storage}
";
const TABLE: &str = "\
pack: pack.yaml
cases:
- name: ntp may be read
  request:
    action: {mode: read, intent: check_ntp_health}
    resource: {criticality: low}
  expect: {decision: allow, rule: allow-reads, reason: reads_are_fine}
- name: not on a critical target
  request: {action: {mode: read, intent: check_ntp_health}, resource: {criticality: critical}}
  expect: {decision: deny, reason: no_matching_policy_rule}
- name: storage is closed
  request: {action: {mode: read, intent: check_ntp_health}, resource: {criticality: low, kind: storage}}
  expect: {decision: deny, rule: no-storage}
- name: secrets are refused
  request: {action: {mode: read, Token: x}}
  expect: {error: 'forbidden_policy_metadata:token'}
";

fn lab(pack: &str, table: &str) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("pack.yaml"), pack).unwrap();
    std::fs::write(folder.path().join("table.yaml"), table).unwrap();
    folder
}

/// Exit code, stdout, stderr.
fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("tecrax").unwrap().args(["policy", "test"]).args(args).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_table_that_holds_passes_and_a_denial_names_the_nearest_rule() {
    let folder = lab(PACK, TABLE);
    let (code, out, words) = run(folder.path(), &["table.yaml"]);
    let expected = "\
pass  ntp may be read: allow by rule allow-reads (reads_are_fine)
pass  not on a critical target: deny by no rule (no_matching_policy_rule)
      nearest is rule allow-reads: resource.criticality is \"critical\", not \"low\"
pass  storage is closed: deny by rule no-storage (storage_is_closed)
      rule allow-reads would have admitted it
pass  secrets are refused: refused (forbidden_policy_metadata:token)
";
    assert_eq!((code, out.as_str(), words.as_str()), (0, expected, "4 passed, 0 failed\n"));
}

#[test]
fn a_case_that_fails_says_what_was_expected_and_ends_with_1() {
    let table = TABLE.replace("rule: no-storage", "rule: no-tape").replace("{decision: allow, rule", "{decision: deny, rule");
    let folder = lab(PACK, &table);
    let (code, out, words) = run(folder.path(), &["table.yaml"]);
    assert!(out.contains("FAIL  ntp may be read: allow by rule allow-reads (reads_are_fine); expected decision deny\n"), "{out}");
    assert!(
        out.contains("FAIL  storage is closed: deny by rule no-storage (storage_is_closed); expected rule no-tape\n"),
        "{out}"
    );
    assert_eq!((code, words.as_str()), (1, "2 passed, 2 failed\n"));
    // A request that is refused fails a case that expects a decision.
    let folder = lab(PACK, &TABLE.replace("{error: 'forbidden_policy_metadata:token'}", "{decision: deny}"));
    let (code, out, _) = run(folder.path(), &["table.yaml"]);
    assert!(out.contains("FAIL  secrets are refused: refused (forbidden_policy_metadata:token); expected error none\n"), "{out}");
    assert_eq!(code, 1);
}

#[test]
fn json_says_the_same() {
    let folder = lab(PACK, TABLE);
    let (code, out, _) = run(folder.path(), &["table.yaml", "-o", "json"]);
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!((&answer["passed"], &answer["failed"]), (&4.into(), &0.into()));
    let case = &answer["cases"][1];
    assert_eq!((&case["decision"], &case["rule"]), (&"deny".into(), &Value::Null));
    assert_eq!(case["nearest"]["unmet"][0]["key"], "resource.criticality");
    assert_eq!(case["nearest"]["unmet"][0]["found"], "critical");
    assert_eq!(answer["cases"][3]["error"], "forbidden_policy_metadata:token");
}

#[test]
fn a_pack_that_does_not_compile_is_shown_where() {
    for (from, to, place) in [
        ("effect: deny", "effect: permit", "pack.yaml:12:11: unknown_policy_rule_effect:permit"),
        ("  conditions: {resource.kind: storage}", "  conditions: {}", "pack.yaml:14:15: policy_rule_without_conditions"),
        ("  conditions: {resource.kind: storage}", "  priority: 5", "pack.yaml:11:3: policy_rule_without_conditions"),
        ("version: 2", "version: 0", "pack.yaml:1:1: missing_policy_pack_version"),
        ("version: 2", "version: 2\nversion: 3", "pack.yaml:3:1: key `version` stands twice"),
        ("rules:", "rules: [", "pack.yaml:"),
        (
            "  conditions: {resource.kind: storage}",
            "  conditions: {a: 1}\n  obligations:\n  - {id: o, kind: receipt, metadata: {deep: [{Command: x}]}}",
            "pack.yaml:16:56: forbidden_policy_metadata:command",
        ),
    ] {
        let folder = lab(&PACK.replace(from, to), TABLE);
        let (code, out, words) = run(folder.path(), &["table.yaml"]);
        assert_eq!((code, out.as_str()), (65, ""), "{to}: {words}");
        assert!(words.contains(place), "{to}: {words}");
    }
}

#[test]
fn what_a_compiler_passes_over_is_said() {
    let pack = PACK
        .replace("reason_code: storage_is_closed", "reson_code: x")
        .replace("kind: storage", "kind: null")
        .replace("effect: allow\n", "effect: allow\n  constraints: [{id: t, kind: timeout, value: 3}]\n");
    let folder = lab(&pack, TABLE);
    let (code, _, words) = run(folder.path(), &["--pack", "pack.yaml"]);
    assert_eq!(code, 0, "{words}");
    assert!(words.contains("pack.yaml:14:15: `reson_code` means nothing in a rule and is ignored"), "{words}");
    assert!(words.contains("did you mean `reason_code`?"), "{words}");
    assert!(words.contains("a null condition also holds when there is no `resource.kind`"), "{words}");
    assert!(words.contains("a plain allow with constraints admits no operation"), "{words}");
}

#[test]
fn a_pack_alone_is_compiled_and_named() {
    let folder = lab(PACK, TABLE);
    let (code, out, words) = run(folder.path(), &["--pack", "pack.yaml"]);
    assert!(out.starts_with("lab 2: 3 rules, sha256:") && words.is_empty(), "{out}{words}");
    assert_eq!(code, 0);
    // As it stands in an environment, and as JSON, it is the same pack.
    let inside = format!("    {}", PACK.trim_end().replace('\n', "\n    "));
    std::fs::write(folder.path().join("environment.yaml"), format!("environment:\n  id: lab\n  policy_pack:\n{inside}\n"))
        .unwrap();
    assert_eq!(run(folder.path(), &["--pack", "environment.yaml"]).1, out);
    let json: Value = serde_yaml::from_str(PACK).unwrap();
    std::fs::write(folder.path().join("pack.json"), json.to_string()).unwrap();
    assert_eq!(run(folder.path(), &["--pack", "pack.json"]).1, out);
}

#[test]
fn a_table_that_is_wrong_is_shown_where() {
    for (from, to, place) in [
        ("cases:", "case:", "table.yaml:1:1: missing field `cases`"),
        ("decision: allow,", "decision: alow,", "did you mean `allow`?"),
        ("- name: storage is closed", "- name: ntp may be read", "another case is called `ntp may be read`"),
        ("  expect: {decision: deny, rule: no-storage}", "  expects: {decision: deny}", "unknown field `expects` of a case"),
        ("{decision: deny, rule: no-storage}", "{}", "`expect` compares nothing"),
        ("pack: pack.yaml", "pack: [1]", "table.yaml:1:7: `pack`: expected a text"),
    ] {
        let folder = lab(PACK, &TABLE.replace(from, to));
        let (code, out, words) = run(folder.path(), &["table.yaml"]);
        assert_eq!((code, out.as_str()), (65, ""), "{to}: {words}");
        assert!(words.contains(place), "{to}: {words}");
    }
    let folder = lab(PACK, &TABLE.replace("pack: pack.yaml\n", ""));
    assert_eq!(run(folder.path(), &["table.yaml"]).0, 64, "no pack is named");
    assert_eq!(run(folder.path(), &[]).0, 64, "nothing is named");
    assert_eq!(run(folder.path(), &["gone.yaml"]).0, 74);
    assert_eq!(run(folder.path(), &["table.yaml", "--pack", "pack.yaml"]).0, 0, "the flag names it");
}

const POLICY: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: web-07, labels: {app.example.org/site: fra}}
spec:
  type: Host
  criticality: Medium
  connections:
  - name: os
    local: {}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: inventory}
spec: {intent: collect_basic_host_inventory, targetRef: {name: web-07}}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: ntp}
spec: {intent: check_ntp_health, targetRef: {name: web-07}}
---
apiVersion: tecrax.io/v1alpha1
kind: Policy
metadata: {name: lab}
spec:
  rules:
  - name: reads
    effect: Allow
    conditions:
    - {key: action.intent, values: [collect_basic_host_inventory, check_docker_services_health]}
    - {key: resource.labels.app.example.org/site, values: [fra, muc]}
  - name: asked
    effect: ApprovalRequired
    conditions:
    - {key: resource.criticality, values: [High]}
  - name: frozen
    effect: Deny
    conditions:
    - {key: resource.criticality, values: [Critical]}
";
const PAIRS: &str = "\
apiVersion: test.tecrax.io/v1alpha1
kind: PolicyTest
manifests: [lab.yaml]
cases:
- {name: inventory, check: inventory, target: web-07, expect: {decision: allow, rule: lab/reads}}
- {name: ntp, check: ntp, target: web-07, expect: {decision: deny, reason: Denied}}
";

fn pairs(policy: &str, table: &str) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("lab.yaml"), policy).unwrap();
    std::fs::write(folder.path().join("table.yaml"), table).unwrap();
    folder
}

#[test]
fn pairs_are_asked_for_and_a_denial_names_the_nearest_rule() {
    let folder = pairs(POLICY, PAIRS);
    let (code, out, words) = run(folder.path(), &["table.yaml"]);
    assert_eq!((code, words.as_str()), (0, "2 passed, 0 failed\n"), "{out}");
    assert!(
        out.starts_with("pass  inventory: allow by rule default/lab/reads\npass  ntp: deny by rule default/lab (Denied)\n"),
        "{out}"
    );
    assert!(out.contains("default/lab/reads, wants action.intent to be "), "{out}");
    // The table lies among the manifests, and they skip it.
    assert_eq!(run(folder.path(), &["table.yaml", "."]).0, 0);
    // Another Target, another decision; both rules are those of the Policy.
    for (criticality, decision, rule) in [("High", "approval_required", "asked"), ("Critical", "deny", "frozen")] {
        let table = PAIRS.replace("{decision: allow, rule: lab/reads}", &format!("{{decision: {decision}, rule: {rule}}}"));
        let folder = pairs(&POLICY.replace("Medium", criticality), &table);
        let (_, out, _) = run(folder.path(), &["table.yaml"]);
        assert!(out.starts_with(&format!("pass  inventory: {decision} by rule default/lab/{rule} (")), "{out}");
    }
}

#[test]
fn the_default_policy_decides_over_pairs_that_no_policy_selects() {
    let alone = POLICY.replace("spec:\n  rules:", "spec:\n  targetSelector: {matchLabels: {none: none}}\n  rules:");
    let folder = pairs(&alone, &PAIRS.replace(", rule: lab/reads", ""));
    let (code, out, _) = run(folder.path(), &["table.yaml"]);
    assert!(code == 1 && out.contains("pass  inventory: allow by rule bundled.read-only\n"), "{out}");
    let (code, out, _) = run(folder.path(), &["table.yaml", "--default-policy=deny"]);
    assert!(code == 1 && out.contains("FAIL  inventory: deny by rule "), "{out}");
}

#[test]
fn what_pairs_can_not_mean_is_said() {
    for (from, to, code, said) in [
        ("target: web-07, expect: {decision: deny", "target: web-08, expect: {decision: deny", 1, ""),
        ("{decision: allow, rule", "{decision: allow_with_obligations, rule", 65, "a pair is never `allow_with_obligations`"),
        ("check: ntp", "context: {}, check: ntp", 65, "`context` beside `check`"),
        ("check: ntp, ", "", 65, "`target` without `check`"),
        ("kind: PolicyTest", "kind: Policy", 65, "table.yaml:2:7: `kind` of a table is another"),
        ("manifests: [lab.yaml]\n", "", 64, "no manifests are named"),
        ("lab.yaml", "gone.yaml", 65, "gone.yaml"),
    ] {
        let folder = pairs(POLICY, &PAIRS.replace(from, to));
        let (found, out, words) = run(folder.path(), &["table.yaml"]);
        assert_eq!(found, code, "{to}: {out}{words}");
        assert!(words.contains(said), "{to}: {words}");
    }
    // A Policy with an error is an error of the test, with its place.
    let folder = pairs(&POLICY.replace("effect: Deny", "effect: Deni"), PAIRS);
    let (code, out, words) = run(folder.path(), &["table.yaml"]);
    assert_eq!((code, out.as_str()), (65, ""), "{words}");
    assert!(words.contains("lab.yaml:36:13"), "{words}");
}

#[test]
fn the_table_of_the_example_holds() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/policy");
    let (code, out, words) = run(&example, &["policy-test.yaml"]);
    assert_eq!((code, words.as_str()), (0, "2 passed, 0 failed\n"), "{out}");
}
