//! The one fixed request that an action may send.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::{Digest, LabelName};

/// The one fixed request that an action may send, and how its answer is bounded.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// Connector that owns it.
    pub connector: String,
    /// Action name, unique in its connector.
    pub action: String,
    /// What is sent.
    pub request: Request,
    /// Bound of every stream of the answer, in bytes: stdout and stderr each, or the body of an HTTP answer.
    pub max_output_bytes: u32,
    /// What to install or accept when the system does not have what the shape asks for.
    pub unsupported_help: String,
    /// Digest of all of the above but the help.
    pub digest: Digest,
}

/// What an action sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A program with its arguments.
    Command(CommandRequest),
    /// An HTTP request.
    Http(HttpRequest),
    /// A DNS question.
    Dns(DnsRequest),
}

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRequest {
    /// Program and arguments; the program is looked up in the fixed PATH. On a `wrapper` connection the first word only names
    /// what the Target's own executable stands in for.
    pub argv: Vec<String>,
    /// Exit statuses that are answers; any other is `CommandFailed`.
    pub exit_codes: Vec<i32>,
    /// With an exit status other than 0, any of these in stderr means that the system does not have what the shape asks for
    /// (`ErrorClass::Unsupported`), also when `exit_codes` lists the status.
    pub unsupported_stderr: Vec<String>,
}

/// An HTTP request: everything of it is fixed but the origin and the secrets of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute path, appended to the path of the connection's base URL.
    pub path: String,
    /// Query parameters.
    pub query: BTreeMap<String, String>,
    /// The body and its forms for other versions of the server; the first form whose version fits is sent. Empty: no body.
    pub bodies: Vec<Body>,
    /// What of the answer is the reading.
    pub answer: HttpAnswer,
    /// Whether it carries the connection's token.
    pub auth: Auth,
    /// The shape of the same role that reads the server's version, as `connector.action`; needed by `bodies` with versions and
    /// by [`Auth::Required`].
    pub version_from: Option<String>,
}

/// HTTP methods that read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST; only for fixed bodies that the profile declares not to change anything.
    Post,
}

impl Method {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One form of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Its name in evidence and in `tecrax shapes`.
    pub name: String,
    /// The first version of the server it is for; from the beginning when `None`.
    pub since: Option<ServerVersion>,
    /// JSON, sent compact with sorted keys.
    pub json: Value,
}

/// Major and minor version of a server, which is all that shapes tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerVersion {
    /// Major version.
    pub major: u32,
    /// Minor version.
    pub minor: u32,
}

impl ServerVersion {
    /// The first two numbers of a version such as `6.0.14` or `7.2.0rc1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor: String = numbers.next()?.chars().take_while(char::is_ascii_digit).collect();
        Some(Self { major, minor: minor.parse().ok()? })
    }
}

impl std::fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What of an HTTP answer is the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpAnswer {
    /// The JSON object of the body, as compact text with sorted keys. Anything else is no answer.
    Json {
        /// Keep only this member of the object: what else it says is dropped before anybody sees it.
        unwrap: Option<String>,
        /// The object is a JSON-RPC reply: its `error` makes the reading fail as `ApiError`.
        rpc: bool,
    },
    /// The three digits of the status; the body is not read.
    Status,
}

/// Whether a request carries the connection's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Never.
    None,
    /// Always: in the `Authorization` header of servers from this version on, before that in the body.
    Required {
        /// First version of the server that takes the header.
        header_since: ServerVersion,
    },
}

/// A DNS question to the one server of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRequest {
    /// Parameter of the Check that holds the name.
    pub name: LabelName,
    /// Parameter of the Check that holds the record type: A or AAAA.
    pub record: LabelName,
}

impl Shape {
    /// What it sends, in one line for people.
    pub fn line(&self) -> String {
        match &self.request {
            Request::Command(command) => command.argv.join(" "),
            Request::Http(http) => match http.bodies.first().and_then(|body| body.json.get("method")).and_then(Value::as_str) {
                Some(method) => format!("{} {} {method}", http.method.as_str(), http.path),
                None => format!("{} {}", http.method.as_str(), http.path),
            },
            Request::Dns(dns) => format!("DNS {{{}}} {{{}}}", dns.name, dns.record),
        }
    }

    /// The command, if it is one.
    pub const fn command(&self) -> Option<&CommandRequest> {
        match &self.request {
            Request::Command(command) => Some(command),
            Request::Http(_) | Request::Dns(_) => None,
        }
    }

    /// Program and arguments; empty for anything but a command.
    pub fn argv(&self) -> &[String] {
        self.command().map_or(&[], |command| &command.argv)
    }

    /// The HTTP request, if it is one.
    pub const fn http(&self) -> Option<&HttpRequest> {
        match &self.request {
            Request::Http(http) => Some(http),
            Request::Command(_) | Request::Dns(_) => None,
        }
    }

    /// Connection kinds that can send it, besides `fixture`.
    pub const fn kinds(&self) -> &'static [&'static str] {
        match self.request {
            Request::Command(_) => &["local", "ssh", "wrapper"],
            Request::Http(_) => &["http"],
            Request::Dns(_) => &["dns"],
        }
    }

    /// What is sent, as data.
    pub fn describe(&self) -> Value {
        use serde_json::json;
        match &self.request {
            Request::Command(command) => json!({"argv": command.argv, "exitCodes": command.exit_codes}),
            Request::Http(http) => json!({
                "method": http.method.as_str(),
                "path": http.path,
                "query": http.query,
                "bodies": http.bodies.iter().map(|body| json!({
                    "name": body.name,
                    "since": body.since.map(|since| since.to_string()),
                    "json": body.json,
                })).collect::<Vec<_>>(),
                "answer": match &http.answer {
                    HttpAnswer::Json { unwrap, rpc } => json!({"json": {"unwrap": unwrap, "rpc": rpc}}),
                    HttpAnswer::Status => json!("status"),
                },
                "auth": match http.auth {
                    Auth::None => json!("none"),
                    Auth::Required { header_since } => json!({"required": {"headerSince": header_since.to_string()}}),
                },
                "versionFrom": http.version_from,
            }),
            Request::Dns(dns) => json!({"name": dns.name, "type": dns.record}),
        }
    }
}
