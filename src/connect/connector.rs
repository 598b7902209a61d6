//! The seam between who runs plans and who touches targets.

use super::context::OpenContext;
use super::meter::Meter;
use super::reading::{Failure, Output};
use super::session::Session;
use crate::admission::AdmittedStep;
use crate::desired::ConnectionConfig;
use crate::profile::ServerVersion;

/// Opens sessions and takes readings on them. [`OpenContext`] does so for real; whoever examines a runner scripts its own. Neither
/// can be asked anything but the step of an admitted plan, with its bounds.
pub trait Connector: Sync {
    /// An open connection to one Target.
    type Session: Send + Sync;

    /// Opens the connection of the Target `target` (`<namespace>/<name>`).
    fn open(&self, config: &ConnectionConfig, target: &str) -> impl Future<Output = Result<Self::Session, Failure>> + Send;

    /// Takes the reading of a step, inside its time and bytes. `version` is that of the server, for shapes that have several
    /// forms. Dropping the future ends what it started. `meter` counts the bytes of output while they are read, whatever becomes of
    /// the reading.
    fn take(
        &self,
        session: &Self::Session,
        step: AdmittedStep<'_>,
        version: Option<ServerVersion>,
        meter: &Meter,
    ) -> impl Future<Output = Result<Output, Failure>> + Send;

    /// Says goodbye to the target.
    fn close(&self, session: Self::Session) -> impl Future<Output = ()> + Send;
}

impl Connector for OpenContext {
    type Session = Session;

    async fn open(&self, config: &ConnectionConfig, target: &str) -> Result<Session, Failure> {
        Session::open(config, target, self).await
    }

    async fn take(
        &self,
        session: &Session,
        step: AdmittedStep<'_>,
        version: Option<ServerVersion>,
        meter: &Meter,
    ) -> Result<Output, Failure> {
        session.take(step, version, meter).await
    }

    async fn close(&self, session: Session) {
        session.close().await;
    }
}
