//! A Zabbix that answers when a test says so.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use tokio::sync::mpsc;

/// How many are asking, at most so far, and how many may have an answer.
#[derive(Default)]
struct Gate {
    inside: usize,
    most: usize,
    leave: usize,
}

/// A Zabbix that answers nobody until it is told to.
pub struct Holding {
    port: u16,
    gate: Arc<(Mutex<Gate>, Condvar)>,
    arrived: mpsc::UnboundedReceiver<()>,
}

impl Holding {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let gate = Arc::<(Mutex<Gate>, Condvar)>::default();
        let (sender, arrived) = mpsc::unbounded_channel();
        let own = Arc::clone(&gate);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (gate, sender) = (Arc::clone(&own), sender.clone());
                thread::spawn(move || hold(&stream.unwrap(), &gate, &sender));
            }
        });
        Self { port, gate, arrived }
    }

    /// Waits until so many more have asked.
    pub async fn arrivals(&mut self, number: usize) {
        for _ in 0..number {
            self.arrived.recv().await.unwrap();
        }
    }

    /// Answers so many of those who wait, or will.
    pub fn answer(&self, number: usize) {
        self.gate.0.lock().unwrap().leave += number;
        self.gate.1.notify_all();
    }

    /// How many have waited at the same time.
    pub fn most(&self) -> usize {
        self.gate.0.lock().unwrap().most
    }

    /// How many have asked since this was last looked at.
    pub fn asked(&mut self) -> usize {
        std::iter::from_fn(|| self.arrived.try_recv().ok()).count()
    }

    pub fn target(&self, name: &str) -> String {
        format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{of: zabbix}}}}\nspec:\n  type: Host\n  connections:\n  \
             - {{name: zabbix, http: {{baseURL: \"http://127.0.0.1:{}\"}}}}\n",
            self.port
        )
    }
}

fn hold(stream: &TcpStream, gate: &(Mutex<Gate>, Condvar), arrived: &mpsc::UnboundedSender<()>) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    std::io::Read::read_exact(&mut reader, &mut vec![0; length]).unwrap();
    let mut inside = gate.0.lock().unwrap();
    inside.inside += 1;
    inside.most = inside.most.max(inside.inside);
    let _ = arrived.send(());
    let mut inside = gate.1.wait_while(inside, |gate| gate.leave == 0).unwrap();
    inside.leave -= 1;
    inside.inside -= 1;
    drop(inside);
    let body = r#"{"jsonrpc":"2.0","result":"7.0.0","id":1}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let _ = (&*stream).write_all(format!("{head}{body}").as_bytes());
}

/// A Check of every Target of [`Holding::target`].
pub fn check(name: &str, timeout: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec:\n  intent: check_zabbix_container_health\n  \
         targetSelector: {{matchLabels: {{of: zabbix}}}}\n  timeout: {timeout}\n"
    )
}
