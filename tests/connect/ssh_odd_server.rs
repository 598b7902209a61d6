//! Servers that follow the protocol in ways OpenSSH does not.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};

use russh::keys::PrivateKey;
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session as ServerSession, VerifiedPublicKey};
use russh::{Channel, ChannelId, MethodSet};
use tokio::sync::{Mutex, Notify};

use super::*;
use crate::api::ErrorClass;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Odd {
    /// Refuses the key and names no other method.
    NoMethodLeft,
    /// Drops the connection while the login is under way.
    HangsUpAtLogin,
    /// Closes the channel without an exit status.
    NoStatus,
    /// Ends the data and gives a status, but never closes the channel.
    NeverCloses,
    /// Refuses to start the command.
    RefusesCommand,
    /// Answers a channel request only when told.
    OpensLate,
}

struct Peer {
    odd: Odd,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    held: Mutex<Vec<ChannelOpenHandle>>,
    asked: Notify,
    closed: AtomicUsize,
}

impl Handler for Peer {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        match self.odd {
            Odd::NoMethodLeft => Ok(Auth::Reject { proceed_with_methods: Some(MethodSet::empty()), partial_success: false }),
            Odd::HangsUpAtLogin => Err(russh::Error::Disconnect),
            _ => Ok(Auth::Accept),
        }
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut ServerSession,
    ) -> Result<(), russh::Error> {
        if self.odd == Odd::OpensLate {
            self.shared.held.lock().await.push(reply);
            self.shared.asked.notify_one();
        } else {
            reply.accept().await;
        }
        Ok(())
    }

    async fn exec_request(&mut self, id: ChannelId, _: &[u8], session: &mut ServerSession) -> Result<(), russh::Error> {
        if self.odd == Odd::RefusesCommand {
            return session.channel_failure(id);
        }
        session.channel_success(id)?;
        session.data(id, "partly\n")?;
        if self.odd == Odd::NeverCloses {
            session.exit_status_request(id, 0)?;
            return session.eof(id);
        }
        session.eof(id)?;
        session.close(id)
    }

    async fn channel_close(&mut self, _: ChannelId, _: &mut ServerSession) -> Result<(), russh::Error> {
        self.shared.closed.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A server that is odd in one way, how to reach it, and the directory that holds the user's key.
async fn odd_server(odd: Odd) -> (SshConfig, Arc<Shared>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("id");
    sshd::keygen("ed25519", &key);
    let host = PrivateKey::from_openssh(std::fs::read_to_string(&key).unwrap()).unwrap();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = SshConfig {
        host: "127.0.0.1".to_owned(),
        host_from: None,
        port,
        user: Some("anna".to_owned()),
        identity: IdentitySource::File(key.clone()),
        host_keys: HostKeySource::Inline(vec![format!("[127.0.0.1]:{port} {}", sshd::public_key(&key))]),
        via: Vec::new(),
        connect_timeout: api::Duration::from_secs(20),
    };
    let shared = Arc::new(Shared::default());
    let seen = Arc::clone(&shared);
    let server = Arc::new(Config { keys: vec![host], auth_rejection_time: Duration::ZERO, ..Config::default() });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let peer = Peer { odd, shared: Arc::clone(&seen) };
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                if let Ok(running) = russh::server::run_stream(server, stream, peer).await {
                    let _ = running.await;
                }
            });
        }
    });
    (config, shared, directory)
}

#[tokio::test]
async fn a_refusal_that_names_no_other_method_is_a_refusal() {
    let (config, _, _directory) = odd_server(Odd::NoMethodLeft).await;
    assert_eq!(open(config).await.unwrap_err().class, ErrorClass::AuthRefused);
}

#[tokio::test]
async fn a_connection_lost_during_the_login_is_no_refusal() {
    let (config, _, _directory) = odd_server(Odd::HangsUpAtLogin).await;
    let failure = open(config).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable, "{failure:?}");
    assert!(failure.message.contains("during the login"), "{}", failure.message);
}

#[tokio::test]
async fn a_missing_exit_status_is_never_success() {
    let (config, _, _directory) = odd_server(Odd::NoStatus).await;
    let session = open(config).await.unwrap();
    let failure = session.read(&shape(&["true"]), PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Interrupted);
}

#[tokio::test]
async fn an_answer_is_complete_without_the_servers_close_and_its_channel_is_closed_by_us() {
    let (config, shared, _directory) = odd_server(Odd::NeverCloses).await;
    let session = open(config).await.unwrap();
    assert_eq!(session.read(&shape(&["true"]), PATIENCE).await.unwrap().stdout, "partly\n");
    wait_for_closed(&shared).await;
}

#[tokio::test]
async fn a_command_that_is_not_started_is_a_passing_trouble() {
    let (config, _, _directory) = odd_server(Odd::RefusesCommand).await;
    let session = open(config).await.unwrap();
    let failure = session.read(&shape(&["true"]), PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Transient);
}

#[tokio::test]
async fn a_channel_that_opens_after_its_time_is_closed() {
    let (config, shared, _directory) = odd_server(Odd::OpensLate).await;
    let session = open(config).await.unwrap();
    let failure = session.read(&shape(&["true"]), Duration::from_millis(200)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Timeout);
    shared.asked.notified().await;
    let late = shared.held.lock().await.pop().unwrap();
    late.accept().await;
    wait_for_closed(&shared).await;
}

async fn wait_for_closed(shared: &Shared) {
    for _ in 0..1000 {
        if shared.closed.load(Ordering::SeqCst) == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the channel was never closed");
}
