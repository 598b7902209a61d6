//! What a configuration says about one name: of each setting the first that counts, as OpenSSH has it.

use std::collections::BTreeMap;

use super::pattern::covers;
use super::sections::{Condition, Config, Setting};

/// Most identity files, as OpenSSH has it.
const MAX_IDENTITIES: usize = 100;

/// The settings in force for a name.
#[derive(Debug, Default)]
pub(super) struct Resolved<'c> {
    first: BTreeMap<&'c str, &'c Setting>,
    /// Every IdentityFile, in order.
    pub identities: Vec<&'c Setting>,
    /// ProxyJump or ProxyCommand, whichever comes first.
    pub proxy: Option<&'c Setting>,
}

impl<'c> Resolved<'c> {
    /// The first setting of a keyword.
    pub(super) fn get(&self, keyword: &str) -> Option<&'c Setting> {
        self.first.get(keyword).copied()
    }
}

/// Which conditions hold for `name`.
pub(super) fn holding(config: &Config, name: &str) -> Vec<bool> {
    let holds = |condition: &Condition| match condition {
        Condition::Host(patterns, _) => covers(patterns, name),
        Condition::Always => true,
        Condition::Never => false,
    };
    config.conditions.iter().map(|scope| holds(&scope.condition)).collect()
}

/// The settings in force for `name`.
pub(super) fn resolve<'c>(config: &'c Config, name: &str) -> Resolved<'c> {
    let holding = holding(config, name);
    let mut resolved = Resolved::default();
    for section in &config.sections {
        if !section.conditions.iter().all(|index| holding.get(*index) == Some(&true)) {
            continue;
        }
        for setting in &section.settings {
            match setting.keyword.as_str() {
                "identityfile" if resolved.identities.len() < MAX_IDENTITIES => resolved.identities.push(setting),
                "proxyjump" | "proxycommand" => {
                    resolved.proxy.get_or_insert(setting);
                }
                keyword => {
                    resolved.first.entry(keyword).or_insert(setting);
                }
            }
        }
    }
    resolved
}
