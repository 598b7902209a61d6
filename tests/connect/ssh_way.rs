use std::net::{Ipv4Addr, TcpListener};
use std::time::Instant;

use super::*;
use crate::api::ErrorClass;
use tokio::io::AsyncWriteExt as _;

fn behind(target: &Sshd, hops: &[&Sshd]) -> SshConfig {
    SshConfig { via: hops.iter().map(|hop| Arc::new(way_to(hop))).collect(), ..way_to(target) }
}

#[tokio::test]
async fn jump_hosts_are_crossed_in_order() {
    let (near, far, target) = (Sshd::start(), Sshd::start(), Sshd::start());
    let session = open(behind(&target, &[&near, &far])).await.unwrap();
    let output = session.read(&shell("echo $SSH_CONNECTION"), PATIENCE).await.unwrap();
    assert!(output.stdout.trim().ends_with(&target.port.to_string()), "{}", output.stdout);
    assert!(near.log().contains("Accepted publickey") && far.log().contains("Accepted publickey"));
    session.close().await;
}

#[tokio::test]
async fn a_large_reading_comes_through_a_jump_host() {
    let (hop, target) = (Sshd::start(), Sshd::start());
    let session = open(behind(&target, &[&hop])).await.unwrap();
    let asked = Shape { max_output_bytes: 4_000_000, ..shell("head -c 3000000 /dev/zero | tr '\\0' x") };
    assert_eq!(session.read(&asked, PATIENCE).await.unwrap().stdout.len(), 3_000_000);
}

#[tokio::test]
async fn every_hop_is_verified_and_errors_name_it() {
    let (hop, target) = (Sshd::start(), Sshd::start());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut config = way_to_port(&target, listener.local_addr().unwrap().port());
    let unknown = SshConfig { host_keys: HostKeySource::Inline(vec![]), ..way_to(&hop) };
    config.via = vec![Arc::new(unknown)];
    let failure = open(config).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnknownHostKey);
    assert!(failure.message.starts_with(&format!("jump host 127.0.0.1:{}: ", hop.port)), "{}", failure.message);
    assert!(listener.accept().is_err(), "the target was contacted through a host that is not believed");
    let config = SshConfig { host_keys: HostKeySource::Inline(vec![]), ..behind(&target, &[&hop]) };
    let failure = open(config).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnknownHostKey);
    assert!(failure.message.starts_with(&format!("127.0.0.1:{} ", target.port)), "{}", failure.message);
}

#[tokio::test]
async fn a_jump_host_that_can_not_or_must_not_forward_is_named() {
    let (hop, target) = (Sshd::start(), Sshd::start());
    let mut config = behind(&target, &[&hop]);
    config.port = closed_port();
    let failure = open(config).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable);
    assert!(failure.message.starts_with(&format!("127.0.0.1:{} can not reach", hop.port)), "{}", failure.message);
    let hop = Sshd::builder().line("AllowTcpForwarding no").start();
    let failure = open(behind(&target, &[&hop])).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable);
    assert!(failure.next_step.unwrap().contains("AllowTcpForwarding"));
}

#[tokio::test]
async fn many_sessions_through_one_jump_host_with_default_limits_all_open() {
    let hop = Sshd::builder().line("MaxStartups 10:30:100").start();
    let target = Sshd::start();
    let context = context();
    let config = behind(&target, &[&hop]);
    let sessions = futures::future::join_all((0..30).map(|_| open_in(config.clone(), &context))).await;
    for session in sessions {
        session.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_drops_handshakes_at_random_is_tried_again() {
    // Above four unfinished handshakes this server drops every second one.
    let server = Sshd::builder().line("MaxStartups 4:50:40").start();
    let config = way_to(&server);
    let sessions = futures::future::join_all((0..8).map(|_| open(config.clone()))).await;
    let opened = sessions.iter().filter(|session| session.is_ok()).count();
    assert!(opened >= 7, "only {opened} of 8 got in: {}", server.log());
}

fn closed_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn way_to_port(server: &Sshd, port: u16) -> SshConfig {
    SshConfig { port, connect_timeout: api::Duration::from_millis(500), ..way_to(server) }
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let server = Sshd::start();
    let failure = open(way_to_port(&server, closed_port())).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable);
    assert!(failure.message.contains("refuses connections"), "{}", failure.message);
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_unreachable() {
    let server = Sshd::start();
    let config = SshConfig { host: "no-such-host.invalid".to_owned(), ..way_to(&server) };
    let failure = open(config).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable);
    assert!(failure.message.contains("no-such-host.invalid"), "{}", failure.message);
}

#[tokio::test]
async fn a_server_that_says_nothing_times_out_and_is_let_go() {
    let server = Sshd::start();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let started = Instant::now();
    let (failure, accepted) = tokio::join!(open(way_to_port(&server, port)), listener.accept());
    let failure = failure.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Timeout);
    assert!(failure.message.ends_with("did not finish the key exchange within 500ms"), "{}", failure.message);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_let_go(accepted.unwrap().0).await;
}

#[tokio::test]
async fn a_server_that_stalls_after_its_banner_times_out_and_is_let_go() {
    let server = Sshd::start();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stall = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"SSH-2.0-stalled\r\n").await.unwrap();
        stream
    };
    let (failure, stream) = tokio::join!(open(way_to_port(&server, port)), stall);
    assert_eq!(failure.unwrap_err().class, ErrorClass::Timeout);
    assert_let_go(stream).await;
}

/// The other end is closed: nothing of the attempt lives on.
async fn assert_let_go(mut stream: tokio::net::TcpStream) {
    let mut sink = tokio::io::sink();
    let closed = tokio::time::timeout(Duration::from_secs(5), tokio::io::copy(&mut stream, &mut sink)).await;
    assert!(closed.is_ok(), "the connection was kept open");
}

#[tokio::test]
async fn a_server_that_always_hangs_up_is_unreachable() {
    let server = Sshd::start();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hang_up = tokio::spawn(async move {
        loop {
            drop(listener.accept().await);
        }
    });
    let config = SshConfig { connect_timeout: api::Duration::from_secs(20), ..way_to_port(&server, port) };
    let failure = open(config).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable);
    assert!(failure.message.contains("connection during the key exchange"), "{}", failure.message);
    hang_up.abort();
}

#[tokio::test]
async fn a_server_of_another_protocol_is_unreachable() {
    let server = Sshd::start();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all("HTTP/1.1 400 Bad Request\r\n".repeat(2000).as_bytes()).await;
        stream
    });
    let failure = open(way_to_port(&server, port)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable);
    assert!(failure.message.contains("does not speak SSH"), "{}", failure.message);
    talk.abort();
}

#[tokio::test]
async fn an_address_that_swallows_packets_is_unreachable() {
    let server = Sshd::start();
    // With its queue full, the kernel drops every further connection attempt, as a firewall would.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), tokio::net::TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let failure = open(way_to_port(&server, address.port())).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable, "{failure:?}");
    assert!(failure.message.ends_with("does not answer"), "{}", failure.message);
}
