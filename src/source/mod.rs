//! Manifests in: files and directories become one [`Snapshot`].
//!
//! The only stage that reads manifests. It never fails as a whole: what can not be read becomes a [`Problem`](crate::api::Problem)
//! and everything else still loads.
//!
//! A PATH becomes files (`discover`), a file becomes chunks (`split`), a chunk becomes a tree (`tree`), the tree is held against
//! the shape of its kind (`header`, `shape`, `strict`), and only a tree without findings is read into its type (`yaml`). What Git
//! says about the files is found beside that (`revision`).

pub mod bounds;
mod cache;
mod discover;
mod document;
mod finding;
mod git;
mod header;
mod label;
mod load;
mod located;
mod lost;
mod origin;
mod parse;
mod revision;
mod scalar;
mod shape;
mod snapshot;
mod split;
mod strict;
mod tracked;
mod tree;
mod typed;
mod yaml;

pub use cache::LoadCache;
pub use load::load;
pub use located::{Located, LocatedError, LocatedValue, located};
pub use lost::LostPolicy;
pub use snapshot::{Document, Origin, Revision, Snapshot};
pub use tracked::{Tracked, tracked};
