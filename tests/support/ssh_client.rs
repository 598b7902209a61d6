//! A client that asks an SSH server for anything, byte by byte, and says what came of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{Config, Handle, Handler, Msg};
use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};
use russh::{Channel, ChannelMsg};

use crate::support::sshd::Sshd;

/// Longer than anything on loopback takes; only a test that is lost waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

struct AnyServer;

impl Handler for AnyServer {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

/// What a channel said until it was closed.
#[derive(Debug, Default)]
pub struct Said {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub status: Option<u32>,
}

/// One login with the server's own key.
pub struct Client(Handle<AnyServer>);

impl Client {
    pub async fn connect(server: &Sshd) -> Self {
        let address = ("127.0.0.1", server.port);
        let mut handle = russh::client::connect(Arc::new(Config::default()), address, AnyServer).await.unwrap();
        let key = PrivateKeyWithHashAlg::new(Arc::new(load_secret_key(server.user_key(), None).unwrap()), None);
        assert!(handle.authenticate_publickey(&server.user, key).await.unwrap().success());
        Self(handle)
    }

    async fn channel(&self) -> Channel<Msg> {
        self.0.channel_open_session().await.unwrap()
    }

    /// Whether the request just sent was granted.
    async fn granted(mut channel: Channel<Msg>) -> bool {
        let answer = async {
            loop {
                match channel.wait().await {
                    Some(ChannelMsg::Success) => return true,
                    Some(ChannelMsg::Failure | ChannelMsg::Close) | None => return false,
                    Some(_) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, answer).await.expect("an answer")
    }

    /// Everything until the channel or the connection ends.
    async fn all(channel: Channel<Msg>) -> Said {
        Self::until(channel, |_| false).await
    }

    /// The same, at most until it said enough: with the end of its input an SFTP server may go before it has answered.
    async fn until(mut channel: Channel<Msg>, enough: impl Fn(&Said) -> bool) -> Said {
        let mut said = Said::default();
        let end = async {
            while let Some(message) = channel.wait().await {
                match message {
                    ChannelMsg::Data { data } => said.stdout.extend_from_slice(&data),
                    ChannelMsg::ExtendedData { data, .. } => said.stderr.extend_from_slice(&data),
                    ChannelMsg::ExitStatus { exit_status } => said.status = Some(exit_status),
                    ChannelMsg::Close | ChannelMsg::Failure => break,
                    _ => {}
                }
                if enough(&said) {
                    break;
                }
            }
        };
        tokio::time::timeout(PATIENCE, end).await.expect("an end");
        said
    }

    pub async fn exec(&self, command: &[u8]) -> Said {
        let channel = self.channel().await;
        channel.exec(true, command).await.unwrap();
        let _ = channel.eof().await;
        Self::all(channel).await
    }

    pub async fn shell(&self) -> Said {
        let channel = self.channel().await;
        channel.request_shell(true).await.unwrap();
        let _ = channel.eof().await;
        Self::all(channel).await
    }

    /// Starts a subsystem and sends the first message of SFTP.
    pub async fn subsystem(&self, name: &str) -> Said {
        let channel = self.channel().await;
        channel.request_subsystem(true, name).await.unwrap();
        let _ = channel.data(&b"\0\0\0\x05\x01\0\0\0\x03"[..]).await;
        Self::until(channel, |said| !said.stdout.is_empty()).await
    }

    pub async fn terminal(&self) -> bool {
        let channel = self.channel().await;
        channel.request_pty(true, "xterm", 80, 24, 0, 0, &[]).await.unwrap();
        Self::granted(channel).await
    }

    pub async fn agent(&self) -> bool {
        let channel = self.channel().await;
        channel.agent_forward(true).await.unwrap();
        Self::granted(channel).await
    }

    /// Whether the host connects to a port of its own for us.
    pub async fn dial(&self, port: u16) -> bool {
        self.0.channel_open_direct_tcpip("127.0.0.1", u32::from(port), "127.0.0.1", 1).await.is_ok()
    }

    /// Whether the host listens for us.
    pub async fn listen(&self) -> bool {
        self.0.tcpip_forward("127.0.0.1", 0).await.is_ok()
    }

    pub async fn listen_at(&self, socket: &Path) -> bool {
        self.0.streamlocal_forward(socket.to_str().unwrap()).await.is_ok()
    }
}
