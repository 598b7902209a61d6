//! Peers where a server that speaks TLS should be: below the protocol, in the middle of its handshake, and silent after it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::http::Peer;
use super::tcp::Act;

/// A record of a handshake message that claims to have 16 MiB; the header of the record says 16 bytes.
const ENDLESS: &[u8] = b"\x16\x03\x03\x00\x10\x02\xff\xff\xff\x03\x03aaaaaaaaaa";

/// Peers that never come to a handshake.
pub const RAW: &[Peer] = &[
    Peer { name: "tls-silent", act: Act::Stall(b""), reasons: &["Timeout"] },
    Peer { name: "tls-record-stall", act: Act::Stall(b"\x16\x03\x03\x02\x00"), reasons: &["Timeout"] },
    Peer { name: "tls-record-drip", act: Act::Drip(b"\x16\x03\x03\x02\x00", b"\x02\x00\x01\xfc"), reasons: &["Timeout"] },
    Peer { name: "tls-message-endless", act: Act::Endless(ENDLESS, ENDLESS), reasons: &["TlsFailed"] },
    Peer { name: "tls-not-tls", act: Act::Endless(b"", b"HTTP/1.1 200 OK\r\n\r\n"), reasons: &["TlsFailed"] },
];

/// Records of the server that get through before it falls silent: nothing is wrong with it up to there.
pub const WITHHELD: &[(&str, usize)] = &[("tls-hello-stall", 1), ("tls-flight-stall", 2), ("tls-request-stall", usize::MAX)];

/// Starts a server that finishes the handshake, reads the request and answers nothing; gives its port.
pub fn start(certificate: &Path, key: &Path) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from_pem_file(certificate).unwrap()], PrivateKeyDer::from_pem_file(key).unwrap())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                let _ = stream.flush();
                // Until the peer gives up.
                while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
            });
        }
    });
    port
}
