//! nginx on loopback that answers every Zabbix version request alike.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What it says to everybody.
const ANSWER: &str = r#"{"jsonrpc":"2.0","result":"6.0.14","id":1}"#;

/// A running server; it ends with this value.
pub struct Nginx {
    child: Child,
    pub port: u16,
    /// Where the same is answered, and every answer noted.
    pub noted_port: u16,
    home: tempfile::TempDir,
}

impl Nginx {
    /// Starts one worker that keeps connections open for everybody.
    pub fn start() -> Self {
        let home = super::empty_dir();
        let (port, noted_port) = {
            let ports = [0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
            let [port, noted_port] = ports.each_ref().map(|port| port.local_addr().unwrap().port());
            (port, noted_port)
        };
        let dir = home.path().display();
        let config = format!(
            "daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log;
             events {{ worker_connections 4096; }}
             http {{
               log_format instants '$msec'; access_log off; keepalive_requests 1000000; client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
               fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
               server {{
                 listen 127.0.0.1:{port};
                 default_type application/json;
                 location / {{ return 200 '{ANSWER}'; }}
               }}
               server {{
                 listen 127.0.0.1:{noted_port};
                 default_type application/json; access_log {dir}/answers.log instants;
                 location / {{ return 200 '{ANSWER}'; }}
               }}
             }}"
        );
        let path = home.path().join("nginx.conf");
        fs::write(&path, config).unwrap();
        let child = Command::new("nginx")
            .arg("-e")
            .arg(home.path().join("start.log"))
            .arg("-c")
            .arg(&path)
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("nginx: {error}; install nginx-light"));
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { child, port, noted_port, home }
    }

    /// When it answered at [`Nginx::noted_port`] since it was asked last, in seconds since 1970, in order.
    pub fn answers(&self) -> Vec<f64> {
        let log = self.home.path().join("answers.log");
        let answers = fs::read_to_string(&log).unwrap().lines().map(|line| line.parse().unwrap()).collect();
        fs::write(log, "").unwrap();
        answers
    }

    /// Address of Target number `index`.
    pub fn url(&self, index: usize) -> String {
        url(self.port, index)
    }
}

/// Address of Target number `index` behind a server on this port.
pub fn url(port: u16, index: usize) -> String {
    format!("http://127.0.0.1:{port}/n/{index}")
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
