//! What is sent, and what is never sent.

use super::http::{ask, ask_version, bundled, file, get, open, open_in, request, to};
use super::http_server::{Scripted, ok};
use super::*;
use crate::api::{ErrorClass, HttpAuthMode};
use crate::desired::{BaseUrl, HttpConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const TOKEN: &str = "a1b2c3d4e5f60718";
const GOOD: &str = r#"{"id":1,"jsonrpc":"2.0","result":"3"}"#;

async fn server() -> Scripted {
    Scripted::start(vec![ok(GOOD)]).await
}

/// A connection with a token in a file.
fn with_token(url: &str, mode: HttpAuthMode, dir: &std::path::Path) -> HttpConfig {
    HttpConfig { auth: Some((mode, file(dir, "token", &format!("{TOKEN}\n")))), ..to(url) }
}

#[tokio::test]
async fn a_request_is_what_the_shape_says_and_nothing_more() {
    let server = server().await;
    let mut shape = get();
    request(&mut shape).query = BTreeMap::from([("q".to_owned(), "a b&c".to_owned()), ("limit".to_owned(), "5".to_owned())]);
    ask(to(&format!("{}/prefix/", server.url())), &shape).await.unwrap();
    let seen = server.requests().remove(0);
    assert_eq!((seen.method.as_str(), seen.target.as_str(), seen.body.as_str()), ("GET", "/prefix/status?limit=5&q=a+b%26c", ""));
    let names: Vec<_> = seen.headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["accept", "host", "user-agent"]);
    assert_eq!(seen.headers["accept"], "application/json");
}

#[tokio::test]
async fn a_header_of_the_connection_stands_in_for_ours_and_not_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = server().await;
    let headers = ["accept", "user-agent"].map(|name| (name.to_owned(), file(dir.path(), name, "text/mine")));
    ask(HttpConfig { headers: headers.to_vec(), ..to(&server.url()) }, &get()).await.unwrap();
    let seen = server.requests().remove(0);
    assert_eq!((seen.headers["accept"].as_str(), seen.headers["user-agent"].as_str()), ("text/mine", "text/mine"));
}

#[tokio::test]
async fn the_body_is_compact_json_with_sorted_keys() {
    let server = server().await;
    ask(to(&server.url()), &bundled("zabbix_api", "read_zabbix_api_version")).await.unwrap();
    let seen = server.requests().remove(0);
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/api_jsonrpc.php"));
    assert_eq!(seen.body, r#"{"id":1,"jsonrpc":"2.0","method":"apiinfo.version","params":{}}"#);
    assert_eq!(seen.headers["content-type"], "application/json");
}

#[tokio::test]
async fn the_token_goes_where_the_version_or_the_manifest_says() {
    let dir = tempfile::tempdir().unwrap();
    let server = server().await;
    let shape = bundled("zabbix_api_authenticated", "read_zabbix_agent_available_count");
    for (mode, version, form) in [
        (HttpAuthMode::Auto, "5.0", "host+body"),
        (HttpAuthMode::Auto, "6.0", "interface+body"),
        (HttpAuthMode::Auto, "6.4", "interface+header"),
        (HttpAuthMode::Auto, "7.2", "interface+header"),
        (HttpAuthMode::Header, "6.0", "interface+header"),
        (HttpAuthMode::Body, "7.2", "interface+body"),
    ] {
        let output = ask_version(with_token(&server.url(), mode, dir.path()), &shape, version).await.unwrap();
        assert_eq!(output.form.as_deref(), Some(form), "{mode:?} {version}");
        let seen = server.requests().pop().unwrap();
        let in_header = form.ends_with("header");
        assert_eq!(seen.headers.get("authorization").map(String::as_str), in_header.then_some("Bearer a1b2c3d4e5f60718"));
        let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
        assert_eq!(body.get("auth").and_then(serde_json::Value::as_str), (!in_header).then_some(TOKEN));
        let method = if form.starts_with("host") { "host.get" } else { "hostinterface.get" };
        assert_eq!(body["method"], method);
    }
}

#[tokio::test]
async fn one_form_of_the_body_is_named_by_the_place_of_the_token_alone() {
    let dir = tempfile::tempdir().unwrap();
    let server = server().await;
    let shape = bundled("zabbix_api_authenticated", "read_zabbix_enabled_host_count");
    let output = ask_version(with_token(&server.url(), HttpAuthMode::Auto, dir.path()), &shape, "7.0").await.unwrap();
    assert_eq!(output.form.as_deref(), Some("header"));
}

#[tokio::test]
async fn a_shape_without_auth_carries_no_token_and_does_not_need_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = server().await;
    let mut config = with_token(&server.url(), HttpAuthMode::Header, dir.path());
    ask(config.clone(), &bundled("zabbix_api", "read_zabbix_api_version")).await.unwrap();
    let seen = server.requests().remove(0);
    assert!(!format!("{seen:?}").contains(TOKEN), "{seen:?}");
    config.auth = Some((HttpAuthMode::Header, crate::desired::ValueSource::File(dir.path().join("absent"))));
    ask(config.clone(), &bundled("zabbix_api", "read_zabbix_api_version")).await.unwrap();
    let shape = bundled("zabbix_api_authenticated", "read_zabbix_enabled_host_count");
    let failure = ask_version(config, &shape, "7.0").await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::CredentialUnusable);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_token_that_the_server_refuses_is_told_from_other_errors_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let shape = bundled("zabbix_api_authenticated", "read_zabbix_enabled_host_count");
    let reply = |data: &str| ok(&format!(r#"{{"error":{{"code":-32602,"message":"Invalid params.","data":"{data}"}}}}"#));
    for (data, class) in [
        ("Not authorised.", ErrorClass::AuthRefused),
        ("Not authorized.", ErrorClass::AuthRefused),
        ("Session terminated, re-login, please.", ErrorClass::AuthRefused),
        ("API token expired.", ErrorClass::AuthRefused),
        (r#"Invalid parameter \"/\": unexpected parameter \"auth\"."#, ErrorClass::AuthRefused),
        ("Invalid parameter of a1b2c3d4e5f60718", ErrorClass::ApiError),
    ] {
        let server = Scripted::start(vec![reply(data)]).await;
        let config = with_token(&server.url(), HttpAuthMode::Auto, dir.path());
        let failure = ask_version(config, &shape, "7.0").await.unwrap_err();
        assert_eq!(failure.class, class, "{data}");
        assert_eq!(failure.form.as_deref(), Some("header"));
        assert!(!format!("{failure:?}").contains(TOKEN), "{failure:?}");
    }
}

#[tokio::test]
async fn what_the_server_echoes_of_a_secret_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Scripted::start(vec![ok(&format!(r#"{{"result":{{"echo":"{TOKEN}","password":"x"}}}}"#))]).await;
    let config = HttpConfig { headers: vec![("x-key".to_owned(), file(dir.path(), "key", TOKEN))], ..to(&server.url()) };
    let output = ask(config, &get()).await.unwrap();
    assert_eq!(output.stdout, r#"{"result":{"echo":"[REDACTED]","password":"[REDACTED]"}}"#);
    assert_eq!(server.requests()[0].headers["x-key"], TOKEN);
}

#[tokio::test]
async fn an_address_from_a_secret_is_checked_and_never_told() {
    let dir = tempfile::tempdir().unwrap();
    let from = |text: &str, https_only| HttpConfig {
        base_url: BaseUrl::From(file(dir.path(), "url", text)),
        https_only,
        ..to("unused")
    };
    let server = server().await;
    assert!(ask(from(&format!("{}\n", server.url()), false), &get()).await.is_ok());
    for (text, https_only) in [
        ("gopher://hidden.example", false),
        ("hidden.example/x", false),
        ("http://user:pw@hidden.example", false),
        ("http://hidden.example", true),
        ("http://0x7f.1", false),
        ("http://2130706433", false),
    ] {
        let failure = open(from(text, https_only)).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::CredentialUnusable, "{text}");
        assert!(!format!("{failure:?}").contains("hidden"), "{failure:?}");
    }
    let failure = ask(from("http://hidden-host.invalid:81/x", false), &get()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::NameUnresolved);
    assert!(!format!("{failure:?}").contains("hidden"), "{failure:?}");
}

#[tokio::test]
async fn values_that_break_a_header_are_refused_before_anything_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let server = server().await;
    for text in ["two\nlines", "tab\there", "é"] {
        let config = HttpConfig { headers: vec![("x-key".to_owned(), file(dir.path(), "key", text))], ..to(&server.url()) };
        assert_eq!(open(config).await.unwrap_err().class, ErrorClass::CredentialUnusable, "{text:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn tls_material_that_can_not_be_used_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let bad = |text: &str| Some(file(dir.path(), "pem", text));
    let words = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for config in [
        HttpConfig { ca: bad("no certificate"), ..to("https://127.0.0.1:1") },
        HttpConfig { ca: bad(words), ..to("https://127.0.0.1:1") },
        HttpConfig { client_cert: bad(words), ..to("https://127.0.0.1:1") },
        HttpConfig { ca: bad(words), ..to("http://127.0.0.1:1") },
    ] {
        assert_eq!(open(config).await.unwrap_err().class, ErrorClass::CredentialUnusable);
    }
}

#[tokio::test]
async fn sessions_of_one_process_share_their_client() {
    let context = context();
    let server = server().await;
    for _ in 0..50 {
        open_in(to(&server.url()), &context).await.unwrap().read(&get(), PATIENCE).await.unwrap();
    }
    assert_eq!(context.clients.kept(), 1);
    let dir = tempfile::tempdir().unwrap();
    let with_ca = HttpConfig { ca: Some(file(dir.path(), "ca", "no certificate")), ..to("https://127.0.0.1:1") };
    open_in(with_ca, &context).await.unwrap_err();
    assert_eq!(context.clients.kept(), 2);
}

/// A process reads its proxies from the environment, so this one starts another with a proxy where nobody listens.
#[test]
fn proxies_of_the_environment_are_ignored() {
    let module = module_path!().split_once("::").unwrap().1;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args([&format!("{module}::a_request_is_what_the_shape_says_and_nothing_more"), "--exact"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, "http://127.0.0.1:9");
    }
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// However many names are resolved meanwhile: who answers is known as long as somebody waits for it.
#[tokio::test]
async fn names_that_come_and_go_do_not_make_an_answer_one_from_elsewhere() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let context = context();
    let session = open_in(to(&url), &context).await.unwrap();
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..2 {
            let mut some = [0; 4096];
            assert_ne!(stream.read(&mut some).await.unwrap(), 0);
            context.clients.flood(20_000);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{GOOD}", GOOD.len());
            stream.write_all(head.as_bytes()).await.unwrap();
        }
    };
    let ask = async {
        // The second request goes over the connection that is kept.
        for _ in 0..2 {
            session.read(&get(), PATIENCE).await.unwrap();
        }
    };
    tokio::join!(serve, ask);
}
