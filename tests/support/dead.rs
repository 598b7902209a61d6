//! Targets on which nothing listens.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use russh::keys::PrivateKey;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::Ed25519Keypair;

/// Name of the private key beside the manifests: without one nobody would even try to connect.
const IDENTITY: &str = "id.key";

/// A port of this machine on which nothing listens.
pub fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Puts the key beside the manifests.
pub fn key(manifests: &Path) {
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&[7; 32]));
    let path = manifests.join(IDENTITY);
    fs::write(&path, key.to_openssh(LineEnding::LF).unwrap().as_bytes()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A Target labelled `site: lab` that gives no answer; `more` are further lines of its spec.
pub fn target(name: &str, more: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{site: lab}}}}\nspec:\n  type: Host\n\
         {more}  connections:\n  - name: os\n    ssh:\n      host: 127.0.0.1\n      port: {}\n      user: nobody\n\
         {:6}identity: {{file: {IDENTITY}}}\n      hostKeys: {{inline: [\"{KEY}\"]}}\n",
        port(),
        ""
    )
}

/// A Target that gives no answer, reached through the Target `hop`.
pub fn behind(name: &str, hop: &str) -> String {
    target(name, "").replace("      identity:", &format!("      viaRefs: [{{name: {hop}}}]\n      identity:"))
}

/// A known host, so that no file of this machine is read.
const KEY: &str = "127.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH1OF4bEoc0bcXIthtOdrdWv9Rm4+DTu8R+dS8IipT/F";
