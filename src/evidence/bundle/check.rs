//! Checking the bundles of a log without writing them.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::files::{FilesError, Made, json};
use super::receipt::Receipt;
use super::terms::terms_id;
use crate::api::Digest;
use crate::evidence::Header;
use crate::evidence::json::{Json, canonical};
use crate::evidence::sclite::findings::{BundleFinding, FindingCode, inspect};
use crate::evidence::sclite::layout::{LIFECYCLE, MANIFEST};
use crate::evidence::sclite::{Artifact, Bundle, Documents, review_documents};

/// Artifacts that are remembered: three for each plan of each pair. Beyond that all are forgotten, and read again.
const KNOWN_MAX: usize = 10_000;
/// How many artifacts, in the order of a lifecycle, are those of the plan.
const SHARED: usize = 3;

/// Checks the bundles of a log, run by run: what [`files`](super::files()) would write of each, judged by `sclite-core` 1.0.5 as we
/// know it, and by ourselves. Page and record of the review are left out: they are made of the rest.
///
/// Tickets and receipts are named after log, pair, terms and number of the run, so a replay shows in the bundle itself: nothing has to
/// be remembered of the runs before.
#[derive(Debug, Default)]
pub struct Checker {
    /// Artifacts that runs share, by their digest.
    known: HashMap<String, Arc<Artifact>>,
}

/// What there is to say of one bundle.
#[derive(Debug)]
pub struct Checked {
    /// The verdict of upstream: `pass`, `review`, `fail`, or why there is none.
    pub verdict: String,
    /// What we find beyond that; replays included.
    pub findings: Vec<BundleFinding>,
}

impl Checked {
    /// Whether upstream says `pass`.
    pub fn passes(&self) -> bool {
        self.verdict == "pass"
    }
}

impl Checker {
    /// Checks the bundle of one run. `parts` are those that `body`, which is canonical, binds by their digests.
    ///
    /// # Errors
    /// [`FilesError`]: it is no bundle at all.
    pub fn check(&mut self, header: &Header, parts: &[(&str, &[u8])], body: &[u8]) -> Result<Checked, FilesError> {
        let body = json("body", body)?;
        let mut bundle = Bundle::new(format!("{}@{}", header.subject, header.seq));
        let mut artifacts = Vec::with_capacity(LIFECYCLE.len());
        for (number, (role, path)) in LIFECYCLE.into_iter().enumerate() {
            let (_, bytes) = parts.iter().find(|(name, _)| *name == role).ok_or(FilesError::Missing(role))?;
            let digest = body.text_at(&["parts", role]).filter(|_| number < SHARED);
            artifacts.push((role, path, self.artifact(role, digest, bytes)?));
            bundle.insert(path, *bytes)?;
        }
        let made = Made::of(artifacts.iter().map(|(role, path, artifact)| (*role, *path, &**artifact)));
        made.is_bound_by(&body)?;
        bundle.insert(MANIFEST, canonical(&made.chain))?;
        let manifest = Arc::new(Artifact::of(made.chain));
        let known = artifacts.into_iter().map(|(_, path, artifact)| (path, artifact)).chain([(MANIFEST, manifest)]);
        let documents = Documents::knowing(&bundle, known);
        let record = review_documents(&documents, &made.created_at);
        let verdict = match &record {
            Ok(record) => record.text_at(&["verdict"]).unwrap_or_default().to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        let mut findings = inspect(&documents, None, None);
        findings.extend(replayed(header, &body, &documents));
        Ok(Checked { verdict, findings })
    }

    /// Reads an artifact, or remembers it by its digest.
    fn artifact(&mut self, role: &'static str, digest: Option<&str>, bytes: &[u8]) -> Result<Arc<Artifact>, FilesError> {
        if let Some(known) = digest.and_then(|digest| self.known.get(digest)) {
            return Ok(Arc::clone(known));
        }
        let value: Json = json(role, bytes)?;
        let artifact = Arc::new(Artifact::of(value));
        if let Some(digest) = digest {
            if self.known.len() >= KNOWN_MAX {
                self.known.clear();
            }
            self.known.insert(digest.to_owned(), Arc::clone(&artifact));
        }
        Ok(artifact)
    }
}

/// Tickets and receipts that are those of another run.
fn replayed(header: &Header, body: &Json, documents: &Documents<'_>) -> Vec<BundleFinding> {
    let digest = |value: Option<&Json>| value.and_then(Json::as_str).and_then(Digest::parse).unwrap_or(Digest::ZERO);
    let [_, (_, policy), _, (_, ticket), (_, receipt), _] = LIFECYCLE;
    let member = |file: &str, path: &[&str]| documents.artifact(file).ok().and_then(|artifact| artifact.value().at(path));
    let planned_at = body.text_at(&["planned_at"]).and_then(|at| at.parse::<Timestamp>().ok()).unwrap_or_default();
    let plan = digest(body.get("plan_digest"));
    let policy = digest(member(policy, &["tecrax", "policy_digest"]));
    let id = terms_id(&header.origin, &header.subject.to_string(), &plan, &policy, planned_at);
    let run = format!("{id}-{}", header.seq);
    [(ticket, "ticket_id", format!("scoped-ticket-{run}")), (receipt, "receipt_id", Receipt::named(&run))]
        .into_iter()
        .filter(|(file, key, own)| member(file, &[key]).and_then(Json::as_str) != Some(own))
        .map(|(file, key, own)| BundleFinding {
            code: FindingCode::Replay,
            file: file.to_owned(),
            message: format!("its {key} is not that of this run, {own:?}"),
        })
        .collect()
}
