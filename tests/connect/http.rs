//! Shapes and connections of HTTP for tests.

use super::*;
use crate::desired::{BaseUrl, HttpConfig, ValueSource};
use crate::profile::{Auth, HttpAnswer, HttpRequest, Method, ServerVersion};

/// A connection to `url` with nothing else.
pub fn to(url: &str) -> HttpConfig {
    HttpConfig {
        base_url: BaseUrl::Given(url.to_owned()),
        https_only: false,
        auth: None,
        headers: Vec::new(),
        ca: None,
        client_cert: None,
    }
}

/// A file of `dir` with `text` as the source of a value.
pub fn file(dir: &std::path::Path, name: &str, text: &str) -> ValueSource {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    ValueSource::File(path)
}

/// `GET /status`, read as JSON.
pub fn get() -> Shape {
    of(HttpRequest {
        method: Method::Get,
        path: "/status".to_owned(),
        query: BTreeMap::new(),
        bodies: Vec::new(),
        answer: HttpAnswer::Json { unwrap: None, rpc: false },
        auth: Auth::None,
        version_from: None,
    })
}

pub fn of(request: HttpRequest) -> Shape {
    Shape { request: Request::Http(request), max_output_bytes: 1024, ..shape(&["unused"]) }
}

/// The request of a shape.
pub fn request(shape: &mut Shape) -> &mut HttpRequest {
    match &mut shape.request {
        Request::Http(request) => request,
        other => panic!("{other:?}"),
    }
}

/// A shape of the profile.
pub fn bundled(connector: &str, action: &str) -> Arc<Shape> {
    let profile = crate::profile::Profile::embedded(&|_| true).unwrap();
    Arc::clone(&profile.connectors[connector].shapes[action])
}

pub async fn open(config: HttpConfig) -> Result<Session, Failure> {
    open_in(config, &context()).await
}

pub async fn open_in(config: HttpConfig, context: &OpenContext) -> Result<Session, Failure> {
    Session::open(&ConnectionConfig::Http(Arc::new(config)), "default/test", context).await
}

/// Asks once, all in one.
pub async fn ask(config: HttpConfig, shape: &Shape) -> Result<Output, Failure> {
    open(config).await?.read(shape, PATIENCE).await
}

/// Asks a server whose version is known.
pub async fn ask_version(config: HttpConfig, shape: &Shape, version: &str) -> Result<Output, Failure> {
    let session = open(config).await?;
    let version = Some(ServerVersion::parse(version).unwrap());
    session.ask(Question { version, ..question(shape, &BTreeMap::new(), PATIENCE) }).await
}
