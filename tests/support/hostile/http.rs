//! Peers where an HTTP server should be, for the question of the Zabbix version and that of Portainer's status.

use super::tcp::Act;

/// One bad peer.
pub struct Peer {
    pub name: &'static str,
    pub act: Act,
    /// Reasons that the run may give; the first of several that are true may depend on what arrives first.
    pub reasons: &'static [&'static str],
}

const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

macro_rules! head {
    ($rest:expr) => {
        concat!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", $rest).as_bytes()
    };
}

pub const PEERS: &[Peer] = &[
    Peer { name: "http-silent", act: Act::Stall(b""), reasons: &["Timeout"] },
    Peer { name: "http-slam", act: Act::Slam, reasons: &["Interrupted", "Unreachable", "Transient"] },
    Peer { name: "http-status-drip", act: Act::Drip(b"HTTP/1.1 2", b"0"), reasons: &["Timeout", "UnexpectedAnswer"] },
    Peer { name: "http-status-stall", act: Act::Stall(b"HTTP/1.1 200 OK\r\n"), reasons: &["Timeout"] },
    Peer {
        name: "http-headers-endless",
        act: Act::Endless(JSON.as_bytes(), b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
        reasons: &["UnexpectedAnswer"],
    },
    Peer { name: "http-header-endless", act: Act::Endless(head!("X-Filler: "), b"a"), reasons: &["UnexpectedAnswer"] },
    Peer { name: "http-headers-drip", act: Act::Drip(JSON.as_bytes(), b"X-A: b\r\n"), reasons: &["Timeout"] },
    Peer {
        name: "http-continue-endless",
        act: Act::Endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        reasons: &["Timeout", "UnexpectedAnswer"],
    },
    Peer { name: "http-body-stall", act: Act::Stall(head!("Content-Length: 40\r\n\r\n{\"jsonrpc\"")), reasons: &["Timeout"] },
    Peer { name: "http-body-drip", act: Act::Drip(head!("Content-Length: 4000\r\n\r\n"), b" "), reasons: &["Timeout"] },
    Peer { name: "http-body-endless", act: Act::Endless(head!("\r\n"), b"aaaaaaaaaaaaaaaa"), reasons: &["OutputCut"] },
    Peer {
        name: "http-chunks-endless",
        act: Act::Endless(head!("Transfer-Encoding: chunked\r\n\r\n"), b"10\r\naaaaaaaaaaaaaaaa\r\n"),
        reasons: &["OutputCut"],
    },
    Peer {
        name: "http-chunk-huge",
        act: Act::Endless(head!("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF0\r\n"), b"aaaaaaaaaaaaaaaa"),
        reasons: &["OutputCut", "UnexpectedAnswer"],
    },
    Peer {
        name: "http-chunk-word",
        act: Act::Close(head!("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")),
        reasons: &["UnexpectedAnswer", "Interrupted"],
    },
    Peer {
        name: "http-too-short",
        act: Act::Close(head!("Content-Length: 4000\r\n\r\n{\"jsonrpc\":\"2.0\"")),
        reasons: &["Interrupted", "OutputCut"],
    },
    Peer { name: "http-length-negative", act: Act::Close(head!("Content-Length: -1\r\n\r\n{}")), reasons: &["UnexpectedAnswer"] },
    Peer {
        name: "http-length-twice",
        act: Act::Close(head!("Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}")),
        reasons: &["UnexpectedAnswer"],
    },
    Peer {
        name: "http-length-lie",
        act: Act::Endless(head!("Content-Length: 18446744073709551615\r\n\r\n"), b"aaaaaaaaaaaaaaaa"),
        reasons: &["OutputCut", "UnexpectedAnswer"],
    },
    Peer {
        name: "http-not-utf8",
        act: Act::Close(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"jsonrpc\":\"2.0\",\"result\":\"\xff\xfe6.0\"}"),
        reasons: &["UnexpectedAnswer", "NotText"],
    },
    Peer {
        name: "http-nested",
        act: Act::Endless(head!("\r\n"), b"[[[[[[[[[[[[[[[["),
        reasons: &["OutputCut", "UnexpectedAnswer"],
    },
    Peer {
        name: "http-ansi",
        act: Act::Close(b"HTTP/1.1 500 \x1b[2Jgone\r\nConnection: close\r\n\r\n\x1b]0;owned\x07\x1b[31mred"),
        reasons: &["HttpStatus", "UnexpectedAnswer"],
    },
    Peer { name: "http-not-http", act: Act::Endless(b"", b"\x00\x01\x02\xff220 ready\r\n"), reasons: &["UnexpectedAnswer"] },
];
