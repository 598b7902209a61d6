//! Tickets and receipts that more than one bundle uses.

use std::collections::BTreeMap;

use super::super::layout::LIFECYCLE;
use super::super::{Artifact, Bundle, Documents};
use super::{BundleFinding, FindingCode};
use crate::evidence::json::Json;

/// Tickets and receipts of the lifecycles that were seen so far. Holds about 200 bytes a bundle.
#[derive(Debug, Default)]
pub struct Replays {
    /// How often each ticket was used, and the first bundle that did.
    tickets: BTreeMap<String, (u64, String)>,
    /// The first bundle with each receipt, by identifier and by digest.
    receipts: BTreeMap<String, String>,
}

impl Replays {
    /// Adds a bundle; the findings name the bundle that came first. Reactions are skipped: they carry receipts of lifecycles.
    pub fn add(&mut self, bundle: &Bundle) -> Vec<BundleFinding> {
        self.add_documents(&Documents::new(bundle))
    }

    /// As [`Replays::add`], for a bundle that is being read already.
    pub fn add_documents(&mut self, documents: &Documents<'_>) -> Vec<BundleFinding> {
        let bundle = documents.bundle();
        let [_, _, _, (_, ticket), (_, receipt), _] = LIFECYCLE;
        let mut found = Vec::new();
        let mut find = |file: &str, message: String| {
            let file = bundle.named(file);
            found.push(BundleFinding { code: FindingCode::Replay, file, message });
        };
        if let Some((artifact, id)) = identified(documents, ticket, "ticket_id") {
            let uses = artifact.value().at(&["spend_limits", "max_uses"]).and_then(Json::as_u64).unwrap_or(1);
            let (count, first) = self.tickets.entry(id.clone()).or_insert_with(|| (0, bundle.label().to_owned()));
            *count = count.saturating_add(1);
            if *count > uses {
                find(ticket, format!("{id:?} is used {count} times and allows {uses}; first by {first}"));
            }
        }
        if let Some((artifact, id)) = identified(documents, receipt, "receipt_id") {
            for key in [format!("id {id:?}"), format!("digest {}", artifact.digest())] {
                match self.receipts.get(&key) {
                    Some(first) => find(receipt, format!("the receipt with the {key} is also in {first}")),
                    None => {
                        self.receipts.insert(key, bundle.label().to_owned());
                    }
                }
            }
        }
        found
    }
}

/// Tickets and receipts that more than one of these bundles uses.
pub fn replays<'a>(bundles: impl IntoIterator<Item = &'a Bundle>) -> Vec<BundleFinding> {
    let mut seen = Replays::default();
    bundles.into_iter().flat_map(|bundle| seen.add(bundle)).collect()
}

/// The artifact of a file and its identifier.
fn identified<'a>(documents: &'a Documents<'_>, file: &str, key: &str) -> Option<(&'a Artifact, String)> {
    let artifact = documents.artifact(file).ok()?;
    Some((artifact, artifact.get(key)?.as_str()?.to_owned()))
}
