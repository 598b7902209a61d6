//! One origin, and what it may be given.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, Url};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::origin::{Origin, address};
use super::reply;
use super::request::{Prepared, with_query};
use super::turns::Turn;
use crate::api::ErrorClass;
use crate::connect::answer::{Capture, in_words};
use crate::connect::context::OpenContext;
use crate::connect::session::Question;
use crate::connect::{Failure, Output, value};
use crate::desired::{HttpConfig, ValueSource};
use crate::http::{Host, Material, of_error, secret_header};
use crate::profile::{Auth, HttpRequest};
use crate::secrets::{Redactor, Resolver, SecretValue};

/// Who is asked.
#[derive(Debug)]
enum Server {
    Address(IpAddr),
    Name(Host),
}

/// One origin, and what it may be given.
#[derive(Debug)]
pub(in crate::connect) struct Session {
    config: Arc<HttpConfig>,
    origin: Origin,
    headers: HeaderMap,
    client: Client,
    server: Server,
    turn: Arc<Turn>,
    secrets: Arc<Resolver>,
    /// Read when a request carries it: what never needs the token does not fail for want of it.
    token: OnceCell<SecretValue>,
}

impl Session {
    /// Reads what the connection refers to, but for the token. Connects to nothing.
    pub(in crate::connect) async fn open(config: &Arc<HttpConfig>, context: &OpenContext) -> Result<Self, Failure> {
        let secrets = &context.secrets;
        let (origin, url) = Origin::read(config, secrets).await?;
        let mut headers = HeaderMap::with_capacity(config.headers.len());
        for (name, source) in &config.headers {
            let value = header_value(source, "", &value::read(source, secrets).await?)?;
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Failure::new(ErrorClass::Internal, format!("header name `{name}` was not checked")))?;
            headers.append(name, value);
        }
        let material = Material {
            tls: origin.is_tls(),
            ca: optional(config.ca.as_ref(), secrets).await?,
            identity: optional(config.client_cert.as_ref(), secrets).await?,
        };
        let clients = Arc::clone(&context.clients);
        let client = clients.http.get(material).await?;
        Ok(Self {
            config: Arc::clone(config),
            origin,
            headers,
            client,
            turn: clients.turns.at(&url),
            server: match address(url.host_str().unwrap_or_default()) {
                Some(literal) => Server::Address(literal),
                None => Server::Name(clients.http.host(url.host_str().unwrap_or_default())),
            },
            secrets: Arc::clone(secrets),
            token: OnceCell::new(),
        })
    }

    /// Sends the request once. `timeout` is for everything: name, connection, TLS, request and the whole answer.
    pub(in crate::connect) async fn ask(&self, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
        let Some(request) = question.shape.http() else {
            return Err(Failure::new(ErrorClass::Internal, "an HTTP connection sends HTTP requests only"));
        };
        let name = self.origin.name(&request.path);
        match tokio::time::timeout(question.timeout, self.exchange(request, question, redactor)).await {
            Ok(result) => result,
            Err(_) => Err(timed_out(&name, question.timeout)),
        }
    }

    async fn exchange(&self, request: &HttpRequest, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
        let name = self.origin.name(&request.path);
        let prepared = match (request.auth, &self.config.auth) {
            (Auth::None, _) => Prepared::without_token(request, question.version)?,
            (Auth::Required { header_since }, Some((mode, source))) => {
                let token = self.token.get_or_try_init(|| value::read(source, &self.secrets)).await?;
                let bearer = header_value(source, "Bearer ", token)?;
                Prepared::with_token(request, question.version, (*mode, header_since), token.expose().trim(), bearer)?
            }
            (Auth::Required { .. }, None) => {
                return Err(Failure::new(
                    ErrorClass::NotDeclared,
                    format!("{name} needs a token, and the connection names none"),
                )
                .next_step("Name the token in `auth.tokenFrom` of the connection."));
            }
        };
        let form = prepared.form.clone();
        match self.send(prepared, request, question, redactor, &name).await {
            Ok(output) => Ok(Output { form, ..output }),
            Err(failure) => Err(Failure { form, ..failure }),
        }
    }

    async fn send(
        &self,
        prepared: Prepared,
        request: &HttpRequest,
        question: Question<'_>,
        redactor: &Redactor,
        name: &str,
    ) -> Result<Output, Failure> {
        let url = with_query(self.origin.url(&request.path)?, request);
        let sent = prepared.into_request(&self.client, request, &self.headers, url.clone())?;
        let _turn = self.turn.wait().await;
        let response = self.client.execute(sent).await.map_err(|error| of_error(&error, name, self.origin.is_secret()))?;
        self.pinned(&url, &response, name)?;
        reply::read(response, request, Capture::new(question.max_output_bytes, question.meter), name, redactor).await
    }

    /// Whether who answered is who was asked.
    fn pinned(&self, url: &Url, response: &Response, name: &str) -> Result<(), Failure> {
        let right = response.remote_addr().is_some_and(|peer| {
            let known = match &self.server {
                Server::Address(literal) => *literal == peer.ip(),
                Server::Name(host) => host.has(peer.ip()),
            };
            known && Some(peer.port()) == url.port_or_known_default()
        });
        if right && response.url() == url {
            return Ok(());
        }
        Err(Failure::new(ErrorClass::Internal, format!("{name} was answered from another address than it has")))
    }
}

async fn optional(source: Option<&ValueSource>, secrets: &Arc<Resolver>) -> Result<Option<SecretValue>, Failure> {
    match source {
        Some(source) => value::read(source, secrets).await.map(Some),
        None => Ok(None),
    }
}

/// `prefix` and a value from `source`.
fn header_value(source: &ValueSource, prefix: &str, value: &SecretValue) -> Result<HeaderValue, Failure> {
    let unusable = || {
        Failure::new(ErrorClass::CredentialUnusable, format!("{} can not stand in a header", source.name()))
            .next_step("Give one line of printable ASCII, without a prefix such as `Bearer`.")
    };
    secret_header(&Zeroizing::new(format!("{prefix}{}", value.expose().trim()))).ok_or_else(unusable)
}

fn timed_out(name: &str, timeout: Duration) -> Failure {
    Failure::new(ErrorClass::Timeout, format!("{name} did not answer within {}", in_words(timeout)))
}
