//! Targets on which nothing listens.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::net::TcpListener;

/// A port of this machine on which nothing listens.
pub fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A Target labelled `site: lab` that gives no answer; `more` are further lines of its spec.
pub fn target(name: &str, more: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{site: lab}}}}\nspec:\n  type: Host\n\
         {more}  connections:\n  - name: os\n    ssh: {{host: 127.0.0.1, port: {}, user: nobody, hostKeys: {{inline: [\"{KEY}\"]}}}}\n",
        port()
    )
}

/// A known host, so that no file of this machine is read.
const KEY: &str = "127.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH1OF4bEoc0bcXIthtOdrdWv9Rm4+DTu8R+dS8IipT/F";
