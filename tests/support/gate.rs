//! A port in front of a server that keeps whoever comes waiting until it is opened: work that is in progress for as long as a test
//! wants.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

pub struct Gate {
    pub port: u16,
    arrived: Receiver<()>,
    open: Arc<(Mutex<bool>, Condvar)>,
}

impl Gate {
    /// Closed, in front of a port of 127.0.0.1.
    pub fn before(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new((Mutex::new(false), Condvar::new()));
        let (sender, arrived) = channel();
        let gate = Arc::clone(&open);
        // Ends with the process of the test.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = sender.send(());
                let gate = Arc::clone(&gate);
                thread::spawn(move || through(stream, to, &gate));
            }
        });
        Self { port, arrived, open }
    }

    /// Returns when somebody new stands before it.
    pub fn arrived(&self) {
        self.arrived.recv_timeout(Duration::from_secs(30)).expect("somebody who asks");
    }

    /// Lets everybody through, from now on.
    pub fn open(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }

    /// Keeps everybody waiting who comes from now on.
    pub fn close(&self) {
        *self.open.0.lock().unwrap() = false;
    }
}

fn through(client: TcpStream, to: u16, gate: &(Mutex<bool>, Condvar)) {
    let mut open = gate.0.lock().unwrap();
    while !*open {
        open = gate.1.wait(open).unwrap();
    }
    drop(open);
    let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { return };
    let (from, back) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || copy(from, server));
    copy(back, client);
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}
