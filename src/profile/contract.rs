//! `contracts/<id>@<version>.schema.json`: the published JSON Schemas of the facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::load::Contents;
use super::model::ContractRef;
use super::report::{Report, is_token};

/// The dialect every schema must name.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

impl ContractRef {
    /// Reads `id@version`; `None` for any other form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id, version) = text.split_once('@')?;
        let numbers = version.split('.').collect::<Vec<_>>();
        let valid = is_token(id)
            && id.starts_with("tecrax.")
            && numbers.len() == 2
            && numbers.iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()));
        valid.then(|| Self { id: id.to_owned(), version: version.to_owned() })
    }
}

/// Every schema by its reference.
pub(super) fn check(report: &mut Report<'_>, contents: &Contents) -> BTreeMap<String, Arc<Value>> {
    let mut contracts = BTreeMap::new();
    for (path, stem) in report.folder("contracts", ".schema.json") {
        let Some(schema) = contents.get(&path) else { continue };
        let Some(reference) = ContractRef::parse(&stem) else {
            report.fault(&path, None, "the file name must be `<contract id>@<version>.schema.json`");
            continue;
        };
        if !schema.is_object() {
            report.fault(&path, None, "the schema is no JSON object");
            continue;
        }
        if schema.get("$schema").and_then(Value::as_str) != Some(DIALECT) {
            report.fault(&path, None, format!("`$schema` must be \"{DIALECT}\""));
        }
        for (field, expected) in [("id", &reference.id), ("version", &reference.version)] {
            let declared = schema.pointer(&format!("/properties/contract/properties/{field}/const")).and_then(Value::as_str);
            if declared.is_some_and(|declared| declared != expected) {
                report.fault(&path, None, format!("properties.contract.{field} differs from the file name"));
            }
        }
        contracts.insert(reference.to_string(), Arc::clone(schema));
    }
    contracts
}
