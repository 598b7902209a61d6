//! References from one object to another, or to a value that must not stand in a manifest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Namespace, SubdomainName};

/// A reference to an object of the same namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalRef {
    /// Name of the object.
    pub name: SubdomainName,
}

/// A key of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretKeyRef {
    /// Name of the secret.
    pub name: SubdomainName,
    /// Key inside the secret.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// A key of a secret, with the namespace of the object that refers to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretId {
    /// Namespace.
    pub namespace: Namespace,
    /// Name of the secret.
    pub name: SubdomainName,
    /// Key inside the secret.
    pub key: String,
}

impl SecretId {
    /// Longest key, in bytes.
    pub const KEY_MAX: usize = 253;
    /// The rule of keys in words; Kubernetes has the same.
    pub const KEY_RULE: &str =
        "use letters, digits, `-`, `_` and `.`, at most 253, and neither `.` alone nor `..` at the beginning";

    /// The key that `reference` names from an object of `namespace`; `None` when the key breaks [`SecretId::KEY_RULE`].
    pub fn new(namespace: &Namespace, reference: &SecretKeyRef) -> Option<Self> {
        let key = &reference.key;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let valid =
            !key.is_empty() && key.len() <= Self::KEY_MAX && key.bytes().all(plain) && key != "." && !key.starts_with("..");
        valid.then(|| Self { namespace: namespace.clone(), name: reference.name.clone(), key: key.clone() })
    }
}

impl std::fmt::Display for SecretId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "secret {}/{} key {}", self.namespace, self.name, self.key)
    }
}

/// A key of a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigMapKeyRef {
    /// Name of the ConfigMap.
    pub name: SubdomainName,
    /// Key inside the ConfigMap.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// Where a value comes from. Exactly one field is set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-one-of" = ["file", "secretKeyRef", "configMapKeyRef"]))]
pub struct ValueFrom {
    /// A file, relative to the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub file: Option<String>,
    /// A key of a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<SecretKeyRef>,
    /// A key of a ConfigMap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<ConfigMapKeyRef>,
}
