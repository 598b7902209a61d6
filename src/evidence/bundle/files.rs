//! The files of a bundle directory.

use crate::evidence::json::{Json, JsonError, Limits, pretty, read};
use crate::evidence::sclite::layout::{LIFECYCLE, LIFECYCLE_PROFILE, MANIFEST, REVIEW_PAGE, REVIEW_RECORD};
use crate::evidence::sclite::{
    Artifact, Bundle, BundleError, ManifestHead, Member, Refusal, manifest, review_markdown, review_record,
};

/// Why a record gives no bundle.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// An artifact is not among the parts; only runs have all six.
    #[error("the record has no {0}: only runs are bundles")]
    Missing(&'static str),
    /// A part or the body is no JSON.
    #[error("{name}: {source}")]
    Json {
        /// Which.
        name: &'static str,
        /// Why.
        source: JsonError,
    },
    /// The body binds another chain.
    #[error("the body binds the chain {bound:?}, the artifacts make {made:?}")]
    Root {
        /// The root digest in the body.
        bound: String,
        /// The root digest of the artifacts.
        made: String,
    },
    /// The artifacts can not be reviewed.
    #[error("cannot review the bundle: {0}")]
    Review(Refusal),
    /// The artifacts are beyond the bounds of a bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

/// Path and bytes of the nine files that a run's bundle consists of, in the order in which they are written: six artifacts, the
/// manifest of their chain, the review record, its page. A pure function of the record: the same parts and body give the same
/// bytes, and every time in them is one of the run's.
///
/// `parts` are the parts of the record by name (others than artifacts are left out), `body` is its canonical body.
///
/// # Errors
/// [`FilesError`]: a part is absent or damaged, or the body binds other artifacts.
pub fn files<'a>(
    parts: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    body: &[u8],
) -> Result<Vec<(&'static str, Vec<u8>)>, FilesError> {
    let parts: Vec<(&str, &[u8])> = parts.into_iter().collect();
    let mut artifacts = Vec::with_capacity(LIFECYCLE.len());
    for (role, path) in LIFECYCLE {
        let (_, bytes) = parts.iter().find(|(name, _)| *name == role).ok_or(FilesError::Missing(role))?;
        artifacts.push((role, path, Artifact::of(json(role, bytes)?)));
    }
    let made = Made::of(artifacts.iter().map(|(role, path, artifact)| (*role, *path, artifact)));
    made.is_bound_by(&json("body", body)?)?;
    let Made { chain_id, created_at, chain } = &made;
    let mut files: Vec<(&'static str, Vec<u8>)> =
        artifacts.iter().map(|(_, path, artifact)| (*path, pretty(artifact.value()).into_bytes())).collect();
    files.push((MANIFEST, pretty(chain).into_bytes()));
    let mut bundle = Bundle::new(chain_id.clone());
    for (path, bytes) in &files {
        bundle.insert(*path, bytes.as_slice())?;
    }
    let record = review_record(&bundle, created_at).map_err(FilesError::Review)?;
    files.push((REVIEW_RECORD, pretty(&record).into_bytes()));
    files.push((REVIEW_PAGE, review_markdown(&record).into_bytes()));
    Ok(files)
}

/// The manifest of six artifacts, and what it takes from them.
pub(super) struct Made {
    pub(super) chain_id: String,
    pub(super) created_at: String,
    pub(super) chain: Json,
}

impl Made {
    /// The manifest of artifacts in their order, by role and path.
    pub(super) fn of<'a>(artifacts: impl Iterator<Item = (&'static str, &'static str, &'a Artifact)> + Clone) -> Self {
        let text = |role: &str, key: &str| {
            let found = artifacts.clone().find(|(known, _, _)| *known == role);
            found.and_then(|(_, _, artifact)| artifact.get(key)?.as_str()).unwrap_or_default().to_owned()
        };
        let created_at = text("execution_receipt", "created_at");
        let ticket = text("execution_ticket", "ticket_id");
        let chain_id = format!("tecrax-{}", ticket.strip_prefix("scoped-ticket-").unwrap_or(&ticket));
        let head = ManifestHead { chain_id: &chain_id, created_at: &created_at, profile: LIFECYCLE_PROFILE };
        let members: Vec<Member<'_>> =
            artifacts.map(|(role, path, artifact)| Member { role, path, required: true, artifact }).collect();
        let chain = manifest(&head, &members);
        Self { chain_id, created_at, chain }
    }

    /// Whether the body of the record binds this chain.
    pub(super) fn is_bound_by(&self, body: &Json) -> Result<(), FilesError> {
        let made = self.chain.text_at(&["root_chain_digest"]).unwrap_or_default();
        let bound = body.text_at(&["root"]).unwrap_or_default();
        if made == bound { Ok(()) } else { Err(FilesError::Root { bound: bound.to_owned(), made: made.to_owned() }) }
    }
}

pub(super) fn json(name: &'static str, bytes: &[u8]) -> Result<Json, FilesError> {
    read(bytes, &Limits::STRICT).map(|document| document.value).map_err(|source| FilesError::Json { name, source })
}
