//! What a peer does with a connection below any protocol.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a connection gets.
#[derive(Clone, Copy)]
pub enum Act {
    /// These bytes, then silence.
    Stall(&'static [u8]),
    /// These bytes, then the second ones over and over as fast as they are taken.
    Endless(&'static [u8], &'static [u8]),
    /// These bytes, then the second ones one by one, ten a second.
    Drip(&'static [u8], &'static [u8]),
    /// These bytes, then the end.
    Close(&'static [u8]),
    /// The end, before a word is read.
    Slam,
}

/// Starts a peer; gives its port. It answers every connection in the same way.
pub async fn start(act: Act) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, act));
        }
    });
    port
}

async fn serve(mut stream: TcpStream, act: Act) {
    if let Act::Slam = act {
        return;
    }
    let first = match act {
        Act::Stall(first) | Act::Endless(first, _) | Act::Drip(first, _) | Act::Close(first) => first,
        Act::Slam => b"",
    };
    // Something is asked first: an answer to nothing is another matter.
    if !stream.read(&mut [0; 8 * 1024]).await.is_ok_and(|count| count > 0) || stream.write_all(first).await.is_err() {
        return;
    }
    match act {
        Act::Endless(_, again) => {
            let block = again.repeat(16 * 1024 / again.len() + 1);
            while stream.write_all(&block).await.is_ok() {}
        }
        Act::Drip(_, again) => {
            let mut pause = tokio::time::interval(Duration::from_millis(100));
            for byte in again.iter().cycle() {
                pause.tick().await;
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
            }
        }
        // Until the peer gives up.
        Act::Stall(_) => while stream.read(&mut [0; 1024]).await.is_ok_and(|count| count > 0) {},
        Act::Close(_) | Act::Slam => {
            // What the peer sends is taken first: closing over unread bytes would reset the connection and lose the answer.
            let _ = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut [0; 4096])).await;
        }
    }
}
