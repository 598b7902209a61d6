//! A real web server over TLS: only what can be verified is read.

use super::certs::{Ca, EXPIRED, NOT_YET, VALID};
use super::http::{ask, get, open, to};
use super::nginx::Nginx;
use super::*;
use crate::api::ErrorClass;
use crate::desired::{HttpConfig, ValueSource};

/// nginx with one server a certificate.
struct Servers {
    nginx: Nginx,
    ca: Ca,
    other: Ca,
}

const GOOD: usize = 0;
const EXPIRED_ONE: usize = 1;
const FUTURE: usize = 2;
const NAMED: usize = 3;
const OF_A_CA: usize = 4;
const CLIENTS_ONLY: usize = 5;
const OLD: usize = 6;
const PLAIN: usize = 7;

fn servers() -> Servers {
    let dir = tempfile::tempdir().unwrap();
    let ca = Ca::new(dir.path(), "ca");
    let other = Ca::new(dir.path(), "other");
    let here = "IP:127.0.0.1, DNS:localhost";
    let good = ca.issue("good", here, VALID);
    let pairs = [
        good.clone(),
        ca.issue("expired", here, EXPIRED),
        ca.issue("future", here, NOT_YET),
        ca.issue("named", "DNS:elsewhere.example", VALID),
        (ca.pem(), ca.pem().with_extension("key")),
    ];
    let tls = |(certificate, key): &(PathBuf, PathBuf), more: &str| {
        let (certificate, key) = (certificate.display(), key.display());
        format!(
            "listen {{port}} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; {more} return 200 '{{\"ok\":1}}';"
        )
    };
    let mut blocks: Vec<String> = pairs.iter().map(|pair| tls(pair, "")).collect();
    let wants = format!("ssl_verify_client on; ssl_client_certificate {};", ca.pem().display());
    blocks.push(tls(&good, &wants));
    blocks.push(tls(&good, "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"));
    blocks.push("listen {port}; return 200 '{\"ok\":1}';".to_owned());
    Servers { nginx: Nginx::start(dir, &blocks), ca, other }
}

impl Servers {
    fn url(&self, server: usize) -> String {
        format!("https://127.0.0.1:{}", self.nginx.ports[server])
    }

    /// A connection that trusts our CA.
    fn to(&self, server: usize) -> HttpConfig {
        HttpConfig { ca: Some(ValueSource::File(self.ca.pem())), ..to(&self.url(server)) }
    }

    async fn class(&self, server: usize) -> (ErrorClass, String) {
        let failure = ask(self.to(server), &get()).await.unwrap_err();
        (failure.class, failure.message)
    }
}

#[tokio::test]
async fn a_certificate_of_the_given_ca_is_taken_by_name_and_by_address() {
    let servers = servers();
    assert_eq!(ask(servers.to(GOOD), &get()).await.unwrap().stdout, r#"{"ok":1}"#);
    let mut config = servers.to(GOOD);
    config.base_url = crate::desired::BaseUrl::Given(servers.url(GOOD).replace("127.0.0.1", "localhost"));
    assert_eq!(ask(config, &get()).await.unwrap().stdout, r#"{"ok":1}"#);
}

#[tokio::test]
async fn every_way_of_not_being_trusted_has_its_class() {
    let servers = servers();
    let expected = [
        (EXPIRED_ONE, ErrorClass::TlsExpired, "has expired"),
        (FUTURE, ErrorClass::TlsExpired, "is not valid yet"),
        (NAMED, ErrorClass::TlsName, "is for another name: "),
        (OF_A_CA, ErrorClass::TlsFailed, "is that of a CA, not of a server"),
        (OLD, ErrorClass::TlsFailed, "TLS with"),
        (PLAIN, ErrorClass::TlsFailed, "does not speak TLS"),
    ];
    for (server, class, words) in expected {
        let (found, message) = servers.class(server).await;
        assert_eq!(found, class, "{message}");
        assert!(message.contains(words) && message.contains("/status"), "{message}");
    }
    assert!(servers.class(NAMED).await.1.contains("elsewhere.example"));
}

#[tokio::test]
async fn a_ca_that_is_given_stands_in_for_all_others() {
    let servers = servers();
    for ca in [None, Some(ValueSource::File(servers.other.pem()))] {
        let config = HttpConfig { ca, ..to(&servers.url(GOOD)) };
        let failure = ask(config, &get()).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::TlsUntrusted, "{failure:?}");
    }
    assert_eq!(servers.nginx.log(), "", "a request was sent to a server that is not trusted");
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_who_wants_it() {
    let servers = servers();
    let failure = ask(servers.to(CLIENTS_ONLY), &get()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::HttpStatus);
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = servers.ca.issue("client", "DNS:client", VALID);
    let pem = [certificate, key].map(|path| std::fs::read_to_string(path).unwrap()).concat();
    let client_cert = Some(super::http::file(dir.path(), "client", &pem));
    let config = HttpConfig { client_cert, ..servers.to(CLIENTS_ONLY) };
    assert_eq!(ask(config, &get()).await.unwrap().stdout, r#"{"ok":1}"#);
}

#[tokio::test]
async fn plain_http_to_a_port_of_tls_is_no_answer() {
    let servers = servers();
    let config = to(&servers.url(GOOD).replace("https", "http"));
    assert_eq!(ask(config, &get()).await.unwrap_err().class, ErrorClass::HttpStatus);
}

#[tokio::test]
async fn connections_with_the_same_material_share_a_client_and_others_do_not() {
    let servers = servers();
    let context = context();
    for config in [servers.to(GOOD), servers.to(NAMED), servers.to(GOOD)] {
        super::http::open_in(config, &context).await.unwrap();
    }
    assert_eq!(context.clients.kept(), 1);
    let other = HttpConfig { ca: Some(ValueSource::File(servers.other.pem())), ..to(&servers.url(GOOD)) };
    super::http::open_in(other, &context).await.unwrap();
    assert_eq!(context.clients.kept(), 2);
    open(servers.to(GOOD)).await.unwrap();
}
