//! One question to one DNS server, over sockets of ours: nothing but the address of the server itself goes through the resolver of
//! this machine.
//!
//! * `message`: the bytes of a question, and whether bytes answer it.
//! * `exchange`: how they travel: UDP three times within the time limit, TCP when the answer is cut.
//! * `print`: the answer as text, the way `dig +noall +answer` prints it.

mod exchange;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod fuzz;
mod message;
mod print;

use std::net::SocketAddr;

use tokio::time::{Instant, timeout_at};

use super::answer::{Answer, End, in_words};
use super::meter::Meter;
use super::reading::{Failure, Output};
use super::session::Question;
use crate::api::ErrorClass;
use crate::desired::DnsConfig;
use crate::http::resolve;
use crate::profile::Request;
use crate::secrets::Redactor;
use exchange::Server;

/// Addresses of one server name that are asked.
const MAX_ADDRESSES: usize = 4;

/// The server of one connection.
#[derive(Debug)]
pub(super) struct Session {
    server: String,
    port: u16,
}

impl Session {
    pub(super) fn new(config: &DnsConfig) -> Self {
        Self { server: config.server.clone(), port: config.port }
    }

    /// Asks it once. Every address of the server gets an even share of the time; the next one is only asked when the one before it
    /// could not be reached or was silent.
    pub(super) async fn ask(&self, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
        let shape = question.shape;
        let Request::Dns(request) = &shape.request else {
            return Err(Failure::new(ErrorClass::Internal, format!("shape `{}` asks no DNS server", shape.action)));
        };
        let value = |name| question.parameters.get(name).map(String::as_str).unwrap_or_default();
        let asked = message::Question::new(value(&request.name), value(&request.record))?;
        let deadline = Instant::now() + question.timeout;
        let addresses = self.addresses(deadline).await?;
        let mut left = u32::try_from(addresses.len()).unwrap_or(1);
        let mut last = Failure::new(ErrorClass::NameUnresolved, format!("the name {} has no address", self.server));
        for address in addresses {
            let now = Instant::now();
            let part = deadline.saturating_duration_since(now) / left.max(1);
            left = left.saturating_sub(1);
            let server = Server { label: self.label(), address, meter: question.meter };
            match server.ask(&asked, now + part).await {
                Ok(reply) => {
                    // The message has been counted; its text is the same once more.
                    let mut answer = Answer::bounded(question.max_output_bytes, &Meter::default());
                    answer.stdout.push(print::text(&asked, &reply).as_bytes());
                    answer.end = Some(End::Status(0));
                    return answer.judge(shape, redactor);
                }
                Err(failure) if matches!(failure.class, ErrorClass::Unreachable | ErrorClass::Timeout) => last = failure,
                Err(failure) => return Err(failure),
            }
        }
        if last.class == ErrorClass::Timeout {
            let limit = in_words(question.timeout);
            last.message = format!("{} did not answer within {limit}", self.label());
        }
        Err(last)
    }

    /// Host and port for people.
    fn label(&self) -> String {
        if self.server.contains(':') {
            format!("[{}]:{}", self.server, self.port)
        } else {
            format!("{}:{}", self.server, self.port)
        }
    }

    async fn addresses(&self, deadline: Instant) -> Result<Vec<SocketAddr>, Failure> {
        let unresolved = |why: String| Failure::new(ErrorClass::NameUnresolved, format!("the name {} {why}", self.server));
        match timeout_at(deadline, resolve(&self.server, self.port)).await {
            Ok(Ok(addresses)) => Ok(addresses.into_iter().take(MAX_ADDRESSES).collect()),
            Ok(Err(error)) => Err(unresolved(format!("can not be resolved: {error}")).because(&error)),
            Err(_) => Err(unresolved("can not be resolved in time".to_owned())),
        }
    }
}
