//! What an argv may never be. The list of shapes is closed already; this is the second look that a change of the profile gets.

/// Most arguments of one shape, the program included.
pub(super) const MAX_ARGUMENTS: usize = 64;
/// Longest argument, in bytes.
pub(super) const MAX_ARGUMENT_BYTES: usize = 1024;

/// Programs that run other programs, gain rights, or exist to change something.
const FORBIDDEN_PROGRAMS: &[&str] = &[
    // shells and interpreters
    "sh",
    "bash",
    "dash",
    "ash",
    "zsh",
    "ksh",
    "mksh",
    "fish",
    "csh",
    "tcsh",
    "busybox",
    "toybox",
    "python",
    "python2",
    "python3",
    "perl",
    "ruby",
    "node",
    "lua",
    "php",
    "tclsh",
    "awk",
    "gawk",
    "mawk",
    "sed",
    "expect",
    // programs that run others
    "sudo",
    "doas",
    "su",
    "runuser",
    "pkexec",
    "env",
    "xargs",
    "nohup",
    "setsid",
    "nice",
    "ionice",
    "timeout",
    "chroot",
    "unshare",
    "nsenter",
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "parallel",
    "watch",
    "script",
    "screen",
    "tmux",
    "at",
    "batch",
    "systemd-run",
    "docker-compose",
    "eval",
    "exec",
    // programs that change something
    "rm",
    "mv",
    "cp",
    "dd",
    "ln",
    "tee",
    "touch",
    "truncate",
    "install",
    "mkdir",
    "rmdir",
    "mkfifo",
    "mknod",
    "shred",
    "chmod",
    "chown",
    "chgrp",
    "chattr",
    "setfacl",
    "mount",
    "umount",
    "swapon",
    "swapoff",
    "mkfs",
    "fdisk",
    "parted",
    "kill",
    "pkill",
    "killall",
    "reboot",
    "shutdown",
    "halt",
    "poweroff",
    "init",
    "telinit",
    "service",
    "useradd",
    "userdel",
    "usermod",
    "groupadd",
    "passwd",
    "chpasswd",
    "crontab",
    "modprobe",
    "insmod",
    "rmmod",
    "iptables",
    "ip6tables",
    "nft",
    "ufw",
    "ip",
    "ifconfig",
    "route",
    "apt",
    "apt-get",
    "dpkg",
    "yum",
    "dnf",
    "rpm",
    "zypper",
    "pacman",
    "apk",
    "snap",
    "flatpak",
    "pip",
    "pip3",
    "npm",
    "wget",
    "nc",
    "ncat",
    "socat",
    "telnet",
    "hostnamectl",
    "localectl",
    "loginctl",
    "update-rc.d",
    "chkconfig",
];

/// Of these programs only the listed first words are readings.
const READING_SUBCOMMANDS: &[(&str, &[&str])] = &[
    (
        "systemctl",
        &["show", "is-active", "is-enabled", "is-failed", "is-system-running", "list-units", "list-unit-files", "list-timers"],
    ),
    ("timedatectl", &["show", "status", "timesync-status", "show-timesync"]),
    ("docker", &["ps", "version", "info"]),
    ("chronyc", &["tracking", "sources", "sourcestats"]),
];

/// Of these programs the listed words make something else than a reading.
const FORBIDDEN_WORDS: &[(&str, &[&str])] = &[
    ("find", &["-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "-fprint0", "-fprintf", "-fls"]),
    ("sysctl", &["-w", "--write", "-p", "--load", "--system"]),
    ("hostname", &["-F", "--file", "-b", "--boot"]),
    ("date", &["-s", "--set"]),
    ("curl", &["-X", "--request", "-d", "--data", "-T", "--upload-file", "-F", "--form"]),
];

/// Options of systemctl that reach another machine or act without asking.
const SYSTEMCTL_OPTIONS: &[&str] = &["-H", "--host", "-M", "--machine", "--now", "-f", "--force"];

/// Why `argv` may not be a shape; `None` when it may.
pub(super) fn fault(argv: &[String]) -> Option<String> {
    let Some((program, rest)) = argv.split_first() else {
        return Some("argv is empty".to_owned());
    };
    if argv.len() > MAX_ARGUMENTS {
        return Some(format!("argv has more than {MAX_ARGUMENTS} elements"));
    }
    for argument in argv {
        if argument.len() > MAX_ARGUMENT_BYTES {
            return Some(format!("an argument is longer than {MAX_ARGUMENT_BYTES} bytes"));
        }
        if argument.chars().any(char::is_control) {
            return Some(format!("argument `{}` holds a control character", argument.escape_debug()));
        }
    }
    if rest.iter().any(String::is_empty) {
        return Some("an argument is empty".to_owned());
    }
    let name = program.rsplit('/').next().unwrap_or_default();
    let well_formed = program.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.+-".contains(&byte));
    if name.is_empty() || !well_formed || name.starts_with('-') || program.split('/').any(|part| part == "..") {
        return Some(format!("`{program}` is no program: write a name or an absolute path"));
    }
    if program.contains('/') && !program.starts_with('/') {
        return Some(format!("`{program}` is a relative path: write a name or an absolute path"));
    }
    if FORBIDDEN_PROGRAMS.contains(&name) || name.starts_with("mkfs.") || name.starts_with("python3.") {
        return Some(format!("`{name}` is a shell, runs other programs or exists to change something; a shape may only read"));
    }
    if let Some((_, allowed)) = READING_SUBCOMMANDS.iter().find(|(program, _)| *program == name) {
        let first = rest.iter().find(|word| !word.starts_with('-'));
        if !first.is_some_and(|word| allowed.contains(&word.as_str())) {
            return Some(format!("`{name} {}` is no reading; allowed are {}", first.map_or("", |word| word), allowed.join(", ")));
        }
    }
    let forbidden = FORBIDDEN_WORDS.iter().filter(|(program, _)| *program == name).flat_map(|(_, words)| *words);
    let options = SYSTEMCTL_OPTIONS.iter().filter(|_| name == "systemctl" || name == "timedatectl");
    for word in forbidden.chain(options) {
        if rest.iter().any(|argument| argument == word || argument.strip_prefix(word).is_some_and(|tail| tail.starts_with('='))) {
            return Some(format!("`{name} {word}` is no reading"));
        }
    }
    if name == "sysctl" && rest.iter().any(|argument| argument.contains('=')) {
        return Some("`sysctl` with `=` writes a kernel parameter".to_owned());
    }
    if name == "hostname" && rest.iter().any(|argument| !argument.starts_with('-')) {
        return Some("`hostname` with a name sets it".to_owned());
    }
    None
}
