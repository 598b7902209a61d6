//! Reaction packs: rules as data that say what is done about an observation. Pure.
//!
//! A [`Pack`] is compiled once from YAML against the [`Vocabulary`] of a profile and asked many times. Rules stand in the order of
//! priority, then id; the first whose conditions all hold decides, and only that one. Budgets ([`Budgets`]) and the rules that were
//! visited before bound a chain of reactions: what exceeds them escalates.
//!
//! ```
//! use serde_json::json;
//! use tecrax::reaction::pack::{Context, Outcome, Pack, Vocabulary};
//!
//! let text = r"
//! reaction_pack:
//!   id: example
//!   version: '1'
//!   budgets: {max_depth: 3, max_reactions: 5}
//!   rules:
//!   - id: down
//!     when: [{path: facts.verdict.assessment, operator: equals, value: unhealthy}]
//!     finding: {kind: example.down, severity: high, summary: It is down.}
//!     outcome: escalate
//!   fallback:
//!     id: rest
//!     finding: {kind: example.rest, severity: low, summary: Nothing to do.}
//!     outcome: no_op
//! ";
//! let pack = Pack::compile(text, "example.yaml", &Vocabulary::default())?;
//! let decision = pack.evaluate(&json!({"facts": {"verdict": {"assessment": "unhealthy"}}}), &Context::default());
//! assert_eq!((decision.outcome, decision.reason.as_str()), (Outcome::Escalate, "matched:down"));
//! # Ok::<(), Box<tecrax::api::Problem>>(())
//! ```

mod compile;
mod condition;
mod context;
mod equal;
mod evaluate;
mod evaluation;
mod fields;
mod fault;
mod identity;
mod model;
mod order;
mod outcome;
mod path;
mod questions;
mod read;
mod read_condition;
mod read_rule;
mod rule;
mod severity;
mod vocabulary;

pub use condition::{Condition, Operator};
pub use context::Context;
pub use evaluation::{BUDGET_EXHAUSTED, CYCLE_DETECTED, DEPTH_EXCEEDED, Evaluation, NO_MATCHING_RULE};
pub use identity::{Identity, canonical_digest};
pub use model::{Budgets, Pack};
pub use outcome::Outcome;
pub use rule::{FindingWords, Input, Rule};
pub use severity::FindingSeverity;
pub use vocabulary::Vocabulary;
