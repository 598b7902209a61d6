//! known_hosts as OpenSSH reads it, compared with `ssh-keygen`.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "ssh-keygen is asked about the same lines")]

use std::process::Command;

use proptest::prelude::*;

use super::{KnownHosts, Marker, Parsed, parse};
use crate::api::ErrorClass;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIES2xZCiKpB9MCIQNZiVnF3UFqWuSz2M8Dz7PU7Mw2ue";

fn lines(host: &str, port: u16, text: &str) -> Vec<(Marker, String)> {
    let mut known = KnownHosts { host: host.to_owned(), port, ..KnownHosts::default() };
    known.add("file", text).unwrap();
    known.lines.into_iter().map(|line| (line.marker, line.place)).collect()
}

#[test]
fn markers_blanks_tabs_comments_and_line_ends_are_read() {
    let text = format!(
        "# a comment\n\n  web-07 {KEY}\nweb-08 {KEY}\n@cert-authority\t*\t{}\r\n@revoked web-07,x {KEY} old\n",
        KEY.replace(' ', "\t")
    );
    let expected = [(Marker::Key, "file:3"), (Marker::Authority, "file:5"), (Marker::Revoked, "file:6")];
    assert_eq!(lines("web-07", 22, &text), expected.map(|(marker, place)| (marker, place.to_owned())));
}

#[test]
fn lines_that_are_no_keys_are_passed_over_and_the_first_is_remembered() {
    let mut known = KnownHosts { host: "web-07".to_owned(), port: 22, ..KnownHosts::default() };
    let text = format!("web-08 broken\nweb-07\n@unknown web-07 {KEY}\nweb-07 ssh-rsa {}\nweb-07 {KEY}", &KEY[12..]);
    known.add("file", &text).unwrap();
    assert_eq!(known.lines.len(), 1);
    assert_eq!(known.malformed.as_deref(), Some("file:1"));
}

#[test]
fn a_revocation_that_can_not_be_read_makes_the_file_unusable() {
    let mut known = KnownHosts { host: "web-07".to_owned(), port: 22, ..KnownHosts::default() };
    for text in ["@revoked web-07 ssh-ed25519 broken", "@revoked web-07", "  @revoked"] {
        assert_eq!(known.add("file", text).unwrap_err().class, ErrorClass::CredentialUnusable);
    }
    known.add("file", "@revoked other ssh-ed25519 broken").unwrap();
}

/// What `ssh-keygen -F name -f file` says.
fn ssh_keygen_finds(name: &str, line: &str) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("known_hosts");
    std::fs::write(&file, format!("{line}\n")).unwrap();
    let found = Command::new("ssh-keygen").arg("-F").arg(name).arg("-f").arg(&file).output().unwrap();
    found.status.success() && !found.stdout.is_empty()
}

fn we_find(name: &str, line: &str) -> bool {
    matches!(parse(line, name), Parsed::Line { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_match_as_for_ssh_keygen(
        patterns in prop::collection::vec("!?[ab*?.A]{1,5}", 1..4),
        name in "[ab.]{1,5}",
        blank in prop::sample::select(vec![" ", "\t", "  ", " \t"]),
        lead in prop::sample::select(vec!["", " ", "@revoked ", "@cert-authority ", "#"]),
    ) {
        let line = format!("{lead}{}{blank}{KEY}", patterns.join(","));
        prop_assert_eq!(we_find(&name, &line), ssh_keygen_finds(&name, &line), "{} in {}", name, line);
    }

    #[test]
    fn hashed_names_match_as_for_ssh_keygen(host in "[a-z]{1,8}", port in prop::sample::select(vec![22_u16, 2222])) {
        let name = super::lookup_name(&host, port);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("known_hosts");
        std::fs::write(&file, format!("{name} {KEY}\n")).unwrap();
        prop_assert!(Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(&file).output().unwrap().status.success());
        let text = std::fs::read_to_string(&file).unwrap();
        let line = text.trim_end();
        prop_assert!(line.starts_with("|1|"));
        prop_assert!(we_find(&name, line));
        let other = format!("{name}x");
        prop_assert!(!we_find(&other, line));
    }

    #[test]
    fn no_line_makes_it_panic(line in "\\PC{0,80}", name in "\\PC{0,20}") {
        let _ = parse(&line, &name);
        let _ = parse(&format!("{name} {line}"), &name);
    }
}
