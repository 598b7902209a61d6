//! One way to take readings, whatever the connection.

use std::collections::BTreeMap;
use std::time::Duration;

use super::context::OpenContext;
use super::meter::Meter;
use super::reading::{Failure, Output};
use super::sandbox::Sandbox;
use super::{dns, fixture, http, local, ssh, wrapper};
use crate::admission::AdmittedStep;
use crate::api::{ErrorClass, LabelName, SandboxLevel};
use crate::desired::ConnectionConfig;
use crate::profile::{ServerVersion, Shape};
use crate::secrets::Redactor;

/// An open connection to one target. Dropping it ends everything it started.
#[derive(Debug)]
pub struct Session {
    kind: Kind,
    redactor: Redactor,
}

#[derive(Debug)]
enum Kind {
    Local(Sandbox),
    Ssh(ssh::Session),
    Wrapper(wrapper::Session),
    Http(http::Session),
    Dns(dns::Session),
    Fixture(fixture::Session),
}

/// What is asked of a session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'q> {
    /// The shape.
    pub(crate) shape: &'q Shape,
    /// Values for its typed holes.
    pub(crate) parameters: &'q BTreeMap<LabelName, String>,
    /// Version of the server, for shapes that have several forms.
    pub(crate) version: Option<ServerVersion>,
    /// Time for the reading.
    pub(crate) timeout: Duration,
    /// Most bytes of each stream; what is longer is cut while it is read.
    pub(crate) max_output_bytes: u32,
    /// Least that has to stand between a command and this machine.
    pub(crate) sandbox: SandboxLevel,
    /// Counts what is read for it.
    pub(crate) meter: &'q Meter,
}

impl Session {
    /// Opens the connection of the Target `target` (`<namespace>/<name>`): for `ssh` the host and every hop are verified and the
    /// login has succeeded when this returns. The other kinds connect when they are asked.
    pub async fn open(config: &ConnectionConfig, target: &str, context: &OpenContext) -> Result<Self, Failure> {
        let redactor = context.secrets.redactor();
        let kind = match config {
            ConnectionConfig::Local => Ok(Kind::Local(context.sandbox.clone())),
            ConnectionConfig::Ssh(config) => Box::pin(ssh::Session::open(config, context)).await.map(Kind::Ssh),
            ConnectionConfig::Wrapper(config) => {
                Ok(Kind::Wrapper(wrapper::Session::new(config, target, context.sandbox.clone())))
            }
            ConnectionConfig::Http(config) => http::Session::open(config, context).await.map(Kind::Http),
            ConnectionConfig::Dns(config) => Ok(Kind::Dns(dns::Session::new(config))),
            ConnectionConfig::Fixture(config) if context.allow_fixtures => {
                fixture::Session::open(config, target, context.recordings.as_ref()).map(Kind::Fixture)
            }
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

    /// Takes the reading of an admitted step: the only way for anything to leave this process. `version` is that of the server,
    /// for shapes that have several forms; `meter` counts what is read, also of a reading that fails or is dropped.
    pub async fn take(&self, step: AdmittedStep<'_>, version: Option<ServerVersion>, meter: &Meter) -> Result<Output, Failure> {
        let (shape, parameters) = (&step.step().shape, &step.step().parameters);
        let (timeout, max_output_bytes, sandbox) = (step.timeout(), step.max_output_bytes(), step.sandbox());
        self.ask(Question { shape, parameters, version, timeout, max_output_bytes, sandbox, meter }).await
    }

    /// Takes one reading inside the question's time and bytes. Any number may be under way at once; an SSH session sends at most four at a time and
    /// the time in that queue counts. Dropping the future, or the end of its time, ends the command: a local one with all
    /// that came of it; a remote one by closing its channel, which ends what writes, and by a signal, which OpenSSH (from 7.9)
    /// delivers unless the login is root or the command forced. A remote command that neither reaches runs to its own end.
    pub(crate) async fn ask(&self, question: Question<'_>) -> Result<Output, Failure> {
        let redactor = &self.redactor;
        // Boxed one by one: a future as large as the largest of them would be moved again by every layer above.
        let answer = match &self.kind {
            Kind::Local(sandbox) => Box::pin(local::read(&local::Program::named_by_shape(sandbox), question, redactor)).await,
            Kind::Ssh(session) => Box::pin(session.read(question, redactor)).await,
            Kind::Wrapper(session) => Box::pin(session.read(question, redactor)).await,
            Kind::Http(session) => Box::pin(session.ask(question, redactor)).await,
            Kind::Dns(session) => Box::pin(session.ask(question, redactor)).await,
            Kind::Fixture(session) => session.read(question, redactor),
        };
        answer.map_err(|failure| failure.redacted(redactor))
    }

    /// Whether another round may use this session: false once the connection is lost or a command had to be abandoned on it.
    pub fn is_reusable(&self) -> bool {
        match &self.kind {
            Kind::Local(_) | Kind::Wrapper(_) | Kind::Http(_) | Kind::Dns(_) | Kind::Fixture(_) => true,
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
