//! What every run of one plan of one pair has in common: intent, decision and contract.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::form::{CONTRACT, INTENT, POLICY, RECEIPT};
use crate::admission::{Admitted, Bounds, Denial};
use crate::api::Digest;
use crate::desired::Pair;
use crate::evidence::members::Members;
use crate::evidence::{Part, Redacted, stamp};
use crate::plan::{Plan, Proposed, ReadStep};

/// Hex digits of an identifier.
const ID: usize = 24;
/// What an intent does not say.
const INTENT_NON_CLAIMS: [&str; 1] = ["intent_does_not_authorize_execution"];
/// What a decision does not say.
const POLICY_NON_CLAIMS: [&str; 1] = ["does_not_prove_legal_authorization"];
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
    obligations: &'a [&'static str],
    verdict: Verdict<'a>,
}

/// Terms as artifacts.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// Start of the first run under these terms, in whole seconds.
    pub planned_at: Timestamp,
    /// Whether nobody had them before, as far as is known.
    pub(in crate::evidence) is_new: bool,
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
        Self { obligations: state.obligations(), ..Self::new(origin, plan, state.rule(), state.policy(), verdict) }
    }

    /// The terms of a plan that policy refused, with what it said.
    pub fn denied(origin: &'a str, plan: &'a Plan<Proposed>, denial: &'a Denial, message: &'a Redacted) -> Self {
        Self::new(origin, plan, &denial.rule, denial.policy, Verdict::Denied(message))
    }

    fn new<S>(origin: &'a str, plan: &'a Plan<S>, rule: &'a str, policy: Digest, verdict: Verdict<'a>) -> Self {
        Self { origin, pair: plan.pair(), steps: plan.steps(), plan: plan.digest(), rule, policy, obligations: &[], verdict }
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
        let remote = |step: &ReadStep| connections.get(&step.connection).is_some_and(|connection| connection.config.is_network());
        self.steps.iter().any(remote)
    }

    /// The artifacts. Under the same terms as `known` they are the same bytes; new terms begin at `now`.
    pub fn agreed(&self, known: Option<&Agreement>, now: Timestamp) -> Agreed {
        let before = known.map(|known| (self.at(known.planned_at), known.contract));
        match before {
            Some((agreed, contract)) if agreed.contract().digest() == contract => agreed,
            _ => Agreed { is_new: true, ..self.at(stamp::whole(now)) },
        }
    }

    fn at(&self, planned_at: Timestamp) -> Agreed {
        let id = terms_id(self.origin, &self.pair.id.to_string(), &self.plan, &self.policy, planned_at);
        let created_at = stamp::seconds(planned_at);
        let intent = self.intent(&id, &created_at);
        let policy = self.policy(&id, &created_at, &intent);
        let (contract, args_digest) = self.contract(&id, &created_at, &intent, &policy);
        Agreed { planned_at, is_new: false, id, args_digest, parts: [intent, policy, contract] }
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

    fn intent(&self, id: &str, created_at: &str) -> Part {
        let intent = &self.pair.check.intent.id;
        INTENT.shared(|m| {
            m.object("actor", |m| {
                m.word("carrier", "tecrax");
                m.word("kind", "check");
                m.text("label", &self.check());
            });
            INTENT.write_type(m);
            m.object("authority", |m| {
                m.flag("intent_is_authority", false);
                m.flag("requires_execution_ticket", true);
                m.flag("requires_policy_decision", true);
            });
            m.texts("constraints", ["read_only"]);
            m.text("created_at", created_at);
            m.object("intent", |m| {
                m.word("category", "tecrax");
                m.word("summary", "a bounded question that changes nothing");
            });
            m.joined("intent_id", &["intent-", id]);
            m.texts("non_claims", INTENT_NON_CLAIMS);
            m.object("requested_capability", |m| {
                m.word("mode", "live");
                m.text("name", intent);
            });
            INTENT.write_schema(m);
            m.object("target", |m| {
                m.text("host", &self.host());
                m.text("uri", &self.uri());
            });
            m.object("tecrax", |m| m.text("pair", &self.pair.id.to_string()));
        })
    }

    fn policy(&self, id: &str, created_at: &str, intent: &Part) -> Part {
        let (decision, message) = match self.verdict {
            Verdict::Allowed(_) => ("allow_prepare", None),
            Verdict::Denied(message) => ("deny", Some(message.value())),
        };
        POLICY.shared(|m| {
            POLICY.write_type(m);
            m.object("capability", |m| {
                m.word("class", "low");
                m.text("name", &self.pair.check.intent.id);
                m.text("network_effect", if self.network() { "bounded" } else { "none" });
            });
            m.list("constraints", |items| {
                items.text("mode:live");
                items.text("read_only");
                for obligation in self.obligations {
                    items.text(obligation);
                }
                if let Verdict::Allowed(bounds) = self.verdict {
                    let Bounds { max_steps, timeout, max_output_bytes, max_total_bytes, max_connections, sandbox } = bounds;
                    items.text(&format!("max_steps:{max_steps}"));
                    items.text(&format!("max_output_bytes:{max_output_bytes}"));
                    items.text(&format!("max_total_bytes:{max_total_bytes}"));
                    items.text(&format!("max_connections:{max_connections}"));
                    items.text(&format!("sandbox:{}", sandbox.as_str()));
                    items.text(&format!("timeout_ms:{}", timeout.as_millis()));
                }
            });
            m.text("created_at", created_at);
            m.word("decision", decision);
            m.joined("decision_id", &["policy-", id]);
            m.object("links", |m| INTENT.write_link("intent", intent, m));
            m.texts("non_claims", POLICY_NON_CLAIMS);
            m.texts("reason_codes", [self.rule]);
            m.object("risk", |m| {
                m.word("level", "low");
                m.word("reason", "every step is a fixed request that only reads");
            });
            POLICY.write_schema(m);
            m.object("scope", |m| {
                m.word("scope_profile", "tecrax");
                m.text("target_host", &self.host());
                m.flag("target_in_scope", true);
            });
            m.object("tecrax", |m| {
                if let Some(message) = message {
                    m.json("message", message);
                }
                m.digest("policy_digest", self.policy);
                m.text("rule", self.rule);
            });
        })
    }

    /// The contract, and the digest of its arguments as a ticket binds it.
    fn contract(&self, id: &str, created_at: &str, intent: &Part, policy: &Part) -> (Part, String) {
        let mut args_digest = String::new();
        let contract = CONTRACT.shared(|m| {
            CONTRACT.write_type(m);
            m.joined("contract_id", &["exec-contract-", id]);
            m.text("created_at", created_at);
            m.object("execution_bounds", |m| {
                m.number("max_commands", 1);
                m.word("mode", "live");
                m.flag("network_execution_allowed", self.network());
                m.number("timeout_seconds", self.pair.check.timeout.as_millis().div_ceil(1000));
            });
            m.object("execution_shape", |m| {
                let args = m.written("normalized_args", |m| self.normalized_args(m));
                args_digest = format!("sha256:{}", Digest::of(args));
                self.plan_steps(m);
                m.text("tool", self.tool());
            });
            m.object("expected_receipt", |m| {
                m.text("facts_contract", &self.pair.check.intent.contract.to_string());
                m.flag("required", true);
                m.word("schema_ref", RECEIPT.schema());
            });
            m.object("links", |m| {
                INTENT.write_link("intent", intent, m);
                POLICY.write_link("policy_decision", policy, m);
            });
            m.texts("non_claims", CONTRACT_NON_CLAIMS);
            CONTRACT.write_schema(m);
            m.object("target_binding", |m| {
                m.text("target", &self.uri());
                m.text("target_host", &self.host());
                m.flag("target_in_scope", true);
            });
            m.object("tecrax", |m| {
                m.digest("intent_digest", self.pair.check.intent.digest);
                m.digest("plan_digest", self.plan);
            });
        });
        (contract, args_digest)
    }

    /// The admitted plan is the one command; these are its arguments. The shape's digest stands for the request itself, which
    /// may name paths.
    fn normalized_args(&self, m: &mut Members<'_>) {
        m.list("normalized_args", |items| {
            for step in self.steps {
                items.object(|m| {
                    m.text("action", &step.shape.action);
                    m.text("connection", step.connection.as_str());
                    m.digest("shape", step.shape.digest);
                    m.text("step", &step.id);
                });
            }
        });
    }

    fn plan_steps(&self, m: &mut Members<'_>) {
        m.list("plan", |items| {
            for (step, number) in self.steps.iter().zip(1_u64..) {
                items.object(|m| {
                    m.texts("args", [step.shape.action.as_str()]);
                    m.number("step", number);
                    m.text("tool", &step.shape.connector);
                });
            }
        });
    }
}

/// Names terms: those of one log, one pair, one plan, one policy and one beginning. With the number of the run it names tickets and
/// receipts, so that two runs can not share one.
pub(super) fn terms_id(origin: &str, pair: &str, plan: &Digest, policy: &Digest, planned_at: Timestamp) -> String {
    let when = planned_at.as_second().to_be_bytes();
    let mut id = Digest::of_parts([origin.as_bytes(), pair.as_bytes(), plan.as_bytes(), policy.as_bytes(), &when]).to_string();
    id.truncate(ID);
    id
}

impl Agreed {
    /// The execution contract.
    pub fn contract(&self) -> &Part {
        let [_, _, contract] = &self.parts;
        contract
    }
}
