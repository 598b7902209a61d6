//! Sends what is due. The only place of this stage that touches the network.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::{Due, Fault, Stamp, alertmanager, fault, signature, webhook};
use crate::api::ErrorClass;
use crate::desired::sink::{AlertmanagerConfig, DesiredSink, SinkCredential, SinkKind, SinkTls, WebhookConfig};
use crate::desired::{BaseUrl, ValueSource, base_url_fault};
use crate::http::{Clients, Material, of_error, secret_header};
use crate::secrets::{Redactor, Resolver, SecretError, SecretValue};

/// Longest try: names, connections, TLS, requests and answers of all members of a cluster together.
pub const TRY: Duration = Duration::from_secs(10);
/// Longest body of a request, in bytes; one notice is far below it.
const MAX_BODY: usize = 1 << 20;

/// Sends what is due. One a process: Sinks share its clients.
#[derive(Debug)]
pub struct Courier {
    clients: Clients,
    secrets: Arc<Resolver>,
    redactor: Redactor,
}

/// The request, ready for every address.
struct Letter {
    body: String,
    headers: HeaderMap,
    tls: SinkTls,
}

impl Courier {
    /// A courier that reads `secrets` when it needs them, and sends nothing that `redactor` knows.
    pub fn new(secrets: Arc<Resolver>, redactor: Redactor) -> Self {
        Self { clients: Clients::default(), secrets, redactor }
    }

    /// Divides what is due into requests: many alerts make one; what was refused before goes alone, so that it refuses nothing else.
    pub fn batches<'d>(sink: &DesiredSink, due: &'d [Due]) -> Vec<&'d [Due]> {
        let most = match sink.kind {
            SinkKind::Alertmanager(_) => alertmanager::MAX_BATCH,
            SinkKind::Webhook(_) => 1,
        };
        // Sorted by tries: the fresh ones stand in front.
        let (fresh, tried) = due.split_at(due.partition_point(|due| due.attempts == 0));
        fresh.chunks(most).chain(tried.chunks(1)).collect()
    }

    /// Sends one batch. `Ok(Some(_))`: it is accepted, and one member of the cluster did not answer as it should.
    ///
    /// # Errors
    /// [`Fault`]: nobody accepted it within [`TRY`].
    pub async fn send(&self, sink: &DesiredSink, batch: &[Due], stamp: &Stamp) -> Result<Option<Fault>, Fault> {
        let sent = match &sink.kind {
            SinkKind::Alertmanager(config) => timeout(TRY, self.to_cluster(sink, config, batch, stamp)).await,
            SinkKind::Webhook(config) => match batch {
                [due] => timeout(TRY, self.to_webhook(sink, config, due, stamp)).await,
                _ => return Err(Fault::new(ErrorClass::Internal, "a webhook is told one notice at a time")),
            },
        };
        let result = sent.unwrap_or_else(|_| Err(fault::of_time_out("the Sink")));
        let clean = |fault: Fault| Fault { message: self.redactor.redact(fault.message), ..fault };
        result.map(|partly| partly.map(clean)).map_err(clean)
    }

    async fn to_cluster(
        &self,
        sink: &DesiredSink,
        config: &AlertmanagerConfig,
        batch: &[Due],
        stamp: &Stamp,
    ) -> Result<Option<Fault>, Fault> {
        let body = self.redactor.redact_json(alertmanager::body(sink, config.resolve_timeout, batch, stamp)).to_string();
        let letter = self.letter(body, config.credential.as_ref(), &config.tls).await?;
        let tries = config
            .urls
            .iter()
            .map(|url| self.post_in_time(Zeroizing::new(format!("{url}{}", alertmanager::PATH)), url.clone(), false, &letter));
        let (accepted, failed): (Vec<_>, Vec<_>) = join_all(tries).await.into_iter().partition(Result::is_ok);
        let reached = failed.iter().any(|result| matches!(result, Err(fault) if fault.reached));
        let first = failed.into_iter().find_map(Result::err);
        match first {
            Some(fault) if accepted.is_empty() => Err(Fault { reached, ..fault }),
            other => Ok(other),
        }
    }

    async fn to_webhook(
        &self,
        sink: &DesiredSink,
        config: &WebhookConfig,
        due: &Due,
        stamp: &Stamp,
    ) -> Result<Option<Fault>, Fault> {
        let (url, name, secret) = match &config.url {
            BaseUrl::Given(url) => (Zeroizing::new(url.clone()), url.clone(), false),
            BaseUrl::From(source) => {
                let name = format!("the URL in {}", source.name());
                let url = Zeroizing::new(self.read(source).await?.expose().trim().to_owned());
                if let Some(why) = base_url_fault(&url, false) {
                    let why = why.replacen("baseURL", "the URL", 2);
                    return Err(Fault::new(ErrorClass::CredentialUnusable, format!("{name} can not be used: {why}")));
                }
                (url, name, true)
            }
        };
        let value = serde_json::to_value(webhook::body(sink, due, stamp))
            .map_err(|_| Fault::new(ErrorClass::Internal, "a notice could not be written as JSON"))?;
        let body = self.redactor.redact_json(value).to_string();
        let mut letter = self.letter(body, config.credential.as_ref(), &config.tls).await?;
        let (id, seconds) = (webhook::id(sink, due, stamp), stamp.now.as_second());
        let mut put = |key: &'static str, text: &str| {
            HeaderValue::from_str(text)
                .map(|value| letter.headers.insert(HeaderName::from_static(key), value))
                .map_err(|_| Fault::new(ErrorClass::Internal, format!("{key} can not stand in a header")))
        };
        put("idempotency-key", &id)?;
        put("webhook-id", &id)?;
        put("webhook-timestamp", &seconds.to_string())?;
        if let Some(source) = &config.hmac {
            let key = self.read(source).await?;
            let signature = signature::sign(&key, &id, seconds, &letter.body)?;
            letter.headers.insert(HeaderName::from_static("webhook-signature"), header(&signature, source)?);
        }
        self.post_in_time(url, name, secret, &letter).await?;
        Ok(None)
    }

    async fn letter(&self, body: String, credential: Option<&SinkCredential>, tls: &SinkTls) -> Result<Letter, Fault> {
        if body.len() > MAX_BODY {
            return Err(Fault::new(ErrorClass::Internal, "a notice is longer than its bound"));
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match credential {
            Some(SinkCredential::Token(source)) => {
                let token = self.read(source).await?;
                headers.insert(AUTHORIZATION, header(&Zeroizing::new(format!("Bearer {}", token.expose().trim())), source)?);
            }
            Some(SinkCredential::Basic(user, source)) => {
                let password = self.read(source).await?;
                let value = signature::basic(user, password.expose().trim());
                headers.insert(AUTHORIZATION, header(&value, source)?);
            }
            None => {}
        }
        Ok(Letter { body, headers, tls: tls.clone() })
    }

    /// One member that stalls must not hide that another has accepted.
    async fn post_in_time(&self, url: Zeroizing<String>, name: String, secret: bool, letter: &Letter) -> Result<(), Fault> {
        let within = TRY.saturating_sub(Duration::from_millis(500));
        timeout(within, self.post(&url, &name, secret, letter)).await.unwrap_or_else(|_| Err(fault::of_time_out(&name)))
    }

    async fn post(&self, url: &str, name: &str, secret: bool, letter: &Letter) -> Result<(), Fault> {
        let unusual =
            || Fault::new(ErrorClass::CredentialUnusable, format!("{name} can not be asked: it is written in an unusual way"));
        let parsed = Url::parse(url).map_err(|_| unusual())?;
        let client = self.client(&letter.tls, url.starts_with("https://")).await?;
        // The answer's content says nothing that is used: it is not read, however long it is.
        let response = client
            .post(parsed)
            .headers(letter.headers.clone())
            .body(letter.body.clone())
            .send()
            .await
            .map_err(|error| of_error(&error, name, secret))?;
        fault::of_status(response.status(), name).map_or(Ok(()), Err)
    }

    async fn client(&self, tls: &SinkTls, is_tls: bool) -> Result<Client, Fault> {
        // Members of a cluster may be mixed: what has no TLS is given no certificates.
        let material = if is_tls {
            Material {
                tls: true,
                ca: self.optional(tls.ca.as_ref()).await?,
                identity: self.optional(tls.client_cert.as_ref()).await?,
            }
        } else {
            Material::default()
        };
        Ok(self.clients.get(material).await?)
    }

    async fn optional(&self, source: Option<&ValueSource>) -> Result<Option<SecretValue>, Fault> {
        match source {
            Some(source) => self.read(source).await.map(Some),
            None => Ok(None),
        }
    }

    /// On a thread of its own: a disk that hangs must not hold up other Sinks.
    async fn read(&self, source: &ValueSource) -> Result<SecretValue, Fault> {
        let (secrets, source) = (Arc::clone(&self.secrets), source.clone());
        let look = move || -> Result<SecretValue, SecretError> {
            match &source {
                ValueSource::Secret(id) => secrets.resolve(id),
                ValueSource::File(path) => secrets.read(path),
            }
        };
        let read = tokio::task::spawn_blocking(look).await;
        Ok(read.map_err(|_| Fault::new(ErrorClass::Internal, "the look-up of a secret ended early"))??)
    }
}

fn header(text: &str, source: &ValueSource) -> Result<HeaderValue, Fault> {
    let unusable = || {
        let message = format!("{} can not stand in a header: give one line of printable ASCII", source.name());
        Fault::new(ErrorClass::CredentialUnusable, message)
    };
    secret_header(text).ok_or_else(unusable)
}
