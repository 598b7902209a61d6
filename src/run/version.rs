//! The version of a server, out of the reading that tells it.

use serde_json::Value;

use crate::api::ErrorClass;
use crate::connect::{Failure, Output};
use crate::profile::ServerVersion;

/// The version in a reading, or why what depends on it can not be asked: the failure of that reading, said as such.
pub(super) fn of(reading: &Result<Output, Failure>) -> Result<ServerVersion, Failure> {
    let output = reading.as_ref().map_err(|failure| Failure {
        message: format!("the server's version decides what is sent, and it was not read: {}", failure.message),
        partial: None,
        form: None,
        ..failure.clone()
    })?;
    told(&output.stdout).ok_or_else(|| {
        Failure::new(ErrorClass::UnexpectedAnswer, "the server answers the question for its version with no version")
    })
}

/// The `result` of a JSON-RPC reply.
fn told(text: &str) -> Option<ServerVersion> {
    let reply: Value = serde_json::from_str(text).ok()?;
    ServerVersion::parse(reply.get("result")?.as_str()?)
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::profile::ServerVersion;

    #[test]
    fn the_version_is_the_result_of_the_reply() {
        let version = |major, minor| Some(ServerVersion { major, minor });
        assert_eq!(told(r#"{"id":1,"jsonrpc":"2.0","result":"6.0.14"}"#), version(6, 0));
        assert_eq!(told(r#"{"result":"7.2.0rc1"}"#), version(7, 2));
        for text in ["", "[]", "{}", r#"{"result":7.2}"#, r#"{"result":"seven"}"#, r#"{"result":"7"}"#] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
