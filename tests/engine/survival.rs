//! What an engine lives through: clocks that step under it, other processes with other manifests, and a long life.

mod clocks;
mod generations;
mod given_back;
mod late;
mod leftovers;
mod memory;
mod stepped;
mod unwritable;
mod waiting;
