//! Manifests in: files and directories become one [`Snapshot`].
//!
//! The only stage that reads manifests. It never fails as a whole: what can not be read becomes a [`Problem`](crate::api::Problem)
//! and everything else still loads.
//!
//! A PATH becomes files (`discover`), a file becomes chunks (`split`), a chunk becomes a tree (`tree`), the tree is held against
//! the shape of its kind (`header`, `shape`, `strict`), and only a tree without findings is read into its type (`yaml`). What Git
//! says about the files is found beside that (`revision`). Who reads again and again has a [`Follower`] for it.

pub mod bounds;
mod bare;
mod cache;
mod discover;
mod document;
mod finding;
mod follow;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod git;
mod header;
mod inline;
mod kept;
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
mod spots;
mod stamp;
mod strict;
mod tracked;
mod tree;
mod typed;
mod writing;
mod yaml;

pub use cache::LoadCache;
pub use follow::{Follower, Look, WHOLE};
pub use kept::Kept;
pub use load::load;
pub use located::{Located, LocatedError, LocatedValue, located};
pub use lost::LostPolicy;
pub use snapshot::{Document, Origin, Revision, Snapshot};
pub use spots::Spots;
pub use tracked::{Tracked, tracked};
pub use writing::{GitLock, Writing};
