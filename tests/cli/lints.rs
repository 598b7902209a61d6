//! `lint`, `profile lint` and `facts`: validators without a pass.

use crate::support;

use std::fs;
use std::process::Command;

use crate::support::cli::{Home, settings};

fn screen(home: &Home, name: &str, lines: &[&str]) {
    let text: Vec<String> = lines.iter().map(|line| format!("$ tecrax {line}\n{}", home.tecrax(line).screen())).collect();
    settings(home.dir.path(), true).bind(|| insta::assert_snapshot!(name, text.join("\n")));
}

fn put(home: &Home, name: &str, text: impl AsRef<[u8]>) {
    let path = home.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn help() {
    let home = Home::new();
    for command in ["lint", "profile lint", "facts", "facts normalize", "facts validate"] {
        let ended = home.tecrax(&format!("{command} --help"));
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{command}");
        insta::assert_snapshot!(format!("help_{}", command.replace(' ', "_")), ended.out);
    }
}

/// Assembled here, so that this file itself gives nothing away.
fn key() -> String {
    ["-----BEGIN OPENSSH ", "PRIVATE KEY-----"].concat()
}

/// One line, and the labels it gets.
fn lines() -> Vec<(String, &'static [&'static str])> {
    const IP: &[&str] = &["private_ipv4"];
    const MAC: &[&str] = &["mac_address"];
    const KEY: &[&str] = &["key_material"];
    const SECRET: &[&str] = &["secret_assignment"];
    const PATH: &[&str] = &["private_path"];
    const NONE: &[&str] = &[];
    let rows: &[(&str, &[&str])] = &[
        ("host: 10.1.2.3", IP),
        ("see 192.168.7.1.", IP),
        ("(172.16.0.1)", IP),
        ("172.31.255.254:8080", IP),
        ("http://10.0.0.53/x", IP),
        ("net: 10.0.5.0/24", IP),
        ("172.15.0.1 172.32.0.1 192.169.0.1 11.0.0.1", NONE),
        ("192.0.2.7 198.51.100.1 203.0.113.9 127.0.0.1 0.0.0.0", NONE),
        ("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16", NONE),
        ("1.10.0.0.1 10.0.0.1.2 v10.1.2.3 10.1.2.3b 10.1.2 10.256.1.1 10.1.2.3456", NONE),
        ("mac 52:54:00:12:ab:CD", MAC),
        ("00:00:5e:00:53:01 00:00:5E:00:53:ff", NONE),
        ("16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", NONE),
        ("12:34:56 2001:db8::1 1:2:3:4:5:6", NONE),
        ("-----BEGIN PUBLIC KEY-----", NONE),
        ("password: hunter2hunter2", SECRET),
        ("\"token\": \"abcdefgh1\"", SECRET),
        ("api_TOKEN=abcdefgh1", SECRET),
        ("Authorization: Bearer abcdefgh1", SECRET),
        ("bearer = abcdefgh1", SECRET),
        ("password: short", NONE),
        ("password: ********", NONE),
        ("token: <your-token-here> token: ${TOKEN_OF_MINE} token: {secretKeyRef: x}", NONE),
        ("password == something_else", NONE),
        ("token = os.environ.get(name_of_it)", NONE),
        ("password_file: /etc/secrets/password", NONE),
        ("tokenFrom: {secretKeyRef: {name: zbx, key: token}}", NONE),
        ("IdentityFile /home/anna/.ssh/id_ed25519", PATH),
        ("/root/.ssh", PATH),
        ("/Users/anna.b/.ssh/config", PATH),
        ("~/.ssh/config /home/<user>/.ssh /home/$USER/.ssh /home/anna/.sshrc", NONE),
        ("10.1.2.3 at 52:54:00:12:ab:cd", &["mac_address", "private_ipv4"]),
    ];
    let mut rows: Vec<(String, &'static [&'static str])> =
        rows.iter().map(|(line, labels)| ((*line).to_owned(), *labels)).collect();
    rows.push((key(), KEY));
    rows.push((format!("  key: '{}'", key()), KEY));
    rows
}

#[test]
fn every_label_is_found_and_its_neighbours_are_not() {
    let home = Home::new();
    for (line, labels) in lines() {
        put(&home, "tree/a.txt", format!("first\n{line}\n"));
        let ended = home.tecrax("lint tree");
        let expected = labels.iter().fold(String::new(), |told, label| told + "tree/a.txt:2:" + label + "\n");
        let expected = if labels.is_empty() { "secret_topology_ok\n".to_owned() } else { expected };
        assert_eq!((ended.out.as_str(), ended.code), (expected.as_str(), i32::from(!labels.is_empty())), "{line}");
    }
}

#[test]
fn lines_may_be_allowed_with_a_reason() {
    let home = Home::new();
    for (text, expected) in [
        ("a: 10.1.2.3  # tecrax-lint: allow private_ipv4 the lab's own net\n", "secret_topology_ok\n"),
        ("# tecrax-lint: allow private_ipv4 the lab's own net\na: 10.1.2.3\n", "secret_topology_ok\n"),
        ("<!-- tecrax-lint: allow private_ipv4,mac_address documented -->\n10.1.2.3 52:54:00:12:ab:cd\n", "secret_topology_ok\n"),
        ("# tecrax-lint: allow private_ipv4 one line only\na: 1\nb: 10.1.2.3\n", "a.yaml:3:private_ipv4\n"),
        ("# tecrax-lint: allow mac_address another label\na: 10.1.2.3\n", "a.yaml:2:private_ipv4\n"),
        ("a: 10.1.2.3  # tecrax-lint: allow private_ipv4\n", "a.yaml:1:invalid_allow\na.yaml:1:private_ipv4\n"),
        ("a: 10.1.2.3  # tecrax-lint: allow everything please\n", "a.yaml:1:invalid_allow\na.yaml:1:private_ipv4\n"),
        ("a: tecrax-lint: allow private_ipv4 no comment 10.1.2.3\n", "a.yaml:1:private_ipv4\n"),
    ] {
        put(&home, "a.yaml", text);
        assert_eq!(home.tecrax("lint a.yaml").out, expected, "{text}");
    }
}

/// The digest that `lint -o json` gives for the one finding in `path`.
fn digest(home: &Home, path: &str) -> String {
    let found: serde_json::Value = serde_json::from_str(&home.tecrax(&format!("lint {path} -o json")).out).expect("JSON");
    found[0]["digest"].as_str().expect("a digest").to_owned()
}

/// What a list lets through is one line of one file, and nothing else.
#[test]
fn files_without_comments_have_a_list_beside_them() {
    let home = Home::new();
    let (path, list) = ("tree/a.json", "tree/tecrax-lint.allow");
    put(&home, path, "{\n  \"token\": \"hunter2hunter2\"\n}\n");
    let entry = format!("a.json secret_assignment {}", digest(&home, path));
    let ok = "secret_topology_ok\n";
    let found = "tree/a.json:2:secret_assignment\n";
    let refused = format!("{found}tree/tecrax-lint.allow:1:invalid_allow\n");
    for (text, expected) in [
        (format!("# why\n\n{entry} a stand-in\n"), ok),
        // No reason, no known label, no digest, a file elsewhere.
        (entry.clone(), &refused),
        (format!("{} a stand-in", entry.replace("secret_", "any_")), &refused),
        (format!("{entry}0 a stand-in"), &refused),
        (format!("../tree/{entry} a stand-in"), &refused),
        // Another file, another label, another line: nothing is let through, and an unused entry of a file looked at is told.
        (format!("{} a stand-in", entry.replace("a.json", "b.json")), found),
        (format!("{} a stand-in", entry.replace("secret_assignment", "private_ipv4")), &refused),
        (format!("a.json secret_assignment {} a stand-in", "0".repeat(16)), &refused),
    ] {
        put(&home, list, &text);
        for path in ["tree", "tree/a.json"] {
            let ended = home.tecrax(&format!("lint {path}"));
            let mut told: Vec<&str> = ended.out.lines().collect();
            told.sort_by_key(|line| line.contains(".allow:"));
            assert_eq!(told, expected.lines().collect::<Vec<_>>(), "{path}: {text}");
        }
    }
    // The line may move and be indented; with another value it is another line.
    put(&home, list, format!("{entry} a stand-in\n"));
    put(&home, path, "{\n\n      \"token\": \"hunter2hunter2\"\n}\n");
    assert_eq!(home.tecrax("lint tree").out, ok);
    put(&home, path, "{\n\n  \"token\": \"hunter2hunter3\"\n}\n");
    assert_eq!(home.tecrax("lint tree").out, "tree/a.json:3:secret_assignment\ntree/tecrax-lint.allow:1:invalid_allow\n");
    // A list that can not be read lets nothing pass unseen.
    put(&home, list, vec![b'a'; (16 << 20) + 1]);
    assert_eq!((home.tecrax("lint tree").code, home.tecrax("lint tree").out.as_str()), (74, ""));
}

/// Copies what `lint` could look at.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, name) = (entry.file_type().unwrap(), entry.file_name());
        if kind.is_dir() && !name.as_encoded_bytes().starts_with(b".") && name != "target" {
            copy(&entry.path(), &to.join(&name));
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(&name)).unwrap();
        }
    }
}

/// This repository holds to its own lint, and no file of it is beyond the scan: a secret at the end of any of them is found.
#[test]
fn this_repository_gives_nothing_away() {
    let home = Home::new();
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let ended = home.run(["lint", own.to_str().unwrap()]);
    assert_eq!((ended.out.as_str(), ended.code), ("secret_topology_ok\n", 0), "{}", ended.err);
    copy(own, &home.path("copy"));
    let ended = home.tecrax("lint copy");
    assert_eq!((ended.out.as_str(), ended.code), ("secret_topology_ok\n", 0), "{}", ended.err);
    let files = planted(&home.path("copy"));
    assert!(files > 200, "only {files} files");
    let ended = home.tecrax("lint copy");
    assert_eq!(ended.out.lines().filter(|line| line.ends_with(":secret_assignment")).count(), files, "{}", ended.err);
}

/// Writes a secret at the end of every text file below `folder`, and says how many there were.
fn planted(folder: &std::path::Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if path.is_dir() {
            files += planted(&path);
        } else if ["cfg", "ini", "json", "md", "py", "rst", "toml", "txt", "yaml", "yml"].contains(&kind) {
            let mut text = fs::read(&path).unwrap();
            // Assembled, so that this file itself gives nothing away.
            text.extend(["\npass", "word: hunter2-", "planted\n"].concat().bytes());
            fs::write(&path, text).unwrap();
            files += 1;
        }
    }
    files
}

#[test]
fn findings_as_people_and_machines_read_them() {
    let home = Home::new();
    put(&home, "tree/z.md", "a 10.1.2.3\n");
    put(&home, "tree/a.yaml", "x: 1\n  password: 'hunter2hunter2' # ü 10.0.0.9\n");
    put(&home, "clean/a.yaml", "x: 1\n");
    screen(
        &home,
        "lint",
        &["lint tree", "lint tree -o wide", "lint tree -o json", "lint clean", "lint clean tree/z.md", "lint absent"],
    );
    let ended = home.tecrax("lint tree");
    let lines: Vec<&str> = ended.out.lines().collect();
    assert!(lines.is_sorted(), "{lines:?}");
    assert_eq!(home.tecrax("-q lint clean").out, "");
}

fn git(home: &Home, line: &str) {
    let ended = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.net", "-C"])
        .arg(home.path("tree"))
        .args(line.split(' '))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.dir.path())
        .output()
        .unwrap();
    assert!(ended.status.success(), "git {line}: {ended:?}");
}

/// Of a Git tree only tracked files count, whatever the version of its index, and from any folder of it.
#[test]
fn tracked_files_of_a_git_tree() {
    for version in [2, 3, 4] {
        let home = Home::new();
        for name in [
            "tree/tracked.yaml",
            "tree/deep/er/also.txt",
            "tree/.hidden/too.md",
            "tree/untracked.yaml",
            "tree/program.rs",
            "tree/__pycache__/x.py",
            "tree/gone.txt",
        ] {
            put(&home, name, "a: 10.1.2.3\n");
        }
        git(&home, "init -q");
        git(&home, "add tracked.yaml deep .hidden program.rs __pycache__ gone.txt");
        if version == 3 {
            // An entry that is only promised needs the wider form.
            git(&home, "add -N untracked.yaml");
            git(&home, "rm -q --cached untracked.yaml");
            put(&home, "tree/promised.yaml", "10.1.2.3\n");
            git(&home, "add -N promised.yaml");
        }
        git(&home, &format!("update-index --index-version {version}"));
        fs::remove_file(home.path("tree/gone.txt")).unwrap();
        let promised = if version == 3 { "tree/promised.yaml:1:private_ipv4\n" } else { "" };
        let expected = format!(
            "tree/.hidden/too.md:1:private_ipv4\ntree/deep/er/also.txt:1:private_ipv4\n{promised}tree/tracked.yaml:1:private_ipv4\n"
        );
        assert_eq!(home.tecrax("lint tree").out, expected, "index version {version}");
        assert_eq!(home.tecrax("lint tree/deep").out, "tree/deep/er/also.txt:1:private_ipv4\n");
        // A file that is named is looked at, tracked or not.
        assert_eq!(home.tecrax("lint tree/program.rs").out, "tree/program.rs:1:private_ipv4\n");
        // A damaged index is never an empty one.
        let index = fs::read(home.path("tree/.git/index")).unwrap();
        for broken in [&index[..40], b"DIRC\0\0\0\x09\0\0\0\x01".as_slice(), b"".as_slice()] {
            fs::write(home.path("tree/.git/index"), broken).unwrap();
            let ended = home.tecrax("lint tree");
            assert_eq!((ended.code, ended.out.as_str()), (74, ""), "{ended:?}");
        }
    }
}

#[test]
fn any_bytes_are_looked_through() {
    let home = Home::new();
    put(&home, "tree/binary.txt", [&[0_u8, 1, 2][..], b"10.1.2.3"].concat());
    put(&home, "tree/odd.txt", [&[0xff_u8, 0xfe, b' '][..], b"10.1.2.3\r\n"].concat());
    put(&home, "tree/long.txt", format!("{}10.1.2.3", "1.".repeat(2_000_000)));
    put(&home, "tree/colons.txt", "ab:".repeat(1_000_000));
    put(&home, "tree/empty.txt", "");
    std::os::unix::fs::symlink("/etc/passwd", home.path("tree/link.txt")).unwrap();
    let ended = home.tecrax("lint tree");
    assert_eq!((ended.code, ended.out.as_str()), (1, "tree/odd.txt:1:private_ipv4\n"), "{}", ended.err);
    put(&home, "tree/large.txt", vec![b'a'; (16 << 20) + 1]);
    let ended = home.tecrax("lint tree");
    assert_eq!(ended.code, 74, "what was not looked at is never ok");
    assert!(ended.err.contains("large.txt: larger than"), "{}", ended.err);
}

#[test]
fn readings_become_facts() {
    let home = Home::new();
    put(&home, "sync.txt", "NTP=yes\nNTPSynchronized=yes\n");
    put(
        &home,
        "readings.json",
        r#"{"read_ntp_sync_state": {"stdout": "NTP=yes\nNTPSynchronized=no\n", "stderr": ""},
        "read_ntp_daemon_units": {"failed": "Timeout", "message": "no answer within 10s"}}"#,
    );
    let one = home.tecrax("facts normalize normalize_ntp_health read_ntp_sync_state=sync.txt --target web-07");
    let facts: serde_json::Value = serde_json::from_str(&one.out).expect("JSON");
    assert_eq!((one.code, &facts["contract"]["id"]), (0, &"tecrax.ntp_local_health".into()), "{}", one.err);
    assert_eq!(home.tecrax("facts normalize check_ntp_health read_ntp_sync_state=sync.txt --target web-07").out, one.out);
    let piped = support::cli::ended(
        home.command()
            .args(["facts", "normalize", "check_ntp_health", "read_ntp_sync_state=-", "--target", "web-07"])
            .write_stdin("NTP=yes\nNTPSynchronized=yes\n"),
    );
    assert_eq!(piped.out, one.out);
    let failed = home.tecrax("facts normalize check_ntp_health --readings readings.json");
    assert_eq!(failed.code, 0, "{}", failed.err);
    put(&home, "facts.json", &one.out);
    put(&home, "broken.json", one.out.replace("\"complete\"", "\"whole\"").replace("\"partial\"", "\"whole\""));
    put(&home, "other.json", "{\"contract\": {\"id\": \"x\", \"version\": \"1\"}}");
    put(&home, "words.json", r#"{"read_ntp_sync_state": {"failed": "Nonsense"}}"#);
    put(&home, "neither.json", r#"{"read_ntp_sync_state": {}}"#);
    screen(
        &home,
        "facts",
        &[
            "facts normalize check_ntp_health --readings readings.json",
            "facts normalize normalize_ntp_helth",
            "facts normalize check_ntp_health read_ntp_sync_stat=sync.txt",
            "facts normalize check_ntp_health",
            "facts normalize check_ntp_health sync.txt",
            "facts normalize check_ntp_health read_ntp_sync_state=absent.txt",
            "facts normalize check_ntp_health --readings words.json",
            "facts normalize check_ntp_health --readings neither.json",
            "facts normalize check_ntp_health read_ntp_sync_state=sync.txt --readings readings.json",
            "facts validate facts.json",
            "facts validate broken.json",
            "facts validate other.json",
            "facts validate sync.txt",
            "facts validate absent.json",
        ],
    );
}
