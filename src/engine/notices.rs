//! Escalations as they stand become notices.

use std::sync::Arc;

use super::{Engine, Inputs};
use crate::notify::Notice;
use crate::store::StoreError;

/// Every incident that a Sink may have to hear of.
#[expect(clippy::unused_async, reason = "reads the store")]
pub(super) async fn notices(_engine: &Engine, _inputs: &Inputs) -> Result<Vec<Notice>, Arc<StoreError>> {
    Ok(Vec::new())
}
