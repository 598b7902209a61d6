//! Portainer's and AdGuard Home's answers from nginx over real TLS: right, wrong in every way, slow, and without an end.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use crate::support::canary::{Canary, Written};
use crate::support::cli::Home;
use crate::support::log;
use crate::support::services::{INSTANCE_ID, Nginx, VERSION};
use crate::support::unbound::Unbound;
use serde_json::{Value, json};

/// What Portainer's status check says of each server: assessment, whether the API is reachable, reason.
const PORTAINER: &[(&str, &str, Option<bool>, &str)] = &[
    ("good", "healthy", Some(true), ""),
    ("expired", "unknown", None, "TlsExpired"),
    ("other-name", "unknown", None, "TlsName"),
    ("unknown-ca", "unknown", None, "TlsUntrusted"),
    ("renewed-ca", "unknown", None, "TlsUntrusted"),
    ("redirect", "unhealthy", Some(false), "HttpStatus"),
    ("error", "unhealthy", Some(false), "HttpStatus"),
    ("absent", "unhealthy", Some(false), "HttpStatus"),
    ("refusing", "unknown", None, "AuthRefused"),
    ("page", "unhealthy", Some(false), "UnexpectedAnswer"),
    ("list", "unhealthy", Some(false), "portainer_without_version"),
    ("unnamed", "unhealthy", Some(false), "portainer_without_version"),
    ("slow", "unknown", None, "Timeout"),
    ("trickle", "unknown", None, "Timeout"),
    ("endless", "unknown", None, "OutputCut"),
    ("large", "unknown", None, "OutputCut"),
];

/// The last run of a pair that was no rerun.
fn run(home: &Home, check: &str, target: &str) -> Value {
    let runs = log::runs(&home.state(), &format!("default/{check}.{target}"));
    runs.into_iter().rfind(|run| run["depth"] == 0).expect("a run")
}

#[test]
fn portainer_over_tls_that_holds_or_not() {
    let nginx = Nginx::start();
    let home = Home::new();
    let mut text = String::from(
        "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: portainer}\n\
         spec: {intent: check_portainer_health, timeout: 5s, targetSelector: {}}\n",
    );
    for (server, ..) in PORTAINER {
        write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {server}}}\nspec: {{type: Host, connections: \
             [{{name: portainer, http: {{baseURL: \"{}\", tls: {{caFrom: {{file: \"{}\"}}}}}}}}]}}\n",
            nginx.url(server),
            nginx.authority.pem().display()
        )
        .unwrap();
    }
    home.write("all.yaml", &text);
    let began = Instant::now();
    let ended = home.tecrax("reconcile --once manifests");
    assert!(began.elapsed() < Duration::from_secs(20), "what does not answer holds up the others: {:?}", began.elapsed());
    assert_eq!(ended.code, 2, "{ended:?}");
    let mut wrong = String::new();
    for (server, assessment, reachable, reason) in PORTAINER {
        let run = run(&home, "portainer", server);
        let reasons: Vec<&str> =
            run["findings"].as_array().unwrap().iter().map(|finding| finding["reasonCode"].as_str().unwrap()).collect();
        let expected: Vec<&str> = [*reason].into_iter().filter(|reason| !reason.is_empty()).collect();
        let seen = (&run["assessment"], &run["facts"]["api_reachable"], reasons);
        if seen != (&json!(assessment), &json!(reachable), expected) {
            writeln!(wrong, "{server}: {seen:?} {:#}", run["findings"]).unwrap();
        }
    }
    assert_eq!(wrong, "");
    assert_eq!(run(&home, "portainer", "good")["facts"]["api_version"], VERSION);

    // What was sent: one request without credentials to each (two where a second try or a rerun is due), none to where a redirect leads.
    assert_eq!(nginx.requests("good"), ["good GET /api/status 200 auth=\"-\" cookie=\"-\""]);
    assert!(!nginx.requests("redirect").is_empty());
    for server in ["expired", "other-name", "unknown-ca", "renewed-ca"] {
        assert_eq!(nginx.requests(server), Vec::<String>::new(), "nothing is sent before the certificate holds");
    }

    // What identifies the instance was in an answer, and is nowhere.
    let mut written = Written::default();
    written.add("the screen", ended.screen());
    written.add_state(&home.state());
    assert_eq!(written.find(&Canary::new("InstanceID", INSTANCE_ID)), Vec::<String>::new());
    // Nor is what came after the bound.
    assert_eq!(written.find(&Canary::new("ten megabytes", "9".repeat(2000))), Vec::<String>::new());
    assert!(fs::metadata(home.path("state/tecrax.db")).unwrap().len() < 2_000_000);
    log::verify(&home.state());
}

#[test]
fn plain_http_to_portainer_is_refused_before_anything_is_sent() {
    let nginx = Nginx::start();
    let home = Home::new();
    home.write(
        "all.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: plain}}\n\
             spec: {{type: Host, connections: [{{name: portainer, http: {{baseURL: \"{}\"}}}}]}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: portainer}}\n\
             spec: {{intent: check_portainer_health, targetRef: {{name: plain}}}}\n",
            nginx.url("plain")
        ),
    );
    let ended = home.tecrax("reconcile --once manifests");
    assert_eq!(ended.code, 65, "{ended:?}");
    assert!(ended.err.contains("https"), "{}", ended.err);
    assert_eq!(nginx.requests("plain"), Vec::<String>::new());
}

#[test]
fn adguards_login_page_and_its_dns() {
    let (nginx, unbound) = (Nginx::start(), Unbound::start());
    // Server of the page, assessment, whether the login is reachable, its status, reason.
    let servers = [
        ("plain", "healthy", json!(true), json!("200"), ""),
        ("good", "healthy", json!(true), json!("200"), ""),
        ("plain-redirect", "healthy", json!(true), json!("302"), ""),
        ("plain-error", "unhealthy", json!(false), json!("502"), "web_login_not_served"),
        // Of a status alone nothing is read: what is endless ends here.
        ("endless", "healthy", json!(true), json!("200"), ""),
        ("plain-slow", "unknown", Value::Null, Value::Null, "Timeout"),
        ("expired", "unknown", Value::Null, Value::Null, "TlsExpired"),
        ("unknown-ca", "unknown", Value::Null, Value::Null, "TlsUntrusted"),
    ];
    let home = Home::new();
    let mut text = String::from(
        "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: adguard}\n\
         spec: {intent: check_adguard_health, timeout: 5s, targetSelector: {}}\n",
    );
    for (server, ..) in &servers {
        let tls = if nginx.url(server).starts_with("https") {
            format!(", tls: {{caFrom: {{file: \"{}\"}}}}", nginx.authority.pem().display())
        } else {
            String::new()
        };
        write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {server}}}\nspec:\n  type: Host\n  connections:\n  \
             - {{name: adguard, http: {{baseURL: \"{}\"{tls}}}}}\n  - {{name: adguard-dns, dns: {{server: 127.0.0.1, port: {}}}}}\n",
            nginx.url(server),
            unbound.port
        )
        .unwrap();
    }
    home.write("all.yaml", &text);
    let ended = home.tecrax("reconcile --once manifests");
    assert_eq!(ended.code, 2, "{ended:?}");
    let mut wrong = String::new();
    for (server, assessment, reachable, status, reason) in &servers {
        let run = run(&home, "adguard", server);
        let reasons: Vec<&str> =
            run["findings"].as_array().unwrap().iter().map(|finding| finding["reasonCode"].as_str().unwrap()).collect();
        let expected: Vec<&str> = [*reason].into_iter().filter(|reason| !reason.is_empty()).collect();
        let facts = &run["facts"];
        let seen = (&run["assessment"], &facts["web_login_reachable"], &facts["web_login_http_status"], reasons);
        if seen != (&json!(assessment), reachable, status, expected) || facts["dns_resolves"] != true {
            writeln!(wrong, "{server}: {seen:?} {:#} {facts:#}", run["findings"]).unwrap();
        }
    }
    assert_eq!(wrong, "");
    assert_eq!(nginx.requests("plain"), ["plain GET /login.html 200 auth=\"-\" cookie=\"-\""]);
    assert!(nginx.requests("plain-redirect").iter().all(|line| line.contains(" /login.html ")), "no redirect is followed");
    log::verify(&home.state());
}
