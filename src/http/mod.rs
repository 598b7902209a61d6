//! The ground that every HTTP request of this process stands on, whether it asks a Target or tells a Sink: one client for each set of
//! TLS material, the names of servers as this machine resolves them, and every way that sending and reading can fail, with the one that is nobody else's: a
//! machine without open files.
//!
//! Redirects are not followed, proxies are not used, nothing is sent twice. Who asks, what is sent and what an answer means is said in
//! `connect` and `notify`.

mod clients;
mod fault;
mod header;
mod lookup;
mod names;
mod shortage;

pub use clients::{Clients, Material, USER_AGENT};
pub use fault::{Fault, of_error, while_reading};
pub use header::secret_header;
pub use lookup::resolve;
pub use names::Host;
pub use shortage::{MORE_FILES, no_files};
