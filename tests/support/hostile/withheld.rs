//! A good server whose client hears only its first records: it stalls at one step of the protocol, and everything before was right.

use std::net::Ipv4Addr;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the server's first bytes are divided into records.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// A line with the version, then packets that begin with their length (RFC 4253, 6). Readable up to the new keys, the third one.
    Ssh,
    /// Records with their length in the fourth and fifth byte (RFC 8446, 5.1).
    Tls,
}

/// Starts a port in front of the server at `to` that lets `passed` records out; gives its port.
pub async fn start(to: u16, records: Records, passed: usize) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(async move {
                // Whoever goes away ends it.
                let _ = relay(client, to, records, passed).await;
            });
        }
    });
    port
}

async fn relay(client: TcpStream, to: u16, records: Records, passed: usize) -> std::io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let mut from_server = BufReader::new(from_server);
    let outwards = async {
        if records == Records::Ssh {
            let mut version = Vec::new();
            from_server.read_until(b'\n', &mut version).await?;
            to_client.write_all(&version).await?;
        }
        for _ in 0..passed {
            to_client.write_all(&record(&mut from_server, records).await?).await?;
        }
        while from_server.read(&mut [0; 4096]).await? > 0 {}
        std::future::pending().await
    };
    tokio::select! {
        done = tokio::io::copy(&mut from_client, &mut to_server) => done.map(drop),
        failed = outwards => failed,
    }
}

async fn record(server: &mut (impl tokio::io::AsyncRead + Unpin), records: Records) -> std::io::Result<Vec<u8>> {
    let mut record = vec![0; if records == Records::Ssh { 4 } else { 5 }];
    server.read_exact(&mut record).await?;
    let length = record[record.len() - 2..].iter().fold(0, |length, byte| (length << 8) | usize::from(*byte));
    let head = record.len();
    record.resize(head + length, 0);
    server.read_exact(&mut record[head..]).await?;
    Ok(record)
}
