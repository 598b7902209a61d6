//! What a line can give away.

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Label {
    PrivateIpv4,
    MacAddress,
    KeyMaterial,
    SecretAssignment,
    PrivatePath,
    InvalidAllow,
}

/// The labels that an allow comment may name.
pub(super) const ALL: [Label; 5] =
    [Label::PrivateIpv4, Label::MacAddress, Label::KeyMaterial, Label::SecretAssignment, Label::PrivatePath];

impl Label {
    /// Its word in output and comments.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::PrivateIpv4 => "private_ipv4",
            Self::MacAddress => "mac_address",
            Self::KeyMaterial => "key_material",
            Self::SecretAssignment => "secret_assignment",
            Self::PrivatePath => "private_path",
            Self::InvalidAllow => "invalid_allow",
        }
    }

    /// What to do about it.
    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::PrivateIpv4 => {
                "write a host name, or an address of 192.0.2.0/24, 198.51.100.0/24 or 203.0.113.0/24 in examples"
            }
            Self::MacAddress => "leave it out, or write one of 00:00:5e:00:53:00 to :ff in examples",
            Self::KeyMaterial => "remove the key, replace it where it was in use, and name it by reference (secretKeyRef, file)",
            Self::SecretAssignment => "remove the value, replace it where it was in use, and name it by reference (secretKeyRef)",
            Self::PrivatePath => "write ~/.ssh, or a path that names no person",
            Self::InvalidAllow => {
                "write `tecrax-lint: allow LABEL reason` with a known label and a reason, behind a comment sign; in a list, \
                 `FILE LABEL DIGEST reason` for a line that is still there"
            }
        }
    }
}
