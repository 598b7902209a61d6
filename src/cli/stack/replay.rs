//! `tecrax reaction-replay`

use super::args::ReplayArgs;
use super::folder::Folder;
use super::{Context, Exit, Failure, answer, refused};
use crate::evidence::json::Json;
use crate::evidence::sclite::layout::{LIFECYCLE, REACTION_MANIFEST};
use crate::evidence::sclite::{Bundle, Documents, verify_reaction};

/// Runs it.
pub(super) fn run(context: &Context<'_>, args: &ReplayArgs) -> Result<Exit, Failure> {
    let bundle = Folder::of(context, &args.kept, &args.reaction)?.read()?;
    let verified = verified(&bundle)?;
    Ok(answer(context, &verified.said()))
}

/// A chain that holds.
pub(super) struct Verified {
    roles: Vec<String>,
    /// The last digest.
    pub root: String,
    /// The plan.
    pub plan: Json,
}

/// Checks the chain of a directory.
///
/// # Errors
/// The first thing that does not hold.
pub(super) fn verified(bundle: &Bundle) -> Result<Verified, Failure> {
    let documents = Documents::new(bundle);
    let unreadable = || refused(format!("{}/{REACTION_MANIFEST}: no manifest can be read", bundle.label()));
    let manifest = documents.artifact(REACTION_MANIFEST).map_err(|_| unreadable())?;
    let reaction = verify_reaction(manifest.value(), &documents).map_err(|refusal| refused(refusal.message))?;
    Ok(Verified { roles: reaction.chain.roles.clone(), root: reaction.chain.root.clone(), plan: reaction.plan.value().clone() })
}

impl Verified {
    /// What the verifier of the stack prints: it holds the roles against those of a lifecycle, which a reaction is not.
    fn said(&self) -> Json {
        let expected = LIFECYCLE.map(|(role, _)| role);
        let mut extra: Vec<&str> = self.roles.iter().map(String::as_str).filter(|role| !expected.contains(role)).collect();
        extra.sort_unstable();
        let missing = expected.iter().filter(|role| !self.roles.iter().any(|known| known == *role));
        let texts = |texts: &[&str]| texts.iter().copied().collect::<Json>();
        Json::from([
            ("canonicalization", Json::from("sclite-artifact-chain-v0.2")),
            ("chain_status", Json::from("passed")),
            ("checked_entries", self.roles.iter().map(String::as_str).collect()),
            ("entry_count", Json::from(self.roles.len() as u64)),
            ("hash_algorithm", Json::from("sha256")),
            (
                "lifecycle_role_summary",
                Json::from([
                    ("duplicate_roles", texts(&[])),
                    ("expected_roles", texts(&expected)),
                    ("extra_roles", texts(&extra)),
                    ("missing_roles", missing.copied().collect()),
                    ("status", Json::from("noncanonical")),
                ]),
            ),
            ("lifecycle_status", Json::from("not_checked")),
            ("reaction_semantics", Json::from("passed")),
            ("root_chain_digest", Json::from(self.root.as_str())),
            ("semantic_checks", texts(&[])),
            ("status", Json::from("passed")),
            ("verification_posture", Json::from("integrity_only")),
        ])
    }
}
