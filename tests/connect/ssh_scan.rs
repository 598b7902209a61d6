use std::net::Ipv4Addr;

use super::*;
use crate::api::ErrorClass;
use crate::connect::ssh::scan;
use sshd::ssh_keygen;

#[tokio::test]
async fn every_key_type_is_shown_with_the_fingerprint_that_ssh_keygen_prints() {
    let server = Sshd::builder().host_keys(&["ed25519", "ecdsa", "rsa"]).start();
    let lines = scan("127.0.0.1", server.port, PATIENCE).await.unwrap();
    assert_eq!(lines.len(), 6);
    for (pair, kind) in lines.chunks(2).zip(["ed25519", "ecdsa", "rsa"]) {
        assert_eq!(pair[1], server.known_line(kind));
        let listed = ssh_keygen(&["-lf", server.path(&format!("host_{kind}.pub")).to_str().unwrap()]);
        assert!(pair[0].starts_with("# ") && pair[0].contains(listed.split(' ').nth(1).unwrap()), "{}", pair[0]);
    }
    assert!(!server.log().contains("Accepted"), "a scan must not log in");
    let config = SshConfig { host_keys: HostKeySource::Inline(lines), ..way_to(&server) };
    open(config).await.unwrap();
}

#[tokio::test]
async fn a_scan_fails_within_its_limit() {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(scan("127.0.0.1", port, Duration::from_millis(300)).await.unwrap_err().class, ErrorClass::Timeout);
    drop(listener);
    assert_eq!(scan("127.0.0.1", port, PATIENCE).await.unwrap_err().class, ErrorClass::Unreachable);
}
