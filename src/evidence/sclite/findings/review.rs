//! The stored record and page against what the artifacts give.

use super::super::layout::{REVIEW_PAGE, REVIEW_RECORD};
use super::super::{Artifact, review_markdown};
use super::FindingCode;
use super::case::Case;
use crate::evidence::json::{Json, Object};

/// `record` has the time of the stored one: that is the only part which the artifacts do not decide.
pub(super) fn inspect(case: &mut Case<'_>, record: Option<&Json>) {
    let Some(record) = record else { return };
    let stored = case.artifact(REVIEW_RECORD).map(Artifact::value);
    if stored != Some(record) {
        let what = difference(stored, record);
        case.find(FindingCode::StaleReview, REVIEW_RECORD, format!("not the record of these artifacts: {what}"));
    }
    let page = review_markdown(record);
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
