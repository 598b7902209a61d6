//! Header fields that carry secrets.

use reqwest::header::HeaderValue;

/// `text` as the value of a header, marked so that the library never prints it; `None` when it can not stand there. Beyond printable
/// ASCII, what arrives depends on the server's idea of an encoding.
pub fn secret_header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok().filter(|_| text.bytes().all(|byte| (b' '..=b'~').contains(&byte)))?;
    value.set_sensitive(true);
    Some(value)
}
