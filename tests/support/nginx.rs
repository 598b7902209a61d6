//! A real nginx for tests: own prefix and configuration, one process, loopback only, gone when dropped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const NGINX: &str = "/usr/sbin/nginx";

pub struct Nginx {
    child: Child,
    dir: TempDir,
    /// One port a server, in order.
    pub ports: Vec<u16>,
}

impl Nginx {
    /// Starts it with these `server` blocks. In each of them `{port}` stands for `127.0.0.1:<its port>` and `{dir}` for the
    /// directory of `dir`, which is kept.
    pub fn start(dir: TempDir, servers: &[String]) -> Self {
        assert!(Path::new(NGINX).exists(), "{NGINX} is absent: run tests/run, which installs nginx-light");
        for folder in ["body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for _ in 0..5 {
            // All are held until all are known, so that no two are the same.
            let held: Vec<_> = servers.iter().map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
            let ports: Vec<u16> = held.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
            drop(held);
            fs::write(dir.path().join("nginx.conf"), configuration(dir.path(), servers, &ports)).unwrap();
            let mut child = Command::new(NGINX)
                .args(["-e", "error.log", "-c", "nginx.conf", "-p"])
                .arg(dir.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(fs::File::create(dir.path().join("start.log")).unwrap())
                .spawn()
                .unwrap();
            if answers(&ports, &mut child) {
                return Self { child, dir, ports };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        let log = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap_or_default();
        panic!("nginx does not start: {}{}", log("start.log"), log("error.log"));
    }

    /// The access log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("access.log")).unwrap()
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(dir: &Path, servers: &[String], ports: &[u16]) -> String {
    let dir = dir.to_str().unwrap();
    let blocks = servers
        .iter()
        .zip(ports)
        .map(|(server, port)| server.replace("{port}", &format!("127.0.0.1:{port}")).replace("{dir}", dir))
        .map(|server| format!("server {{ {server} }}\n"))
        .collect::<Vec<_>>()
        .concat();
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    format!(
        "{user} daemon off; master_process off; pid nginx.pid; error_log error.log;\n\
         events {{ worker_connections 512; }}\n\
         http {{\n access_log access.log;\n default_type application/json;\n client_body_temp_path body;\n proxy_temp_path proxy;\n\
         fastcgi_temp_path fastcgi;\n uwsgi_temp_path uwsgi;\n scgi_temp_path scgi;\n{blocks}}}\n"
    )
}

fn answers(ports: &[u16], child: &mut Child) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end && child.try_wait().unwrap().is_none() {
        if ports.iter().all(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok()) {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
