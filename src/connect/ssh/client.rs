//! Our side of the protocol: what we offer, and what we do when the server speaks first.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use russh::client::{Config, DisconnectReason, Handler};
use russh::keys::PublicKeyOrCertificate;
use russh::{Preferred, SshId, compression, kex};
use tokio::sync::watch;

use super::known_hosts::KnownHosts;
use crate::api::printable;
use crate::connect::Failure;
use crate::secrets::Redactor;

/// Bytes a server may send on a channel before we confirm: room for every bounded output without a stall, little enough that a
/// flood is stopped early.
const WINDOW: u32 = 256 * 1024;
/// Characters of what a server says when it disconnects.
const MAX_SAID: usize = 200;

/// Key exchanges in order of preference. The plain elliptic curve comes before the post-quantum hybrid: handshakes are most of the
/// work of a round, and answers of the closed list of shapes are not worth recording for decades. The last four are no exchanges
/// but announcements.
const KEX: &[kex::Name] = &[
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::MLKEM768X25519_SHA256,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G14_SHA256,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_SUPPORT_AS_SERVER,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
];

/// What we offer a server whose keys are `known`; `None` when nobody's are.
pub(super) fn config(known: Option<&KnownHosts>) -> Config {
    let mut preferred = Preferred {
        kex: Cow::Borrowed(KEX),
        key: Cow::Owned(super::host_key::ALGORITHMS.to_vec()),
        compression: Cow::Borrowed(&[compression::NONE]),
        ..Preferred::DEFAULT
    };
    if let Some(known) = known {
        known.prefer(&mut preferred);
    }
    Config {
        client_id: SshId::Standard(Cow::Borrowed(concat!("SSH-2.0-tecrax_", env!("CARGO_PKG_VERSION")))),
        window_size: WINDOW,
        preferred,
        // No keep-alive and no inactivity limit: every use of a connection has a deadline of its own.
        ..Config::default()
    }
}

/// Why the library's task stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The server is not believed to be the host.
    HostKey(Box<Failure>),
    /// Everything else.
    Ssh(russh::Error),
}

impl From<russh::Error> for Stop {
    fn from(error: russh::Error) -> Self {
        Self::Ssh(error)
    }
}

/// What the connection's task tells its owner.
#[derive(Debug, Clone)]
pub(super) struct Fate {
    ended: watch::Receiver<()>,
    said: Arc<OnceLock<String>>,
}

impl Fate {
    /// Returns when the connection is gone.
    pub(super) async fn ended(&self) {
        // The sender is never used, only dropped with the task.
        while self.ended.clone().changed().await.is_ok() {}
    }

    /// What the server said when it disconnected.
    pub(super) fn said(&self) -> Option<&str> {
        self.said.get().map(String::as_str)
    }
}

/// The callbacks of one connection. Channels that the server wants to open are refused.
pub(super) struct Client {
    known: KnownHosts,
    redactor: Redactor,
    said: Arc<OnceLock<String>>,
    _ended: watch::Sender<()>,
}

impl Client {
    /// Callbacks that believe the server only as `known` allows.
    pub(super) fn new(known: KnownHosts, redactor: Redactor) -> (Self, Fate) {
        let (sender, ended) = watch::channel(());
        let said = Arc::new(OnceLock::new());
        (Self { known, redactor, said: Arc::clone(&said), _ended: sender }, Fate { ended, said })
    }
}

/// Refuses channels that a server wants to open: dropping the handle says no.
macro_rules! refuse {
    ($($name:ident($($argument:ty),*);)+) => {
        $(async fn $name(
            &mut self,
            _: russh::Channel<russh::client::Msg>,
            $(_: $argument,)*
            _: russh::client::ChannelOpenHandle,
            _: &mut russh::client::Session,
        ) -> Result<(), Stop> {
            Ok(())
        })+
    };
}

impl Handler for Client {
    type Error = Stop;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, Stop> {
        self.known.verify(presented).map(|()| true).map_err(|failure| Stop::HostKey(Box::new(failure)))
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Stop>) -> Result<(), Stop> {
        let said = match reason {
            DisconnectReason::ReceivedDisconnect(info) => printable(&self.redactor.redact_str(&info.message), MAX_SAID),
            DisconnectReason::Error(Stop::Ssh(russh::Error::NoAuthMethod)) => "no method is left".to_owned(),
            DisconnectReason::Error(_) => return Ok(()),
        };
        let _ = self.said.set(said);
        Ok(())
    }

    refuse! {
        server_channel_open_forwarded_tcpip(&str, u32, &str, u32);
        server_channel_open_forwarded_streamlocal(&str);
        server_channel_open_agent_forward();
        server_channel_open_session();
        server_channel_open_direct_tcpip(&str, u32, &str, u32);
        server_channel_open_direct_streamlocal(&str);
        server_channel_open_x11(&str, u32);
    }
}
