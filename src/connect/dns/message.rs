//! The bytes of a question, and whether bytes answer it.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RecordType};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::api::ErrorClass;
use crate::connect::Failure;

/// Largest UDP answer that is asked for: what passes every usual path in one piece (DNS flag day 2020).
pub(super) const UDP_PAYLOAD: u16 = 1232;
/// Bytes of a header.
const HEADER: usize = 12;
/// The bit of the third header byte that marks a response.
const RESPONSE: u8 = 0x80;

/// A name and a type.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) name: Name,
    pub(super) record: RecordType,
}

/// What a datagram is to a question.
#[derive(Debug)]
pub(super) enum Reply {
    /// Its answer.
    Answer(Box<Message>),
    /// An answer to something else, or no answer at all: as if it had not come.
    Stranger,
    /// It carries our id, but nobody can read it.
    Malformed(String),
}

impl Question {
    /// The question for `name` and `record` (`A` or `AAAA`), as values of the Check's parameters.
    pub(super) fn new(name: &str, record: &str) -> Result<Self, Failure> {
        let internal = |what: &str| Failure::new(ErrorClass::Internal, format!("{what} can not be asked for"));
        let record = match record {
            "A" => RecordType::A,
            "AAAA" => RecordType::AAAA,
            other => return Err(internal(&format!("the record type {other:?}"))),
        };
        let mut name = Name::from_ascii(name).map_err(|_| internal(&format!("the name {name:?}")))?;
        name.set_fqdn(true);
        Ok(Self { name, record })
    }

    /// The message with the id `id`: recursion desired, EDNS, nothing else.
    pub(super) fn bytes(&self, id: u16) -> Result<Vec<u8>, Failure> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(self.name.clone(), self.record));
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD);
        message.set_edns(edns);
        message.to_vec().map_err(|error| Failure::new(ErrorClass::Internal, format!("a question can not be written: {error}")))
    }

    /// Judges `bytes` that came back for the id `id`.
    ///
    /// A server that refuses may leave the question out; whoever answers has to repeat it.
    pub(super) fn judge(&self, id: u16, bytes: &[u8]) -> Reply {
        let ours = bytes.len() >= HEADER
            && bytes.get(..2) == Some(&id.to_be_bytes()[..])
            && bytes.get(2).is_some_and(|flags| flags & RESPONSE != 0);
        if !ours {
            return Reply::Stranger;
        }
        let message = match Message::from_vec(bytes) {
            Ok(message) => message,
            Err(error) => return Reply::Malformed(error.to_string()),
        };
        let refusal = message.queries.is_empty() && message.metadata.response_code != ResponseCode::NoError;
        if refusal || matches!(message.queries.as_slice(), [query] if self.is(query)) {
            Reply::Answer(Box::new(message))
        } else {
            Reply::Stranger
        }
    }

    fn is(&self, query: &Query) -> bool {
        query.name() == &self.name && query.query_type() == self.record && query.query_class() == DNSClass::IN
    }
}

/// An id that nobody can guess.
pub(super) fn random_id() -> Result<u16, Failure> {
    let mut bytes = [0; 2];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Failure::new(ErrorClass::Internal, "the operating system gives no random numbers"))?;
    Ok(u16::from_be_bytes(bytes))
}
