//! The decision that a plan may run, with the rule, obligations and constraints that go with it. Pure.
//!
//! Nothing else can make an admitted plan, so nothing else can make a connector move:
//!
//! ```compile_fail,E0423
//! let admitted = tecrax::admission::Admitted(());
//! ```
//!
//! ```compile_fail,E0451
//! use tecrax::admission::{Admitted, Bounds};
//! let admitted = Admitted { rule: "mine".into(), bounds: Bounds::bundled() };
//! ```
//!
//! ```compile_fail,E0599
//! // A proposed plan has no steps that a connector would take.
//! fn run(plan: &tecrax::plan::Plan<tecrax::plan::Proposed>) {
//!     for step in plan.admitted_steps() {}
//! }
//! ```

mod admitted;
mod bundled;

pub use admitted::{Admitted, AdmittedStep, Bounds, Denial};
pub use bundled::admit;
