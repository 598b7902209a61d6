//! Policy from manifests to exit code, condition and sealed denial; what is denied is never contacted.

use std::net::TcpListener;

use crate::support::cli::{Ended, Home};
use crate::support::export::records;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use serde_json::{Value, json};

/// A server that somebody may connect to, one Check of it and one Policy.
struct World {
    home: Home,
    server: TcpListener,
}

const ONCE: &str = "reconcile --once --force manifests";

impl World {
    fn new(policy: &str) -> Self {
        let (home, server) = (Home::new(), TcpListener::bind("127.0.0.1:0").unwrap());
        server.set_nonblocking(true).unwrap();
        home.write(
            "api.yaml",
            &format!(
                "apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {{name: api, labels: {{stage: prod}}}}
spec:
  type: Host
  criticality: High
  connections: [{{name: zabbix, http: {{baseURL: \"http://{}\"}}}}]
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {{name: version, labels: {{team: sre}}}}
spec: {{intent: check_zabbix_container_health, targetRef: {{name: api}}, timeout: 1s}}
",
                server.local_addr().unwrap()
            ),
        );
        let world = Self { home, server };
        world.policy(policy);
        world
    }

    /// Writes the Policy `prod`, whose spec is `spec`.
    fn policy(&self, spec: &str) {
        let text = format!("apiVersion: tecrax.io/v1alpha1\nkind: Policy\nmetadata: {{name: prod}}\nspec:\n{spec}");
        self.home.write("policy.yaml", if spec.is_empty() { "" } else { &text });
    }

    /// Whether anybody has connected since it was last asked.
    fn contacted(&self) -> bool {
        self.server.accept().is_ok()
    }

    fn json(&self, line: &str) -> Value {
        let ended = self.home.tecrax(line);
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
    }

    /// The Ready condition of the pair: status, reason, message.
    fn ready(&self) -> (String, String, String) {
        let observation = self.json("get observations version.api -o json");
        let conditions = observation["status"]["conditions"].as_array().unwrap();
        let ready = conditions.iter().find(|condition| condition["type"] == "Ready").unwrap_or_else(|| panic!("{observation:#}"));
        let text = |key: &str| ready[key].as_str().unwrap().to_owned();
        (text("status"), text("reason"), text("message"))
    }

    fn kinds(&self) -> Vec<String> {
        log::rows(&self.home.state()).into_iter().map(|row| row.kind).collect()
    }

    /// One pass that must deny the pair for `reason`, say so in `words`, and contact nothing.
    fn denied(&self, reason: &str, words: &str) -> Ended {
        let ended = self.home.tecrax(ONCE);
        assert!(!self.contacted(), "contacted: {ended:?}");
        let (status, said, message) = self.ready();
        assert_eq!((status.as_str(), said.as_str()), ("False", reason), "{ended:?}");
        assert!(message.contains(words), "{message}");
        assert!(self.kinds().iter().all(|kind| kind == "denial.v1"), "{:?}", self.kinds());
        ended
    }

    /// One pass that must contact the server.
    fn admitted(&self) -> Ended {
        let ended = self.home.tecrax(ONCE);
        assert!(self.contacted(), "not contacted: {ended:?}");
        assert!(log::runs(&self.home.state(), "default/version.api").last().is_some(), "{ended:?}");
        ended
    }
}

const DENY_HIGH: &str = "  targetSelector: {matchLabels: {stage: prod}}
  rules:
  - {name: reads, effect: Allow, conditions: [{key: action.mode, values: [read]}]}
  - name: not-high
    effect: Deny
    conditions: [{key: resource.criticality, values: [High, Critical]}]
    reasonCode: change_freeze
";

#[test]
fn an_explicit_deny_wins_is_sealed_once_and_contacts_nothing() {
    let world = World::new(DENY_HIGH);
    let ended = world.denied("Denied", "rule default/prod/not-high denies it, change_freeze; default/prod/reads would admit it");
    assert_eq!(ended.code, 2, "{ended:?}");
    world.denied("Denied", "not-high");
    let denials = records(&world.home.state());
    let [denial] = &denials[..] else { panic!("sealed once: {denials:?}") };
    assert_eq!(denial.body["rule"], "default/prod/not-high");
    let policy = denial.part("policy_decision");
    assert_eq!((&policy["decision"], &policy["tecrax"]["rule"]), (&json!("deny"), &json!("default/prod/not-high")));
    log::verify(&world.home.state());
    let described = world.home.tecrax("describe version.api").out;
    assert!(described.contains("Denied:") && described.contains("change_freeze"), "{described}");
    // Another policy, another denial: the terms are others.
    world.policy(&DENY_HIGH.replace("change_freeze", "still_frozen"));
    world.denied("Denied", "still_frozen");
    assert_eq!(world.kinds().len(), 2);
    // And what is admitted runs, so that the silence above means something.
    world.policy(&DENY_HIGH.replace("[High, Critical]", "[Critical]"));
    world.admitted();
    let run = &log::runs(&world.home.state(), "default/version.api")[0];
    assert_eq!(run["reason"], "Timeout", "the server never answers: {run:#}");
    assert!(world.home.tecrax("describe version.api").out.contains("Admitted by: default/prod/reads"));
}

#[test]
fn what_no_rule_matches_is_denied_with_the_nearest_rule() {
    let world = World::new(
        "  rules:
  - {name: far, effect: Allow, conditions: [{key: check.name, values: [ntp]}, {key: action.intent, values: [check_ntp_health]}]}
  - {name: near, effect: Allow, conditions: [{key: action.risk, values: [low]}, {key: check.labels.team, values: [dba, network]}]}
",
    );
    world.denied(
        "Denied",
        "no rule of Policy default/prod matches; the nearest rule that admits, default/prod/near, wants check.labels.team to be dba or \
         network (it is sre)",
    );
}

#[test]
fn what_wants_approval_does_not_run() {
    let world = World::new(
        "  rules:
  - {name: reads, effect: Allow}
  - {name: ask-first, effect: ApprovalRequired, conditions: [{key: action.backend, values: [http]}], priority: -5}
",
    );
    world.denied("ApprovalRequired", "rule default/prod/ask-first wants a person's approval, approval_required (reading ");
}

#[test]
fn a_rule_over_readings_has_to_cover_all_of_them_and_a_deny_of_one_is_enough() {
    let rules = |effect: &str, names: &str| {
        format!(
            "  rules:\n  - {{name: all, effect: Allow, conditions: [{{key: action.category, values: [operation]}}]}}\n  - {{name: some, effect: {effect}, conditions: [{{key: action.name, values: [{names}]}}]}}\n"
        )
    };
    let world = World::new(&rules("Allow", "read_uptime"));
    world.denied("Denied", "no rule of Policy default/prod matches (reading ");
    world.policy(&rules("Deny", "read_zabbix_api_version"));
    world.denied("Denied", "some denies it");
    world.policy(&rules("Allow", "read_zabbix_api_version"));
    world.admitted();
}

#[test]
fn constraints_that_can_not_be_met_deny_and_those_that_can_bind() {
    let rule = |constraint: &str| {
        format!(
            "  rules:\n  - name: reads\n    effect: AllowWithObligations\n    obligations: [{{name: r, kind: receipt}}, {{name: d, kind: output_digest_required}}]\n    constraints: [{constraint}]\n"
        )
    };
    let world = World::new(&rule("{name: s, kind: max_steps, value: \"1\"}"));
    // One reading, one connection: it fits.
    world.admitted();
    let policy =
        records(&world.home.state()).into_iter().find(|record| record.header.kind == "run.v1").unwrap().part("policy_decision");
    let constraints: Vec<&str> = policy["constraints"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    for wanted in ["receipt", "output_digest_required", "max_steps:1", "timeout_ms:1000"] {
        assert!(constraints.contains(&wanted), "{wanted} among {constraints:?}");
    }
    world.policy(&rule("{name: t, kind: timeout, value: 300ms}, {name: o, kind: output_limit, value: \"512\"}, {name: u, kind: timeout, value: \"0.4\"}"));
    world.admitted();
    let bounds = world.home.tecrax("describe version.api").out;
    assert!(bounds.contains("timeout_ms:300") && bounds.contains("max_output_bytes:512"), "{bounds}");
    let took = log::runs(&world.home.state(), "default/version.api").last().unwrap()["readings"][0]["took_ms"].as_u64().unwrap();
    assert!(took < 900, "held: {took} ms");
    // Ten readings do not fit into nine.
    let home = Home::new();
    home.write("all.yaml", &format!("{INVENTORY}{}", host("web", Some(50))));
    let policy = "---\napiVersion: tecrax.io/v1alpha1\nkind: Policy\nmetadata: {name: few}\nspec:\n";
    home.write("policy.yaml", &format!("{policy}{}", rule("{name: s, kind: max_steps, value: \"2\"}")));
    let ended = home.once();
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(
        home.tecrax("get -o wide").out.contains("rule default/few/reads admits at most 2 readings, and this plan takes"),
        "{ended:?}"
    );
}

#[test]
fn a_policy_with_an_error_denies_what_it_selects_and_nothing_else() {
    let world = World::new(&DENY_HIGH.replace("resource.criticality", "resource.critcality"));
    world.home.write("other.yaml", &format!("{INVENTORY}{}", host("web", Some(50))));
    let ended = world.home.tecrax(&format!("{ONCE} --allow-fixtures"));
    assert_eq!(ended.code, 65, "{ended:?}");
    assert!(ended.err.contains("manifests/policy.yaml:10:24: "), "{}", ended.err);
    assert!(ended.err.contains("did you mean `resource.criticality`?"), "{}", ended.err);
    assert!(!world.contacted());
    assert_eq!(world.ready().1, "PolicyUnusable");
    assert_eq!(log::runs(&world.home.state(), "default/inventory.web").len(), 1, "the others run");
    let policies = world.home.tecrax("get policies").out;
    assert!(policies.contains("False/PolicyUnusable"), "{policies}");
    // Mended, it decides again.
    world.policy(DENY_HIGH);
    world.home.tecrax(ONCE);
    assert_eq!(world.ready().1, "Denied");
    assert!(world.home.tecrax("get policies").out.contains("True"));
}

#[test]
fn a_policy_that_can_not_be_read_denies_what_its_selectors_say_or_everything() {
    // An unknown field: the selectors can be read.
    let world = World::new(&DENY_HIGH.replace("  rules:", "  ruls: []\n  rules:"));
    world.denied("PolicyUnusable", "Policy default/prod may select this pair and can not be used: it could not be read");
    world.policy(&DENY_HIGH.replace("  rules:", "  ruls: []\n  rules:").replace("stage: prod", "stage: test"));
    world.admitted();
    // A selector with a slip selects everything.
    let world = World::new(&DENY_HIGH.replace("targetSelector", "targetSelecter").replace("stage: prod", "stage: test"));
    world.denied("PolicyUnusable", "default/prod");
    // YAML that ends in the middle.
    let world = World::new("  targetSelector: {matchLabels: {stage: test}}\n  rules: [\n");
    assert_eq!(world.denied("PolicyUnusable", "default/prod").code, 65);
}

#[test]
fn a_policy_that_is_gone_while_there_are_errors_is_remembered() {
    let world = World::new(DENY_HIGH);
    world.denied("Denied", "not-high");
    world.home.write("policy.yaml", "\tnot: yaml: at all\n");
    let ended = world.denied("PolicyUnusable", "it is in no document that can be read");
    assert_eq!(ended.code, 65);
    assert!(ended.err.contains("Policy default/prod was in effect"), "{}", ended.err);
    let plan = world.home.tecrax("plan manifests");
    assert!(plan.out.contains("denied by default/prod"), "{plan:?}");
    // Absent without an error it is gone on purpose.
    world.policy("");
    world.admitted();
}

#[test]
fn without_a_policy_the_default_decides() {
    let world = World::new("");
    let ended = world.home.tecrax(&format!("{ONCE} --default-policy=deny"));
    assert!(!world.contacted());
    assert_eq!((ended.code, world.ready().1.as_str()), (2, "Denied"));
    assert!(world.ready().2.contains("no Policy selects this pair"));
    world.admitted();
    // A Policy that admits is enough.
    world.policy("  rules: [{name: reads, effect: Allow}]\n");
    world.home.tecrax(&format!("{ONCE} --default-policy=deny"));
    assert!(world.contacted());
}

#[test]
fn plan_and_validate_say_the_decision_and_contact_nothing() {
    let world = World::new(DENY_HIGH);
    let plan = world.home.tecrax("plan manifests");
    assert_eq!(plan.code, 0, "{plan:?}");
    assert!(plan.out.contains("denied by default/prod/not-high"), "{plan:?}");
    assert!(plan.err.contains("0 of 1 pair would run") && plan.err.contains("change_freeze"), "{plan:?}");
    let decision = &world.json("plan manifests -o json")["pairs"][0]["policy"];
    assert_eq!((&decision["admitted"], &decision["reason"]), (&json!(false), &json!("Denied")), "{decision:#}");
    assert!(world.home.tecrax("validate manifests").err.contains("0 pairs can run, 1 denied by policy"));
    world.policy("");
    let decision = &world.json("plan manifests -o json")["pairs"][0]["policy"];
    assert_eq!((&decision["rule"], &decision["bounds"]["maxSteps"]), (&json!("bundled.read-only"), &json!(64)));
    let denied = world.home.tecrax("plan --default-policy=deny manifests");
    assert!(denied.out.contains("denied by bundled.default-deny"), "{denied:?}");
    assert!(!world.contacted());
}
