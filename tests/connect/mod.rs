//! Connections against the real thing: processes of this machine and Debian's OpenSSH server on loopback.
//!
//! These are unit tests by their place in the crate, because only the crate itself may send a shape to a target.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]

#[path = "../support/certs.rs"]
mod certs;
mod dns;
mod http;
mod http_answers;
mod http_nginx_answers;
mod http_nginx_tls;
#[path = "../support/harness/mod.rs"]
mod harness;
mod http_recorded;
mod http_requests;
mod http_server;
mod local;
mod metered;
#[path = "../support/nginx.rs"]
mod nginx;
mod recorded;
mod ssh_host_key;
mod ssh_login;
mod ssh_odd_server;
mod ssh_reading;
mod ssh_scan;
mod ssh_way;
mod unsupported;
#[path = "../support/sshd.rs"]
mod sshd;
mod wrapper;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::api::{self, Digest, LabelName, SandboxLevel};
use crate::connect::session::Question;
use crate::connect::{Environment, Failure, Meter, OpenContext, Output, Session};
use crate::desired::{ConnectionConfig, HostKeySource, IdentitySource, SshConfig};
use crate::profile::{CommandRequest, Request, Shape};

use sshd::Sshd;

/// Enough for everything that is not meant to time out.
const PATIENCE: Duration = Duration::from_secs(20);

fn shape(argv: &[&str]) -> Shape {
    Shape {
        connector: "test".to_owned(),
        action: "test".to_owned(),
        request: Request::Command(CommandRequest {
            argv: argv.iter().map(|part| (*part).to_owned()).collect(),
            exit_codes: vec![0],
            unsupported_stderr: Vec::new(),
        }),
        max_output_bytes: 65_536,
        unsupported_help: "Install it.".to_owned(),
        digest: Digest::of(b""),
    }
}

/// The command of a shape.
fn command(shape: &mut Shape) -> &mut CommandRequest {
    match &mut shape.request {
        Request::Command(command) => command,
        other => panic!("{other:?}"),
    }
}

/// Reads a shape without parameters.
trait Read {
    async fn read(&self, shape: &Shape, timeout: Duration) -> Result<Output, Failure>;
}

impl Read for Session {
    async fn read(&self, shape: &Shape, timeout: Duration) -> Result<Output, Failure> {
        self.ask(question(shape, &BTreeMap::new(), timeout)).await
    }
}

/// Counts for tests that do not ask how much was read.
static METER: LazyLock<Meter> = LazyLock::new(Meter::default);

/// A question that asks for nothing but the shape's own bounds.
fn question<'q>(shape: &'q Shape, parameters: &'q BTreeMap<LabelName, String>, timeout: Duration) -> Question<'q> {
    let max_output_bytes = shape.max_output_bytes;
    Question { shape, parameters, version: None, timeout, max_output_bytes, sandbox: SandboxLevel::None, meter: &METER }
}

fn shell(script: &str) -> Shape {
    shape(&["sh", "-c", script])
}

fn context() -> OpenContext {
    OpenContext::new(Environment::default(), false)
}

fn in_home(home: PathBuf) -> OpenContext {
    OpenContext::new(Environment { home: Some(home), ..Environment::default() }, false)
}

/// How to reach `server` with everything right.
fn way_to(server: &Sshd) -> SshConfig {
    SshConfig {
        host: "127.0.0.1".to_owned(),
        host_from: None,
        port: server.port,
        user: Some(server.user.clone()),
        identity: IdentitySource::File(server.user_key()),
        host_keys: HostKeySource::Inline(vec![server.known_line(server.key_types[0])]),
        via: Vec::new(),
        connect_timeout: api::Duration::from_secs(20),
    }
}

async fn open(config: SshConfig) -> Result<Session, Failure> {
    open_in(config, &context()).await
}

async fn open_in(config: SshConfig, context: &OpenContext) -> Result<Session, Failure> {
    Session::open(&ConnectionConfig::Ssh(Arc::new(config)), "default/test", context).await
}

async fn session(server: &Sshd) -> Session {
    open(way_to(server)).await.unwrap()
}
