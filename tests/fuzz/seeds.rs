//! Real inputs, taken from where the project keeps them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::stored;
use crate::evidence::pack;
use crate::facts::subjects;
use crate::fuzz::SEPARATOR;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Seeds of one entry.
const MOST: usize = 60;

/// Inputs of the entry `name`.
pub fn of(name: &str) -> Vec<Vec<u8>> {
    let mut seeds = match name {
        "manifests" => files(&["manifests", "examples", "tests/fixtures/manifests"], "yaml"),
        "manifests_json" => of("manifests").iter().filter_map(|yaml| as_json(yaml)).collect(),
        "located" => files(&["examples", "profile"], "yaml"),
        "values" => {
            texts(&["5m", "1h30m", "90s", "default/clock.web-07", "web-07.example.net", "https://zbx.example.net/zabbix", "::1"])
        }
        "secrets_file" => texts(&[
            "secrets:\n  zbx: {token: canary-8f31c0}\nnamespaces:\n  other:\n    db: {password: x}\n",
            "secrets: {a: {b: [canary-8f31c0]}}\n",
        ]),
        "schedules" => texts(&[
            "30 2 * * MON\x1eEurope/Berlin\x1e1774747800",
            "*/5 0-6,22 1,15 * *\x1eUTC\x1e1764000000",
            "0 0 L 2 *\x1eAmerica/New_York",
            "0 9 * JAN-DEC MON#1\x1eAsia/Kathmandu\x1e-1",
            "15 10 15W * ?\x1eAustralia/Lord_Howe",
            // Found by fuzzing: a clock before 1970 found slots in its past.
            "30 2 * * MON\x1eEurope/Berlin\x1e-066320716",
        ]),
        "git_index" => vec![index(2, &["README.md", "docs/a.md"]), index(4, &["README.md", "docs/a.md", "docs/b.md"])],
        "profile" => profile(),
        "catalogs" => catalogs(),
        "tables" => [
            files(&["examples/policy"], "yaml"),
            texts(&[
                r#"{"read_os_release": {"stdout": "ID=debian\n", "stderr": ""}, "read_df": {"failed": "Timeout", "message": "no"}}"#,
                "pack: pack.yaml\ncases:\n- name: a\n  request: {action: {mode: read}}\n  expect: {decision: allow, rule: r, reason: x}\n",
                "apiVersion: test.tecrax.io/v1alpha1\nkind: PolicyTest\nmanifests: [.]\ncases:\n- {name: b, check: c, target: t, expect: {decision: deny}}\n",
            ]),
        ]
        .concat(),
        "giveaways" => texts(&[
            "host: 10.1.2.3 # tecrax-lint: allow private_ipv4 a lab\npassword = hunter2-hunter2\nmac 52:54:00:12:34:56\n",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nsee /home/anna/.ssh/id_ed25519\n\u{fc}ber 192.168.7.9\n",
            "data.json private_ipv4 0123456789abcdef a test\n# comment\n",
        ]),
        "reaction_packs" => reactions(),
        "ssh_config" => texts(&[
            "Host web-07 web\n  HostName web-07.example.net\n  Port 2222\n  User = tecrax\n  IdentityFile ~/.ssh/%h\n  ProxyJump bastion,anna@gate:22\n\
             Host *.lab !bad.lab\n  ConnectTimeout 1m30s\nMatch all\n  ServerAliveInterval 5\n",
            "Include conf.d/*\nHost a \"b c\" d\\ e\n  HostKeyAlias x\n\x1eHost db-? db-1\n  Hostname %h.example.net\n  ProxyCommand none\n",
            "Host *\n User anna\nHost ::1 10.0.0.1\n Port 0\n StrictHostKeyChecking no\nMatch host x exec \"true\"\n User root\n",
        ]),
        "inventories" => inventories(),
        "policy_packs" => packs(),
        "known_hosts" => texts(&[
            "web-07.example.net ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb1yo0wNCMM0ZNZ2ZbGzHGCbsv0JWX7Qn3DqSAwDNJj a comment\n",
            "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAAB3NzaC1yc2E=\n",
            "@cert-authority *.example.net,!bad.example.net ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb1\n@revoked * ssh-rsa AAAA\n",
            "[10.0.0.1]:22 ssh-rsa AAAAB3NzaC1yc2E=\n# comment\n\n::1 ecdsa-sha2-nistp256 AAAA\n",
        ]),
        "dns_answer" => datagrams(),
        "gates" => texts(&[
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb1yo0wNCMM0ZNZ2ZbGzHGCbsv0JWX7Qn3DqSAwDNJj a comment\n\x1e/usr/local/lib/tecrax-gate\x1euname\x1e-srm",
            "\x1e/opt/gate\x1esh\x1e-c\x1eit's \"$HOME\"\n`id`\x1e",
        ]),
        "http_body" => texts(&[
            r#"{"jsonrpc":"2.0","result":"6.0.14","id":1}"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params.","data":"Not authorised."},"id":1}"#,
            r#"{"Version":"2.19.4","InstanceID":"299ab403-70a8-4c05-92f7-bf7a994d50df"}"#,
        ]),
        "redactor" => texts(&["\u{fffd}\u{fffd}\u{fffd}\x1epassword\u{fffd}\u{fffd}\u{fffd}\u{fffd}=x", "hunter2-hunter2\x1epassword=hunter2-hunter2 and Authorization: Bearer hunter2-hunter2\n"]),
        "normalizers" => readings(),
        "contracts" => json_cases("tests/conformance/tecrax/contracts.json", "facts"),
        "evidence_json" => bundles().into_iter().flat_map(|files| files.into_iter().map(|(_, bytes)| bytes)).collect(),
        "evidence_bundle" => bundles().iter().map(|files| joined(files)).collect(),
        "evidence_parts" => {
            let whole: Vec<_> =
                bundles().iter().map(|files| pack(files.iter().map(|(n, b)| (n.as_str(), b.as_slice())))).collect();
            whole
        }
        "evidence_notes" => texts(&[
            "example.net/log\n2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u{2014} example.net/log BWKQ8uTHnYhHnYhHAAAA\n",
            "c2sp.org/tlog-proof@v1\nindex 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nexample.net/log\n2\nAAAA\n\n",
            "example.net/log+05629b58+AQzV3xAN3uMYbkwF5Xo4mYQ7pQlC0Tj3cD6r3D5N2T4O",
            r#"{"dropped":{"first":"2026-01-01T00:00:00Z","from":0,"last":"2026-01-02T00:00:00Z","reason":"age","records":3,"runs":2}}"#,
        ]),
        "evidence_checkpoints" => texts(&[
            "all healthy checkpoint=example.net%2Flog/2/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/BWKQ8uTHnYhHnYhHAAAA\n",
            "checkpoint=3Dexample.net/2/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/BWKQ8=\nuTHnYhHnYhHAAAA.",
            "example.net/log\n2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u{2014} example.net/log BWKQ8uTHnYhHnYhHAAAA\n",
            // Found by fuzzing: a name that begins so was taken for quoted-printable.
            "checkpoint=3D3Dprinter.example/2/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/BWKQ8uTHnYhHnYhHAAAA",
            "PRIVATE+KEY+example.net/log+05629b58+AQzV3xAN3uMYbkwF5Xo4mYQ7pQlC0Tj3cD6r3D5N2T4O",
        ]),
        "evidence_records" => texts(&[
            "{\"assessment\":\"healthy\",\"reason\":\"Healthy\",\"planned_at\":\"2026-01-01T00:00:00Z\",\"parts\":{}}\x1e{\"findings\":[],\"summary\":\"\",\"not_in_effect\":[]}",
            "{\"reaction\":{\"outcome\":\"no_op\",\"rule\":\"builtin.healthy\",\"depth\":0,\"reason\":\"Healthy\"}}",
            "{\"plan_digest\":\"sha256:00\",\"policy_digest\":\"sha256:00\",\"message\":\"no\"}",
        ]),
        "wal" => stored::logs(),
        "states" => stored::states(),
        "exports" => stored::exports(),
        other => panic!("no seeds for {other}"),
    };
    seeds.truncate(MOST);
    seeds
}

fn texts(all: &[&str]) -> Vec<Vec<u8>> {
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn files(directories: &[&str], extension: &str) -> Vec<Vec<u8>> {
    let mut open: Vec<PathBuf> = directories.iter().map(|directory| Path::new(ROOT).join(directory)).collect();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|is| is == extension) {
            found.push(path);
        }
    }
    found.sort();
    found.iter().map(|path| std::fs::read(path).unwrap()).filter(|bytes| bytes.len() <= 8192).collect()
}

fn as_json(yaml: &[u8]) -> Option<Vec<u8>> {
    let value: Value = serde_yaml::from_slice(yaml).ok()?;
    value.is_object().then(|| serde_json::to_vec(&value).unwrap())
}

fn load(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(Path::new(ROOT).join(path)).unwrap()).unwrap()
}

fn json_cases(path: &str, key: &str) -> Vec<Vec<u8>> {
    load(path)["cases"].as_array().unwrap().iter().map(|case| serde_json::to_vec(&case[key]).unwrap()).collect()
}

/// Recorded outputs in the order of the steps of their subject.
fn readings() -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for (choice, subject) in (0_u8..).zip(subjects()) {
        let path = format!("tests/conformance/tecrax/normalize/{}.json", subject.normalizer);
        let Ok(bytes) = std::fs::read(Path::new(ROOT).join(path)) else { continue };
        let recorded: Value = serde_json::from_slice(&bytes).unwrap();
        for case in recorded["cases"].as_array().unwrap().iter().take(4) {
            let outputs = strings(&case["shared_state"]);
            let mut input = vec![choice];
            for (number, output) in outputs.iter().enumerate() {
                if number > 0 {
                    input.push(SEPARATOR);
                }
                input.extend_from_slice(output.as_bytes());
            }
            inputs.push(input);
        }
    }
    inputs
}

/// Packs, each with facts to decide about and how far the chain has gone.
fn reactions() -> Vec<Vec<u8>> {
    let observed = r#"{"facts": {"verdict": {"assessment": "unhealthy", "coverage": "complete", "kinds": {"reading": 1}, "reasons": {"Unreachable": 1}}}}"#;
    let rules = [
        "  - {id: down, priority: 5, when: [{path: facts.verdict.assessment, operator: equals, value: unhealthy}], \
           finding: {kind: a.down, severity: high, summary: It is down.}, outcome: retry_intent, intent_ref: check_ntp_health}\n",
        "  - {id: lost, when: [{path: facts.verdict.reasons.Unreachable, operator: exists}, {path: facts.verdict.coverage, operator: in, \
           value: [partial, complete]}], finding: {kind: a.lost, severity: critical, summary: Nobody answers.}, outcome: escalate}\n",
    ];
    let pack = |rules: &str, chain: u8| {
        let text = format!(
            "reaction_pack:\n  id: example\n  version: '1'\n  budgets: {{max_depth: 3, max_reactions: 5}}\n  rules:\n{rules}  \
             fallback: {{id: rest, finding: {{kind: a.rest, severity: low, summary: Nothing to do.}}, outcome: no_op}}\n\x1e{observed}\x1e"
        );
        [text.as_bytes(), &[chain][..]].concat()
    };
    vec![pack(rules[0], 0), pack(rules[1], 0), pack(&rules.concat(), 1), pack(&rules.concat(), 3)]
}

/// Recorded packs, each with a request that was put to it.
fn packs() -> Vec<Vec<u8>> {
    let recorded = load("tests/conformance/rexecop/policy.json");
    let cases = recorded["cases"].as_array().unwrap().iter().map(|case| {
        let pack = &recorded["packs"][case["pack"].as_str().unwrap()];
        format!("{pack}\x1e{}", case["request"]).into_bytes()
    });
    let packs = recorded["compile_cases"].as_array().unwrap().iter().map(|case| case["pack"].to_string().into_bytes());
    // From both ends: not only the first pack.
    cases.step_by(3).chain(packs).collect()
}

/// The catalogs of the examples, each with the environments beside it as one.
fn catalogs() -> Vec<Vec<u8>> {
    let files = files(&["examples/catalogs"], "yaml");
    let (catalogs, environments): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.starts_with(b"# Targets"));
    let pairs =
        catalogs.iter().flat_map(|catalog| environments.iter().map(|environment| [catalog, &b"\x1e"[..], environment].concat()));
    let one = "target_catalog:\n  version: \"0.1\"\n  targets:\n  - {id: a, target_kind: host, profile_ref: tecrax, environment_ref: e.yaml, \
               capabilities: [x], connector_refs: [c], classification: {criticality: low}}\n\
               \x1eenvironment:\n  id: e\n  profile: tecrax\n  targets: {a: {type: host}}\n  connectors: {c: {enabled: true}}\n";
    pairs.chain(texts(&[one])).collect()
}

/// The inventories of the tests, and what `ansible-inventory --list` prints, each behind the byte for the name of its file.
fn inventories() -> Vec<Vec<u8>> {
    let read = |end: &str| files(&["tests/fixtures/import"], end);
    let odd = "[a:c].example.net:2222 ansible_user='x y' # c\n[g:vars]\nansible_ssh_common_args=\"-J a@b:1,c -oPort=9\"\n[g:children]\nh\n[h]\n[fe80:0:0:1]:22\nx[08:11:2] ansible_connection=docker\n";
    let all = read("ini").into_iter().chain([odd.as_bytes().to_vec()]).map(|text| (1, text));
    let yaml = read("yaml").into_iter().chain(read("json")).map(|text| (2, text));
    let all: Vec<(u8, Vec<u8>)> = all.chain(yaml).collect();
    all.iter().flat_map(|(name, text)| [[&[*name], &text[..]].concat(), [&[0], &text[..]].concat()]).collect()
}

/// A small profile, made of files of the bundled one; then each of them alone.
fn profile() -> Vec<Vec<u8>> {
    let paths = (b'0'..).zip(super::super::command::PATHS);
    let files: Vec<Vec<u8>> = paths
        .map(|(byte, path)| [&[byte][..], &std::fs::read(Path::new(ROOT).join("profile").join(path)).unwrap()].concat())
        .collect();
    [vec![files.join(&SEPARATOR)], files].concat()
}

/// A Git index of a version, with objects of SHA-1 and these files.
fn index(version: u8, files: &[&str]) -> Vec<u8> {
    let mut bytes = [&b"DIRC\0\0\0"[..], &[version, 0, 0, 0, u8::try_from(files.len()).unwrap()]].concat();
    let mut last = "";
    for file in files {
        let start = bytes.len();
        bytes.extend([0; 24]);
        bytes.extend(0o100_644_u32.to_be_bytes());
        bytes.extend([0; 12 + 20]);
        bytes.extend(u16::try_from(file.len()).unwrap().to_be_bytes());
        if version == 4 {
            let same = last.bytes().zip(file.bytes()).take_while(|(one, other)| one == other).count();
            bytes.push(u8::try_from(last.len() - same).unwrap());
            bytes.extend(file[same..].bytes().chain([0]));
            last = file;
        } else {
            bytes.extend(file.bytes());
            let padding = 8 - (bytes.len() - start) % 8;
            bytes.extend(std::iter::repeat_n(0, padding));
        }
    }
    bytes.extend([0; 20]);
    bytes
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Recorded bundles: the text files of each.
fn bundles() -> Vec<Vec<(String, Vec<u8>)>> {
    let lines = std::fs::read_to_string(Path::new(ROOT).join("tests/conformance/sclite/bundles.jsonl")).unwrap();
    let bundles = lines.lines().take(12).map(|line| {
        let bundle: Value = serde_json::from_str(line).unwrap();
        let files = bundle["files"].as_object().unwrap().iter();
        files.filter_map(|(name, file)| Some((name.clone(), file["text"].as_str()?.as_bytes().to_vec()))).collect()
    });
    bundles.collect()
}

fn joined(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut input = Vec::new();
    for (number, (name, bytes)) in files.iter().enumerate() {
        if number > 0 {
            input.push(SEPARATOR);
        }
        let digit = super::super::evidence::FILES.iter().position(|file| file == name).unwrap_or(9);
        input.push(b'0' + u8::try_from(digit).unwrap());
        input.extend_from_slice(bytes);
    }
    input
}

/// Answers for example.com with the id 0x1234: an address, a chain of aliases, a refusal.
fn datagrams() -> Vec<Vec<u8>> {
    let question: &[u8] = b"\x07example\x03com\x00\x00\x01\x00\x01";
    let header = |code: u8, answers: u8| [0x12, 0x34, 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0];
    let address: &[u8] = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x01\x2c\x00\x04\x5d\xb8\xd8\x22";
    let alias: &[u8] = b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x01\x2c\x00\x06\x03www\xc0\x0c";
    vec![
        [&header(0, 1)[..], question, address].concat(),
        [&header(0, 2)[..], question, alias, address].concat(),
        [&header(3, 0)[..], question].concat(),
        [&header(5, 0)[..], question].concat(),
    ]
}
