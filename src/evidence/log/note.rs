//! Signed notes (C2SP `signed-note`): a text, a blank line, signatures.

use std::fmt;

use super::encoding::{base64, from_base64};
use super::key::{VerifierKey, is_name};

/// Longest note, in bytes.
pub const NOTE_MAX: usize = 256 << 10;
/// Most signatures of a note; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 64;
/// How a signature line begins.
const DASH: &str = "\u{2014} ";

/// Why a text is no note, or proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than the bound, or with more signatures.
    #[error("too long for a signed note: at most 256 KiB and 64 signatures")]
    Bound,
    /// Not the form of a signed note.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// No signature is of a key that the caller trusts.
    #[error("signed by no key that is trusted here")]
    Unknown,
    /// The signature of a trusted key does not fit the text.
    #[error("the signature of {0} does not fit: the text was changed")]
    Signature(String),
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub id: u32,
    /// The signature's bytes.
    pub signature: Vec<u8>,
}

/// A signed note, read but not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// A note from its text, which ends with a newline, and its signatures.
    ///
    /// # Errors
    /// [`NoteError`]
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        if text.len() > NOTE_MAX || signatures.len() > SIGNATURES_MAX {
            return Err(NoteError::Bound);
        }
        if !text.ends_with('\n') || text.chars().any(|character| character < ' ' && character != '\n') {
            return Err(NoteError::Form("its text ends with a newline and has no other control character"));
        }
        if signatures.is_empty() || signatures.iter().any(|signature| !is_name(&signature.name)) {
            return Err(NoteError::Form("it has signatures, by keys with names"));
        }
        Ok(Self { text, signatures })
    }

    /// Reads a note. The signatures are not checked: see [`Note::verify`].
    ///
    /// # Errors
    /// [`NoteError`]
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_MAX {
            return Err(NoteError::Bound);
        }
        let (before, lines) =
            note.rsplit_once("\n\n").ok_or(NoteError::Form("no blank line stands between text and signatures"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form("the last line does not end with a newline"))?;
        let signatures = lines.split('\n').take(SIGNATURES_MAX + 1).map(parse_signature).collect::<Option<Vec<_>>>();
        let signatures = signatures.ok_or(NoteError::Form("a signature line is `\u{2014} NAME BASE64`"))?;
        Self::new(format!("{before}\n"), signatures)
    }

    /// The text, which ends with a newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The first of `keys` that has signed. Signatures of other keys are ignored; a wrong one of these keys refuses the note.
    ///
    /// # Errors
    /// [`NoteError::Unknown`] or [`NoteError::Signature`].
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<&'k VerifierKey, NoteError> {
        let mut signer = None;
        for signature in &self.signatures {
            // Ids are short: two keys may share one. The name and id pick the key, the signature proves it.
            let mut fitting = keys.iter().filter(|key| key.id() == signature.id && key.name() == signature.name).peekable();
            if fitting.peek().is_none() {
                continue;
            }
            match fitting.find(|key| key.verifies(&self.text, &signature.signature)) {
                Some(key) => signer = signer.or(Some(key)),
                None => return Err(NoteError::Signature(signature.name.clone())),
            }
        }
        signer.ok_or(NoteError::Unknown)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{DASH}{} {}", signature.name, base64(&signature.to_bytes())))
    }
}

impl NoteSignature {
    /// Key id, big-endian, and signature.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.id.to_be_bytes().into_iter().chain(self.signature.iter().copied()).collect()
    }

    /// Reads [`NoteSignature::to_bytes`].
    pub(super) fn from_bytes(name: &str, bytes: &[u8]) -> Option<Self> {
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        let signature = Self { name: name.to_owned(), id: u32::from_be_bytes(*id), signature: signature.to_vec() };
        (!signature.signature.is_empty()).then_some(signature)
    }
}

fn parse_signature(line: &str) -> Option<NoteSignature> {
    let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
    NoteSignature::from_bytes(name, &from_base64(bytes)?)
}
