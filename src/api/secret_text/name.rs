//! Names whose values are secrets.

/// Parts of a name, in lower case, that say that its value is a secret. All of them are markers too.
const TELLING: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "private_key",
    "private-key",
    "privatekey",
    "credential",
    "authorization",
    "auth_header",
];
/// Ends of a name, in lower case, that say that its value only leads to one.
const LEADING: [&str; 3] = ["ref", "from", "secrets_source"];
/// More such parts, in lower case, where a person writes names and no program does: programs call other things so, too.
const ACCESS: [&str; 4] = ["access_key", "access-key", "accesskey", "pwd"];

/// Whether the value under `name` is a secret, and not the way to one.
pub(crate) fn names_secret(name: &str) -> bool {
    has(name, &TELLING)
}

/// Whether the value under `name`, which a person wrote, gives access: more than [`names_secret`].
pub(crate) fn names_access(name: &str) -> bool {
    has(name, &ACCESS) || names_secret(name)
}

fn has(name: &str, parts: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    parts.iter().any(|part| name.contains(part)) && !LEADING.iter().any(|end| name.ends_with(end))
}
