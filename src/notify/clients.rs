//! HTTP clients, one for each set of TLS material.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Certificate, Client, Identity, redirect, retry};
use zeroize::Zeroizing;

use super::Fault;
use super::names::Names;
use crate::api::{Digest, ErrorClass};
use crate::secrets::SecretValue;

/// Clients that are kept.
const MAX_KEPT: usize = 32;
/// How long an idle connection is kept; shorter than any usual server keeps it.
const IDLE: Duration = Duration::from_secs(3);
/// Most header fields of an answer.
const MAX_HEADERS: usize = 100;

/// What TLS is made of.
#[derive(Debug, Default)]
pub(super) struct Material {
    /// Whether there is TLS at all.
    pub(super) tls: bool,
    /// CA certificates that stand in for the system's.
    pub(super) ca: Option<SecretValue>,
    /// Client certificate and key.
    pub(super) identity: Option<SecretValue>,
}

/// The clients of this process.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<HashMap<Digest, Client>>);

impl Clients {
    /// The client for `material`.
    pub(super) async fn get(self: &Arc<Self>, material: Material) -> Result<Client, Fault> {
        let part =
            |value: &Option<SecretValue>| Zeroizing::new(value.as_ref().map_or("", SecretValue::expose).as_bytes().to_vec());
        let kind = [u8::from(material.tls), u8::from(material.ca.is_some()), u8::from(material.identity.is_some())];
        let key = Digest::of_parts([&kind[..], &part(&material.ca), &part(&material.identity)]);
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(client) = kept {
            return Ok(client);
        }
        // Reading the system's CAs takes milliseconds of disk and parsing.
        let built = tokio::task::spawn_blocking(move || build(&material)).await;
        let client = built.map_err(|_| Fault::new(ErrorClass::Internal, "an HTTP client was not made"))??;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, client.clone());
        Ok(client)
    }
}

fn build(material: &Material) -> Result<Client, Fault> {
    // The provider of the whole process; a second call finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("tecrax/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .http1_max_headers(MAX_HEADERS)
        .pool_idle_timeout(IDLE)
        .dns_resolver(Names);
    match &material.ca {
        Some(ca) => builder = builder.tls_certs_only(certificates(ca)?),
        // Without TLS there is nothing to verify, and the system's CAs need not be there.
        None if !material.tls => builder = builder.tls_certs_only([]),
        None => {}
    }
    if let Some(identity) = &material.identity {
        builder = builder.identity(Identity::from_pem(identity.expose().as_bytes()).map_err(|_| bad_identity())?);
    }
    builder.build().map_err(|_| match (&material.identity, &material.ca) {
        (Some(_), _) => bad_identity(),
        (None, Some(_)) => bad_ca(),
        (None, None) => Fault::new(
            ErrorClass::TlsUntrusted,
            "the certificates of this machine can not be used; install `ca-certificates`, or name the CA in `tls.caFrom`",
        ),
    })
}

fn certificates(pem: &SecretValue) -> Result<Vec<Certificate>, Fault> {
    match Certificate::from_pem_bundle(pem.expose().as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err(bad_ca()),
    }
}

fn bad_ca() -> Fault {
    Fault::new(ErrorClass::CredentialUnusable, "`tls.caFrom` holds no CA certificates in PEM form that can be used")
}

fn bad_identity() -> Fault {
    Fault::new(
        ErrorClass::CredentialUnusable,
        "`tls.clientCertFrom` holds no certificate with its unencrypted key in PEM form that can be used",
    )
}
