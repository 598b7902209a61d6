//! One way to take readings, whatever the connection.

use std::sync::Arc;
use std::time::Duration;

use super::context::OpenContext;
use super::reading::{Failure, Output};
use super::{fixture, local, ssh};
use crate::admission::AdmittedStep;
use crate::api::ErrorClass;
use crate::desired::{ConnectionConfig, FixtureConfig};
use crate::profile::Shape;
use crate::secrets::Redactor;

/// An open connection to one target. Dropping it ends everything it started.
#[derive(Debug)]
pub struct Session {
    kind: Kind,
    redactor: Redactor,
}

#[derive(Debug)]
enum Kind {
    Local,
    Ssh(ssh::Session),
    Fixture(Arc<FixtureConfig>),
}

impl Session {
    /// Opens the connection: for `ssh` the host and every hop are verified and the login has succeeded when this returns.
    pub async fn open(config: &ConnectionConfig, context: &OpenContext) -> Result<Self, Failure> {
        let redactor = context.secrets.redactor();
        let kind = match config {
            ConnectionConfig::Local => Ok(Kind::Local),
            ConnectionConfig::Ssh(config) => ssh::Session::open(config, context).await.map(Kind::Ssh),
            ConnectionConfig::Fixture(config) if context.allow_fixtures => Ok(Kind::Fixture(Arc::clone(config))),
            ConnectionConfig::Fixture(_) => {
                Err(Failure::new(ErrorClass::FixturesNotAllowed, "recorded readings are not allowed in this run")
                    .next_step("Run with --allow-fixtures, or declare a real connection."))
            }
            ConnectionConfig::NotInEffect(sentence) => Err(Failure::new(ErrorClass::NotInEffect, sentence.as_str())),
        };
        match kind {
            Ok(kind) => Ok(Self { kind, redactor: redactor.clone() }),
            Err(failure) => Err(failure.redacted(redactor)),
        }
    }

    /// Takes the reading of an admitted step: the only way for anything to leave this process.
    pub async fn take(&self, step: AdmittedStep<'_>) -> Result<Output, Failure> {
        self.read(&step.step().shape, step.timeout()).await
    }

    /// Takes one reading within `timeout`. Any number may be under way at once; an SSH session sends at most four at a time and
    /// the time in that queue counts. Dropping the future, or the end of `timeout`, ends the command: a local one with its whole
    /// process group; a remote one by closing its channel, which ends what writes, and by a signal, which OpenSSH (from 7.9)
    /// delivers unless the login is root or the command forced. A remote command that neither reaches runs to its own end.
    pub(crate) async fn read(&self, shape: &Shape, timeout: Duration) -> Result<Output, Failure> {
        let redactor = &self.redactor;
        let answer = match &self.kind {
            Kind::Local => local::read(shape, timeout, redactor).await,
            Kind::Ssh(session) => session.read(shape, timeout, redactor).await,
            Kind::Fixture(config) => fixture::read(config, shape, redactor),
        };
        answer.map_err(|failure| failure.redacted(redactor))
    }

    /// Whether another round may use this session: false once the connection is lost or a command had to be abandoned on it.
    pub fn is_reusable(&self) -> bool {
        match &self.kind {
            Kind::Local | Kind::Fixture(_) => true,
            Kind::Ssh(session) => session.is_reusable(),
        }
    }

    /// Says goodbye to the target; takes a second at most.
    pub async fn close(self) {
        if let Kind::Ssh(session) = self.kind {
            session.close().await;
        }
    }
}
