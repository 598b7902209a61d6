//! A Sink with every default filled in.

use crate::api::{Criticality, Digest, Duration, LabelSelector, Labels, Namespace, Place, SubdomainName};
use crate::desired::{BaseUrl, ValueSource};

/// A Sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredSink {
    /// Namespace, whose Escalations alone it tells.
    pub namespace: Namespace,
    /// Name.
    pub name: SubdomainName,
    /// uid (`api::uid("Sink", …)`).
    pub uid: String,
    /// Labels.
    pub labels: Labels,
    /// Targets whose Escalations it tells.
    pub selector: LabelSelector,
    /// Escalations below this are not told.
    pub min_severity: Criticality,
    /// How often it says that tecrax is alive.
    pub heartbeat: Option<Duration>,
    /// Whether it is suspended.
    pub suspend: bool,
    /// What it is.
    pub kind: SinkKind,
    /// Digest of its spec.
    pub spec_digest: Digest,
    /// Where it is declared.
    pub place: Place,
}

/// What a Sink is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkKind {
    /// Prometheus Alertmanager.
    Alertmanager(AlertmanagerConfig),
    /// An HTTP endpoint of the user's own.
    Webhook(WebhookConfig),
}

/// Prometheus Alertmanager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertmanagerConfig {
    /// Base URLs of the members of one cluster, checked; at least one.
    pub urls: Vec<String>,
    /// After how long without another word an alert counts as resolved.
    pub resolve_timeout: Duration,
    /// How requests prove who they are.
    pub credential: Option<SinkCredential>,
    /// Trust and client certificate.
    pub tls: SinkTls,
}

/// An HTTP endpoint of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookConfig {
    /// The whole URL; one that is read when a notice is sent is checked then.
    pub url: BaseUrl,
    /// The key of the signature.
    pub hmac: Option<ValueSource>,
    /// How requests prove who they are.
    pub credential: Option<SinkCredential>,
    /// Trust and client certificate.
    pub tls: SinkTls,
}

/// How requests prove who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkCredential {
    /// A bearer token.
    Token(ValueSource),
    /// User name and password.
    Basic(String, ValueSource),
}

/// Trust and client certificate, by reference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinkTls {
    /// CA certificates that replace the system's.
    pub ca: Option<ValueSource>,
    /// Client certificate and key, PEM.
    pub client_cert: Option<ValueSource>,
}

impl DesiredSink {
    /// `namespace/name`.
    pub fn title(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Whom it tells: its uid, the kind, and of a webhook the address. What one receiver has been told, another has not; an Alertmanager
    /// is told again what is open wherever it moves, so its addresses make no difference.
    pub fn receiver(&self) -> String {
        let (kind, addresses) = match &self.kind {
            SinkKind::Alertmanager(_) => ("alertmanager", Vec::new()),
            SinkKind::Webhook(_) => ("webhook", self.addresses()),
        };
        let parts = std::iter::once(kind).chain(addresses.iter().map(String::as_str));
        format!("{}/{}", self.uid, Digest::of_parts(parts.map(str::as_bytes)).short())
    }

    /// After how long without another word what was told counts as over; `None` where it does not.
    pub const fn resolve_timeout(&self) -> Option<Duration> {
        match &self.kind {
            SinkKind::Alertmanager(config) => Some(config.resolve_timeout),
            SinkKind::Webhook(_) => None,
        }
    }

    /// Every value that it reads when it sends.
    pub fn sources(&self) -> Vec<&ValueSource> {
        let (first, credential, tls) = match &self.kind {
            SinkKind::Alertmanager(config) => (vec![], &config.credential, &config.tls),
            SinkKind::Webhook(config) => {
                let url = match &config.url {
                    BaseUrl::From(source) => Some(source),
                    BaseUrl::Given(_) => None,
                };
                (url.into_iter().chain(&config.hmac).collect(), &config.credential, &config.tls)
            }
        };
        let credential = credential.iter().map(|credential| match credential {
            SinkCredential::Token(source) | SinkCredential::Basic(_, source) => source,
        });
        first.into_iter().chain(credential).chain(&tls.ca).chain(&tls.client_cert).collect()
    }

    /// Where it sends, for people: a URL that is a secret is named by its reference.
    pub fn addresses(&self) -> Vec<String> {
        match &self.kind {
            SinkKind::Alertmanager(config) => config.urls.clone(),
            SinkKind::Webhook(config) => vec![match &config.url {
                BaseUrl::Given(url) => url.clone(),
                BaseUrl::From(source) => source.name(),
            }],
        }
    }
}
