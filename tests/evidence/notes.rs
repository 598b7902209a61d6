//! Signed notes, keys and checkpoints as texts, against published values.

use crate::support::cases::cases;
use proptest::prelude::*;
use tecrax::api::Digest;
use tecrax::evidence::log::{Checkpoint, KeyError, Note, NoteError, SignedCheckpoint, SigningKey, VerifierKey};

/// The example of Go's package `golang.org/x/mod/sumdb/note`.
const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SIGNER: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNATURE: &str =
    "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/// The private key of RFC 8410 §10.3, and its public key.
const PEM: &str =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
const PEM_PUBLIC: &str = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

fn verifier() -> VerifierKey {
    VerifierKey::parse(VERIFIER).unwrap()
}

fn note() -> String {
    format!("{TEXT}\n{SIGNATURE}")
}

#[test]
fn the_published_note_is_read_verified_and_written_again() {
    let note = Note::parse(&note()).unwrap();
    assert_eq!((note.text(), note.signatures().len()), (TEXT, 1));
    assert_eq!(note.verify(&[verifier()]).unwrap().name(), "PeterNeumann");
    assert_eq!(note.to_string(), self::note());
    let key = SigningKey::parse("PeterNeumann", SIGNER).unwrap();
    assert_eq!(key.verifier().to_string(), VERIFIER);
    assert_eq!(Note::new(TEXT.to_owned(), vec![key.sign(TEXT)]).unwrap().to_string(), self::note());
}

#[test]
fn the_published_note_of_several_paragraphs_is_read() {
    // The example of C2SP's `signed-note`: a blank line in the text, letters beyond ASCII.
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
    let note = format!(
        "{text}\n\u{2014} quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
    );
    let read = Note::parse(&note).unwrap();
    assert_eq!((read.text(), read.to_string()), (text, note));
    assert_eq!(read.verify(&[verifier()]), Err(NoteError::Unknown));
}

#[test]
fn the_published_checkpoint_is_read() {
    // The example of C2SP's `tlog-checkpoint`.
    let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
                \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let read = SignedCheckpoint::parse(note).unwrap();
    assert_eq!((read.checkpoint().origin.as_str(), read.checkpoint().size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(read.to_string(), note);
    let token = read.token().unwrap();
    assert!(
        token.starts_with("checkpoint=example.com%2Fbehind-the-sofa/20852163/CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I/Az3"),
        "{token}"
    );
    assert_eq!(SignedCheckpoint::find_all(&token).unwrap(), [read]);
}

#[test]
fn a_wrong_signature_of_a_trusted_key_refuses_the_note_and_others_are_ignored() {
    let other = SigningKey::from_seed("EnochRoot", &[1; 32]).unwrap();
    let mine = SigningKey::parse("PeterNeumann", SIGNER).unwrap();
    let both = Note::new(TEXT.to_owned(), vec![other.sign(TEXT), mine.sign(TEXT)]).unwrap();
    assert_eq!(both.verify(&[verifier()]).unwrap(), &verifier());
    let wrong = Note::new(TEXT.to_owned(), vec![other.sign(TEXT), mine.sign("another text\n")]).unwrap();
    let all = [other.verifier().clone(), verifier()];
    assert_eq!(wrong.verify(&all), Err(NoteError::Signature("PeterNeumann".to_owned())));
    assert_eq!(both.verify(&[]), Err(NoteError::Unknown));
    // The same name and another key: a stranger.
    let stranger = SigningKey::from_seed("PeterNeumann", &[2; 32]).unwrap();
    assert_eq!(both.verify(std::slice::from_ref(stranger.verifier())), Err(NoteError::Unknown));
}

#[test]
fn texts_that_are_no_notes_are_refused() {
    let good = note();
    for (from, to) in [
        ("\n\n", "\n"),
        ("\u{2014} ", "- "),
        ("\u{2014} PeterNeumann", "\u{2014} Peter Neumann"),
        ("\u{2014} PeterNeumann", "\u{2014} Peter+Neumann"),
        ("x08go", "x08g*"),
        ("nAM=\n", "nAM="),
        ("nAM=\n", "nAM\n"),
        ("answer", "an\tswer"),
        ("x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=", "x08gow=="),
    ] {
        let broken = good.replacen(from, to, 1);
        assert_ne!(broken, good, "{from}");
        assert!(Note::parse(&broken).is_err(), "{broken}");
    }
    assert_eq!(Note::parse(&format!("{}\n{}", TEXT, SIGNATURE.repeat(65))), Err(NoteError::Bound));
    assert_eq!(Note::parse(&"x\n".repeat(200_000)), Err(NoteError::Bound));
    Note::parse(&format!("{TEXT}\n{}", SIGNATURE.repeat(16))).expect("sixteen signatures must be taken");
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    for broken in [
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "",
    ] {
        assert!(VerifierKey::parse(broken).is_err(), "{broken}");
    }
    for broken in [
        SIGNER.replace("c74f20a3", "c74f20a4"),
        SIGNER.replace("AYEK", "AYEL"),
        SIGNER.replace("PRIVATE", "PUBLIC"),
        PEM.replace("MC4C", "MC5C"),
        PEM.replace("PRIVATE", "PUBLIC"),
        PEM.repeat(40),
        String::new(),
    ] {
        assert!(SigningKey::parse("log", &broken).is_err(), "{broken}");
    }
    assert!(matches!(SigningKey::from_seed("a b", &[0; 32]), Err(KeyError::Name)));
}

#[test]
fn a_key_of_openssl_signs_under_the_name_of_the_log() {
    let key = SigningKey::parse("tecrax-1", PEM).unwrap();
    let public = Digest::parse(PEM_PUBLIC).unwrap();
    assert_eq!(key.verifier(), &VerifierKey::new("tecrax-1", *public.as_bytes()).unwrap());
    assert_eq!(SigningKey::parse("tecrax-1", SIGNER).unwrap().verifier().name(), "tecrax-1");
    // What is made on first use reads itself.
    let text = SigningKey::text_of_seed("tecrax-1", &[3; 32]).unwrap();
    assert_eq!(
        SigningKey::parse("tecrax-1", &text).unwrap().verifier(),
        SigningKey::from_seed("tecrax-1", &[3; 32]).unwrap().verifier()
    );
    assert!(!format!("{key:?}").contains("1O5y2"), "{key:?}");
}

fn signed(origin: &str, size: u64) -> (SignedCheckpoint, VerifierKey) {
    let key = SigningKey::from_seed(&origin.replace([' ', '+'], "-"), &[5; 32]).unwrap();
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root: Digest::of(&size.to_be_bytes()) };
    (checkpoint.sign(&key).unwrap(), key.verifier().clone())
}

#[test]
fn tokens_are_found_in_a_mail_of_cron() {
    let (first, key) = signed("tecrax-0a1b2c3d4e5f", 12);
    let (second, _) = signed("tecrax-0a1b2c3d4e5f", 20_000_000);
    let mail = format!(
        "From: root\nSubject: Cron <root@mgmt> tecrax reconcile --once /etc/tecrax\n\n3 pairs on 1 target: 3 healthy; ran 3 in 0.2 s {}\n\
         and once more ({}). The same again: <{}>\n",
        first.token().unwrap(),
        second.token().unwrap(),
        second.token().unwrap()
    );
    let found = SignedCheckpoint::find_all(&mail).unwrap();
    assert_eq!(found, [first.clone(), second.clone()]);
    for checkpoint in &found {
        checkpoint.verify(std::slice::from_ref(&key)).unwrap();
    }
    // Quoted-printable, as a mail program may have stored it.
    let token = second.token().unwrap().replace('=', "=3D");
    let lines: Vec<&str> = token.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let quoted = format!("said:\r\n{}\r\nbye", lines.join("=\r\n"));
    assert_eq!(SignedCheckpoint::find_all(&quoted).unwrap(), [second]);
    // One that was cut or changed is none.
    let token = first.token().unwrap();
    assert!(
        SignedCheckpoint::find_all(&token[..token.len() - 3])
            .map_or(true, |found| found[0].verify(std::slice::from_ref(&key)).is_err())
    );
    assert!(SignedCheckpoint::find_all("checkpoint=a/b/c/d checkpoint=").is_err());
    let changed = SignedCheckpoint::find_all(&token.replace("/12/", "/13/")).unwrap();
    assert!(changed[0].verify(&[key]).is_err());
}

#[test]
fn a_log_whose_name_looks_like_quoted_printable_is_named_in_full() {
    for origin in ["3D", "3Dprinter.example/log", "=3D", "3d.example"] {
        let (checkpoint, key) = signed(origin, 12);
        let found = SignedCheckpoint::find_all(&checkpoint.token().unwrap()).unwrap();
        assert_eq!(found, [checkpoint], "{origin}");
        assert_eq!(found[0].verify(&[key]).unwrap().name(), origin);
    }
}

#[test]
fn checkpoints_with_wrong_lines_are_refused() {
    let (good, _) = signed("log", 7);
    let note = good.to_string();
    for (from, to) in
        [("log\n7", "\n7"), ("\n7\n", "\n07\n"), ("\n7\n", "\n-7\n"), ("\n7\n", "\nseven\n"), ("\n7\n", "\n7\nAAAA\n")]
    {
        let broken = note.replacen(from, to, 1);
        assert!(SignedCheckpoint::parse(&broken).is_err(), "{broken}");
    }
    // An extension line is nobody's business here, but it is signed, so it has no token.
    let key = SigningKey::from_seed("log", &[5; 32]).unwrap();
    let text = format!("{}more\n", good.checkpoint().text());
    let extended = Note::new(text.clone(), vec![key.sign(&text)]).unwrap();
    let extended = SignedCheckpoint::parse(&extended.to_string()).unwrap();
    assert_eq!((extended.checkpoint(), extended.token()), (good.checkpoint(), None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(64)))]

    #[test]
    fn a_token_is_one_word_and_says_all(origin in "[^\u{0}-\u{20}\u{7f}+\\s]{1,40}", size in any::<u64>()) {
        prop_assume!(!origin.chars().any(|character| character.is_whitespace() || character.is_control()));
        let (checkpoint, key) = signed(&origin, size);
        let token = checkpoint.token().unwrap();
        prop_assert!(token.bytes().all(|byte| byte.is_ascii_graphic()) && !token.contains(['"', '\'', '<', '>', '&', '+']));
        let found = SignedCheckpoint::find_all(&format!("so it is: {token}.")).unwrap();
        prop_assert_eq!(&found[..], std::slice::from_ref(&checkpoint));
        prop_assert!(found[0].verify(&[key]).is_ok());
    }

    #[test]
    fn no_flipped_bit_of_a_note_verifies(size in any::<u64>(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (checkpoint, key) = signed("tecrax-1", size);
        let mut bytes = checkpoint.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        let verified = SignedCheckpoint::parse(&text).is_ok_and(|read| read.verify(&[key]).is_ok());
        prop_assert!(!verified, "{}", text);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "(checkpoint=?[a-z%0-9]{0,5}/[0-9]{0,21}/[A-Za-z0-9_-]{40,45}/[A-Za-z0-9_-]{80,92}|.{0,20}|\n|\u{2014} [a-z]{0,5} [A-Za-z0-9+/=]{0,9}){0,6}") {
        let _ = (Note::parse(&text), SignedCheckpoint::find_all(&text), VerifierKey::parse(&text), SigningKey::parse("log", &text));
    }
}
