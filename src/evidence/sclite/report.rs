//! Everything there is to say of one bundle.

use super::findings::{BundleFinding, inspect};
use super::guard::GuardKey;
use super::layout::{MANIFEST, REVIEW_RECORD};
use super::upstream::{Accepted, Upstream};
use super::{Bundle, Documents};

/// When a record is said to be made if neither the stored one nor the manifest says it.
const NO_TIME: &str = "1970-01-01T00:00:00+00:00";

/// What is to be said of a bundle: the verdict of upstream, and beside it what we find.
#[derive(Debug)]
pub struct BundleReport {
    /// What `sclite-core` 1.0.5 says.
    pub upstream: Upstream,
    /// What we find beyond that.
    pub findings: Vec<BundleFinding>,
}

impl BundleReport {
    /// Which profiles of upstream accept the bundle.
    pub fn accepted(&self) -> Accepted {
        self.upstream.accepted()
    }

    /// Whether upstream accepts the bundle by every profile that applies, and we find nothing in it.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.accepted().by_all()
    }
}

/// Verifies a bundle: a lifecycle or a reaction chain, by its files. With `key` the guard and the guarded-strict profile are
/// checked as well. Replays need several bundles: [`replays`](super::findings::replays).
///
/// The record in the report has the time of the stored one (else of the manifest), so that the same files give the same report.
pub fn verify_bundle(bundle: &Bundle, key: Option<&GuardKey>) -> BundleReport {
    let documents = Documents::new(bundle);
    let time = |file: &str, key: &str| documents.artifact(file).ok()?.value().text_at(&[key]);
    let stored = time(REVIEW_RECORD, "generated_at").or_else(|| time(MANIFEST, "created_at"));
    let generated_at = stored.filter(|time| !time.is_empty()).unwrap_or(NO_TIME);
    let upstream = Upstream::of(&documents, key, generated_at);
    let record = match &upstream {
        Upstream::Lifecycle(review) => review.review.as_ref().ok(),
        Upstream::Reaction(_) => None,
    };
    let findings = inspect(&documents, key, record);
    BundleReport { upstream, findings }
}
