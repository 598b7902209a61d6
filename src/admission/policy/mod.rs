//! Who may do what: packs of rules, requests, verdicts. Pure, and the same for our Policies and for packs of the Python stack.
//!
//! A [`Pack`] is compiled once and asked many times. A [`Request`] is a few maps of plain values; a [`Rule`] matches when the value at
//! the key of every condition is one that it accepts. Invariants come before rules, deny wins, and what no rule matches is denied.
//! Of the matching rules the effect decides (deny, approval, allow with obligations, allow) and only among rules of one effect their
//! order. Obligations and constraints are those of the one rule that decided; [`Controls`] reads them, and an [`EnforcementPlan`]
//! binds pack, verdict and limits by digests, which are those of the Python stack.
//!
//! ```
//! use serde_json::{Map, json};
//! use tecrax::admission::policy::{Effect, Pack, Request};
//!
//! let rule = json!({"rule_id": "reads", "effect": "allow", "conditions": {"action.mode": "read"}});
//! let pack = Pack::from_python(&json!({"policy_id": "p", "version": 1, "rules": [rule]}))?;
//! let ask = |mode: &str| Request::from_json(&json!({"id": "r", "subject_ref": "s", "action": {"mode": mode}}));
//! assert_eq!(pack.evaluate(&ask("read")?, &Map::new())?.rule.as_deref(), Some("reads"));
//! let denied = pack.evaluate(&ask("write")?, &Map::new())?;
//! assert_eq!((denied.decision, denied.reason_code.as_str()), (Effect::Deny, "no_matching_policy_rule"));
//! assert_eq!(pack.nearest(&ask("write")?, &Map::new()).map(|nearest| nearest.unmet.len()), Some(1));
//! # Ok::<(), tecrax::admission::policy::Refused>(())
//! ```

mod canonical;
mod control;
mod controls;
mod criticality;
mod effect;
mod enforcement;
mod evaluate;
mod forbidden;
pub mod gate;
mod index;
mod invariant;
mod lookup;
mod nearest;
mod pack;
mod python;
mod refused;
mod request;
mod row_set;
mod rows;
mod rule;
mod stack;
mod value;
mod verdict;

pub use controls::Controls;
pub use criticality::criticality;
pub use effect::Effect;
pub use enforcement::{CONTROLS_PROJECTED, EnforcementPlan, prefixed};
pub use evaluate::NO_MATCHING_RULE;
pub use forbidden::FORBIDDEN_KEYS;
pub use nearest::{Nearest, Unmet};
pub use pack::{Pack, SCHEMA_VERSION};
pub use python::MAX_RULES;
pub use refused::{Refused, Step};
pub use request::Request;
pub use rows::{OPEN, Rows, Ruling};
pub use rule::{Condition, Constraint, DEFAULT_PRIORITY, Obligation, RISK_CLASSES, Rule};
pub use stack::{connector_request, operation_request};
pub use value::MAX_DEPTH;
pub use verdict::Verdict;
