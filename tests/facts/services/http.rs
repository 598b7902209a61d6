//! Zabbix over HTTP through a whole pass: a server that is there and wrong is not a server that nobody reached.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use tecrax::api::Assessment;

use crate::support::engine::{Rig, view};
use crate::support::log;

/// A server on loopback that answers each request by its body, for as long as the test runs.
fn serve(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let _ = one(&stream, &answer);
        }
    });
    port
}

fn one(stream: &TcpStream, answer: &impl Fn(&str) -> (u16, String)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, text) = answer(&String::from_utf8(body).unwrap());
    let mut writer = stream;
    write!(
        writer,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
}

fn result(text: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","result":"{text}","id":1}}"#)
}

fn manifests(port: u16, intent: &str, auth: &str) -> String {
    format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: zbx}}\nspec:\n  type: Host\n  connections:\n  - name: zabbix\n    \
         http:\n      baseURL: http://127.0.0.1:{port}/zabbix\n{auth}---\napiVersion: tecrax.io/v1alpha1\nkind: Check\n\
         metadata: {{name: check}}\nspec: {{intent: {intent}, targetRef: {{name: zbx}}, timeout: 20s}}\n"
    )
}

/// Assessment, and component with reason code of every finding.
async fn pass(port: u16, intent: &str, auth: &str) -> (Assessment, Vec<(String, String)>) {
    let rig = Rig::new();
    rig.write("token", "0123456789abcdef0123456789abcdef");
    rig.write("zbx.yaml", &manifests(port, intent, auth));
    let report = rig.once().await;
    let runs = log::runs(&rig.state(), "default/check.zbx");
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = runs[0]["findings"].as_array().unwrap().iter().map(|one| (text(one, "component"), text(one, "reasonCode")));
    (view(&report, "check.zbx").assessment, findings.collect())
}

fn found(component: &str, reason: &str) -> Vec<(String, String)> {
    vec![(component.to_owned(), reason.to_owned())]
}

#[tokio::test(flavor = "multi_thread")]
async fn zabbix_that_answers_wrongly_is_unhealthy_and_one_that_is_not_reached_is_unknown() {
    const VERSION: &str = "read_zabbix_api_version";
    let page = "<html>login</html>".to_owned();
    let error = r#"{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params.","data":"x"},"id":1}"#.to_owned();
    for (status, body, assessment, findings) in [
        (200, result("7.0.3"), Assessment::Healthy, vec![]),
        (502, page.clone(), Assessment::Unhealthy, found(VERSION, "HttpStatus")),
        (200, page, Assessment::Unhealthy, found(VERSION, "UnexpectedAnswer")),
        (200, error, Assessment::Unhealthy, found(VERSION, "ApiError")),
        (200, result(""), Assessment::Unhealthy, found("api_reachability", "zabbix_without_version")),
        // Longer than we read: what it would have said, nobody knows.
        (200, result(&"7".repeat(2000)), Assessment::Unknown, found(VERSION, "OutputCut")),
    ] {
        let answer = body.clone();
        let port = serve(move |_| (status, answer.clone()));
        assert_eq!(pass(port, "check_zabbix_container_health", "").await, (assessment, findings), "{status} {body}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let lost = pass(closed, "check_zabbix_container_health", "").await;
    assert_eq!(lost, (Assessment::Unknown, found(VERSION, "Unreachable")));
}

const AUTH: &str = "      auth: {tokenFrom: {file: token}}\n";

#[tokio::test(flavor = "multi_thread")]
async fn zabbix_problems_are_counted_and_a_refused_token_is_unknown() {
    const INTENT: &str = "collect_zabbix_problem_summary_readonly";
    let counting = serve(|body| {
        let count = if body.contains("apiinfo.version") {
            "7.0.3"
        } else if body.contains(r#""severities":[4]"#) || body.contains(r#""status":"0""#) {
            "3"
        } else {
            "0"
        };
        (200, result(count))
    });
    let (assessment, findings) = pass(counting, INTENT, AUTH).await;
    assert_eq!((assessment, findings), (Assessment::Degraded, found("high", "zabbix_open_problems")));
    // Of no host there is no problem: nobody saw that all is well.
    let blind = serve(|body| (200, result(if body.contains("apiinfo.version") { "7.0.3" } else { "0" })));
    let (assessment, findings) = pass(blind, INTENT, AUTH).await;
    assert_eq!((assessment, findings), (Assessment::Unknown, found("hosts_enabled", "zabbix_no_host_visible")));
    let refusing = serve(|body| {
        if body.contains("apiinfo.version") {
            return (200, result("7.0.3"));
        }
        (200, r#"{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params.","data":"Not authorized."},"id":1}"#.into())
    });
    let (assessment, findings) = pass(refusing, INTENT, AUTH).await;
    assert_eq!((assessment, findings), (Assessment::Unknown, found("several readings", "AuthRefused")));
}
