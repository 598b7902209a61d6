//! Compact JSON in plain ASCII: the size limit of facts counts its characters.

pub use crate::api::ascii_compact;
