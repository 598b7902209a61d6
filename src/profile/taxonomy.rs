//! `taxonomy.yaml` and `finding_taxonomy.yaml`: the closed lists of words.

use std::collections::BTreeSet;

use super::model::FindingTaxonomy;
use super::raw;
use super::report::{Report, is_token};
use super::yaml::At;

pub(super) const PATH: &str = "taxonomy.yaml";
pub(super) const FINDINGS: &str = "finding_taxonomy.yaml";

/// The words that intents and connectors may use; `None` when the file is unusable, so that nothing is reported twice.
pub(super) struct Taxonomy {
    pub(super) target_kinds: BTreeSet<String>,
    pub(super) roles: BTreeSet<String>,
    pub(super) capabilities: BTreeSet<String>,
}

pub(super) fn check(report: &mut Report<'_>) -> Option<Taxonomy> {
    let raw::TaxonomyFile { taxonomy } = report.read_required(PATH)?;
    version(report, PATH, &taxonomy.version);
    Some(Taxonomy {
        target_kinds: words(report, PATH, "target_kinds", taxonomy.target_kinds),
        roles: words(report, PATH, "roles", taxonomy.roles),
        capabilities: words(report, PATH, "domain_capabilities", taxonomy.domain_capabilities),
    })
}

pub(super) fn check_findings(report: &mut Report<'_>) -> FindingTaxonomy {
    let Some(raw::FindingFile { finding_taxonomy: findings }) = report.read_required(FINDINGS) else {
        return FindingTaxonomy::default();
    };
    version(report, FINDINGS, &findings.version);
    FindingTaxonomy {
        severities: words(report, FINDINGS, "severities", findings.severities),
        kinds: words(report, FINDINGS, "kinds", findings.kinds),
        reason_codes: words(report, FINDINGS, "reason_codes", findings.reason_codes),
    }
}

fn version(report: &mut Report<'_>, path: &str, version: &At<String>) {
    if !is_token(&version.value) {
        report.fault(path, Some(version.referenced), "version must be a version such as \"1.0\"");
    }
}

fn words(report: &mut Report<'_>, path: &str, list: &str, entries: Vec<At<String>>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    if entries.is_empty() {
        report.fault(path, None, format!("{list} is empty"));
    }
    for entry in entries {
        let at = Some(entry.referenced);
        if !is_token(&entry.value) {
            report.fault(path, at, format!("`{}` in {list} is no identifier", entry.value.escape_debug()));
        } else if let Some(word) = words.replace(entry.value) {
            report.fault(path, at, format!("`{word}` stands twice in {list}"));
        }
    }
    words
}
