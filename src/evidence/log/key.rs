//! Ed25519 keys of signed notes.

use std::fmt;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::encoding::{base64, from_base64};
use super::note::NoteSignature;
use crate::api::Digest;

/// Signature type of plain Ed25519 signatures.
const ED25519_TYPE: u8 = 1;
/// Longest name of a key, in bytes.
pub const KEY_NAME_MAX: usize = 512;
/// Longest text of a key: PKCS#8 of Ed25519 is far below.
pub const KEY_TEXT_MAX: usize = 4 << 10;
/// First words of a private key in the note form.
const PRIVATE: &str = "PRIVATE+KEY+";

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name is empty, too long, or holds a space, a plus or a control character.
    #[error("the name of a key is 1 to 512 bytes without spaces, plus signs and control characters")]
    Name,
    /// Neither a verifier key, nor a private key in one of both forms.
    #[error("{0}")]
    Form(&'static str),
    /// The id in the text belongs to another name or key.
    #[error("the key's id does not fit its name and bytes: it was changed or cut")]
    Id,
}

/// A public key and the name under which it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    public: [u8; 32],
}

impl VerifierKey {
    /// A key from its parts.
    ///
    /// # Errors
    /// [`KeyError::Name`]
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        Ok(Self { name: name.to_owned(), id: key_id(name, &public), public })
    }

    /// Reads `name+id+base64`: id in 8 hex digits, base64 of the type byte 1 and the 32 bytes of the key.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        const FORM: KeyError = KeyError::Form("a verifier key is `NAME+ID+BASE64` of Ed25519 (type 1)");
        let text = text.trim();
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else { return Err(FORM) };
        let key = Self::new(name, typed(bytes).ok_or(FORM)?)?;
        if parse_id(id).ok_or(FORM)? == key.id { Ok(key) } else { Err(KeyError::Id) }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id: the first four bytes of SHA-256(name, newline, type, key), big-endian.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// Whether `signature` is this key's over `text`.
    pub fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id, base64(&with_type(&self.public)))
    }
}

/// A private key and the name under which it signs.
pub struct SigningKey {
    verifier: VerifierKey,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// The key of a seed of 32 random bytes.
    ///
    /// # Errors
    /// [`KeyError::Name`]
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Form("not an Ed25519 seed"))?;
        Self::named(name, pair)
    }

    /// Reads a private key and names it `name`: PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it, or the note form
    /// `PRIVATE+KEY+NAME+ID+BASE64`, whose own name is only checked: a log's key is named after the log.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn parse(name: &str, text: &str) -> Result<Self, KeyError> {
        const FORM: KeyError = KeyError::Form(
            "not an Ed25519 private key: use the PEM file of `openssl genpkey -algorithm ed25519`, or a key of the form PRIVATE+KEY+NAME+ID+BASE64",
        );
        if text.len() > KEY_TEXT_MAX {
            return Err(KeyError::Form("too long for a key"));
        }
        let text = text.trim();
        if let Some(rest) = text.strip_prefix(PRIVATE) {
            return Self::from_note(name, rest);
        }
        let body =
            text.strip_prefix("-----BEGIN PRIVATE KEY-----").and_then(|rest| rest.strip_suffix("-----END PRIVATE KEY-----"));
        let body: String = body.ok_or(FORM)?.split_ascii_whitespace().collect();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&from_base64(&body).ok_or(FORM)?).map_err(|_| FORM)?;
        Self::named(name, pair)
    }

    fn from_note(name: &str, rest: &str) -> Result<Self, KeyError> {
        const FORM: KeyError = KeyError::Form("a private key is `PRIVATE+KEY+NAME+ID+BASE64` of Ed25519 (type 1)");
        let mut parts = rest.splitn(3, '+');
        let (Some(own), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else { return Err(FORM) };
        let seed = typed(bytes).ok_or(FORM)?;
        if parse_id(id).ok_or(FORM)? != Self::from_seed(own, &seed)?.verifier.id {
            return Err(KeyError::Id);
        }
        Self::from_seed(name, &seed)
    }

    fn named(name: &str, pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Form("not an Ed25519 key"))?;
        Ok(Self { verifier: VerifierKey::new(name, public)?, pair })
    }

    /// The text of a seed's private key in the note form, without a newline.
    ///
    /// # Errors
    /// [`KeyError::Name`]
    pub fn text_of_seed(name: &str, seed: &[u8; 32]) -> Result<String, KeyError> {
        let id = Self::from_seed(name, seed)?.verifier.id;
        Ok(format!("{PRIVATE}{name}+{id:08x}+{}", base64(&with_type(seed))))
    }

    /// The public half.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a note's text.
    pub fn sign(&self, text: &str) -> NoteSignature {
        let signature = self.pair.sign(text.as_bytes()).as_ref().to_vec();
        NoteSignature { name: self.verifier.name.clone(), id: self.verifier.id, signature }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}+{:08x})", self.verifier.name, self.verifier.id)
    }
}

/// Whether a text can name a key.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= KEY_NAME_MAX
        && !name.chars().any(|character| character == '+' || character.is_whitespace() || character.is_control())
}

fn key_id(name: &str, public: &[u8; 32]) -> u32 {
    let digest = Digest::of_joined(&[name.as_bytes(), b"\n", &[ED25519_TYPE], public]);
    digest.as_bytes().first_chunk().map_or(0, |id| u32::from_be_bytes(*id))
}

fn with_type(bytes: &[u8; 32]) -> Vec<u8> {
    std::iter::once(ED25519_TYPE).chain(*bytes).collect()
}

/// The 32 bytes behind the type byte.
fn typed(text: &str) -> Option<[u8; 32]> {
    match from_base64(text)?.split_first() {
        Some((&ED25519_TYPE, bytes)) => bytes.try_into().ok(),
        _ => None,
    }
}

/// Eight lower-case hex digits.
fn parse_id(text: &str) -> Option<u32> {
    let exact = text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if exact { u32::from_str_radix(text, 16).ok() } else { None }
}
