//! The decision that a plan may run, with the rule, obligations and constraints that go with it. Pure.
//!
//! Nothing else can make an admitted plan, so nothing else can make a connector move:
//!
//! ```compile_fail,E0624
//! use tecrax::admission::{Admitted, Bounds};
//! let admitted = Admitted::new("mine".to_owned(), tecrax::api::Digest::ZERO, Bounds::bundled());
//! ```
//!
//! ```compile_fail,E0451
//! use tecrax::admission::{Admitted, Bounds};
//! let admitted = Admitted { rule: "mine".to_owned(), policy: tecrax::api::Digest::ZERO, bounds: Bounds::bundled() };
//! ```
//!
//! ```compile_fail,E0624
//! // The state of a plan is changed by admission only.
//! use tecrax::admission::Admitted;
//! use tecrax::plan::{Plan, Proposed};
//! fn admit(plan: Plan<Proposed>, stolen: Admitted) -> Plan<Admitted> {
//!     plan.with_state(stolen)
//! }
//! ```
//!
//! ```compile_fail,E0599
//! // A proposed plan has no steps that a connector would take.
//! fn run(plan: &tecrax::plan::Plan<tecrax::plan::Proposed>) {
//!     for step in plan.admitted_steps() {}
//! }
//! ```
//!
//! ```compile_fail,E0451
//! // Nor can such a step be made by hand.
//! use tecrax::admission::{AdmittedStep, Bounds};
//! fn step(step: &tecrax::plan::ReadStep) -> AdmittedStep<'_> {
//!     AdmittedStep { step, bounds: Bounds::bundled() }
//! }
//! ```
//!
//! ```compile_fail,E0308
//! // And a connector takes nothing else.
//! async fn send(session: &tecrax::connect::Session, step: &tecrax::plan::ReadStep) {
//!     session.take(step, None).await;
//! }
//! ```

mod admitted;
mod bundled;
pub mod policy;

pub use admitted::{Admitted, AdmittedStep, Bounds, Denial};
pub use bundled::admit;
