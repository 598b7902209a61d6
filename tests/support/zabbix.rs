//! Debian's Zabbix server with its own PostgreSQL cluster, its PHP frontend and one agent: loopback and sockets of a temporary
//! folder only, gone when dropped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::daemon::{Daemon, cached, free_port, low_port, needs, run, until};

const SERVER: &str = "/usr/sbin/zabbix_server";
const AGENT: &str = "/usr/sbin/zabbix_agentd";
const FRONTEND: &str = "/usr/share/zabbix";
const SQL: &str = "/usr/share/zabbix-server-pgsql";

/// A running Zabbix. The order of the fields is the order in which its parts end.
pub struct Zabbix {
    frontend: Daemon,
    agent: Daemon,
    server: Daemon,
    database: Option<Daemon>,
    session: String,
    /// Port of the frontend; the API is at `/api_jsonrpc.php`.
    pub port: u16,
    /// Port where the agent answers the server.
    pub agent_port: u16,
    trapper: u16,
    dir: TempDir,
}

impl Zabbix {
    pub fn start() -> Self {
        needs(SERVER, "zabbix-server-pgsql");
        needs(AGENT, "zabbix-agent");
        needs(&format!("{FRONTEND}/api_jsonrpc.php"), "zabbix-frontend-php");
        needs("/usr/bin/php", "php-cli");
        let dir = TempDir::new().unwrap();
        // PostgreSQL and the server run as their own accounts.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = dir.path().to_owned();
        let template = cached(&format!("zabbix-{}", version_of_packages()), make_cluster);
        run(&["cp".as_ref(), "-a".as_ref(), template.as_os_str(), path.join("pg").as_os_str()]);
        let sockets = path.join("sockets");
        fs::create_dir(&sockets).unwrap();
        fs::set_permissions(&sockets, fs::Permissions::from_mode(0o1777)).unwrap();
        let database = database(&path);
        let (agent_port, trapper) = (low_port(20_000), low_port(26_000));
        let server = server(&path, trapper);
        let agent = agent(&path, agent_port);
        let (frontend, port) = frontend(&path, trapper);
        let mut zabbix =
            Self { frontend, agent, server, database: Some(database), session: String::new(), port, agent_port, trapper, dir };
        zabbix.frontend.wait("answer of the frontend", 30, || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok());
        let login = json!({"username": "Admin", "password": "zabbix"});
        zabbix.session = until("a session", 30, || zabbix.ask("user.login", &login).ok()?.as_str().map(str::to_owned));
        zabbix
    }

    /// Base URL for a Target.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The result of an API method, or its `error`; with the administrator's session where there is one.
    pub fn ask(&self, method: &str, params: &Value) -> Result<Value, Value> {
        self.ask_with(method, params, &self.session)
    }

    /// The same with another token in the body, where Zabbix 6.0 wants it; none when empty.
    pub fn ask_with(&self, method: &str, params: &Value, token: &str) -> Result<Value, Value> {
        let mut body = json!({"jsonrpc": "2.0", "method": method, "params": params, "id": 1});
        if !token.is_empty() {
            body["auth"] = Value::from(token);
        }
        let text = self.post(&body.to_string()).map_err(|error| Value::from(error.to_string()))?;
        let (_, reply) = text.split_once("\r\n\r\n").unwrap_or_default();
        let reply: Value = serde_json::from_str(reply).map_err(|_| Value::from(text.as_str()))?;
        match reply.get("result") {
            Some(result) => Ok(result.clone()),
            None => Err(reply["error"].clone()),
        }
    }

    /// What must work.
    pub fn call(&self, method: &str, params: &Value) -> Value {
        self.ask(method, params).unwrap_or_else(|error| panic!("{method} {params}: {error:#}\n{}", self.frontend.log()))
    }

    /// The whole HTTP answer to a body.
    pub fn post(&self, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let length = body.len();
        write!(
            stream,
            "POST /api_jsonrpc.php HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json-rpc\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// The API token of a new user with the role User who may read every group of hosts, and nothing else.
    pub fn reader(&self) -> String {
        let groups = self.call("hostgroup.get", &json!({"output": ["groupid"]}));
        let rights: Vec<Value> =
            groups.as_array().unwrap().iter().map(|group| json!({"id": group["groupid"], "permission": 2})).collect();
        let readers = self.call("usergroup.create", &json!({"name": "readers", "rights": rights}))["usrgrpids"][0].clone();
        let reader = json!({"username": "reader", "passwd": "Zx81-Spectrum", "roleid": "1", "usrgrps": [{"usrgrpid": readers}]});
        let user = self.call("user.create", &reader)["userids"][0].clone();
        let id = self.call("token.create", &json!({"name": "tecrax", "userid": user}))["tokenids"][0].clone();
        self.call("token.generate", &json!([id]))[0]["token"].as_str().unwrap().to_owned()
    }

    /// Sends one value of a trapper item to the server until the server has taken it.
    pub fn send(&self, host: &str, key: &str, value: &str) {
        let data = json!({"request": "sender data", "data": [{"host": host, "key": key, "value": value}]}).to_string();
        until("a server that knows the item", 30, || {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.trapper)).ok()?;
            let mut message = b"ZBXD\x01".to_vec();
            message.extend(u64::try_from(data.len()).unwrap().to_le_bytes());
            message.extend(data.as_bytes());
            stream.write_all(&message).ok()?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).ok()?;
            String::from_utf8_lossy(&answer).contains("processed: 1;").then_some(())
        });
    }

    /// Kills PostgreSQL; everything else stays up.
    pub fn stop_database(&mut self) {
        self.database = None;
    }

    pub fn start_database(&mut self) {
        self.database = Some(database(self.dir.path()));
    }

    /// What each part has written, for messages of failures.
    pub fn logs(&self) -> String {
        format!("{}\n{}\n{}", self.frontend.log(), self.server.log(), self.agent.log())
    }
}

/// Versions of what makes the cluster, as one word.
fn version_of_packages() -> String {
    let words = ["dpkg-query", "-W", "-f", "${Version}-", "zabbix-server-pgsql", "postgresql-common"];
    let bin = postgresql();
    let major = bin.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned();
    (run(&words) + &major).replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-")
}

/// The folder of PostgreSQL's programs.
fn postgresql() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max();
    newest.expect("PostgreSQL is absent: run tests/run, which installs postgresql")
}

fn postgres(dir: &Path) -> Daemon {
    let sockets = dir.join("sockets");
    let words = [
        postgresql().join("postgres").into_os_string(),
        "-D".into(),
        dir.join("pg").into(),
        "-c".into(),
        format!("unix_socket_directories={}", sockets.display()).into(),
    ];
    let mut daemon = Daemon::of(dir.join("postgres.log"), &words).login("postgres").start();
    let query = ["-h", sockets.to_str().unwrap(), "-U", "postgres", "-qc", "select 1"];
    daemon.wait("PostgreSQL", 30, || {
        let output = std::process::Command::new("psql").args(query).output().expect("psql is part of postgresql-client");
        output.status.success().then_some(())
    });
    daemon
}

fn database(dir: &Path) -> Daemon {
    // What a killed server leaves behind names a process of a namespace that is gone.
    let _ = fs::remove_file(dir.join("pg/postmaster.pid"));
    postgres(dir)
}

/// A cluster with Zabbix's schema and data at `target`. Made once: it takes half a minute.
fn make_cluster(target: &Path) {
    let dir = TempDir::new().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["pg", "sockets"] {
        fs::create_dir(dir.path().join(name)).unwrap();
        run(&["chown".as_ref(), "postgres:".as_ref(), dir.path().join(name).as_os_str()]);
    }
    let (initdb, pg) = (postgresql().join("initdb"), dir.path().join("pg"));
    let as_postgres = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"];
    let mut words: Vec<&std::ffi::OsStr> = as_postgres.iter().map(AsRef::as_ref).collect();
    words.extend([initdb.as_os_str(), "-D".as_ref(), pg.as_os_str()]);
    words.extend(["-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"].map(std::ffi::OsStr::new));
    run(&words);
    let settings = "listen_addresses=''\nfsync=off\nsynchronous_commit=off\nfull_page_writes=off\nwal_level=minimal\n\
                    max_wal_senders=0\nmax_wal_size=64MB\nmin_wal_size=32MB\nshared_buffers=32MB\n";
    fs::OpenOptions::new().append(true).open(pg.join("postgresql.conf")).unwrap().write_all(settings.as_bytes()).unwrap();
    let daemon = postgres(dir.path());
    let psql = format!("psql -q -v ON_ERROR_STOP=1 -h {}", dir.path().join("sockets").display());
    let load = format!(
        "{psql} -U postgres -c 'create role zabbix login' -c 'create database zabbix owner zabbix'\n\
         zcat {SQL}/schema.sql.gz {SQL}/images.sql.gz {SQL}/data.sql.gz | {psql} -U zabbix zabbix\n\
         {psql} -U postgres -c checkpoint"
    );
    run(&["bash", "-euo", "pipefail", "-c", &load]);
    drop(daemon);
    run(&["cp".as_ref(), "-a".as_ref(), pg.as_os_str(), target.as_os_str()]);
}

fn server(dir: &Path, trapper: u16) -> Daemon {
    let sockets = dir.join("sockets");
    let sockets = sockets.display();
    // One process of each kind that is needed; hosts are taken for gone after a second.
    let text = format!(
        "ListenIP=127.0.0.1\nListenPort={trapper}\nLogType=console\nPidFile={sockets}/server.pid\nSocketDir={sockets}\nDBHost={sockets}\n\
         DBName=zabbix\nDBUser=zabbix\nFpingLocation=/bin/true\nFping6Location=/bin/true\nStartPollers=1\nStartPollersUnreachable=1\n\
         StartTrappers=1\nStartPingers=0\nStartDiscoverers=0\nStartHTTPPollers=0\nStartPreprocessors=1\nStartDBSyncers=1\n\
         StartAlerters=1\nStartEscalators=1\nStartTimers=1\nStartLLDProcessors=1\nHousekeepingFrequency=0\nCacheUpdateFrequency=1\n\
         UnreachablePeriod=1\nUnreachableDelay=1\nUnavailableDelay=1\nTimeout=3\nCacheSize=16M\n"
    );
    let file = dir.join("server.conf");
    fs::write(&file, text).unwrap();
    Daemon::of(dir.join("server.log"), &[SERVER, "-f", "-c", file.to_str().unwrap()]).login("zabbix").start()
}

fn agent(dir: &Path, port: u16) -> Daemon {
    let file = dir.join("agent.conf");
    let pid = dir.join("sockets/agent.pid");
    let text = format!(
        "Server=127.0.0.1\nListenIP=127.0.0.1\nListenPort={port}\nStartAgents=1\nLogType=console\nPidFile={}\nHostname=up\n",
        pid.display()
    );
    fs::write(&file, text).unwrap();
    Daemon::of(dir.join("agent.log"), &[AGENT, "-f", "-c", file.to_str().unwrap()]).login("zabbix").start()
}

/// The frontend reads a file with a fixed path: it gets a /etc/zabbix of its own.
fn frontend(dir: &Path, trapper: u16) -> (Daemon, u16) {
    let etc = dir.join("etc");
    fs::create_dir(&etc).unwrap();
    let text = format!(
        "<?php\n$DB['TYPE'] = 'POSTGRESQL'; $DB['SERVER'] = '{}'; $DB['PORT'] = '0'; $DB['DATABASE'] = 'zabbix'; $DB['USER'] = 'zabbix';\n\
         $DB['PASSWORD'] = ''; $DB['SCHEMA'] = ''; $DB['ENCRYPTION'] = false; $DB['VERIFY_HOST'] = false; $DB['KEY_FILE'] = '';\n\
         $DB['CERT_FILE'] = ''; $DB['CA_FILE'] = ''; $DB['CIPHER_LIST'] = ''; $DB['DOUBLE_IEEE754'] = true;\n\
         $ZBX_SERVER = '127.0.0.1'; $ZBX_SERVER_PORT = '{trapper}'; $ZBX_SERVER_NAME = 'test';\n\
         $IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;\n",
        dir.join("sockets").display()
    );
    fs::write(etc.join("zabbix.conf.php"), text).unwrap();
    let port = free_port();
    let script = format!(
        "mount --bind {} /etc/zabbix && exec setpriv --reuid zabbix --regid zabbix --init-groups php -d date.timezone=UTC \
         -d max_execution_time=60 -d post_max_size=16M -S 127.0.0.1:{port} -t {FRONTEND}",
        etc.display()
    );
    let words = ["sh", "-c", &script];
    let daemon = Daemon::of(dir.join("frontend.log"), &words).private("mount").variable("PHP_CLI_SERVER_WORKERS", "4").start();
    (daemon, port)
}
