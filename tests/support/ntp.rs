//! Time daemons on a host with systemd: ntpsec's ntpd that follows a chronyd on an address of the same host, or chronyd alone. The
//! host may not set its clock, and chronyd is told not to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use crate::support::systemd_host::{Builder, Host};

/// Stratum of the chronyd that is followed.
pub const STRATUM: u64 = 5;

/// ntpsec as a service, and a chronyd that it follows, which is no unit of a known daemon.
pub fn ntpsec() -> Builder {
    let host = Host::of("trixie").unpack("ntpsec").unpack("python3-ntp").unpack("chrony");
    // ntpd listens where nothing else does, and answers questions about itself on this machine.
    let ntpd = "interface ignore wildcard\ninterface listen 127.0.0.1\ninterface listen ::1\ninterface listen 192.0.2.1\n\
                restrict default nomodify noquery\nrestrict 127.0.0.1\nrestrict ::1\nrestrict 192.0.2.2 nomodify\n\
                disable kernel\nserver 192.0.2.2 iburst minpoll 3 maxpoll 3\n";
    host.file("etc/ntp.test.conf", ntpd)
        .file("etc/chrony.test.conf", &chrony("192.0.2.2"))
        .service("ntpsec", "/usr/sbin/ntpd -n -c /etc/ntp.test.conf")
        .service("reference", "/usr/sbin/chronyd -d -x -u root -f /etc/chrony.test.conf")
}

/// chronyd as a service, without ntpq.
pub fn chronyd() -> Builder {
    Host::of("trixie")
        .unpack("chrony")
        .file("etc/chrony.test.conf", &chrony("192.0.2.1"))
        .service("chrony", "/usr/sbin/chronyd -d -x -u root -f /etc/chrony.test.conf")
}

/// Serves its own clock, whatever it is.
fn chrony(address: &str) -> String {
    format!(
        "bindaddress {address}\nallow 192.0.2.0/24\nlocal stratum {STRATUM}\ncmdport 0\nbindcmdaddress /run/chrony/test.sock\n\
         pidfile /run/chrony.test.pid\n"
    )
}
