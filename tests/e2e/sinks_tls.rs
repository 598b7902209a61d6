//! Sinks behind TLS, tokens, passwords and client certificates: nginx in front of Debian's Alertmanager.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::alertmanager::Alertmanager;
use crate::support::certs::{Ca, EXPIRED, VALID};
use crate::support::cli::{Ended, Home};
use crate::support::hosts::{INVENTORY, host};
use crate::support::nginx::Nginx;

const TOKEN: &str = "sinks-tls-canary-token-4711";
const PASSWORD: &str = "sinks-tls-canary-password";
const FORCE: &str = "reconcile --once --force --allow-fixtures manifests";

/// nginx in front of an Alertmanager, one server a way of being asked.
struct Front {
    nginx: Nginx,
    alerts: Alertmanager,
    ca: Ca,
    other: Ca,
}

const GOOD: usize = 0;
const STALE: usize = 1;
const NAMED: usize = 2;
const CLIENTS: usize = 3;
const BEARER: usize = 4;
const BASIC: usize = 5;
const PLAIN: usize = 6;

impl Front {
    fn start(folder: &Path) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (ca, other) = (Ca::new(dir.path(), "ca"), Ca::new(dir.path(), "other"));
        let alerts = Alertmanager::start(folder);
        let here = "IP:127.0.0.1, DNS:localhost";
        let good = ca.issue("good", here, VALID);
        let (stale, named) = (ca.issue("stale", here, EXPIRED), ca.issue("named", "DNS:alerts.example.net", VALID));
        let pass = format!("location / {{ proxy_pass {}; }}", alerts.url());
        let server = |(certificate, key): &(std::path::PathBuf, std::path::PathBuf), more: &str| {
            let (certificate, key) = (certificate.display(), key.display());
            format!("listen {{port}} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; {more} {pass}")
        };
        let only = |value: &str| format!("if ($http_authorization != \"{value}\") {{ return 401; }}");
        let basic = format!("Basic {}", STANDARD.encode(format!("tecrax:{PASSWORD}")));
        let blocks = [
            server(&good, ""),
            server(&stale, ""),
            server(&named, ""),
            server(&good, &format!("ssl_verify_client on; ssl_client_certificate {};", ca.pem().display())),
            server(&good, &only(&format!("Bearer {TOKEN}"))),
            server(&good, &only(&basic)),
            format!("listen {{port}}; {pass}"),
        ];
        Self { nginx: Nginx::start(dir, &blocks), alerts, ca, other }
    }

    /// A host with a full disk and a Sink for `server` with `more` fields, and one pass over them.
    fn tell(&self, target: &str, server: usize, more: &str) -> (Home, Ended) {
        let home = Home::new();
        fs::write(home.path("token"), TOKEN).unwrap();
        fs::write(home.path("password"), PASSWORD).unwrap();
        fs::write(home.path("wrong"), "something-else-altogether").unwrap();
        for (name, ca) in [("ca", &self.ca), ("other", &self.other)] {
            fs::copy(ca.pem(), home.path(&format!("{name}.pem"))).unwrap();
            let (certificate, key) = ca.issue(&format!("{name}-{target}"), "DNS:tecrax", VALID);
            let pem = [certificate, key].map(|path| fs::read_to_string(path).unwrap()).concat();
            fs::write(home.path(&format!("{name}-client.pem")), pem).unwrap();
        }
        home.write("check.yaml", INVENTORY);
        home.write("host.yaml", &host(target, Some(95)));
        let scheme = if server == PLAIN { "http" } else { "https" };
        let url = format!("{scheme}://127.0.0.1:{}", self.nginx.ports[server]);
        home.write(
            "sink.yaml",
            &format!(
                "apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: ops}}\n\
                 spec: {{alertmanager: {{urls: [\"{url}\"]{more}}}}}\n"
            ),
        );
        let ended = home.tecrax(FORCE);
        assert_eq!(ended.code, 1, "a Sink changes no exit code: {ended:?}");
        (home, ended)
    }

    fn knows(&self, target: &str) -> bool {
        self.alerts.alerts().iter().any(|alert| alert["labels"]["target"] == target)
    }
}

/// Whether nothing of what must stay secret was said or kept.
fn is_quiet(home: &Home, ended: &Ended) -> bool {
    let described = home.tecrax("describe sink/ops");
    [&ended.out, &ended.err, &described.out].iter().all(|text| !text.contains(TOKEN) && !text.contains(PASSWORD))
}

const CA: &str = ", tls: {caFrom: {file: ../ca.pem}}";

#[test]
fn what_proves_itself_is_told_and_hears_who_we_are() {
    let folder = tempfile::tempdir().unwrap();
    let front = Front::start(folder.path());
    let token = ", auth: {tokenFrom: {file: ../token}}";
    let basic = ", auth: {basic: {username: tecrax, passwordFrom: {file: ../password}}}";
    let client = ", tls: {caFrom: {file: ../ca.pem}, clientCertFrom: {file: ../ca-client.pem}}";
    let cases = [
        ("own-ca", GOOD, CA.to_owned()),
        ("client-certificate", CLIENTS, client.to_owned()),
        ("bearer", BEARER, format!("{CA}{token}")),
        ("basic", BASIC, format!("{CA}{basic}")),
        ("plain", PLAIN, String::new()),
    ];
    for (target, server, more) in cases {
        let (home, ended) = front.tell(target, server, &more);
        assert!(front.knows(target), "{target}: {ended:?}");
        assert!(!ended.err.contains("does not accept"), "{target}: {ended:?}");
        assert!(home.tecrax("get sinks").out.contains("True"), "{target}");
        assert!(is_quiet(&home, &ended), "{target}: {ended:?}");
    }
}

#[test]
fn what_does_not_prove_itself_is_told_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let front = Front::start(folder.path());
    let cases = [
        ("system-cas", GOOD, "", "TlsUntrusted", "from a CA that is not trusted here"),
        ("other-ca", GOOD, ", tls: {caFrom: {file: ../other.pem}}", "TlsUntrusted", "`tls.caFrom`"),
        ("stale", STALE, CA, "TlsExpired", "has expired"),
        ("named", NAMED, CA, "TlsName", "is for another name: "),
    ];
    for (target, server, more, reason, words) in cases {
        let (home, ended) = front.tell(target, server, more);
        assert!(ended.err.contains("warning: sink default/ops does not accept:"), "{target}: {ended:?}");
        assert!(ended.err.contains(words), "{target}: {ended:?}");
        assert!(!front.knows(target), "{target}: {ended:?}");
        let described = home.tecrax("describe sink/ops").out;
        assert!(described.contains(reason) || described.contains(words), "{target}: {described}");
    }
    assert_eq!(front.nginx.log(), "", "a request was sent to a server that proved nothing");
}

#[test]
fn who_does_not_prove_who_they_are_is_refused_and_it_is_said_what_to_check() {
    let folder = tempfile::tempdir().unwrap();
    let front = Front::start(folder.path());
    let wrong_token = format!("{CA}, auth: {{tokenFrom: {{file: ../wrong}}}}");
    let wrong_password = format!("{CA}, auth: {{basic: {{username: tecrax, passwordFrom: {{file: ../wrong}}}}}}");
    let strange = ", tls: {caFrom: {file: ../ca.pem}, clientCertFrom: {file: ../other-client.pem}}".to_owned();
    let cases = [
        ("no-token", BEARER, CA.to_owned(), "status 401; check `auth`"),
        ("wrong-token", BEARER, wrong_token, "status 401; check `auth`"),
        ("wrong-password", BASIC, wrong_password, "status 401; check `auth`"),
        // nginx says so with status 400; others end the handshake.
        ("no-certificate", CLIENTS, CA.to_owned(), "status 400"),
        ("strange-certificate", CLIENTS, strange, "status 400"),
        (
            "no-key",
            GOOD,
            ", tls: {caFrom: {file: ../ca.pem}, clientCertFrom: {file: ../ca.pem}}".to_owned(),
            "`tls.clientCertFrom`",
        ),
        ("no-pem", GOOD, ", tls: {caFrom: {file: ../token}}".to_owned(), "`tls.caFrom` holds no CA certificates"),
    ];
    for (target, server, more, words) in cases {
        let (home, ended) = front.tell(target, server, &more);
        assert!(ended.err.contains("does not accept") && ended.err.contains(words), "{target}: {ended:?}");
        assert!(!front.knows(target), "{target}");
        assert!(is_quiet(&home, &ended), "{target}: {ended:?}");
    }
}
