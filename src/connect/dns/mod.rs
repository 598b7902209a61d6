//! One question to one DNS server.

use super::reading::{Failure, Output};
use super::session::Question;
use crate::api::ErrorClass;
use crate::desired::DnsConfig;
use crate::secrets::Redactor;

/// The server of one connection.
#[derive(Debug)]
pub(super) struct Session {
    server: String,
    port: u16,
}

impl Session {
    pub(super) fn new(config: &DnsConfig) -> Self {
        Self { server: config.server.clone(), port: config.port }
    }

    /// Asks it once.
    pub(super) async fn ask(&self, _: Question<'_>, _: &Redactor) -> Result<Output, Failure> {
        let message = format!("{} port {} is not asked", self.server, self.port);
        Err(Failure::new(ErrorClass::NotInEffect, message))
    }
}
