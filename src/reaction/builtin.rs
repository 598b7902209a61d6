//! The rules in force where no pack is: healthy asks for nothing, the rest for a second look at the same.

use super::chain::Chain;
use super::ruling::{Asks, Block, Ruling};
use crate::api::{Assessment, Criticality, Digest};

/// What the built-in rules say of a run.
pub fn rule(assessment: Assessment, chain: &Chain) -> Ruling {
    let (rule, asks) = match assessment {
        Assessment::Healthy => ("builtin.healthy", Asks::Nothing),
        _ => ("builtin.confirm", Asks::Again),
    };
    let digest = Digest::of(rule.as_bytes()).to_string();
    let again = asks == Asks::Again && chain.asker() == Some(digest.as_str());
    Ruling {
        rule: rule.to_owned(),
        pack: digest.clone(),
        severity: Criticality::Medium,
        asks: if again { Asks::Person } else { asks },
        intent: None,
        recorded: if again { "reaction_cycle_detected".to_owned() } else { format!("matched:{rule}") },
        matched: !again,
        blocked: again.then_some(Block::Cycle { of_asker: true }),
        digest,
    }
}
