//! Peers where an SSH server should be: below the protocol, and after a proper key exchange.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::PrivateKey;
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use tokio::net::TcpListener;

use super::http::Peer;
use super::tcp::Act;

/// Peers that never finish the key exchange.
pub const RAW: &[Peer] = &[
    Peer { name: "ssh-silent", act: Act::Stall(b""), reasons: &["Timeout"] },
    Peer { name: "ssh-slam", act: Act::Slam, reasons: &["Unreachable", "Interrupted", "Transient"] },
    Peer {
        name: "ssh-banner-endless",
        act: Act::Endless(b"", b"welcome to this machine\r\n"),
        reasons: &["Unreachable", "Timeout"],
    },
    Peer { name: "ssh-version-endless", act: Act::Endless(b"SSH-2.0-", b"a"), reasons: &["Unreachable", "Timeout"] },
    Peer { name: "ssh-version-drip", act: Act::Drip(b"SSH-2.0-", b"a"), reasons: &["Timeout"] },
    Peer { name: "ssh-version-stall", act: Act::Stall(b"SSH-2.0-odd\r\n"), reasons: &["Timeout"] },
    Peer {
        name: "ssh-version-close",
        act: Act::Close(b"SSH-2.0-odd\r\n"),
        reasons: &["Unreachable", "Interrupted", "Transient"],
    },
    Peer {
        name: "ssh-garbage",
        act: Act::Endless(b"SSH-2.0-odd\r\n", b"\x00\x00\x01\x2c\x07aaaaaaaaaaaaaaaa"),
        reasons: &["Unreachable", "Timeout"],
    },
    Peer {
        name: "ssh-packet-huge",
        act: Act::Endless(b"SSH-2.0-odd\r\n\xff\xff\xff\xf0", b"a"),
        reasons: &["Unreachable", "Timeout"],
    },
];

/// Packets of the server that get through before it falls silent: its proposal, its half of the exchange, its new keys.
pub const WITHHELD: &[(&str, usize)] = &[("ssh-proposal-stall", 1), ("ssh-exchange-stall", 2), ("ssh-keys-stall", 3)];

/// Where a peer that speaks the protocol turns bad.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    LoginStalls,
    BannerHuge,
    ChannelStalls,
    CommandStalls,
    OutputEndless,
    ErrorsEndless,
    Escapes,
    NotText,
    ClosesEarly,
    NeverEnds,
    /// As a jump host: it never says whether it opens the way.
    TunnelStalls,
    /// As a jump host: it opens the way, and nothing comes out of it.
    TunnelSilent,
}

/// By name, with the reasons that the run may give.
pub const ODD: &[(&str, Odd, &[&str])] = &[
    ("ssh-login-stalls", Odd::LoginStalls, &["Timeout"]),
    ("ssh-login-banner-huge", Odd::BannerHuge, &["CommandFailed"]),
    ("ssh-channel-stalls", Odd::ChannelStalls, &["Timeout"]),
    ("ssh-command-stalls", Odd::CommandStalls, &["Timeout"]),
    ("ssh-output-endless", Odd::OutputEndless, &["OutputCut"]),
    ("ssh-errors-endless", Odd::ErrorsEndless, &["OutputCut"]),
    ("ssh-escapes", Odd::Escapes, &["CommandFailed"]),
    ("ssh-not-text", Odd::NotText, &["NotText"]),
    ("ssh-closes-early", Odd::ClosesEarly, &["Interrupted"]),
    ("ssh-never-ends", Odd::NeverEnds, &["Timeout"]),
];

/// Jump hosts in front of a host that is not there, by name of what is behind them.
pub const HOPS: &[(&str, Odd, &[&str])] =
    &[("hop-tunnel-stalls", Odd::TunnelStalls, &["Timeout"]), ("hop-tunnel-silent", Odd::TunnelSilent, &["Timeout"])];

struct Bad(Odd);

impl Handler for Bad {
    type Error = russh::Error;

    async fn authentication_banner(&mut self) -> Result<Option<String>, russh::Error> {
        Ok((self.0 == Odd::BannerHuge).then(|| "\x1b[2Jwelcome ".repeat(2000)))
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        if self.0 == Odd::LoginStalls {
            std::future::pending::<()>().await;
        }
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        if self.0 == Odd::ChannelStalls {
            std::future::pending::<()>().await;
        }
        reply.accept().await;
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        if self.0 == Odd::TunnelStalls {
            std::future::pending::<()>().await;
        }
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(&mut self, id: ChannelId, _: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        let odd = self.0;
        if odd == Odd::CommandStalls {
            return Ok(());
        }
        session.channel_success(id)?;
        let handle = session.handle();
        tokio::spawn(async move {
            let block = vec![b'a'; 16 * 1024];
            match odd {
                Odd::OutputEndless => while handle.data(id, block.clone()).await.is_ok() {},
                Odd::ErrorsEndless => while handle.extended_data(id, 1, block.clone()).await.is_ok() {},
                Odd::Escapes | Odd::BannerHuge => {
                    let _ = handle.extended_data(id, 1, &b"\x1b[2J\x1b]0;owned\x07\x1b[31mred\r\n\x9b31m"[..]).await;
                    let _ = handle.exit_status_request(id, 3).await;
                    let _ = handle.close(id).await;
                }
                Odd::NotText => {
                    let _ = handle.data(id, &b"\xff\xfe\xc0\x80\n"[..]).await;
                    let _ = handle.exit_status_request(id, 0).await;
                    let _ = handle.close(id).await;
                }
                Odd::ClosesEarly => {
                    let _ = handle.data(id, &b"partly"[..]).await;
                    let _ = handle.close(id).await;
                }
                _ => std::future::pending().await,
            }
        });
        Ok(())
    }
}

/// Starts a peer with the host key and user key in `key`; gives its port.
pub async fn start(odd: Odd, key: &Path) -> u16 {
    let host = PrivateKey::from_openssh(std::fs::read_to_string(key).unwrap()).unwrap();
    let config = Arc::new(Config { keys: vec![host], auth_rejection_time: Duration::ZERO, ..Config::default() });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let config = Arc::clone(&config);
            tokio::spawn(async move {
                if let Ok(running) = russh::server::run_stream(config, stream, Bad(odd)).await {
                    let _ = running.await;
                }
            });
        }
    });
    port
}
