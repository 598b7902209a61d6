use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use super::*;
use crate::api::ErrorClass;
use sshd::{keygen, ssh_keygen};

#[tokio::test]
async fn a_wrong_key_is_refused_by_name() {
    let server = Sshd::start();
    let stranger = server.path("stranger");
    keygen("ed25519", &stranger);
    let config = SshConfig { identity: IdentitySource::File(stranger.clone()), ..way_to(&server) };
    let failure = open(config).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::AuthRefused);
    assert!(failure.message.contains(stranger.to_str().unwrap()), "{}", failure.message);
    assert!(failure.message.contains(&server.user), "{}", failure.message);
}

#[tokio::test]
async fn a_server_that_takes_no_keys_refuses() {
    let server = Sshd::builder().line("PubkeyAuthentication no").line("PasswordAuthentication yes").start();
    assert_eq!(open(way_to(&server)).await.unwrap_err().class, ErrorClass::AuthRefused);
}

#[tokio::test]
async fn a_server_that_hangs_up_after_one_refusal_refuses() {
    let server = Sshd::builder().line("MaxAuthTries 1").start();
    let stranger = server.path("stranger");
    keygen("ed25519", &stranger);
    let config = SshConfig { identity: IdentitySource::File(stranger), ..way_to(&server) };
    assert_eq!(open(config).await.unwrap_err().class, ErrorClass::AuthRefused);
}

#[tokio::test]
async fn rsa_and_ecdsa_keys_log_in() {
    let server = Sshd::start();
    for kind in ["rsa", "ecdsa"] {
        let key = server.path(kind);
        keygen(kind, &key);
        fs::copy(key.with_extension("pub"), server.path("authorized_keys")).unwrap();
        let config = SshConfig { identity: IdentitySource::File(key), ..way_to(&server) };
        open(config).await.unwrap_or_else(|failure| panic!("{kind}: {failure:?}"));
    }
}

#[tokio::test]
async fn key_files_that_can_not_be_used_say_why() {
    let server = Sshd::start();
    let encrypted = server.path("encrypted");
    ssh_keygen(&["-q", "-t", "ed25519", "-N", "secret", "-f", encrypted.to_str().unwrap()]);
    let open_to_group = server.path("group");
    keygen("ed25519", &open_to_group);
    fs::set_permissions(&open_to_group, fs::Permissions::from_mode(0o640)).unwrap();
    let garbage = server.path("garbage");
    fs::write(&garbage, "not a key").unwrap();
    fs::set_permissions(&garbage, fs::Permissions::from_mode(0o600)).unwrap();
    for (path, why, next) in [
        (server.path("absent"), "does not exist", "identity.file"),
        (encrypted, "is encrypted", "ssh-add"),
        (open_to_group, "can be read by others", "chmod 600"),
        (garbage, "holds no private key", "identity.file"),
    ] {
        let config = SshConfig { identity: IdentitySource::File(path), ..way_to(&server) };
        let failure = open(config).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::CredentialUnusable, "{failure:?}");
        assert!(failure.message.contains(why), "{}", failure.message);
        assert!(failure.next_step.as_deref().is_some_and(|step| step.contains(next)), "{failure:?}");
    }
}

#[tokio::test]
async fn usual_key_files_are_tried_in_order() {
    let server = Sshd::start();
    let home = server.path("home");
    fs::create_dir_all(home.join(".ssh")).unwrap();
    let config = SshConfig { identity: IdentitySource::Usual, ..way_to(&server) };
    let failure = open_in(config.clone(), &in_home(home.clone())).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::CredentialUnusable);
    keygen("ed25519", &home.join(".ssh/id_ed25519"));
    fs::copy(server.user_key(), home.join(".ssh/id_ecdsa")).unwrap();
    open_in(config, &in_home(home)).await.unwrap();
}

struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An agent that holds these keys, listening at `agent` in the server's directory.
fn agent(server: &Sshd, keys: &[PathBuf]) -> (Agent, OpenContext) {
    let socket = server.path("agent");
    let child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
    let agent = Agent(child);
    sshd::wait_until("the agent listens", || socket.exists());
    for key in keys {
        let added = Command::new("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &socket).stderr(Stdio::null()).status();
        assert!(added.unwrap().success());
    }
    let environment = Environment { agent: Some(socket), ..Environment::default() };
    (agent, OpenContext::new(environment, false))
}

#[tokio::test]
async fn the_agent_logs_in_with_any_of_its_keys() {
    let server = Sshd::start();
    let stranger = server.path("stranger");
    keygen("rsa", &stranger);
    let (_agent, context) = agent(&server, &[stranger, server.user_key()]);
    for identity in [IdentitySource::Agent, IdentitySource::Usual] {
        open_in(SshConfig { identity, ..way_to(&server) }, &context).await.unwrap();
    }
}

#[tokio::test]
async fn an_agent_that_is_absent_or_empty_can_not_be_used() {
    let server = Sshd::start();
    let config = SshConfig { identity: IdentitySource::Agent, ..way_to(&server) };
    assert_eq!(open(config.clone()).await.unwrap_err().class, ErrorClass::CredentialUnusable);
    let gone = Environment { agent: Some(server.path("gone")), ..Environment::default() };
    let failure = open_in(config.clone(), &OpenContext::new(gone, false)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::CredentialUnusable);
    let (_agent, context) = agent(&server, &[]);
    let failure = open_in(config, &context).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::CredentialUnusable);
    assert_eq!(failure.next_step.as_deref(), Some("Run `ssh-add`."));
}

#[tokio::test]
async fn without_a_user_the_current_one_logs_in() {
    let server = Sshd::start();
    let config = SshConfig { user: None, ..way_to(&server) };
    assert_eq!(open(config.clone()).await.unwrap_err().class, ErrorClass::CredentialUnusable);
    let environment = Environment { user: Some(server.user.clone()), ..Environment::default() };
    open_in(config, &OpenContext::new(environment, false)).await.unwrap();
}
