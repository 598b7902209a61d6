//! What is sent, and in which of its forms.

use reqwest::header::{self, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Request, Url};
use serde_json::Value;

use crate::api::{ErrorClass, HttpAuthMode};
use crate::connect::Failure;
use crate::http::USER_AGENT;
use crate::profile::{Body, HttpAnswer, HttpRequest, Method as ShapeMethod, ServerVersion};

const JSON: &str = "application/json";
const ANYTHING: &str = "*/*";

/// The headers that a request carries whatever its connection: `Host` and `Content-Length` follow from the rest and are not among them.
pub fn fixed_headers(request: &HttpRequest) -> Vec<(HeaderName, &'static str)> {
    own_headers(request).chain([(header::USER_AGENT, USER_AGENT)]).collect()
}

/// The query of a request as it is sent; `None` when it has none.
pub fn encoded_query(request: &HttpRequest) -> Option<String> {
    let url = Url::parse("http://localhost/").ok()?;
    with_query(url, request).query().map(str::to_owned)
}

/// The ones that the client does not add by itself.
fn own_headers(request: &HttpRequest) -> impl Iterator<Item = (HeaderName, &'static str)> {
    let accept = match request.answer {
        HttpAnswer::Json { .. } => JSON,
        HttpAnswer::Status => ANYTHING,
    };
    let content_type = (!request.bodies.is_empty()).then_some((header::CONTENT_TYPE, JSON));
    std::iter::once((header::ACCEPT, accept)).chain(content_type)
}

/// The parts of a request that depend on the connection and on the server's version.
#[derive(Debug)]
pub(super) struct Prepared {
    body: Option<String>,
    authorization: Option<HeaderValue>,
    /// What evidence calls the form; `None` when the shape has only one.
    pub(super) form: Option<String>,
}

impl Prepared {
    /// A request that never carries a token.
    pub(super) fn without_token(request: &HttpRequest, version: Option<ServerVersion>) -> Result<Self, Failure> {
        let body = body(request, version)?;
        let form = body.filter(|_| request.bodies.len() > 1).map(|body| body.name.clone());
        Ok(Self { body: body.map(|body| body.json.to_string()), authorization: None, form })
    }

    /// A request with the token: as `bearer` in the header, or as `token` in the body.
    pub(super) fn with_token(
        request: &HttpRequest,
        version: Option<ServerVersion>,
        (mode, header_since): (HttpAuthMode, ServerVersion),
        token: &str,
        bearer: HeaderValue,
    ) -> Result<Self, Failure> {
        let body = body(request, version)?;
        let in_header = match mode {
            HttpAuthMode::Header => true,
            HttpAuthMode::Body => false,
            HttpAuthMode::Auto => version.ok_or_else(no_version)? >= header_since,
        };
        let place = if in_header { "header" } else { "body" };
        let form = match body.filter(|_| request.bodies.len() > 1) {
            Some(body) => format!("{}+{place}", body.name),
            None => place.to_owned(),
        };
        let text = match body {
            Some(body) if !in_header => Some(signed(&body.json, token)),
            Some(body) => Some(body.json.to_string()),
            None if !in_header => {
                return Err(Failure::new(ErrorClass::Unsupported, "a request without a body can not carry its token there")
                    .next_step("Set `auth.mode` of the connection to Header."));
            }
            None => None,
        };
        Ok(Self { body: text, authorization: in_header.then_some(bearer), form: Some(form) })
    }

    /// The whole request to `url`, query included.
    pub(super) fn into_request(
        self,
        client: &Client,
        request: &HttpRequest,
        headers: &HeaderMap,
        url: Url,
    ) -> Result<Request, Failure> {
        let method = match request.method {
            ShapeMethod::Get => Method::GET,
            ShapeMethod::Post => Method::POST,
        };
        let mut builder = client.request(method, url).headers(headers.clone());
        // One that the connection names is its own.
        for (name, value) in own_headers(request).filter(|(name, _)| !headers.contains_key(name)) {
            builder = builder.header(name, HeaderValue::from_static(value));
        }
        if let Some(bearer) = self.authorization {
            builder = builder.header(AUTHORIZATION, bearer);
        }
        if let Some(body) = self.body {
            builder = builder.body(body);
        }
        builder.build().map_err(|_| Failure::new(ErrorClass::Internal, "a request of the profile could not be made"))
    }
}

/// `url` with the fixed query of the request.
pub(super) fn with_query(mut url: Url, request: &HttpRequest) -> Url {
    if !request.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&request.query);
    }
    url
}

/// The form of the body for the server's version: the newest that fits.
fn body(request: &HttpRequest, version: Option<ServerVersion>) -> Result<Option<&Body>, Failure> {
    if request.bodies.len() > 1 && version.is_none() {
        return Err(no_version());
    }
    Ok(request.bodies.iter().find(|body| body.since.is_none_or(|since| version.is_some_and(|version| version >= since))))
}

/// The JSON-RPC object with the token as its member `auth`.
fn signed(json: &Value, token: &str) -> String {
    let mut json = json.clone();
    if let Value::Object(members) = &mut json {
        members.insert("auth".to_owned(), Value::from(token));
    }
    json.to_string()
}

fn no_version() -> Failure {
    Failure::new(ErrorClass::Internal, "the version of the server decides what is sent, and nobody read it")
}
