//! What every run of one plan of one pair has in common: intent, decision and contract.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::form::{CONTRACT, INTENT, POLICY, RECEIPT, texts};
use crate::admission::{Admitted, Bounds, Denial};
use crate::api::Digest;
use crate::desired::{ConnectionConfig, Pair};
use crate::evidence::json::{Json, Object};
use crate::evidence::sclite::args_digest;
use crate::evidence::stamp;
use crate::evidence::{Part, Redacted};
use crate::plan::{Plan, Proposed, ReadStep};

/// Hex digits of an identifier.
const ID: usize = 24;
/// What an intent does not say.
const INTENT_NON_CLAIMS: [&str; 1] = ["intent_does_not_authorize_execution"];
/// What a contract does not say.
const CONTRACT_NON_CLAIMS: [&str; 2] =
    ["execution_contract_is_not_runtime_execution", "execution_contract_requires_ticket_before_use"];

/// Since when a pair's runs have had these terms: what the fold keeps, so that every process makes the same artifacts of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Start of the first run under these terms, in whole seconds.
    pub planned_at: Timestamp,
    /// Digest of their execution contract, which binds decision and intent.
    pub contract: Digest,
}

/// What policy said of a plan.
#[derive(Debug, Clone, Copy)]
pub enum Verdict<'a> {
    /// It may run inside these bounds.
    Allowed(Bounds),
    /// It may not.
    Denied(&'a Redacted),
}

/// The terms under which a pair runs, or would have run.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    origin: &'a str,
    pair: &'a Pair,
    steps: &'a [ReadStep],
    plan: Digest,
    rule: &'a str,
    policy: Digest,
    verdict: Verdict<'a>,
}

/// Terms as artifacts.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// Start of the first run under these terms, in whole seconds.
    pub planned_at: Timestamp,
    /// Names these terms.
    pub(super) id: String,
    /// Digest of the arguments, as a ticket binds it.
    pub(super) args_digest: String,
    /// Intent, decision, contract.
    pub(in crate::evidence) parts: [Part; 3],
}

impl<'a> Terms<'a> {
    /// The terms of an admitted plan.
    pub fn admitted(origin: &'a str, plan: &'a Plan<Admitted>) -> Self {
        let state = plan.state();
        let verdict = Verdict::Allowed(state.bounds());
        Self::new(origin, plan, state.rule(), state.policy(), verdict)
    }

    /// The terms of a plan that policy refused, with what it said.
    pub fn denied(origin: &'a str, plan: &'a Plan<Proposed>, denial: &'a Denial, message: &'a Redacted) -> Self {
        Self::new(origin, plan, &denial.rule, denial.policy, Verdict::Denied(message))
    }

    fn new<S>(origin: &'a str, plan: &'a Plan<S>, rule: &'a str, policy: Digest, verdict: Verdict<'a>) -> Self {
        Self { origin, pair: plan.pair(), steps: plan.steps(), plan: plan.digest(), rule, policy, verdict }
    }

    /// The pair.
    pub const fn pair(&self) -> &'a Pair {
        self.pair
    }

    /// The steps.
    pub const fn steps(&self) -> &'a [ReadStep] {
        self.steps
    }

    /// Digest of the plan.
    pub const fn plan(&self) -> Digest {
        self.plan
    }

    /// The log.
    pub const fn origin(&self) -> &'a str {
        self.origin
    }

    /// The host that all artifacts name: always dotted, because readers of bundles know a host by its dot.
    pub fn host(&self) -> String {
        format!("{}.{}", self.pair.id.target, self.pair.id.namespace)
    }

    /// The connector of the first step.
    pub(super) fn tool(&self) -> &'a str {
        self.steps.first().map_or("tecrax", |step| step.shape.connector.as_str())
    }

    /// Whether any step goes over the network.
    pub(super) fn network(&self) -> bool {
        let connections = &self.pair.target.connections;
        let remote = |step: &ReadStep| {
            connections.get(&step.connection).is_some_and(|connection| matches!(connection.config, ConnectionConfig::Ssh(_)))
        };
        self.steps.iter().any(remote)
    }

    /// The artifacts. Under the same terms as `known` they are the same bytes; new terms begin at `now`.
    pub fn agreed(&self, known: Option<&Agreement>, now: Timestamp) -> Agreed {
        let before = known.map(|known| (self.at(known.planned_at), known.contract));
        match before {
            Some((agreed, contract)) if agreed.contract().digest() == contract => agreed,
            _ => self.at(stamp::whole(now)),
        }
    }

    fn at(&self, planned_at: Timestamp) -> Agreed {
        let pair = self.pair.id.to_string();
        let when = planned_at.as_second().to_be_bytes();
        let named = [self.origin.as_bytes(), pair.as_bytes(), self.plan.as_bytes(), self.policy.as_bytes(), &when];
        let mut id = Digest::of_parts(named).to_string();
        id.truncate(ID);
        let created_at = stamp::seconds(planned_at);
        let args = self.normalized_args();
        let args_digest = args_digest(&args);
        let intent = INTENT.shared(self.intent(&id, &created_at));
        let policy = POLICY.shared(self.policy(&id, &created_at, &intent));
        let contract = CONTRACT.shared(self.contract(&id, &created_at, args, &intent, &policy));
        Agreed { planned_at, id, args_digest, parts: [intent, policy, contract] }
    }

    fn check(&self) -> String {
        format!("{}/{}", self.pair.id.namespace, self.pair.id.check)
    }

    fn uri(&self) -> String {
        format!("tecrax:{}/{}", self.pair.id.namespace, self.pair.id.target)
    }

    /// Who asks: a Check, which people commit; whose commit it was is not ours to say.
    pub(super) fn actor(&self) -> String {
        format!("check:{}", self.check())
    }

    fn intent(&self, id: &str, created_at: &str) -> [(&'static str, Json); 10] {
        let intent = &self.pair.check.intent.id;
        [
            (
                "actor",
                Json::from([("carrier", Json::from("tecrax")), ("kind", Json::from("check")), ("label", self.check().into())]),
            ),
            (
                "authority",
                Json::from([
                    ("intent_is_authority", false),
                    ("requires_execution_ticket", true),
                    ("requires_policy_decision", true),
                ]),
            ),
            ("constraints", texts(&["read_only"])),
            ("created_at", Json::from(created_at)),
            (
                "intent",
                Json::from([
                    ("category", Json::from("tecrax")),
                    ("summary", Json::from("a bounded question that changes nothing")),
                ]),
            ),
            ("intent_id", Json::from(format!("intent-{id}"))),
            ("non_claims", texts(&INTENT_NON_CLAIMS)),
            ("requested_capability", Json::from([("mode", Json::from("live")), ("name", Json::from(intent.as_str()))])),
            ("target", Json::from([("host", self.host()), ("uri", self.uri())])),
            ("tecrax", Json::from([("pair", self.pair.id.to_string())])),
        ]
    }

    fn policy(&self, id: &str, created_at: &str, intent: &Part) -> [(&'static str, Json); 11] {
        let (decision, constraints, message) = match self.verdict {
            Verdict::Allowed(bounds) => ("allow_prepare", constraints(&bounds), None),
            Verdict::Denied(message) => ("deny", texts(&["mode:live"]), Some(message.value().clone())),
        };
        let mut ours = Object::from([("policy_digest", self.policy.to_string()), ("rule", self.rule.to_owned())]);
        if let Some(message) = message {
            ours.insert("message", message);
        }
        [
            (
                "capability",
                Json::from([
                    ("class", Json::from("low")),
                    ("name", Json::from(self.pair.check.intent.id.as_str())),
                    ("network_effect", Json::from(if self.network() { "bounded" } else { "none" })),
                ]),
            ),
            ("constraints", constraints),
            ("created_at", Json::from(created_at)),
            ("decision", Json::from(decision)),
            ("decision_id", Json::from(format!("policy-{id}"))),
            ("links", Json::from([("intent", INTENT.link(intent))])),
            ("reason_codes", Json::from(vec![Json::from(self.rule)])),
            (
                "risk",
                Json::from([
                    ("level", Json::from("low")),
                    ("reason", Json::from("every step is a fixed request that only reads")),
                ]),
            ),
            (
                "scope",
                Json::from([
                    ("scope_profile", Json::from("tecrax")),
                    ("target_host", Json::from(self.host())),
                    ("target_in_scope", Json::from(true)),
                ]),
            ),
            ("tecrax", Json::from(ours)),
            ("non_claims", texts(&["does_not_prove_legal_authorization"])),
        ]
    }

    fn contract(&self, id: &str, created_at: &str, args: Json, intent: &Part, policy: &Part) -> [(&'static str, Json); 9] {
        let links = [("intent", INTENT.link(intent)), ("policy_decision", POLICY.link(policy))];
        [
            ("contract_id", Json::from(format!("exec-contract-{id}"))),
            ("created_at", Json::from(created_at)),
            (
                "execution_bounds",
                Json::from([
                    ("max_commands", Json::from(1)),
                    ("mode", Json::from("live")),
                    ("network_execution_allowed", Json::from(self.network())),
                    ("timeout_seconds", Json::from(self.pair.check.timeout.as_millis().div_ceil(1000))),
                ]),
            ),
            (
                "execution_shape",
                Json::from([("normalized_args", args), ("plan", self.plan_steps()), ("tool", Json::from(self.tool()))]),
            ),
            (
                "expected_receipt",
                Json::from([
                    ("facts_contract", Json::from(self.pair.check.intent.contract.to_string())),
                    ("required", Json::from(true)),
                    ("schema_ref", Json::from(RECEIPT.schema())),
                ]),
            ),
            ("links", Json::from(links)),
            ("non_claims", texts(&CONTRACT_NON_CLAIMS)),
            (
                "target_binding",
                Json::from([
                    ("target", Json::from(self.uri())),
                    ("target_host", Json::from(self.host())),
                    ("target_in_scope", Json::from(true)),
                ]),
            ),
            (
                "tecrax",
                Json::from([
                    ("intent_digest", self.pair.check.intent.digest.to_string()),
                    ("plan_digest", self.plan.to_string()),
                ]),
            ),
        ]
    }

    /// The admitted plan is the one command; these are its arguments. The shape's digest stands for the request itself, which
    /// may name paths.
    fn normalized_args(&self) -> Json {
        self.steps
            .iter()
            .map(|step| {
                Json::from([
                    ("action", Json::from(step.shape.action.as_str())),
                    ("connection", Json::from(step.connection.as_str())),
                    ("shape", Json::from(step.shape.digest.to_string())),
                    ("step", Json::from(step.id.as_str())),
                ])
            })
            .collect()
    }

    fn plan_steps(&self) -> Json {
        self.steps
            .iter()
            .zip(1_u64..)
            .map(|(step, number)| {
                Json::from([
                    ("args", Json::from(vec![Json::from(step.shape.action.as_str())])),
                    ("step", Json::from(number)),
                    ("tool", Json::from(step.shape.connector.as_str())),
                ])
            })
            .collect()
    }
}

impl Agreed {
    /// The execution contract.
    pub fn contract(&self) -> &Part {
        let [_, _, contract] = &self.parts;
        contract
    }
}

fn constraints(bounds: &Bounds) -> Json {
    [
        "mode:live".to_owned(),
        "read_only".to_owned(),
        format!("max_steps:{}", bounds.max_steps),
        format!("max_output_bytes:{}", bounds.max_output_bytes),
        format!("timeout_ms:{}", bounds.timeout.as_millis()),
    ]
    .into_iter()
    .collect()
}
