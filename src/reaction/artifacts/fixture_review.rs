//! The review of the Python stack's fixture: constant but for the name of the service.

use super::token::is_alphanumeric;
use crate::evidence::json::{Json, Limits, Object, read};
use crate::evidence::sclite::Descriptor;
use crate::facts::text;

/// Everything that does not depend on the service; `{ref}` stands for it.
const TEMPLATE: &[u8] = include_bytes!("fixture_review.json");
/// What stands for the service.
const HOLE: &str = "{ref}";
/// The service when none is named.
const DEFAULT: &str = "demo-web";
/// Members of the profile that its boundary report repeats.
const BOUNDARY: [&str; 6] = ["name", "version", "owner", "owns", "consumes", "non_claims"];

/// `fixture:service:` and the label of a service: in lower case, with `-` for everything but letters, numbers, `-` and `_`.
pub fn fixture_ref(service: &str) -> String {
    let name = text::lower(text::trim(service));
    let label: String = name.chars().map(|c| if is_alphanumeric(c) || matches!(c, '-' | '_') { c } else { '-' }).collect();
    format!("fixture:service:{}", if label.is_empty() { DEFAULT } else { &label })
}

/// The review of the fixture of `service`. Nothing is contacted and nothing is read: it shows what a review looks like.
pub fn fixture_review(service: &str) -> Json {
    let template = read(TEMPLATE, &Limits::STRICT).map_or(Json::Null, |document| document.value);
    let mut review = filled(&template, &fixture_ref(service));
    let Some(members) = review.as_object_mut() else { return review };
    repeat_profile(members);
    let receipt = members.get("fixture_receipt").map(Descriptor::of);
    if let Some(receipt) = receipt {
        if let Some(result) = members.get_mut("review_result").and_then(Json::as_object_mut) {
            result.insert("qualification_refs", Json::Array(vec![Json::from(receipt.digest.to_string())]));
        }
        members.insert("sclite_fixture_receipt_descriptor", receipt.to_json());
    }
    review
}

/// The profile stands in its conformance report again, and in the boundary report of that.
fn repeat_profile(members: &mut Object) {
    let Some(profile) = members.get("profile").cloned() else { return };
    let Some(conformance) = members.get_mut("profile_conformance").and_then(Json::as_object_mut) else { return };
    let mut boundary: Object = BOUNDARY.into_iter().filter_map(|key| Some((key, profile.get(key)?.clone()))).collect();
    boundary.insert("metadata", Json::from([("sdk_profile", profile.clone())]));
    if let Some(report) = conformance.get_mut("boundary_report").and_then(Json::as_object_mut) {
        report.insert("profile", boundary);
    }
    conformance.insert("profile", profile);
}

fn filled(value: &Json, reference: &str) -> Json {
    match value {
        Json::Text(text) => Json::Text(text.replace(HOLE, reference)),
        Json::Array(items) => items.iter().map(|item| filled(item, reference)).collect(),
        Json::Object(members) => {
            Json::Object(Object::iter(members).map(|(key, item)| (key.to_owned(), filled(item, reference))).collect())
        }
        other => other.clone(),
    }
}
