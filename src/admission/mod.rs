//! The decision that a plan may run, with the rule, obligations and constraints that go with it. Pure.
//!
//! A [`Judge`] decides: the bundled policy's invariants first, then every Policy that selects the pair (`court` asks each with the
//! engine in [`policy`], `request` says about what, `objection` what comes of it), then whether what the admitting rules ask can be met (`met`). Deny wins over
//! approval, approval over admission; of what several rules ask the strictest of each holds, inside the bundled outer bounds.
//!
//! Nothing else can make an admitted plan, so nothing else can make a connector move:
//!
//! ```compile_fail,E0624
//! use tecrax::admission::{Admitted, Decision};
//! fn admit(decision: Decision) -> Admitted {
//!     Admitted::new(decision)
//! }
//! ```
//!
//! ```compile_fail,E0451
//! use tecrax::admission::{Admitted, Decision};
//! fn admit(decision: Decision) -> Admitted {
//!     Admitted { decision }
//! }
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
//! ```compile_fail,E0616
//! // Nor are the bounds of an admitted plan: they can be read, and that is all.
//! use tecrax::admission::{Admitted, Bounds};
//! fn widen(admitted: &mut Admitted) {
//!     admitted.decision.bounds = Bounds::bundled();
//! }
//! ```
//!
//! ```compile_fail,E0277
//! // An admitted plan is used once: what was admitted is not copied onto another run.
//! fn twice(plan: &tecrax::plan::Plan<tecrax::admission::Admitted>) -> tecrax::plan::Plan<tecrax::admission::Admitted> {
//!     tecrax::plan::Plan::clone(plan)
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
//! use tecrax::connect::{Meter, Session};
//! async fn send(session: &Session, step: &tecrax::plan::ReadStep, meter: &Meter) {
//!     session.take(step, None, meter).await;
//! }
//! ```

mod admitted;
mod bounds;
mod bundled;
mod court;
mod judge;
mod met;
mod objection;
pub mod policy;
mod request;

pub use admitted::{Admitted, AdmittedStep, Decision, Denial, DenialReason};
pub use bounds::Bounds;
pub use judge::{DefaultPolicy, Judge, admit};
