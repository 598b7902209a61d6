//! The review of a bundle: its shape, five checks, one verdict, and the page for people.

mod markdown;
mod record;
mod shape;

pub use markdown::review_markdown;
pub use record::{review_bundle, review_documents, review_record};
pub use shape::verify_shape;

pub(super) use record::Reviewed;
