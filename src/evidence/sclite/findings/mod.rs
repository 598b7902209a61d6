//! What we find in a bundle that upstream tolerates: each finding says where it is and what to make of it.
//!
//! Findings stand beside the verdict of [`Upstream`](super::Upstream) and do not repeat it: a bundle may be refused without any
//! finding, and accepted with several.
//!
//! Not compared: `timeout_seconds`, which bounds one command, with the times of a receipt, which are those of the operation.

mod bounds;
mod case;
mod code;
mod documents;
mod files;
mod guard;
mod ids;
mod links;
mod manifest;
mod modes;
mod reaction;
mod redacted;
mod replay;
mod review;
mod scope;
mod times;
mod uses;

pub use code::{BundleFinding, FindingCode};
pub use replay::{Replays, replays};

use super::guard::GuardKey;
use super::{Bundle, Documents, verify_bundle};
use crate::evidence::json::Json;
use case::Case;

/// What is to be said of a bundle; `key` is the key of its guard, when the reader has one.
pub fn findings(bundle: &Bundle, key: Option<&GuardKey>) -> Vec<BundleFinding> {
    verify_bundle(bundle, key).findings
}

/// What is to be said of the files of a bundle. `record` is the review record that they give, when they give one.
pub(in crate::evidence) fn inspect(files: &Documents<'_>, key: Option<&GuardKey>, record: Option<&Json>) -> Vec<BundleFinding> {
    let mut case = Case::of(files);
    documents::inspect(&mut case);
    files::inspect(&mut case);
    manifest::inspect(&mut case);
    links::inspect(&mut case);
    times::inspect(&mut case);
    redacted::inspect(&mut case);
    if case.is_reaction() {
        reaction::inspect(&mut case);
    } else {
        scope::inspect(&mut case);
        modes::inspect(&mut case);
        bounds::inspect(&mut case);
        uses::inspect(&mut case);
        ids::inspect(&mut case);
        review::inspect(&mut case, record);
        guard::inspect(&mut case, key);
    }
    case.into_findings()
}
