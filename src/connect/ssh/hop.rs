//! One verified, logged-in connection: to the target, or to a jump host on the way.

use std::sync::Arc;
use std::time::Duration;

use russh::ChannelOpenFailure;
use russh::client::{Handle, connect_stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::auth::{Credentials, log_in};
use super::client::{Client, Fate, Stop, config};
use super::cut::{Cut, Cuttable};
use super::known_hosts::KnownHosts;
use super::{jitter, label, tcp};
use crate::api::{ErrorClass, printable};
use crate::connect::answer::in_words;
use crate::connect::{Failure, OpenContext};
use crate::desired::SshConfig;
use crate::secrets::Redactor;

/// Handshakes tried before a server that hangs up counts as unreachable. OpenSSH drops connections at random when many are under
/// way, so a second try with a pause gets in.
const HANDSHAKES: u32 = 4;
/// Pause before the second handshake; doubled for every further one.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(500);
/// Characters of a library error.
const MAX_ERROR: usize = 300;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// One verified, logged-in connection. Dropping it cuts the connection.
pub(super) struct Hop {
    /// To send requests with.
    pub(super) handle: Arc<Handle<Client>>,
    /// `host:port`.
    pub(super) label: String,
    fate: Fate,
    _cut: Cut,
}

impl std::fmt::Debug for Hop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hop").field("label", &self.label).finish_non_exhaustive()
    }
}

impl Hop {
    /// Connects, through `over` when there is one, verifies the host and logs in, all within the connect time-out.
    pub(super) async fn open(config: &SshConfig, over: Option<&Self>, context: &OpenContext) -> Result<Self, Failure> {
        let environment = &context.environment;
        let user = config.user.as_deref().or(environment.user.as_deref()).ok_or_else(|| {
            Failure::new(ErrorClass::CredentialUnusable, "no login name is declared and the current user has none")
                .next_step("Set `user` of the connection.")
        })?;
        let known = KnownHosts::load(&config.host_keys, environment, &config.host, config.port).await?;
        let credentials = Credentials::load(&config.identity, context).await?;
        let limit = config.connect_timeout.to_std();
        let deadline = Instant::now() + limit;
        let label = label(&config.host, config.port);
        let (mut handle, fate, cut) = shake_hands(config, over, &known, context.secrets.redactor(), deadline).await?;
        timeout_at(deadline, log_in(&mut handle, &fate, &label, user, credentials))
            .await
            .map_err(|_| too_slow(&label, "the login", limit))??;
        Ok(Self { handle: Arc::new(handle), label, fate, _cut: cut })
    }

    /// A stream from here to another host.
    async fn tunnel(&self, host: &str, port: u16) -> Result<Box<dyn Stream>, Failure> {
        let opened = self.handle.channel_open_direct_tcpip(host, u32::from(port), "127.0.0.1", 0).await;
        match opened {
            Ok(channel) => Ok(Box::new(channel.into_stream())),
            Err(russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited)) => {
                let message = format!("{} does not forward to {}", self.label, label(host, port));
                Err(Failure::new(ErrorClass::Unreachable, message)
                    .next_step("Allow it on the jump host: `AllowTcpForwarding` and `PermitOpen` in sshd_config."))
            }
            Err(russh::Error::ChannelOpenFailure(_)) => {
                let message = format!("{} can not reach {}", self.label, label(host, port));
                Err(Failure::new(ErrorClass::Unreachable, message)
                    .next_step("Check that the host is up, and its name and port as the jump host sees them."))
            }
            Err(error) => Err(lost(&self.label, "while a tunnel was opened", Some(&error))),
        }
    }

    /// Whether the connection is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Says goodbye and waits until it is sent.
    pub(super) async fn close(self) {
        let goodbye = async {
            let _ = self.handle.disconnect(russh::Disconnect::ByApplication, "", "").await;
            self.fate.ended().await;
        };
        // A server that does not take it is cut off.
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

fn too_slow(label: &str, phase: &str, limit: Duration) -> Failure {
    Failure::new(ErrorClass::Timeout, format!("{label} did not finish {phase} within {}", in_words(limit)))
        .next_step("Check the load of the host, or raise `connectTimeout` of the connection.")
}

/// TCP or tunnel, then key exchange and host verification; again when the server hangs up in the middle.
async fn shake_hands(
    target: &SshConfig,
    over: Option<&Hop>,
    known: &KnownHosts,
    redactor: &Redactor,
    deadline: Instant,
) -> Result<(Handle<Client>, Fate, Cut), Failure> {
    let ssh = Arc::new(config(Some(known)));
    let limit = target.connect_timeout.to_std();
    let mut tries = 1;
    loop {
        let stream: Box<dyn Stream> = match over {
            Some(hop) => timeout_at(deadline, hop.tunnel(&target.host, target.port))
                .await
                .map_err(|_| too_slow(&hop.label, "a tunnel", limit))??,
            None => Box::new(tcp::dial(&target.host, target.port, deadline).await?),
        };
        let (stream, cut) = Cuttable::new(stream);
        let (client, fate) = Client::new(known.clone(), redactor.clone());
        let handshake = timeout_at(deadline, connect_stream(Arc::clone(&ssh), stream, client)).await;
        match handshake.map_err(|_| too_slow(&known.label(), "the key exchange", limit))? {
            Ok(handle) => return Ok((handle, fate, cut)),
            Err(Stop::HostKey(failure)) => return Err(*failure),
            Err(Stop::Ssh(error)) if tries < HANDSHAKES && hung_up(&error) && Instant::now() < deadline => {
                sleep(jitter(PAUSE * 2_u32.pow(tries - 1))).await;
                tries += 1;
            }
            Err(Stop::Ssh(error)) => return Err(no_handshake(&known.label(), &error, fate.said())),
        }
    }
}

fn hung_up(error: &russh::Error) -> bool {
    matches!(error, russh::Error::Disconnect | russh::Error::HUP | russh::Error::IO(_))
}

pub(super) fn no_handshake(label: &str, error: &russh::Error, said: Option<&str>) -> Failure {
    match error {
        russh::Error::Version => Failure::new(ErrorClass::Unreachable, format!("{label} does not speak SSH"))
            .next_step("Correct `port` of the connection."),
        russh::Error::NoCommonAlgo { kind, theirs, .. } => {
            let theirs = printable(&theirs.join(", "), MAX_ERROR);
            let message = format!("{label} has no {kind:?} algorithm that is safe to use; it offers {theirs}");
            Failure::new(ErrorClass::Unreachable, message).next_step("Update the SSH server of the host.")
        }
        _ => match said {
            Some(said) => Failure::new(ErrorClass::Unreachable, format!("{label} hung up during the key exchange: {said}")),
            None => lost(label, "during the key exchange", Some(error)),
        },
    }
}

/// The connection ended before the login had succeeded.
pub(super) fn lost(label: &str, when: &str, error: Option<&russh::Error>) -> Failure {
    let message = match error {
        None | Some(russh::Error::Disconnect | russh::Error::HUP | russh::Error::SendError | russh::Error::RecvError) => {
            format!("{label} closed the connection {when}")
        }
        Some(error) => format!("{label} broke the connection {when}: {}", printable(&error.to_string(), MAX_ERROR)),
    };
    Failure::new(ErrorClass::Unreachable, message).next_step("Look at the log of the host's SSH server.")
}
