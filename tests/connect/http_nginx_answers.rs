//! A real web server over plain HTTP.

use super::http::{ask, bundled, get, open_in, to};
use super::nginx::Nginx;
use super::*;
use crate::api::ErrorClass;

const SERVER: &str = r#"
listen {port};
location = /good/status { return 200 '{"n": $connection_requests}'; }
location = /portainer/api/status { return 200 '{"Version":"2.19.4","InstanceID":"299ab403-70a8-4c05-92f7-bf7a994d50df"}'; }
location = /adguard/login.html { default_type text/html; return 200 '<html><body>AdGuard Home</body></html>'; }
location = /moved/status { return 302 http://$http_host/good/status; }
location = /page/status { default_type text/html; return 200 '<html>It works</html>'; }
location = /gone/status { return 444; }
location = /busy/status { return 503; }
location = /large/status { alias {dir}/large; }
location = /slow/status { limit_rate 1; alias {dir}/large; }
"#;

fn nginx() -> Nginx {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("large"), vec![b' '; 10 << 20]).unwrap();
    Nginx::start(dir, &[SERVER.to_owned()])
}

impl Nginx {
    fn at(&self, prefix: &str) -> crate::desired::HttpConfig {
        to(&format!("http://127.0.0.1:{}/{prefix}", self.ports[0]))
    }
}

#[tokio::test]
async fn the_shapes_of_the_services_are_answered() {
    let nginx = nginx();
    let output = ask(nginx.at("portainer"), &bundled("portainer_api", "read_portainer_status")).await.unwrap();
    assert_eq!(output.stdout, r#"{"Version":"2.19.4"}"#);
    let output = ask(nginx.at("adguard"), &bundled("adguard_health", "read_adguard_login_status")).await.unwrap();
    assert_eq!(output.stdout, "200");
    let output = ask(nginx.at("nothing"), &bundled("adguard_health", "read_adguard_login_status")).await.unwrap();
    assert_eq!(output.stdout, "404");
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_reading() {
    let nginx = nginx();
    let context = context();
    for n in 1..=3 {
        let session = open_in(nginx.at("good"), &context).await.unwrap();
        assert_eq!(session.read(&get(), PATIENCE).await.unwrap().stdout, format!(r#"{{"n":{n}}}"#));
    }
}

#[tokio::test]
async fn what_a_web_server_does_otherwise_has_its_class() {
    let nginx = nginx();
    for (prefix, class) in [
        ("moved", ErrorClass::HttpStatus),
        ("page", ErrorClass::UnexpectedAnswer),
        ("gone", ErrorClass::Interrupted),
        ("busy", ErrorClass::HttpStatus),
        ("absent", ErrorClass::HttpStatus),
        ("large", ErrorClass::OutputCut),
    ] {
        let failure = ask(nginx.at(prefix), &get()).await.unwrap_err();
        assert_eq!(failure.class, class, "{prefix}: {failure:?}");
        assert!(failure.message.contains(&format!("/{prefix}/status")), "{}", failure.message);
    }
    assert_eq!(nginx.log().matches("/good/status").count(), 0, "the redirect was followed");
}

#[tokio::test]
async fn a_slow_body_ends_with_the_time_out() {
    let nginx = nginx();
    let session = open_in(nginx.at("slow"), &context()).await.unwrap();
    let started = std::time::Instant::now();
    let failure = session.read(&get(), Duration::from_millis(500)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Timeout);
    assert!(started.elapsed() < PATIENCE / 2);
}

#[tokio::test]
async fn many_readings_at_once_all_answer() {
    let nginx = nginx();
    let context = context();
    let session = open_in(nginx.at("good"), &context).await.unwrap();
    let shape = get();
    let outputs = futures::future::join_all((0..200).map(|_| session.read(&shape, PATIENCE))).await;
    assert!(outputs.into_iter().all(|output| output.is_ok()));
}
