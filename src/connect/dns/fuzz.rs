//! A datagram from memory.

use super::message::{Question, Reply};
use super::print;

/// What `bytes` say when they come back for the question for `name` and `record` with the id `id`; `None` when they are no
/// readable answer to it.
pub fn dns_answer(name: &str, record: &str, id: u16, bytes: &[u8]) -> Option<String> {
    let question = Question::new(name, record).ok()?;
    match question.judge(id, bytes) {
        Reply::Answer(message) => Some(print::text(&question, &message)),
        Reply::Stranger | Reply::Malformed(_) => None,
    }
}
