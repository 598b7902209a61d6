//! A catalog from memory.

use super::read::{Beside, of_text};
use super::target::CatalogTarget;
use crate::api::{Place, Problem};
use crate::secrets::Redactor;

/// The targets of the catalog `text`, in the form of the Python stack, when every environment it names reads `environment`.
///
/// # Errors
/// What a person would be told, and where.
pub fn catalog(text: &str, environment: &str) -> Result<Vec<serde_json::Value>, (String, Option<Place>)> {
    let file = |_: &str| Some(("environment.yaml".to_owned(), Ok(environment.to_owned())));
    let beside = Beside { file: &file, profile: &|_| None };
    match of_text("catalog.yaml", text, "tecrax", &Redactor::default(), &beside) {
        Ok(read) => Ok(read.catalog.targets.iter().map(CatalogTarget::json).collect()),
        Err(problem) => {
            let Problem { message, place, .. } = *problem;
            Err((message, place))
        }
    }
}
