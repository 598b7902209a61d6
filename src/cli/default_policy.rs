//! `--default-policy`, of the commands that ask policy.

use clap::Args;

use crate::admission::DefaultPolicy;

/// What decides over pairs that no Policy selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct PolicyArgs {
    /// What becomes of pairs that no Policy selects
    #[arg(long, value_enum, default_value_t, value_name = "DEFAULT")]
    pub default_policy: DefaultChoice,
}

/// What becomes of pairs that no Policy selects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum DefaultChoice {
    /// The bundled default admits them: the read-only intents of the profile inside outer bounds
    #[default]
    Bundled,
    /// They are denied
    Deny,
}

impl From<PolicyArgs> for DefaultPolicy {
    fn from(args: PolicyArgs) -> Self {
        match args.default_policy {
            DefaultChoice::Bundled => Self::Bundled,
            DefaultChoice::Deny => Self::Deny,
        }
    }
}
