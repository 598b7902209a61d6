//! Certificates of an authority of its own, made by OpenSSL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::daemon::{needs, run};

const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/// An authority in a folder: `ca.pem` is what a client trusts.
pub struct Authority {
    dir: PathBuf,
}

impl Authority {
    pub fn new(dir: &Path, name: &str) -> Self {
        needs("/usr/bin/openssl", "openssl");
        fs::create_dir_all(dir).unwrap();
        let authority = Self { dir: dir.to_owned() };
        fs::write(authority.path("index"), "").unwrap();
        let settings = format!(
            "[ca]\ndefault_ca = own\n[own]\ndatabase = {0}/index\nnew_certs_dir = {0}\nrand_serial = yes\ndefault_md = sha256\n\
             policy = any\ncopy_extensions = copy\nunique_subject = no\n[any]\ncommonName = supplied\n",
            dir.display()
        );
        fs::write(authority.path("settings"), settings).unwrap();
        let (key, pem) = (authority.path("ca.key"), authority.path("ca.pem"));
        let rest = ["-x509", "-days", "30", "-subj", &format!("/CN={name}"), "-keyout", &key, "-out", &pem];
        run(&[&["openssl", "req"], &KEY[..], &rest].concat());
        authority
    }

    /// A certificate for `name` (as in `DNS:localhost`) in `NAME.pem` with `NAME.key`, valid between two dates (`20260101000000Z`).
    pub fn issue(&self, file: &str, name: &str, from: &str, to: &str) -> (String, String) {
        let (key, request, pem) =
            (self.path(&format!("{file}.key")), self.path(&format!("{file}.csr")), self.path(&format!("{file}.pem")));
        let names = format!("subjectAltName={name}");
        let rest = ["-subj", "/CN=server of a test", "-addext", &names, "-keyout", &key, "-out", &request];
        run(&[&["openssl", "req"], &KEY[..], &rest].concat());
        let (settings, ca, ca_key) = (self.path("settings"), self.path("ca.pem"), self.path("ca.key"));
        run(&[
            "openssl",
            "ca",
            "-batch",
            "-notext",
            "-config",
            &settings,
            "-cert",
            &ca,
            "-keyfile",
            &ca_key,
            "-in",
            &request,
            "-out",
            &pem,
            "-startdate",
            from,
            "-enddate",
            to,
        ]);
        (pem, key)
    }

    /// The certificate that a client trusts.
    pub fn pem(&self) -> String {
        self.path("ca.pem")
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }
}
