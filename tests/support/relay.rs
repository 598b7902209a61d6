//! A port in front of a server: taking it away is what a dead host looks like, and it can be given back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// A port that leads to another.
pub struct Relay {
    pub port: u16,
    to: u16,
    up: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Relay {
    pub fn start(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut relay = Self { port: listener.local_addr().unwrap().port(), to, up: None };
        relay.serve(listener);
        relay
    }

    /// Refuses connections from here on.
    pub fn down(&mut self) {
        let Some((stop, thread)) = self.up.take() else { return };
        stop.store(true, Ordering::SeqCst);
        // The accepting thread looks at the flag with the next connection.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        thread.join().unwrap();
    }

    /// Answers again.
    pub fn up(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        self.serve(listener);
    }

    fn serve(&mut self, listener: TcpListener) {
        let (stop, to) = (Arc::new(AtomicBool::new(false)), self.to);
        let flag = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if flag.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let (from, back) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || copy(from, server));
                thread::spawn(move || copy(back, stream));
            }
        });
        self.up = Some((stop, thread));
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
