//! Fixed requests to one origin.

use std::sync::Arc;

use super::context::OpenContext;
use super::reading::{Failure, Output};
use super::session::Question;
use crate::api::ErrorClass;
use crate::desired::HttpConfig;
use crate::secrets::Redactor;

/// One origin, and what it may be given.
#[derive(Debug)]
pub(super) struct Session {
    config: Arc<HttpConfig>,
}

impl Session {
    pub(super) async fn open(config: &Arc<HttpConfig>, _: &OpenContext) -> Result<Self, Failure> {
        Ok(Self { config: Arc::clone(config) })
    }

    /// Sends the request once.
    pub(super) async fn ask(&self, _: Question<'_>, _: &Redactor) -> Result<Output, Failure> {
        Err(Failure::new(ErrorClass::NotInEffect, format!("{:?} is not asked", self.config.base_url)))
    }
}
