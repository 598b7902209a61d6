//! Proving who we are: keys of the agent, key files, both in that order, or a key from a secret.

use std::path::Path;

use russh::MethodKind;
use russh::client::{AuthResult, Handle};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{Algorithm, HashAlg, PrivateKeyWithHashAlg};
use tokio::net::UnixStream;

use super::client::{Client, Fate};
use super::identity::{self, OwnKey};
use crate::api::ErrorClass;
use crate::connect::{Failure, OpenContext, value};
use crate::desired::IdentitySource;

/// Keys offered to one server; OpenSSH hangs up after six refusals (`MaxAuthTries 6`).
const MAX_KEYS: usize = 6;

/// What may be offered, read before the server is contacted.
pub(super) struct Credentials {
    files: Vec<OwnKey>,
    agent: Option<std::path::PathBuf>,
    /// Why others can not be used.
    unusable: Vec<Failure>,
}

impl Credentials {
    /// Reads keys; fails when nothing at all could be offered.
    pub(super) async fn load(source: &IdentitySource, context: &OpenContext) -> Result<Self, Failure> {
        let environment = &context.environment;
        match source {
            IdentitySource::File(path) => {
                Ok(Self { files: vec![identity::load(path).await?], agent: None, unusable: Vec::new() })
            }
            IdentitySource::Secret(id) => {
                let key = identity::of_secret(id, &value::secret(id, &context.secrets).await?)?;
                Ok(Self { files: vec![key], agent: None, unusable: Vec::new() })
            }
            IdentitySource::Agent => match environment.agent.clone() {
                Some(agent) => Ok(Self { files: Vec::new(), agent: Some(agent), unusable: Vec::new() }),
                None => Err(Failure::new(ErrorClass::CredentialUnusable, "there is no SSH agent: SSH_AUTH_SOCK is not set")
                    .next_step("Start an agent (`eval $(ssh-agent)`; `ssh-add`), or name a key file in `identity.file`.")),
            },
            IdentitySource::Usual => {
                let (files, mut unusable) = identity::usual(environment).await;
                unusable.sort_by_key(|failure| failure.transient);
                let agent = environment.agent.clone();
                if files.is_empty() && agent.is_none() {
                    return Err(unusable.pop().unwrap_or_else(|| {
                        Failure::new(ErrorClass::CredentialUnusable, "there is neither an SSH agent nor a usual key file")
                            .next_step("Make a key (`ssh-keygen -t ed25519`), or name one in `identity.file`.")
                    }));
                }
                Ok(Self { files, agent, unusable })
            }
        }
    }
}

/// One login attempt after the other on one connection.
struct Login<'a> {
    handle: &'a mut Handle<Client>,
    user: &'a str,
    label: &'a str,
    offered: Vec<String>,
    /// `None` until asked; SHA-1 when the server knows nothing better.
    rsa: Option<RsaHash>,
}

#[derive(Clone, Copy)]
enum RsaHash {
    Sha2(HashAlg),
    OnlySha1,
}

enum Attempt {
    In,
    Refused,
    /// The server takes no further key.
    Over,
    /// The connection is gone, or about to be.
    Gone,
}

/// Logs in as `user`.
pub(super) async fn log_in(
    handle: &mut Handle<Client>,
    fate: &Fate,
    label: &str,
    user: &str,
    credentials: Credentials,
) -> Result<(), Failure> {
    let Credentials { files, agent, mut unusable } = credentials;
    let mut login = Login { handle, user, label, offered: Vec::new(), rsa: None };
    let mut attempt = Attempt::Refused;
    if let Some(socket) = &agent {
        match login.with_agent(socket).await {
            Ok(done) => attempt = done,
            Err(failure) => unusable.push(failure),
        }
    }
    for file in files {
        if matches!(attempt, Attempt::Refused) && login.offered.len() < MAX_KEYS {
            attempt = login.with_file(file).await?;
        }
    }
    if matches!(attempt, Attempt::In) {
        return Ok(());
    }
    let offered = login.offered;
    if matches!(attempt, Attempt::Gone) {
        // A server that hangs up on purpose says why; a line that broke does not.
        fate.ended().await;
        if fate.said().is_none() {
            return Err(super::hop::lost(label, "during the login", None));
        }
    }
    // What could not be looked at for the moment may be what the server takes.
    if let Some(at) = unusable.iter().position(|failure| failure.transient) {
        return Err(unusable.swap_remove(at));
    }
    if offered.is_empty() {
        return Err(unusable.pop().unwrap_or_else(|| {
            Failure::new(ErrorClass::CredentialUnusable, "the SSH agent holds no key").next_step("Run `ssh-add`.")
        }));
    }
    let mut message = format!("{label} refuses user `{user}` with {}", offered.join(", "));
    for failure in &unusable {
        message.push_str("; ");
        message.push_str(&failure.message);
    }
    Err(Failure::new(ErrorClass::AuthRefused, message)
        .next_step(format!("Add the public key to ~{user}/.ssh/authorized_keys on the host, or correct `user` and `identity`.")))
}

impl Login<'_> {
    async fn with_file(&mut self, file: OwnKey) -> Result<Attempt, Failure> {
        let Some(hash) = self.hash_for(&file.key.algorithm()).await? else { return Ok(Attempt::Refused) };
        self.offered.push(file.name);
        let key = PrivateKeyWithHashAlg::new(file.key, hash);
        let result = self.handle.authenticate_publickey(self.user, key).await;
        result.map(|result| outcome(&result)).map_err(|error| super::hop::lost(self.label, "during the login", Some(&error)))
    }

    async fn with_agent(&mut self, socket: &Path) -> Result<Attempt, Failure> {
        let unusable = |error: &(dyn std::error::Error + 'static)| {
            Failure::new(ErrorClass::CredentialUnusable, format!("the SSH agent at {} fails: {error}", socket.display()))
                .next_step("Check SSH_AUTH_SOCK and `ssh-add -l`.")
                .because(error)
        };
        let mut agent = AgentClient::connect(UnixStream::connect(socket).await.map_err(|error| unusable(&error))?);
        if let Some(binding) = self.handle.agent_session_binding() {
            // Agents that know no session binding refuse it; only keys restricted to destinations need it.
            let _ = agent.bind_session(binding, false).await;
        }
        let identities = agent.request_identities().await.map_err(|error| unusable(&error))?;
        for identity in identities {
            if self.offered.len() >= MAX_KEYS {
                break;
            }
            let algorithm = identity.public_key().algorithm();
            let Some(hash) = self.hash_for(&algorithm).await? else { continue };
            self.offered.push(format!("agent key {}", identity.public_key().fingerprint(HashAlg::Sha256)));
            let result = match identity {
                AgentIdentity::PublicKey { key, .. } => {
                    self.handle.authenticate_publickey_with(self.user, key, hash, &mut agent).await
                }
                AgentIdentity::Certificate { certificate, .. } => {
                    self.handle.authenticate_certificate_with(self.user, certificate, hash, &mut agent).await
                }
            };
            match result.map_err(|error| unusable(&error)).map(|result| outcome(&result))? {
                Attempt::Refused => {}
                done => return Ok(done),
            }
        }
        Ok(Attempt::Refused)
    }

    /// The hash to sign with: `Some(None)` for keys that have one of their own, `None` when the key can not be used here.
    async fn hash_for(&mut self, algorithm: &Algorithm) -> Result<Option<Option<HashAlg>>, Failure> {
        if !matches!(algorithm, Algorithm::Rsa { .. }) {
            return Ok(Some(None));
        }
        let hash = match self.rsa {
            Some(hash) => hash,
            None => match self.handle.best_supported_rsa_hash().await {
                Ok(Some(Some(hash))) => RsaHash::Sha2(hash),
                Ok(Some(None)) => RsaHash::OnlySha1,
                // Servers that do not announce what they take nearly all take this one.
                Ok(None) => RsaHash::Sha2(HashAlg::Sha256),
                Err(error) => return Err(super::hop::lost(self.label, "during the login", Some(&error))),
            },
        };
        self.rsa = Some(hash);
        Ok(match hash {
            RsaHash::Sha2(hash) => Some(Some(hash)),
            RsaHash::OnlySha1 => None,
        })
    }
}

fn outcome(result: &AuthResult) -> Attempt {
    match result {
        AuthResult::Success => Attempt::In,
        AuthResult::Failure { remaining_methods, .. } if remaining_methods.is_empty() => Attempt::Gone,
        AuthResult::Failure { remaining_methods, .. } if remaining_methods.contains(&MethodKind::PublicKey) => Attempt::Refused,
        AuthResult::Failure { .. } => Attempt::Over,
    }
}
