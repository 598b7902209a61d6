//! What came back, up to the reading.

use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use reqwest::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::{json, rpc};
use crate::api::{Digest, ErrorClass};
use crate::connect::answer::Capture;
use crate::connect::{Failure, Output};
use crate::http::while_reading;
use crate::profile::{Auth, HttpAnswer, HttpRequest};
use crate::secrets::Redactor;

/// The reading of a response, whose content goes into the empty `capture`; `name` is what was asked, for people.
pub(super) async fn read(
    response: Response,
    request: &HttpRequest,
    capture: Capture,
    name: &str,
    redactor: &Redactor,
) -> Result<Output, Failure> {
    let status = response.status();
    let (unwrap, is_rpc) = match &request.answer {
        HttpAnswer::Status => return Ok(output(format!("{:03}", status.as_u16()))),
        HttpAnswer::Json { unwrap, rpc } => (unwrap.as_deref(), *rpc),
    };
    // The body of a refusal is a page for people: nothing of it is read.
    if let Some(failure) = refusal(status, name) {
        return Err(failure);
    }
    if let Some(encoding) = foreign_encoding(response.headers()) {
        let message = format!("{name} answers in an encoding that was not asked for: {encoding}");
        return Err(Failure::new(ErrorClass::UnexpectedAnswer, message));
    }
    let body = body(response, capture, name, redactor).await?;
    let value = if body.iter().all(u8::is_ascii_whitespace) {
        Value::Object(Map::new())
    } else {
        json::parse(&body)
            .map_err(|why| Failure::new(ErrorClass::UnexpectedAnswer, format!("{name} answers with no JSON: {why}")))?
    };
    if is_rpc {
        rpc::check(&value, name, request.auth != Auth::None, redactor)?;
    }
    let value = unwrapped(value, unwrap);
    Ok(output(redactor.redact_json(value).to_string()))
}

/// What keeps a status from being an answer. Success is 200 to 299.
fn refusal(status: StatusCode, name: &str) -> Option<Failure> {
    if status.is_success() {
        return None;
    }
    let code = status.as_u16();
    let said = format!("{name} answers with status {code}");
    Some(match code {
        401 | 403 => Failure::new(ErrorClass::AuthRefused, said)
            .next_step("Check the token, the headers and the client certificate of the connection."),
        300..=399 => Failure::new(ErrorClass::HttpStatus, format!("{said}; redirects are not followed"))
            .next_step("Name the address that finally answers as the base URL of the connection."),
        408 | 429 | 500..=599 => Failure::new(ErrorClass::HttpStatus, said).may_pass(),
        404 => Failure::new(ErrorClass::HttpStatus, said)
            .next_step("Check the base URL of the connection with its path prefix: the service is not there."),
        _ => Failure::new(ErrorClass::HttpStatus, said),
    })
}

/// An encoding of the content that nobody asked for. Only the usual ones are quoted: a server could say back what it was given, and of
/// a part of a secret nobody knows that it is one.
fn foreign_encoding(headers: &HeaderMap) -> Option<&'static str> {
    const USUAL: [&str; 5] = ["gzip", "br", "deflate", "zstd", "compress"];
    let name = headers.get(CONTENT_ENCODING)?.to_str().unwrap_or_default();
    let usual = USUAL.into_iter().find(|known| name.eq_ignore_ascii_case(known)).unwrap_or("another one");
    (!name.eq_ignore_ascii_case("identity")).then_some(usual)
}

/// The content, counted while it is read.
async fn body(mut response: Response, mut capture: Capture, name: &str, redactor: &Redactor) -> Result<Vec<u8>, Failure> {
    while let Some(chunk) = response.chunk().await.map_err(|error| while_reading(&error, name))? {
        if !capture.push(&chunk) {
            let message = format!("{name} answers with more than {} bytes; the rest was not read", capture.bound());
            let mut failure = Failure::new(ErrorClass::OutputCut, message)
                .next_step("Check that the connection names the service itself, and look at what it answers.");
            let text = String::from_utf8_lossy(&capture.into_bytes()).into_owned();
            failure.partial = Some(Box::new(output(redactor.redact_cut(text))));
            return Err(failure);
        }
    }
    Ok(capture.into_bytes())
}

/// What is kept of a reply: the object, or the one member that the shape wants, and an object in any case.
pub(super) fn unwrapped(value: Value, member: Option<&str>) -> Value {
    let mut object = match value {
        Value::Object(object) => object,
        other => Map::from_iter([("value".to_owned(), other)]),
    };
    let Some(member) = member else { return Value::Object(object) };
    match object.remove(member).unwrap_or_default() {
        inner @ Value::Object(_) => inner,
        other => json!({ member: other }),
    }
}

fn output(stdout: String) -> Output {
    let digest = Digest::of_parts([stdout.as_bytes(), b"".as_slice()]);
    Output { stdout, stderr: String::new(), exit_code: 0, form: None, digest }
}
