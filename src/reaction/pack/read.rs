//! A pack as written.

use super::fault::{Fault, Faults};
use super::fields::Fields;
use super::model::Budgets;
use super::read_rule::{MAX_ID, rule};
use super::rule::Rule;
use crate::source::{Located, located};

/// Largest pack, in bytes.
const MAX_BYTES: usize = 262_144;
/// Most values of a pack: more than the largest one with every bound used has.
const MAX_NODES: usize = 65_536;
/// Most rules of a pack.
const MAX_RULES: usize = 128;
/// Longest version, in characters.
const MAX_VERSION: usize = 64;
/// Largest `max_depth`.
const MAX_DEPTH: u32 = 32;
/// Largest `max_reactions`.
const MAX_REACTIONS: u32 = 1024;

/// A pack whose parts are right, each for itself.
pub(super) struct Written<'a> {
    /// The mapping under `reaction_pack`.
    pub root: &'a Located,
    pub id: String,
    pub version: String,
    pub budgets: Budgets,
    /// In the order of the file, each with its place.
    pub rules: Vec<(Rule, &'a Located)>,
    pub fallback: (Rule, &'a Located),
}

/// The document of a file.
pub(super) fn document(faults: &Faults, text: &str) -> Result<Located, Fault> {
    if text.len() > MAX_BYTES {
        return Err(faults.place(0, 0, format!("reaction pack exceeds {MAX_BYTES} bytes")));
    }
    located(text, MAX_NODES).map_err(|error| faults.place(error.line, error.column, error.message))
}

/// Reads the parts. Fields beside `reaction_pack` are nobody's.
pub(super) fn pack<'a>(faults: &'a Faults, document: &'a Located) -> Result<Written<'a>, Fault> {
    if document.map().is_none() {
        return Err(faults.at(document, "reaction_pack document must be a mapping"));
    }
    let allowed = ["id", "version", "budgets", "rules", "fallback"];
    let fields = Fields::of(faults, document.get("reaction_pack"), document, "reaction_pack".to_owned(), &allowed)?;
    let id = fields.text("id", MAX_ID)?;
    let version = fields.text("version", MAX_VERSION)?;
    let budgets = budgets(&fields)?;
    let items = fields.get("rules").and_then(Located::list).unwrap_or_default();
    if !(1..=MAX_RULES).contains(&items.len()) {
        return Err(fields.fault("rules", &format!("must contain 1..{MAX_RULES} rules")));
    }
    let rules = items.iter().enumerate().map(|(index, item)| {
        let label = format!("reaction_pack.rules[{index}]");
        rule(faults, Some(item), item, label, false).map(|rule| (rule, item))
    });
    let rules = rules.collect::<Result<_, _>>()?;
    let fallback = rule(faults, fields.get("fallback"), fields.at, "reaction_pack.fallback".to_owned(), true)?;
    Ok(Written { root: fields.at, id, version, budgets, rules, fallback: (fallback, fields.place("fallback")) })
}

fn budgets(pack: &Fields<'_>) -> Result<Budgets, Fault> {
    let label = "reaction_pack.budgets".to_owned();
    let fields = Fields::of(pack.faults, pack.get("budgets"), pack.at, label, &["max_depth", "max_reactions"])?;
    let bounded = |field: &str, max: u32| -> Result<u32, Fault> {
        let given = fields.whole(field)?.unwrap_or_default();
        let bounded = u32::try_from(given).ok().filter(|given| (1..=max).contains(given));
        bounded.ok_or_else(|| {
            let fault = pack.faults.at(fields.place(field), "reaction budgets are outside bounded limits");
            super::fault::with_help(fault, Some(format!("write {field}: 1 to {max}")))
        })
    };
    Ok(Budgets { max_depth: bounded("max_depth", MAX_DEPTH)?, max_reactions: bounded("max_reactions", MAX_REACTIONS)? })
}
