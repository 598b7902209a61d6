//! One Sink as written, and what is wrong with it.

use super::model::{AlertmanagerConfig, DesiredSink, SinkCredential, SinkKind, SinkTls, WebhookConfig};
use crate::api::{Alertmanager, Digest, Duration, HttpTls, Manifest, SinkAuth, SinkSpec, ValueFrom, Webhook, reason, uid};
use crate::desired::check::selector;
use crate::desired::report::{Report, Scope};
use crate::desired::union::exactly_one;
use crate::desired::value::value_source;
use crate::desired::{BaseUrl, ValueSource, base_url_fault};
use crate::source::Origin;

/// Most URLs of one Alertmanager cluster.
const MAX_URLS: usize = 8;
/// Shortest time between two heartbeats: more is noise.
const MIN_HEARTBEAT: Duration = Duration::from_secs(10);
/// Shortest time after which an unrepeated alert counts as resolved: it is repeated four times within it.
const MIN_RESOLVE: Duration = Duration::from_secs(4);
/// Longest heartbeat and resolve time-out: a week.
const MAX_SPAN: Duration = Duration::from_secs(7 * 24 * 3600);
/// Path of Alertmanager's API, which every request adds itself.
const API_PATHS: [&str; 3] = ["/api/v2/alerts", "/api/v2", "/api"];

/// What is read with.
struct Reader<'r, 'a> {
    report: &'r mut Report,
    scope: &'r Scope<'a>,
}

/// Reads a Sink; `None` when it has errors, which are reported.
pub(in crate::desired) fn read(report: &mut Report, origin: &Origin, manifest: &Manifest<SinkSpec>) -> Option<DesiredSink> {
    let (metadata, spec) = (&manifest.metadata, &manifest.spec);
    let namespace = metadata.namespace.clone();
    let scope = Scope { origin, namespace, object: format!("Sink/{}", metadata.name), base: "spec" };
    let before = report.errors();
    selector(report, &scope, "selector", &spec.selector);
    let mut reader = Reader { report: &mut *report, scope: &scope };
    if let Some(heartbeat) = spec.heartbeat {
        reader.between("heartbeat", heartbeat, MIN_HEARTBEAT);
    }
    exactly_one(reader.report, &scope, "", &[("alertmanager", spec.alertmanager.is_some()), ("webhook", spec.webhook.is_some())]);
    let kind = match (&spec.alertmanager, &spec.webhook) {
        (Some(written), _) => SinkKind::Alertmanager(reader.alertmanager(written)),
        (None, Some(written)) => SinkKind::Webhook(reader.webhook(written)),
        (None, None) => return None,
    };
    (report.errors() == before).then(|| DesiredSink {
        uid: uid("Sink", metadata.namespace.as_str(), metadata.name.as_str()),
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone(),
        labels: metadata.labels.clone(),
        selector: spec.selector.clone(),
        min_severity: spec.min_severity,
        heartbeat: spec.heartbeat,
        suspend: spec.suspend,
        kind,
        spec_digest: Digest::of_canonical(spec),
        place: origin.place(),
    })
}

impl Reader<'_, '_> {
    fn error(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        self.report.error_with_help(self.scope, path, reason::BAD_VALUE, message, help);
    }

    fn between(&mut self, path: &str, span: Duration, least: Duration) {
        if span < least || span > MAX_SPAN {
            let message = format!("{path} must be from {least} to {MAX_SPAN}, here it is {span}");
            self.report.error(self.scope, path, reason::BAD_VALUE, message);
        }
    }

    fn alertmanager(&mut self, written: &Alertmanager) -> AlertmanagerConfig {
        let path = "alertmanager";
        if written.urls.is_empty() || written.urls.len() > MAX_URLS {
            let message = format!("urls must name 1 to {MAX_URLS} members of one cluster");
            self.report.error(self.scope, "alertmanager.urls", reason::BAD_VALUE, message);
        }
        let mut seen = std::collections::BTreeSet::new();
        for (index, url) in written.urls.iter().enumerate() {
            let at = format!("alertmanager.urls[{index}]");
            self.url(&at, url, "http://alertmanager.example.net:9093");
            let bare = url.trim_end_matches('/');
            if let Some(api) = API_PATHS.iter().find(|api| bare.ends_with(**api)) {
                let help = format!("write `{}`", bare.trim_end_matches(api));
                self.error(&at, format!("the URL ends with `{api}`, which every request adds itself"), help);
            }
            if !seen.insert(bare) {
                self.report.error(self.scope, &at, reason::DUPLICATE_KEY, "this URL stands twice in urls");
            }
        }
        let resolve_timeout = written.resolve_timeout.unwrap_or(Alertmanager::DEFAULT_RESOLVE_TIMEOUT);
        self.between("alertmanager.resolveTimeout", resolve_timeout, MIN_RESOLVE);
        let any_tls = written.urls.iter().any(|url| url.starts_with("https://"));
        AlertmanagerConfig {
            urls: written.urls.iter().map(|url| url.trim_end_matches('/').to_owned()).collect(),
            resolve_timeout,
            credential: self.credential(path, written.auth.as_ref()),
            tls: self.tls(path, written.tls.as_ref(), any_tls),
        }
    }

    fn webhook(&mut self, written: &Webhook) -> WebhookConfig {
        let path = "webhook";
        exactly_one(self.report, self.scope, path, &[("url", written.url.is_some()), ("urlFrom", written.url_from.is_some())]);
        let url = match (&written.url, &written.url_from) {
            (None, Some(from)) => BaseUrl::From(self.source("webhook.urlFrom", from)),
            (given, _) => {
                let given = given.clone().unwrap_or_default();
                if written.url.is_some() {
                    self.url("webhook.url", &given, "https://hooks.example.net/tecrax");
                }
                BaseUrl::Given(given)
            }
        };
        let may_be_tls = !matches!(&url, BaseUrl::Given(url) if url.starts_with("http://"));
        WebhookConfig {
            url,
            hmac: written.hmac_from.as_ref().map(|from| self.source("webhook.hmacFrom", from)),
            credential: self.credential(path, written.auth.as_ref()),
            tls: self.tls(path, written.tls.as_ref(), may_be_tls),
        }
    }

    fn url(&mut self, path: &str, url: &str, example: &str) {
        if let Some(why) = base_url_fault(url, false) {
            self.error(
                path,
                why.replacen("baseURL", "the URL", 2),
                format!("write scheme, host, port and path, such as {example}"),
            );
        }
    }

    fn credential(&mut self, path: &str, auth: Option<&SinkAuth>) -> Option<SinkCredential> {
        let auth = auth?;
        let path = format!("{path}.auth");
        let fields = [("tokenFrom", auth.token_from.is_some()), ("basic", auth.basic.is_some())];
        exactly_one(self.report, self.scope, &path, &fields);
        if let Some(from) = &auth.token_from {
            return Some(SinkCredential::Token(self.source(&format!("{path}.tokenFrom"), from)));
        }
        let basic = auth.basic.as_ref()?;
        if basic.username.contains(':') || !basic.username.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            let help = "the first colon divides name and password";
            self.error(&format!("{path}.basic.username"), "a user name has printable ASCII and no colon", help);
        }
        let password = self.source(&format!("{path}.basic.passwordFrom"), &basic.password_from);
        Some(SinkCredential::Basic(basic.username.clone(), password))
    }

    fn tls(&mut self, path: &str, written: Option<&HttpTls>, may_be_tls: bool) -> SinkTls {
        let Some(tls) = written else { return SinkTls::default() };
        let path = format!("{path}.tls");
        if !may_be_tls {
            self.error(&path, "`tls` is given for an address without TLS", "write https:// in the URL, or leave `tls` out");
        }
        SinkTls {
            ca: tls.ca_from.as_ref().map(|from| self.source(&format!("{path}.caFrom"), from)),
            client_cert: tls.client_cert_from.as_ref().map(|from| self.source(&format!("{path}.clientCertFrom"), from)),
        }
    }

    /// A value that stands elsewhere. A Sink without it would be silent, so one that can not be read yet is an error.
    fn source(&mut self, path: &str, from: &ValueFrom) -> ValueSource {
        value_source(self.report, self.scope, path, path, from).unwrap_or_else(|field| {
            let message = "a ConfigMap can not be read in this version, so this Sink could tell nobody";
            self.report.error_with_help(self.scope, &field, reason::NOT_IN_EFFECT, message, "use `file` or `secretKeyRef`");
            ValueSource::File(std::path::PathBuf::new())
        })
    }
}
