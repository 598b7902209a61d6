//! HTTP clients, one for each set of TLS material: what a thousand Targets share costs once.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Certificate, Client, Identity, redirect, retry};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::Fault;
use super::names::{Host, Names};
use super::shortage::is_short;
use crate::api::{Digest, ErrorClass};
use crate::secrets::SecretValue;

/// What every request says of who asks.
pub const USER_AGENT: &str = concat!("tecrax/", env!("CARGO_PKG_VERSION"));
/// Clients that are kept for later sessions.
const MAX_KEPT: usize = 256;
/// How long an idle connection is kept. Shorter than any usual server keeps it (Apache: 5 s), so that a request seldom meets a
/// connection that is being closed.
const IDLE: Duration = Duration::from_secs(3);
/// Idle connections of one origin that are kept.
const MAX_IDLE: usize = 256;
/// Most header fields of an answer.
const MAX_HEADERS: usize = 100;

/// What a connection's TLS is made of.
#[derive(Debug, Default)]
pub struct Material {
    /// Whether there is TLS at all.
    pub tls: bool,
    /// CA certificates that stand in for the system's.
    pub ca: Option<SecretValue>,
    /// Client certificate and key.
    pub identity: Option<SecretValue>,
}

/// The clients of this process.
#[derive(Debug, Default)]
pub struct Clients {
    names: Names,
    by_material: Mutex<HashMap<Digest, Arc<OnceCell<Client>>>>,
}

impl Clients {
    /// The name `host`, which is about to be asked: what it is resolved to is remembered as long as somebody holds it.
    pub fn host(&self, host: &str) -> Host {
        self.names.host(host)
    }

    /// Resolves `count` names that nobody asks.
    #[cfg(test)]
    pub(crate) fn flood(&self, count: usize) {
        for number in 0..count {
            let address = std::net::Ipv4Addr::new(192, 0, 2, 1).into();
            self.names.remember(&format!("host-{number}.example.net"), std::iter::once(address));
        }
    }

    /// The client for `material`. System CAs are read when the first one that needs them is made.
    ///
    /// # Errors
    /// [`ErrorClass::CredentialUnusable`]: the material is none; [`ErrorClass::TlsUntrusted`]: nor are the CAs of this machine;
    /// [`ErrorClass::Transient`]: this machine has no more open files to read them.
    pub async fn get(&self, material: Material) -> Result<Client, Fault> {
        let part =
            |value: &Option<SecretValue>| Zeroizing::new(value.as_ref().map_or("", SecretValue::expose).as_bytes().to_vec());
        let kind = [u8::from(material.tls), u8::from(material.ca.is_some()), u8::from(material.identity.is_some())];
        let key = Digest::of_parts([&kind[..], &part(&material.ca), &part(&material.identity)]);
        let cell = self.cell(key);
        let client = cell.get_or_try_init(|| async {
            let names = self.names.clone();
            // Reading the system's CAs takes milliseconds of disk and parsing.
            match tokio::task::spawn_blocking(move || build(&material, names)).await {
                Ok(built) => built,
                Err(_) => Err(Fault::new(ErrorClass::Internal, "an HTTP client was not made")),
            }
        });
        client.await.cloned()
    }

    /// How many clients are kept.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.by_material.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn cell(&self, key: Digest) -> Arc<OnceCell<Client>> {
        let mut kept = self.by_material.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT && !kept.contains_key(&key) {
            kept.clear();
        }
        Arc::clone(kept.entry(key).or_default())
    }
}

fn build(material: &Material, names: Names) -> Result<Client, Fault> {
    // The provider of the whole process; a second call finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .http1_max_headers(MAX_HEADERS)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(MAX_IDLE)
        .dns_resolver(names);
    match &material.ca {
        Some(ca) => builder = builder.tls_certs_only(certificates(ca)?),
        // Without TLS there is nothing to verify, and the system's CAs need not be there.
        None if !material.tls => builder = builder.tls_certs_only([]),
        None => {}
    }
    if let Some(identity) = &material.identity {
        let read = Identity::from_pem(identity.expose().as_bytes()).map_err(|_| bad_identity())?;
        builder = builder.identity(read);
    }
    let built = builder.build();
    if material.tls && material.ca.is_none() && is_short() {
        // CAs that could not be opened are left out, and whatever is then built would be kept.
        return Err(Fault::no_files("the server"));
    }
    built.map_err(|error| {
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        if material.identity.is_some() {
            bad_identity()
        } else if material.ca.is_some() {
            bad_ca()
        } else {
            Fault::new(ErrorClass::TlsUntrusted, format!("the certificates of this machine can not be used: {why}"))
                .next_step("Install the CA certificates of the system (`ca-certificates`), or name the CA in `tls.caFrom`.")
        }
    })
}

fn certificates(pem: &SecretValue) -> Result<Vec<Certificate>, Fault> {
    match Certificate::from_pem_bundle(pem.expose().as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err(bad_ca()),
    }
}

fn bad_ca() -> Fault {
    Fault::new(ErrorClass::CredentialUnusable, "`tls.caFrom` holds no CA certificates that can be used")
        .next_step("Give one or more certificates in PEM form (`-----BEGIN CERTIFICATE-----`).")
}

fn bad_identity() -> Fault {
    Fault::new(ErrorClass::CredentialUnusable, "`tls.clientCertFrom` holds no certificate with its key that can be used")
        .next_step(
            "Give the certificate, what it was issued by, and its unencrypted private key, one after the other, in PEM form.",
        )
}
