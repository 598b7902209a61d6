//! What a rule decides.

use std::fmt;

/// What a rule, and with it a verdict, decides. The order is that of precedence: of two matching rules the lesser effect decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// May not run.
    Deny,
    /// May not run without a person.
    ApprovalRequired,
    /// May run when every obligation is met.
    AllowWithObligations,
    /// May run.
    Allow,
}

impl Effect {
    /// Every effect.
    pub const ALL: [Self; 4] = [Self::Deny, Self::ApprovalRequired, Self::AllowWithObligations, Self::Allow];

    /// The word in packs and verdicts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::ApprovalRequired => "approval_required",
            Self::AllowWithObligations => "allow_with_obligations",
            Self::Allow => "allow",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.as_str() == word)
    }

    /// Whether something may run.
    pub const fn admits(self) -> bool {
        matches!(self, Self::Allow | Self::AllowWithObligations)
    }
}

impl From<crate::api::PolicyEffect> for Effect {
    fn from(effect: crate::api::PolicyEffect) -> Self {
        match effect {
            crate::api::PolicyEffect::Allow => Self::Allow,
            crate::api::PolicyEffect::AllowWithObligations => Self::AllowWithObligations,
            crate::api::PolicyEffect::ApprovalRequired => Self::ApprovalRequired,
            crate::api::PolicyEffect::Deny => Self::Deny,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
