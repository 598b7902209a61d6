//! What `shapes` prints is what servers and programs receive: every request of a pass is compared with its row.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::support::cli::Home;
use crate::support::profile::Copy;

const TOKEN: &str = "5b1e0c9d8f7a4b6c3d2e1f0a9b8c7d6e";
const SITE: &str = "fra";

/// A request as it came; names of headers in lower case.
struct Received {
    line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Name, type and class of a DNS question.
type Question = (String, u16, u16);

/// Answers like a Zabbix of version 7.0 and like any login page, and keeps what it was asked.
fn server() -> (u16, Arc<Mutex<Vec<Received>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let all = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&all);
    // Ends with the process of the test.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let seen = Arc::clone(&seen);
            thread::spawn(move || serve(&stream.unwrap(), &seen));
        }
    });
    (port, all)
}

fn serve(mut stream: &TcpStream, seen: &Mutex<Vec<Received>>) {
    let mut lines = BufReader::new(stream);
    let mut next = || {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let line = next();
    let mut headers = BTreeMap::new();
    loop {
        let header = next();
        let Some((name, value)) = header.split_once(": ") else { break };
        assert_eq!(headers.insert(name.to_ascii_lowercase(), value.to_owned()), None, "{name} came twice");
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    lines.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let result = if body.contains("apiinfo.version") { "7.0.3" } else { "1" };
    seen.lock().unwrap().push(Received { line, headers, body });
    let answer = format!(r#"{{"jsonrpc":"2.0","result":"{result}","id":1}}"#);
    let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}", answer.len());
}

/// Refuses every question, and keeps what it was asked.
fn dns_server() -> (u16, Arc<Mutex<Vec<Question>>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let all = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&all);
    thread::spawn(move || {
        let mut bytes = [0; 1024];
        while let Ok((_, from)) = socket.recv_from(&mut bytes) {
            let (mut at, mut labels) = (12, Vec::new());
            while bytes[at] != 0 {
                let end = at + 1 + usize::from(bytes[at]);
                labels.push(String::from_utf8(bytes[at + 1..end].to_vec()).unwrap());
                at = end;
            }
            let number = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
            seen.lock().unwrap().push((labels.join("."), number(at + 1), number(at + 3)));
            // REFUSED, with the question and nothing else.
            let answer = [&bytes[..2], &[0x81, 0x05, 0, 1, 0, 0, 0, 0, 0, 0], &bytes[12..at + 5]].concat();
            socket.send_to(&answer, from).unwrap();
        }
    });
    (port, all)
}

fn check(name: &str, intent: &str, target: &str) -> String {
    format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec: {{intent: {intent}, targetRef: {{name: {target}}}}}\n---\n"
    )
}

fn shapes(home: &Home, line: &str) -> Vec<Value> {
    let ended = home.tecrax(line);
    assert_eq!(ended.code, 0, "{ended:?}");
    serde_json::from_str(&ended.out).unwrap()
}

fn of_kind<'a>(sends: &'a [Value], kind: &str) -> Vec<&'a Value> {
    sends.iter().filter(|send| send["connection"]["kind"] == kind).collect()
}

#[test]
fn every_http_request_is_the_one_that_its_row_shows() {
    let home = Home::new();
    let (port, seen) = server();
    let target = format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: mon}}\nspec:\n  type: Host\n  connections:\n  - name: zabbix\n    \
         http:\n      baseURL: http://127.0.0.1:{port}/zabbix/\n      auth: {{tokenFrom: {{file: token}}}}\n      headers: [{{name: X-Site, \
         valueFrom: {{file: site}}}}]\n  - name: adguard\n    http: {{baseURL: 'http://127.0.0.1:{port}'}}\n  - name: adguard-dns\n    \
         dns: {{server: 127.0.0.1, port: {}}}\n---\n",
        dns_server().0
    );
    let checks = [
        check("version", "check_zabbix_container_health", "mon"),
        check("problems", "collect_zabbix_problem_summary_readonly", "mon"),
        check("hosts", "collect_zabbix_host_availability_summary_readonly", "mon"),
        check("dns", "check_adguard_health", "mon"),
    ];
    home.write("all.yaml", &(target + &checks.concat()));
    home.write("token", &format!("{TOKEN}\n"));
    home.write("site", SITE);
    let all = shapes(&home, "shapes manifests -o json");
    let rows = of_kind(&all, "http");
    home.tecrax("reconcile --once manifests");

    let mut sent = BTreeSet::new();
    for Received { line, mut headers, body } in seen.lock().unwrap().drain(..) {
        let is_this = |row: &&&Value| {
            let sends = &row["sends"];
            let url = sends["url"].as_str().unwrap();
            let path = url.strip_prefix(&format!("http://127.0.0.1:{port}")).unwrap_or_else(|| panic!("{url}"));
            let bodies = sends["bodies"].as_array().unwrap();
            line == format!("{} {path} HTTP/1.1", sends["method"].as_str().unwrap())
                && (body.is_empty() && bodies.is_empty() || bodies.iter().any(|form| form["body"] == *body))
        };
        let found: Vec<&&Value> = rows.iter().filter(is_this).collect();
        assert_eq!(found.len(), 1, "{line} {body}");
        let row = found[0];
        sent.insert(row["shape"].as_str().unwrap().to_owned());
        // What follows from the URL and the body, and what the row says of the token.
        assert_eq!(headers.remove("host"), Some(format!("127.0.0.1:{port}")));
        let length = (!body.is_empty()).then(|| body.len().to_string());
        assert_eq!(headers.remove("content-length"), length, "{line}");
        let bearer = headers.remove("authorization");
        let place = row["sends"]["token"]["in"].as_str().unwrap_or_default();
        assert_eq!(bearer, place.starts_with("header Authorization from version 6.4").then(|| format!("Bearer {TOKEN}")));
        // Every other header, and no other.
        let printed = row["sends"]["headers"].as_object().unwrap().iter();
        let printed = printed.map(|(name, value)| {
            let value = value.as_str().unwrap();
            (name.clone(), if value.starts_with("<file ") { SITE } else { value }.to_owned())
        });
        assert_eq!(headers, printed.collect(), "{line} {body}");
    }
    let shown: BTreeSet<String> = rows.iter().map(|row| row["shape"].as_str().unwrap().to_owned()).collect();
    assert_eq!(sent, shown, "every row was sent");
    assert_eq!(shown.len(), 1 + 6 + 5 + 1);
}

#[test]
fn the_dns_question_is_the_one_that_its_row_shows() {
    let home = Home::new();
    let (port, seen) = dns_server();
    let (http, _) = server();
    home.write(
        "all.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: ns}}\nspec:\n  type: Host\n  connections:\n  - name: adguard\n    \
             http: {{baseURL: 'http://127.0.0.1:{http}'}}\n  - name: adguard-dns\n    dns: {{server: 127.0.0.1, port: {port}}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: dns}}\nspec:\n  intent: check_adguard_health\n  targetRef: {{name: ns}}\n  \
             parameters: [{{name: record-name, value: intra.example.net}}, {{name: record-type, value: AAAA}}]\n"
        ),
    );
    let all = shapes(&home, "shapes manifests -o json");
    let rows = of_kind(&all, "dns");
    assert_eq!(rows.len(), 1, "{all:#?}");
    let sends = &rows[0]["sends"];
    assert_eq!(sends["server"], format!("127.0.0.1:{port}"));
    home.tecrax("reconcile --once manifests");
    let seen = seen.lock().unwrap();
    assert!(!seen.is_empty());
    for (name, kind, class) in seen.iter() {
        let kind = BTreeMap::from([(1, "A"), (28, "AAAA")])[kind];
        let class = if *class == 1 { "IN" } else { "another class" };
        assert_eq!(sends["question"], json!({"name": name.to_ascii_lowercase(), "type": kind, "class": class}));
    }
}

#[test]
fn a_wrapper_is_started_as_its_rows_show() {
    let home = Home::new();
    let listener = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let path = home.path("manifests/cli");
    fs::write(&path, format!("#!/bin/bash\nexec >/dev/udp/127.0.0.1/{port}\nprintf '%s ' \"$TECRAX_TARGET\" \"$0\" \"$@\"\n"))
        .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    home.write(
        "all.yaml",
        &format!(
            "{}apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: sw}}\nspec: {{type: NetworkDevice, connections: [{{name: cli, \
             wrapper: {{path: cli}}}}]}}\n",
            check("inventory", "collect_network_device_inventory_readonly", "sw")
        ),
    );
    let all = shapes(&home, "shapes manifests -o json");
    let rows = of_kind(&all, "wrapper").into_iter().map(|row| {
        let argv = row["sends"]["argv"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned());
        // The row names the executable as manifests are named, from the working directory; it is started by its whole path.
        let argv = argv.enumerate().map(|(at, word)| if at == 0 { home.path(&word).to_str().unwrap().to_owned() } else { word });
        let target = row["sends"]["environment"]["TECRAX_TARGET"].as_str().unwrap().to_owned();
        std::iter::once(target).chain(argv).map(|word| word + " ").collect::<String>()
    });
    let rows: BTreeSet<String> = rows.collect();
    assert_eq!(rows.len(), 2, "{all:#?}");
    home.tecrax("reconcile --once manifests");
    listener.set_nonblocking(true).unwrap();
    let (mut heard, mut some) = (BTreeSet::new(), [0; 512]);
    while let Ok(count) = listener.recv(&mut some) {
        heard.insert(String::from_utf8_lossy(&some[..count]).into_owned());
    }
    assert_eq!(heard, rows);
}

/// What a pack may have asked after a run is among what can be sent, and among what a gate on the target lets through.
#[test]
fn what_a_pack_may_ask_again_is_shown() {
    let copy = Copy::new();
    let asks = |of: &str, for_intent: &str| {
        let rule = format!(
            "  rules:\n  - id: also\n    priority: 5\n    when: [{{path: facts.verdict.kinds.facts, operator: exists}}]\n    \
             finding: {{kind: assessment.unhealthy, severity: high, summary: Bad.}}\n    outcome: run_intent\n    intent_ref: {for_intent}\n"
        );
        copy.edit(&format!("reactions/{of}.yaml"), "  rules:\n", &rule);
    };
    asks("check_ntp_health", "check_docker_services_health");
    // What is asked for has a pack of its own; and what the Target can not answer is not asked.
    asks("check_docker_services_health", "collect_basic_host_inventory");
    asks("collect_basic_host_inventory", "check_portainer_health");
    let home = Home::new();
    home.write(
        "all.yaml",
        &format!(
            "{}apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: web}}\nspec:\n  type: Host\n  connections: [{{name: os, ssh: {{host: \
             web.example.net, user: tecrax}}}}]\n",
            check("clock", "check_ntp_health", "web")
        ),
    );
    let profile = copy.path().to_str().unwrap();
    let named =
        |sends: &[Value]| -> BTreeSet<String> { sends.iter().map(|send| send["shape"].as_str().unwrap().to_owned()).collect() };
    let bundled = named(&shapes(&home, "shapes manifests -o json"));
    assert!(bundled.contains("read_ntp_sync_state") && !bundled.contains("read_docker_service_state"), "{bundled:?}");
    let with = shapes(&home, &format!("--profile {profile} shapes manifests -o json"));
    let more = named(&with);
    assert!(more.is_superset(&bundled));
    for shape in ["read_docker_service_state", "read_filesystem_usage"] {
        assert!(more.contains(shape), "{shape}: {more:?}");
        let row = with.iter().find(|send| send["shape"] == shape).unwrap();
        assert_eq!(row["checks"], json!(["clock"]));
    }
    assert!(!more.contains("read_portainer_status"), "{more:?}");
    let gate = home.tecrax(&format!("--profile {profile} ssh forced-command web manifests --script"));
    assert_eq!(gate.code, 0, "{gate:?}");
    assert!(gate.out.contains("df -P /"), "{}", gate.out);
}
