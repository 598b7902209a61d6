//! The keys a host shows, for a person to compare. Nothing is trusted, nothing is stored, nobody logs in.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{Handler, connect_stream};
use russh::keys::{Algorithm, HashAlg, PublicKey, PublicKeyOrCertificate};
use tokio::time::{Instant, timeout_at};

use super::client::config;
use super::cut::Cuttable;
use super::host_key::ALGORITHMS;
use super::pattern::lookup_name;
use super::{label, tcp};
use crate::api::ErrorClass;
use crate::connect::Failure;

/// The known_hosts lines of `host`, one for every type of key it shows, each after a comment with its fingerprint as
/// `ssh-keygen -lf` on the host prints it. To be compared by a person before they are stored.
///
/// One handshake per type, ended before the login, all within `limit`. Fails when the host shows no key at all.
pub async fn scan(host: &str, port: u16, limit: Duration) -> Result<Vec<String>, Failure> {
    let deadline = Instant::now() + limit;
    let (rsa, other): (Vec<_>, Vec<_>) = ALGORITHMS.into_iter().partition(|a| matches!(a, Algorithm::Rsa { .. }));
    let mut types: Vec<Vec<Algorithm>> = other.into_iter().map(|algorithm| vec![algorithm]).collect();
    types.push(rsa);
    let mut lines = Vec::new();
    let mut failure = None;
    for algorithms in types {
        match shown(host, port, algorithms, deadline).await {
            Ok(Some(key)) => lines.extend(written(host, port, &key).into_iter().flatten()),
            Ok(None) => {}
            Err(error) => _ = failure.get_or_insert(error),
        }
        if failure.is_some() && lines.is_empty() {
            break;
        }
    }
    if !lines.is_empty() {
        return Ok(lines);
    }
    Err(failure.unwrap_or_else(|| {
        let message = format!("{} shows no host key of a type that is safe to use", label(host, port));
        Failure::new(ErrorClass::Unreachable, message).next_step("Update the SSH server of the host.")
    }))
}

fn written(host: &str, port: u16, key: &PublicKey) -> Option<[String; 2]> {
    let name = lookup_name(host, port);
    let line = format!("{name} {}", key.to_openssh().ok()?.trim());
    Some([format!("# {name} {} {}", key.fingerprint(HashAlg::Sha256), key.algorithm()), line])
}

/// Keeps the key and ends the handshake.
struct Look(Arc<Mutex<Option<PublicKey>>>);

impl Handler for Look {
    type Error = russh::Error;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(presented.public_key());
        Ok(false)
    }
}

/// The key of one of these types, `None` when the host has none.
async fn shown(host: &str, port: u16, types: Vec<Algorithm>, deadline: Instant) -> Result<Option<PublicKey>, Failure> {
    let mut ssh = config(None);
    ssh.preferred.key = Cow::Owned(types);
    let stream = tcp::dial(host, port, deadline).await?;
    let (stream, _cut) = Cuttable::new(stream);
    let seen = Arc::new(Mutex::new(None));
    let handshake = connect_stream(Arc::new(ssh), stream, Look(Arc::clone(&seen)));
    let ended = timeout_at(deadline, handshake).await;
    if let Some(key) = seen.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Ok(Some(key));
    }
    match ended {
        Ok(Err(russh::Error::NoCommonAlgo { kind: russh::AlgorithmKind::Key, .. })) => Ok(None),
        Ok(Err(error)) => Err(super::hop::no_handshake(&label(host, port), &error, None)),
        Ok(Ok(_)) => Err(super::hop::lost(&label(host, port), "during the key exchange", None)),
        Err(_) => Err(Failure::new(ErrorClass::Timeout, format!("{} did not show a key in time", label(host, port)))
            .next_step("Check the load of the host and what stands in between.")),
    }
}
