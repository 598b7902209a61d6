//! Certificates of tests: a CA of their own, and server certificates with any name and any dates.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A CA in a directory of its own.
pub struct Ca {
    dir: PathBuf,
}

/// Dates of a certificate, as `openssl ca` takes them.
pub const VALID: (&str, &str) = ("20240101000000Z", "20990101000000Z");
pub const EXPIRED: (&str, &str) = ("20200101000000Z", "20210101000000Z");
pub const NOT_YET: (&str, &str) = ("20980101000000Z", "20990101000000Z");

impl Ca {
    /// Makes one below `parent`.
    pub fn new(parent: &Path, name: &str) -> Self {
        let dir = parent.join(name);
        fs::create_dir_all(dir.join("issued")).unwrap();
        let config = "[ca]\ndefault_ca = this\n[this]\ndir = .\ndatabase = index\nserial = serial\nnew_certs_dir = issued\n\
            certificate = ca.pem\nprivate_key = ca.key\ndefault_md = sha256\npolicy = any\nunique_subject = no\n\
            [any]\ncommonName = supplied\n";
        fs::write(dir.join("config"), config).unwrap();
        fs::write(dir.join("index"), "").unwrap();
        fs::write(dir.join("serial"), "01").unwrap();
        let ca = Self { dir };
        let subject = format!("/CN={name}");
        ca.openssl(
            &["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650"],
            &["-subj", &subject, "-keyout", "ca.key", "-out", "ca.pem"],
        );
        ca
    }

    /// The CA's certificate.
    pub fn pem(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// A certificate with these alternative names (`DNS:…`, `IP:…`): its file, and that of its key.
    pub fn issue(&self, name: &str, names: &str, (from, until): (&str, &str)) -> (PathBuf, PathBuf) {
        let mut extensions = String::from("[e]\nbasicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth, clientAuth\n");
        writeln!(extensions, "subjectAltName = {names}").unwrap();
        fs::write(self.dir.join(format!("{name}.ext")), extensions).unwrap();
        let [key, request, certificate, extension] = ["key", "csr", "pem", "ext"].map(|end| format!("{name}.{end}"));
        let subject = format!("/CN={name}");
        self.openssl(
            &["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
            &["-subj", &subject, "-keyout", &key, "-out", &request],
        );
        self.openssl(
            &["ca", "-batch", "-notext", "-config", "config", "-startdate", from, "-enddate", until],
            &["-extfile", &extension, "-extensions", "e", "-in", &request, "-out", &certificate],
        );
        (self.dir.join(certificate), self.dir.join(key))
    }

    fn openssl(&self, first: &[&str], rest: &[&str]) {
        let output = Command::new("openssl")
            .args(first)
            .args(rest)
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .output()
            .expect("openssl is absent: run tests/run, which installs it");
        assert!(output.status.success(), "openssl {first:?} {rest:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
