//! The decision that a plan may run, with the rule, obligations and constraints that go with it. Pure.
//!
//! ```compile_fail
//! // Only `admission` can make an admitted plan.
//! let admitted = tecrax::admission::Admitted(());
//! ```
