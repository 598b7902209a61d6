//! nginx on loopback, with TLS: one server for each way to answer well or badly, each with the answers of Portainer and AdGuard Home.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use tempfile::TempDir;

use crate::support::certs::{Ca, EXPIRED, VALID};
use crate::support::daemon::{Daemon, free_ports, needs};

const NGINX: &str = "/usr/sbin/nginx";
/// What identifies a Portainer, in the shape of its /api/status.
pub const INSTANCE_ID: &str = "299ab403-70a8-4c05-92f7-bf7a994d50df";
pub const VERSION: &str = "2.19.4";

/// Servers by name, with their certificate (none: plain HTTP) and what they answer.
const SERVERS: &[(&str, &str, &str)] = &[
    ("good", "good", PORTAINER),
    ("expired", "expired", PORTAINER),
    ("other-name", "other-name", PORTAINER),
    ("unknown-ca", "unknown-ca", PORTAINER),
    // Another CA under the same name.
    ("renewed-ca", "renewed-ca", PORTAINER),
    ("redirect", "good", "return 302 https://localhost:GOOD$request_uri;"),
    ("error", "good", "return 500;"),
    ("refusing", "good", "return 403;"),
    ("absent", "good", "return 404;"),
    ("page", "good", "default_type text/html; return 200 '<html><body>please log in</body></html>';"),
    ("list", "good", "default_type application/json; return 200 '[1,2]';"),
    ("unnamed", "good", "default_type application/json; return 200 '{\"InstanceID\":\"INSTANCE\"}';"),
    // A request is taken and nothing comes back.
    ("slow", "good", "proxy_read_timeout 1h; proxy_pass http://127.0.0.1:SILENT;"),
    // A byte every second.
    ("trickle", "good", "limit_rate 1; try_files /trickle =404;"),
    ("endless", "good", "try_files /endless =404;"),
    ("large", "good", "try_files /large =404;"),
    ("plain", "", "default_type text/html; return 200 '<html>login</html>';"),
    ("plain-redirect", "", "return 302 /install.html;"),
    ("plain-error", "", "return 502;"),
    ("plain-slow", "", "proxy_read_timeout 1h; proxy_pass http://127.0.0.1:SILENT;"),
];
const PORTAINER: &str = "default_type application/json; return 200 '{\"Version\":\"VERSION\",\"InstanceID\":\"INSTANCE\",\"DemoEnvironment\":{\"enabled\":false}}';";

/// A running nginx.
pub struct Nginx {
    daemon: Daemon,
    ports: BTreeMap<&'static str, u16>,
    pub authority: Ca,
    dir: TempDir,
    // Takes connections into its queue and never looks at them.
    silent: TcpListener,
}

impl Nginx {
    pub fn start() -> Self {
        needs(NGINX, "nginx-light");
        let dir = TempDir::new().unwrap();
        let authority = Ca::new(dir.path(), "authority");
        let stranger = Ca::new(dir.path(), "stranger");
        let renewed = Ca::new(&dir.path().join("renewed"), "authority");
        let localhost = "DNS:localhost,IP:127.0.0.1";
        let issued = |ca: &Ca, name: &str, names: &str, dates| {
            let (pem, key) = ca.issue(name, names, dates);
            (pem.display().to_string(), key.display().to_string())
        };
        let certificates = BTreeMap::from([
            ("good", issued(&authority, "good", localhost, VALID)),
            ("expired", issued(&authority, "expired", localhost, EXPIRED)),
            ("other-name", issued(&authority, "other-name", "DNS:portainer.example.net", VALID)),
            ("unknown-ca", issued(&stranger, "unknown-ca", localhost, VALID)),
            ("renewed-ca", issued(&renewed, "renewed-ca", localhost, VALID)),
        ]);
        let files = dir.path().join("files");
        fs::create_dir(&files).unwrap();
        // Never read to its end: a terabyte that takes no room.
        fs::File::create(files.join("endless")).unwrap().set_len(1 << 40).unwrap();
        fs::write(files.join("large"), format!("{{\"Version\":\"{}\"}}", "9".repeat(10 << 20))).unwrap();
        fs::write(files.join("trickle"), format!("{{\"Version\":\"{}\"}}", "9".repeat(500))).unwrap();
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let ports: BTreeMap<&str, u16> = SERVERS.iter().map(|(name, ..)| *name).zip(free_ports(SERVERS.len())).collect();
        let mut text = configuration(&dir);
        for (name, certificate, answer) in SERVERS {
            let answer = answer
                .replace("GOOD", &ports["good"].to_string())
                .replace("SILENT", &silent.local_addr().unwrap().port().to_string())
                .replace("VERSION", VERSION)
                .replace("INSTANCE", INSTANCE_ID);
            let (listen, tls) = certificates
                .get(certificate)
                .map_or(("", String::new()), |(pem, key)| (" ssl", format!("ssl_certificate {pem}; ssl_certificate_key {key};")));
            writeln!(
                text,
                "server {{ listen 127.0.0.1:{}{listen}; server_name {name}; root {}; {tls} location / {{ {answer} }} }}",
                ports[name],
                files.display()
            )
            .unwrap();
        }
        text.push('}');
        let file = dir.path().join("nginx.conf");
        fs::write(&file, text).unwrap();
        let words = [NGINX, "-e", "stderr", "-c", file.to_str().unwrap()];
        let mut daemon = Daemon::of(dir.path().join("errors"), &words).start();
        for port in ports.values() {
            daemon.wait("nginx", 20, || TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).ok());
        }
        Self { daemon, ports, authority, dir, silent }
    }

    /// Base URL of a server by its name.
    pub fn url(&self, server: &str) -> String {
        let (_, certificate, _) = SERVERS.iter().find(|(name, ..)| *name == server).expect(server);
        let (scheme, host) = if certificate.is_empty() { ("http", "127.0.0.1") } else { ("https", "localhost") };
        format!("{scheme}://{host}:{}", self.ports[server])
    }

    /// One line for each request that was answered: server, method, path, status, credentials.
    pub fn requests(&self, server: &str) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join("requests")).unwrap_or_default();
        text.lines().filter(|line| line.split(' ').next() == Some(server)).map(str::to_owned).collect()
    }

    pub fn log(&self) -> String {
        self.daemon.log()
    }
}

fn configuration(dir: &TempDir) -> String {
    let dir = dir.path().display();
    format!(
        "daemon off; user root; worker_processes 1; pid {dir}/pid; error_log stderr warn;\nevents {{ worker_connections 512; }}\n\
         http {{\nlog_format test '$server_name $request_method $uri $status auth=\"$http_authorization\" cookie=\"$http_cookie\"';\n\
         access_log {dir}/requests test;\nclient_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;\n\
         uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;\n"
    )
}
