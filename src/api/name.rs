//! Names of objects: parsed once, valid ever after.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Longest DNS label (RFC 1123).
const LABEL_MAX: usize = 63;
const LABEL_PATTERN: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const LABEL_RULE: &str = "use lower-case letters, digits and `-`, start and end with a letter or digit, at most 63 characters";
/// Longest Target or item name: `<check>.<target>` must stay within the 253 characters of an Observation's name.
const SUBDOMAIN_MAX: usize = 189;

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a DNS label.
    #[error("bad name `{0}`: {rule}", rule = LabelName::RULE)]
    Label(String),
    /// Not a DNS subdomain of at most 189 characters.
    #[error("bad name `{0}`: {rule}", rule = SubdomainName::RULE)]
    Subdomain(String),
}

fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= LABEL_MAX
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $error:ident, $max:expr, $pattern:expr, $rule:expr, $ok:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The rule as a JSON Schema pattern; the length is bounded beside it.
            pub const PATTERN: &str = $pattern;
            /// The rule in words.
            pub const RULE: &str = $rule;

            /// Parses a name.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                let valid: fn(&str) -> bool = $ok;
                if valid(text) { Ok(Self(text.into())) } else { Err(NameError::$error(text.escape_debug().take(256).collect())) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "pattern": Self::PATTERN, "minLength": 1, "maxLength": $max})
            }
        }
    };
}

name!(
    /// A DNS label (RFC 1123): the name of a Check, an expectation or a connection role.
    LabelName, Label, LABEL_MAX, LABEL_PATTERN, LABEL_RULE, is_label
);
name!(
    /// A namespace: a DNS label.
    Namespace, Label, LABEL_MAX, LABEL_PATTERN, LABEL_RULE, is_label
);
name!(
    /// A DNS subdomain of at most 189 characters: the name of a Target, an item of a TargetSet and of every other object.
    SubdomainName,
    Subdomain,
    SUBDOMAIN_MAX,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    "use lower-case letters, digits, `-` and `.`, start and end each part with a letter or digit, at most 189 characters",
    |text| text.len() <= SUBDOMAIN_MAX && SubdomainName::is_subdomain(text)
);

impl SubdomainName {
    /// Whether `text` is a DNS subdomain, whatever its length.
    pub(super) fn is_subdomain(text: &str) -> bool {
        text.split('.').all(is_label)
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self(super::DEFAULT_NAMESPACE.into())
    }
}
