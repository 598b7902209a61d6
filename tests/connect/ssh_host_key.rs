use std::fs;

use super::*;
use crate::api::ErrorClass;
use sshd::{keygen, public_key, ssh_keygen};

fn known(server: &Sshd, lines: &[&str]) -> SshConfig {
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    SshConfig { host_keys: HostKeySource::Inline(lines), ..way_to(server) }
}

fn other_key(server: &Sshd) -> String {
    let path = server.path("other");
    if !path.exists() {
        keygen("ed25519", &path);
    }
    public_key(&path)
}

#[tokio::test]
async fn an_unknown_host_is_refused_and_the_next_step_names_the_scan() {
    let server = Sshd::start();
    let failure = open(known(&server, &["web-07 ssh-ed25519 AAAA"])).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnknownHostKey);
    let fingerprint = ssh_keygen(&["-lf", server.path("host_ed25519.pub").to_str().unwrap()]);
    assert!(failure.message.contains(fingerprint.split(' ').nth(1).unwrap()), "{}", failure.message);
    let next = failure.next_step.unwrap();
    assert!(next.contains(&format!("tecrax ssh known-hosts 127.0.0.1 -p {}", server.port)), "{next}");
}

#[tokio::test]
async fn a_changed_key_is_refused_whatever_its_type() {
    let server = Sshd::start();
    for line in [
        format!("{} {}", server.known_name(), other_key(&server)),
        format!("{} ecdsa-sha2-nistp256 {ECDSA}", server.known_name()),
    ] {
        let failure = open(known(&server, &[&line])).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::ChangedHostKey, "{failure:?}");
        assert!(failure.message.contains("hostKeys:1"), "{}", failure.message);
    }
}

/// Any ECDSA key.
const ECDSA: &str = "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";

#[tokio::test]
async fn one_of_several_keys_is_enough() {
    let server = Sshd::start();
    let other = format!("{} {}", server.known_name(), other_key(&server));
    open(known(&server, &[&other, "", "# comment", &server.known_line("ed25519")])).await.unwrap();
}

#[tokio::test]
async fn the_known_key_type_is_asked_for() {
    let server = Sshd::builder().host_keys(&["ed25519", "ecdsa", "rsa"]).start();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        open(known(&server, &[&server.known_line(kind)])).await.unwrap_or_else(|failure| panic!("{kind}: {failure:?}"));
    }
}

#[tokio::test]
async fn a_key_without_the_port_is_not_known_for_it() {
    let server = Sshd::start();
    let failure = open(known(&server, &[&format!("127.0.0.1 {}", server.host_key("ed25519"))])).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnknownHostKey);
}

#[tokio::test]
async fn hashed_names_tabs_and_wildcards_are_understood() {
    let server = Sshd::start();
    let file = server.path("known_hosts");
    fs::write(&file, format!("{}\n", server.known_line("ed25519"))).unwrap();
    ssh_keygen(&["-q", "-H", "-f", file.to_str().unwrap()]);
    assert!(fs::read_to_string(&file).unwrap().starts_with("|1|"));
    open(SshConfig { host_keys: HostKeySource::File(file), ..way_to(&server) }).await.unwrap();
    let key = server.host_key("ed25519");
    open(known(&server, &[&format!("[127.0.0.*]:{}\t{} comment", server.port, key.replace(' ', "\t"))])).await.unwrap();
    let negated = format!("*,!{} {key}", server.known_name());
    assert_eq!(open(known(&server, &[&negated])).await.unwrap_err().class, ErrorClass::UnknownHostKey);
}

#[tokio::test]
async fn a_revoked_key_is_refused_although_it_is_known() {
    let server = Sshd::start();
    let key = server.host_key("ed25519");
    let failure = open(known(&server, &[&server.known_line("ed25519"), &format!("@revoked * {key}")])).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::ChangedHostKey);
    assert!(failure.message.contains("revokes"), "{}", failure.message);
    let failure = open(known(&server, &[&server.known_line("ed25519"), "@revoked * ssh-ed25519 broken"])).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::CredentialUnusable);
}

#[tokio::test]
async fn usual_files_come_from_the_home_directory() {
    let server = Sshd::start();
    let home = server.path("home");
    fs::create_dir_all(home.join(".ssh")).unwrap();
    let config = SshConfig { host_keys: HostKeySource::Usual, ..way_to(&server) };
    let failure = open_in(config.clone(), &in_home(home.clone())).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnknownHostKey);
    fs::write(home.join(".ssh/known_hosts2"), server.known_line("ed25519")).unwrap();
    open_in(config, &in_home(home)).await.unwrap();
}

#[tokio::test]
async fn a_named_file_must_exist() {
    let server = Sshd::start();
    let config = SshConfig { host_keys: HostKeySource::File(server.path("absent")), ..way_to(&server) };
    assert_eq!(open(config).await.unwrap_err().class, ErrorClass::CredentialUnusable);
}

/// A server whose host key is certified with these options of `ssh-keygen`, its authority's key, and the directory they are in.
fn certified(options: &[&str]) -> (Sshd, String, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let ca_key = directory.path().join("ca");
    keygen("ed25519", &ca_key);
    let host_key = directory.path().join("certified");
    keygen("ed25519", &host_key);
    let mut arguments = vec!["-q", "-s", ca_key.to_str().unwrap(), "-I", "test"];
    arguments.extend(options);
    let public = host_key.with_extension("pub");
    arguments.push(public.to_str().unwrap());
    ssh_keygen(&arguments);
    let server = Sshd::builder()
        .line(format!("HostKey {}", host_key.display()))
        .line(format!("HostCertificate {}-cert.pub", host_key.display()))
        .host_keys(&["ecdsa"])
        .start();
    (server, public_key(&ca_key), directory)
}

fn authority(server: &Sshd, ca: &str) -> SshConfig {
    known(server, &[&format!("@cert-authority [127.0.0.1]:* {ca}")])
}

#[tokio::test]
async fn a_certificate_of_a_known_authority_is_believed() {
    let (server, ca, _directory) = certified(&["-h", "-n", "127.0.0.1", "-V", "-1h:+1h"]);
    open(authority(&server, &ca)).await.unwrap();
    let revoked = format!("@revoked * {ca}");
    let failure = open(known(&server, &[&format!("@cert-authority * {ca}"), &revoked])).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::ChangedHostKey);
}

#[tokio::test]
async fn certificates_that_prove_nothing_are_refused() {
    for (options, objection) in [
        (&["-h", "-n", "other.example.net"][..], "other hosts"),
        (&["-h", "-n", "127.0.0.1", "-V", "-2h:-1h"], "expired"),
        (&["-h", "-n", "127.0.0.1", "-V", "+1h:+2h"], "not valid yet"),
    ] {
        let (server, ca, _directory) = certified(options);
        let failure = open(authority(&server, &ca)).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::UnknownHostKey, "{failure:?}");
        assert!(failure.message.contains(objection), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (server, _, _directory) = certified(&["-h", "-n", "127.0.0.1"]);
    let stranger = other_key(&server);
    let failure = open(authority(&server, &stranger)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnknownHostKey);
    assert!(failure.message.contains("no @cert-authority line"), "{}", failure.message);
}

#[tokio::test]
async fn a_server_without_certificate_is_unknown_to_its_authority() {
    let server = Sshd::start();
    let ca = other_key(&server);
    let failure = open(authority(&server, &ca)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnknownHostKey);
    assert!(failure.message.contains("shows no certificate"), "{}", failure.message);
}
