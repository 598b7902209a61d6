//! AdGuard's two halves from YAML to facts: a real unbound answers the question, and a small server on loopback the login page.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};

use crate::support::cli::Home;
use crate::support::log;
use crate::support::monitoring::{DIAGNOSIS, Host};
use crate::support::unbound::Unbound;
use serde_json::{Value, json};

/// Serves a login page with one status, and remembers the first line of what it was asked.
fn login_page(status: &'static str) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(length) if length > 0 => request.extend(&buffer[..length]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request).to_lowercase();
            let good = request.starts_with("get /login.html http/1.1\r\n") && !request.contains("authorization");
            let status = if good { status } else { "400 Bad Request" };
            let body = "<html>login</html>";
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        }
    });
    port
}

/// One run of the Check for `name`, with the server's port and the port of the login page.
fn run(name: &str, record: &str, dns: u16, http: u16) -> Value {
    let home = Home::new();
    home.write("adguard.yaml", &manifests(name, record, dns, http));
    let ended = home.tecrax("reconcile --once manifests");
    assert!((0..=2).contains(&ended.code), "{ended:?}");
    log::verify(&home.state());
    let mut run = log::runs(&home.state(), "default/dns.adguard").remove(0);
    run["exit"] = ended.code.into();
    run
}

fn manifests(name: &str, record: &str, dns: u16, http: u16) -> String {
    format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: adguard}}\nspec:\n  type: Host\n  connections:\n  \
         - name: adguard\n    http: {{baseURL: \"http://127.0.0.1:{http}\"}}\n  \
         - name: adguard-dns\n    dns: {{server: 127.0.0.1, port: {dns}}}\n---\n\
         apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: dns}}\nspec:\n  intent: check_adguard_health\n  \
         targetRef: {{name: adguard}}\n  timeout: 3s\n  parameters:\n  - {{name: record-name, value: {name}}}\n  \
         - {{name: record-type, value: {record}}}\n"
    )
}

fn codes(run: &Value) -> Vec<&str> {
    let mut codes: Vec<&str> =
        run["findings"].as_array().unwrap().iter().map(|finding| finding["reasonCode"].as_str().unwrap()).collect();
    codes.sort_unstable();
    codes
}

#[test]
fn an_answering_server_and_its_login_page_are_healthy() {
    let server = Unbound::start();
    let http = login_page("200 OK");
    for (name, record, count) in
        [("example.com", "A", 1), ("example.com", "AAAA", 1), ("www.example.com", "A", 3), ("many.example.com", "A", 32)]
    {
        let run = run(name, record, server.port, http);
        assert_eq!((&run["exit"], &run["assessment"]), (&json!(0), &json!("healthy")), "{name} {record}: {run:#}");
        assert_eq!(run["facts"]["dns_answer_count"], count, "{name} {record}");
        assert_eq!(run["facts"]["dns_status"], "NOERROR");
        assert_eq!(run["facts"]["web_login_http_status"], "200");
    }
}

#[test]
fn a_redirect_to_the_login_is_served_and_is_not_followed() {
    let server = Unbound::start();
    let run = run("example.com", "A", server.port, login_page("302 Found\r\nLocation: http://127.0.0.1:1/"));
    assert_eq!((&run["assessment"], &run["facts"]["web_login_http_status"]), (&json!("healthy"), &json!("302")), "{run:#}");
}

#[test]
fn no_address_is_unhealthy_whatever_the_server_says_instead() {
    let server = Unbound::start();
    let http = login_page("200 OK");
    for (name, record, code, status) in [
        ("gone.example.com", "A", "dns_not_resolving", "NXDOMAIN"),
        ("host.broken.example.org", "A", "dns_not_resolving", "SERVFAIL"),
        ("mail.example.com", "A", "dns_not_resolving", "NOERROR"),
        ("ads.example.com", "A", "dns_answer_blocked", "NOERROR"),
        ("ads.example.com", "AAAA", "dns_answer_blocked", "NOERROR"),
    ] {
        let run = run(name, record, server.port, http);
        assert_eq!((&run["exit"], &run["assessment"]), (&json!(1), &json!("unhealthy")), "{name} {record}: {run:#}");
        assert_eq!((codes(&run), &run["facts"]["dns_status"]), (vec![code], &json!(status)), "{name} {record}");
        assert_eq!((&run["facts"]["dns_resolves"], &run["facts"]["web_login_reachable"]), (&json!(false), &json!(true)));
    }
}

#[test]
fn silence_and_a_closed_port_are_unknown() {
    let http = login_page("200 OK");
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let run_silent = run("example.com", "A", silent.local_addr().unwrap().port(), http);
    assert_eq!((&run_silent["exit"], codes(&run_silent)), (&json!(2), vec!["Timeout"]), "{run_silent:#}");
    assert_eq!((&run_silent["assessment"], &run_silent["facts"]["dns_resolves"]), (&json!("unknown"), &Value::Null));

    let closed = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let run_closed = run("example.com", "A", closed, http);
    assert_eq!((&run_closed["assessment"], codes(&run_closed)), (&json!("unknown"), vec!["Unreachable"]), "{run_closed:#}");
    assert_eq!(run_closed["facts"]["web_login_reachable"], true, "the other half is still told");
}

#[test]
fn what_is_no_dns_server_is_seen_and_wrong() {
    // It sends every datagram back, cut and with the bit of an answer.
    let echo = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = echo.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = echo.recv_from(&mut buffer) {
            buffer[2] |= 0x80;
            echo.send_to(&buffer[..length - 4], from).unwrap();
        }
    });
    let run = run("example.com", "A", port, login_page("200 OK"));
    assert_eq!(run["assessment"], "unhealthy", "{run:#}");
    assert_eq!(codes(&run), ["UnexpectedAnswer", "dns_not_resolving"]);
}

#[test]
fn the_two_connections_come_only_together_and_parameters_are_typed() {
    let home = Home::new();
    let good = manifests("example.com", "A", 53, 80);
    for (from, to, expected) in [
        ("  - name: adguard-dns\n    dns: {server: 127.0.0.1, port: 53}\n", "", "declares no connection `adguard-dns`"),
        ("  - name: adguard\n    http: {baseURL: \"http://127.0.0.1:80\"}\n", "", "declares no connection `adguard`"),
        ("value: example.com", "value: \"a b\"", "record-name"),
        ("value: example.com", "value: \"x;id\"", "record-name"),
        ("value: A}", "value: MX}", "record-type"),
    ] {
        assert!(good.contains(from), "{from}");
        home.write("adguard.yaml", &good.replace(from, to));
        let ended = home.tecrax("validate manifests");
        assert_eq!(ended.code, 65, "{from}: {ended:?}");
        assert!(ended.err.contains(expected), "{from}: {}", ended.err);
    }
    home.write("adguard.yaml", &good);
    assert_eq!(home.tecrax("validate manifests").code, 0);
}

#[test]
fn the_second_look_of_a_diagnosis_asks_for_the_same_name() {
    let (server, http) = (Unbound::start(), login_page("200 OK"));
    let host = Host::recorded(&[])
        .with("adguard", &format!("http: {{baseURL: \"http://127.0.0.1:{http}\"}}"))
        .with("adguard-dns", &format!("dns: {{server: 127.0.0.1, port: {}}}", server.port));
    let home = Home::new();
    home.write("mon.yaml", &host.manifest("mon"));
    // example.com, the default, resolves there.
    home.write("check.yaml", &format!("{DIAGNOSIS}  parameters: [{{name: record-name, value: gone.example.com}}]\n"));
    let ended = home.once();
    assert_eq!(ended.code, 1, "{ended:?}");
    let runs = log::runs(&home.state(), "default/whole.mon");
    let said: Vec<_> = runs.iter().map(|run| (&run["intent"], &run["assessment"])).collect();
    let (whole, named, unhealthy) = (json!("diagnose_monitoring_host"), json!("check_adguard_health"), json!("unhealthy"));
    assert_eq!(said, [(&whole, &unhealthy), (&named, &unhealthy), (&named, &unhealthy)]);
    let open = home.tecrax("get escalations -o name").out;
    assert_eq!(open.lines().count(), 1, "{open}");
}
