//! The stored record and page against what the artifacts give.

use super::super::layout::{REVIEW_PAGE, REVIEW_RECORD};
use super::super::review::{Reviewed, review_markdown};
use super::FindingCode;
use super::case::Case;
use crate::evidence::json::{Json, Object};

pub(super) fn inspect(case: &mut Case<'_>) {
    let stored = case.artifact(REVIEW_RECORD).map(super::super::Artifact::value);
    // The time is the only part of a record that the artifacts do not decide.
    let generated_at = stored.and_then(|stored| stored.text_at(&["generated_at"])).unwrap_or_default();
    let Ok(record) = Reviewed::of(case.files).and_then(|reviewed| reviewed.record(generated_at)) else { return };
    if case.files.bundle().contains(REVIEW_RECORD) && stored != Some(&record) {
        let what = difference(stored, &record);
        case.find(FindingCode::StaleReview, REVIEW_RECORD, format!("not the record of these artifacts: {what}"));
    }
    let page = review_markdown(&record);
    if case.files.bundle().get(REVIEW_PAGE).is_some_and(|stored| stored != page.as_bytes()) {
        case.find(FindingCode::StaleReview, REVIEW_PAGE, "not the page of these artifacts");
    }
}

/// The first member in which a stored record differs.
fn difference(stored: Option<&Json>, record: &Json) -> String {
    let Some(stored) = stored.and_then(Json::as_object) else { return "no record at all".to_owned() };
    let expected = record.as_object().into_iter().flat_map(Object::iter);
    let differs = expected.filter(|(key, value)| stored.get(key) != Some(value)).map(|(key, _)| key).next();
    let known = |key: &str| record.get(key).is_some();
    let extra = || stored.keys().find(|key| !known(key));
    differs.or_else(extra).map_or_else(|| "other members".to_owned(), |key| format!("{key} differs"))
}
