//! An operator-owned executable that answers for a network device: its own path, fixed arguments, and one variable that names
//! the Target.

use std::path::PathBuf;

use super::local;
use super::reading::{Failure, Output};
use super::sandbox::Sandbox;
use super::session::Question;
use crate::desired::WrapperConfig;
use crate::secrets::Redactor;

/// The variable that tells the executable which device is meant.
const TARGET: &str = "TECRAX_TARGET";

/// The executable of one Target.
#[derive(Debug)]
pub(super) struct Session {
    path: PathBuf,
    target: String,
    sandbox: Sandbox,
}

impl Session {
    pub(super) fn new(config: &WrapperConfig, target: &str, sandbox: Sandbox) -> Self {
        // Commands start in `/`; a manifest may have been named relative to where we started.
        let path = std::path::absolute(&config.path).unwrap_or_else(|_| config.path.clone());
        Self { path, target: target.to_owned(), sandbox }
    }

    /// Runs it with the shape's arguments.
    pub(super) async fn read(&self, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
        let variables = [(TARGET, self.target.as_str())];
        let program = local::Program { path: Some(&self.path), variables: &variables, sandbox: &self.sandbox };
        local::read(&program, question, redactor).await
    }
}
