//! Which hosts a line of a known_hosts file is about. Rule: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".

use hmac::{Hmac, KeyInit as _, Mac as _};
use russh::keys::ssh_encoding::base64::{Base64, Encoding as _};
use sha1::Sha1;

/// Bytes of the salt and of the hash of a hashed name.
const SHA1_BYTES: usize = 20;

/// The name under which a host is looked up: lower case, with the port in brackets unless it is 22.
pub(super) fn lookup_name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

/// Whether the hosts field of a line covers `name` (as [`lookup_name`] writes it).
pub(super) fn covers(field: &str, name: &str) -> bool {
    if let Some(hashed) = field.strip_prefix("|1|") {
        return hash_matches(hashed, name).unwrap_or(false);
    }
    let mut covered = false;
    for pattern in field.split(',') {
        match pattern.strip_prefix('!') {
            Some(negated) if glob(negated, name) => return false,
            Some(_) => {}
            None => covered |= glob(pattern, name),
        }
    }
    covered
}

fn hash_matches(hashed: &str, name: &str) -> Option<bool> {
    let (salt, hash) = hashed.split_once('|')?;
    let salt = Base64::decode_vec(salt).ok().filter(|salt| salt.len() == SHA1_BYTES)?;
    let hash = Base64::decode_vec(hash).ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(name.as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

/// `*` is any run of characters, `?` exactly one; case does not count.
pub(super) fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&character) = name.get(n) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            Some(&expected) if expected == b'?' || expected.eq_ignore_ascii_case(&character) => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((after_star, matched)) = star else { return false };
                star = Some((after_star, matched + 1));
                p = after_star;
                n = matched + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|&rest| rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::{covers, glob, lookup_name};

    #[test]
    fn the_port_is_part_of_the_name_unless_it_is_22() {
        assert_eq!(lookup_name("Web-07.Example.net", 22), "web-07.example.net");
        assert_eq!(lookup_name("web-07", 2222), "[web-07]:2222");
        assert_eq!(lookup_name("::1", 2222), "[::1]:2222");
    }

    #[test]
    fn wildcards_and_negation() {
        assert!(glob("*.example.net", "a.b.example.net"));
        assert!(!glob("*.example.net", "example.net"));
        assert!(glob("web-0?", "web-07"));
        assert!(!glob("web-0?", "web-0"));
        assert!(glob("*a*b*", "xxaxxbxx"));
        assert!(!glob("", "a"));
        assert!(covers("*.example.net,!bad.example.net", "good.example.net"));
        assert!(!covers("*.example.net,!bad.example.net", "bad.example.net"));
        assert!(!covers("!bad.example.net", "good.example.net"));
        assert!(covers("WEB-07", "web-07"));
    }

    #[test]
    fn a_name_without_port_does_not_cover_another_port() {
        assert!(!covers("web-07", "[web-07]:2222"));
        assert!(covers("[web-07]:2222", "[web-07]:2222"));
    }

    #[test]
    fn long_patterns_take_linear_memory_and_bounded_time() {
        let pattern = "*a".repeat(200);
        assert!(!glob(&pattern, &"a".repeat(199)));
        assert!(glob(&pattern, &"a".repeat(400)));
    }

    #[test]
    fn hashed_names_match_only_the_name_that_was_hashed() {
        // Written by `ssh-keygen -H`.
        let field = "|1|IsNs8pJ3ONiZ4zzyjCa9AI2+PFw=|5MHh56ba7dJGV7a8m/BcueLn+Zg=";
        assert!(covers(field, "web-07"));
        assert!(!covers(field, "web-08"));
        assert!(!covers("|1|broken", "broken"));
    }
}
