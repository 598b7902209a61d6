//! Digests of what is wanted and of what it resolved to.

use std::collections::BTreeMap;

use super::model::{BaseUrl, ConnectionConfig, FixtureConfig, HostKeySource, HttpConfig, IdentitySource, SshConfig, ValueSource};
use crate::api::{Digest, HttpAuthMode, LabelName, SecretId};

/// Everything that decides where a reading is taken and as whom.
pub(super) fn connection(config: &ConnectionConfig, parameters: &BTreeMap<LabelName, String>) -> Digest {
    let config = match config {
        ConnectionConfig::Local => Digest::of(b"local"),
        ConnectionConfig::Ssh(config) => ssh(config),
        ConnectionConfig::Wrapper(config) => Digest::of_parts([&b"wrapper"[..], config.path.as_os_str().as_encoded_bytes()]),
        ConnectionConfig::Http(config) => http(config),
        ConnectionConfig::Dns(config) => Digest::of_parts([&b"dns"[..], config.server.as_bytes(), &config.port.to_be_bytes()]),
        ConnectionConfig::Fixture(config) => fixture(config),
        ConnectionConfig::NotInEffect(sentence) => Digest::of_parts([&b"not in effect"[..], sentence.as_bytes()]),
    };
    let values = parameters.iter().flat_map(|(name, value)| [name.as_str().as_bytes(), value.as_bytes()]);
    Digest::of_parts(std::iter::once(&config.as_bytes()[..]).chain(values))
}

/// The resolved configuration of one SSH server, hops included. Every part is preceded by its length and every choice by its
/// name, so that no two configurations share a digest.
pub(super) fn ssh(config: &SshConfig) -> Digest {
    let (port, timeout) = (config.port.to_be_bytes(), config.connect_timeout.as_millis().to_be_bytes());
    let hops: Vec<Digest> = config.via.iter().map(|hop| ssh(hop)).collect();
    let mut parts: Vec<&[u8]> = vec![b"ssh", config.host.as_bytes(), &port, &timeout];
    match &config.host_from {
        Some(ValueSource::Secret(id)) => parts.extend(secret(b"host from", id)),
        Some(ValueSource::File(path)) => parts.extend([&b"host from file"[..], path.as_os_str().as_encoded_bytes()]),
        None => {}
    }
    match &config.user {
        Some(user) => parts.extend([&b"user"[..], user.as_bytes()]),
        None => parts.push(b"current user"),
    }
    match &config.identity {
        IdentitySource::Usual => parts.push(b"usual identity"),
        IdentitySource::Agent => parts.push(b"agent"),
        IdentitySource::File(path) => parts.extend([&b"identity"[..], path.as_os_str().as_encoded_bytes()]),
        IdentitySource::Secret(id) => parts.extend(secret(b"identity from", id)),
    }
    match &config.host_keys {
        HostKeySource::Usual => parts.push(b"usual host keys"),
        HostKeySource::File(path) => parts.extend([&b"host keys"[..], path.as_os_str().as_encoded_bytes()]),
        HostKeySource::Inline(lines) => {
            parts.push(b"inline host keys");
            parts.extend(lines.iter().map(String::as_bytes));
        }
    }
    parts.push(b"via");
    parts.extend(hops.iter().map(|hop| &hop.as_bytes()[..]));
    Digest::of_parts(parts)
}

/// One HTTP server: references, never values.
fn http(config: &HttpConfig) -> Digest {
    let mut parts: Vec<&[u8]> = vec![b"http", if config.https_only { b"https only" } else { b"any scheme" }];
    match &config.base_url {
        BaseUrl::Given(url) => parts.extend([&b"base"[..], url.as_bytes()]),
        BaseUrl::From(from) => parts.extend(source(b"base from", from)),
    }
    if let Some((mode, token)) = &config.auth {
        parts.push(match mode {
            HttpAuthMode::Auto => b"auto",
            HttpAuthMode::Header => b"header",
            HttpAuthMode::Body => b"body",
        });
        parts.extend(source(b"token", token));
    }
    for (name, value) in &config.headers {
        parts.extend([&b"header"[..], name.as_bytes()]);
        parts.extend(source(b"value", value));
    }
    config.ca.iter().for_each(|ca| parts.extend(source(b"ca", ca)));
    config.client_cert.iter().for_each(|cert| parts.extend(source(b"client certificate", cert)));
    Digest::of_parts(parts)
}

fn source<'s>(what: &'s [u8], from: &'s ValueSource) -> Vec<&'s [u8]> {
    match from {
        ValueSource::Secret(id) => secret(what, id).to_vec(),
        ValueSource::File(path) => vec![what, b"file", path.as_os_str().as_encoded_bytes()],
    }
}

/// A reference, never its value.
fn secret<'i>(what: &'i [u8], id: &'i SecretId) -> [&'i [u8]; 4] {
    [what, id.namespace.as_str().as_bytes(), id.name.as_str().as_bytes(), id.key.as_bytes()]
}

fn fixture(config: &FixtureConfig) -> Digest {
    let mut parts: Vec<Vec<u8>> = vec![b"fixture".to_vec()];
    for (shape, (stdout, stderr, exit_code)) in &config.readings {
        parts.extend([shape.clone().into_bytes(), stdout.clone().into_bytes(), stderr.clone().into_bytes()]);
        parts.push(exit_code.to_be_bytes().to_vec());
    }
    Digest::of_parts(parts.iter().map(Vec::as_slice))
}
