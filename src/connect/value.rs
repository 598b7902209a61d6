//! Values that stand elsewhere, read when a connection is made.

use std::sync::Arc;

use super::Failure;
use crate::api::{ErrorClass, SecretId};
use crate::desired::ValueSource;
use crate::secrets::{Resolver, SecretError, SecretValue};

/// The value of a source.
pub(super) async fn read(source: &ValueSource, secrets: &Arc<Resolver>) -> Result<SecretValue, Failure> {
    match source {
        ValueSource::Secret(id) => secret(id, secrets).await,
        ValueSource::File(path) => {
            let path = path.clone();
            apart(secrets, move |secrets| secrets.read(&path)).await
        }
    }
}

/// The value of a secret.
pub(super) async fn secret(id: &SecretId, secrets: &Arc<Resolver>) -> Result<SecretValue, Failure> {
    let id = id.clone();
    apart(secrets, move |secrets| secrets.resolve(&id)).await
}

/// On a thread of its own: a disk that hangs must not hold up other targets.
async fn apart<F>(secrets: &Arc<Resolver>, look: F) -> Result<SecretValue, Failure>
where
    F: FnOnce(&Resolver) -> Result<SecretValue, SecretError> + Send + 'static,
{
    let secrets = Arc::clone(secrets);
    match tokio::task::spawn_blocking(move || look(&secrets)).await {
        Ok(result) => result.map_err(Failure::from),
        Err(_) => Err(Failure::new(ErrorClass::Internal, "the look-up of a secret ended early")),
    }
}
