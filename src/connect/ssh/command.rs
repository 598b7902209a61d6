//! The exact bytes of a remote command. Final: forced commands on targets compare against them.

/// Characters that every POSIX shell takes literally.
fn is_safe(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_@%+=:,./-".contains(character)
}

/// The remote command of an argv: its elements joined by one space, each unchanged when it is not empty and has only ASCII
/// letters, digits and `_ @ % + = : , . / -`, otherwise in single quotes with every `'` written as `'"'"'`.
///
/// Nothing is put in front (no `LC_ALL=`, no `PATH=`, no `exec`): the bytes are those of the shape and nothing else, so a
/// target can list them. Shapes ask in ways that do not depend on the locale.
pub fn remote_command(argv: &[String]) -> String {
    argv.iter().map(|argument| quote(argument)).collect::<Vec<_>>().join(" ")
}

/// One argument as a shell reads it back.
pub(super) fn quote(argument: &str) -> String {
    if !argument.is_empty() && argument.chars().all(is_safe) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r#"'"'"'"#))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use proptest::prelude::*;

    use super::remote_command;

    fn argv(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn the_bytes_are_final() {
        for (parts, bytes) in [
            (&["uname", "-srm"][..], "uname -srm"),
            (&["df", "-P", "/"], "df -P /"),
            (&["systemctl", "show", "a@b.service", "-p", "X,Y"], "systemctl show a@b.service -p X,Y"),
            (&["printf", ""], "printf ''"),
            (&["sh", "-c", "exit 3"], "sh -c 'exit 3'"),
            (&["echo", "it's"], r#"echo 'it'"'"'s'"#),
            (&["echo", "$HOME", "~", "a*b"], "echo '$HOME' '~' 'a*b'"),
            (&["echo", "naïve"], "echo 'naïve'"),
            (&["date", "+%s"], "date +%s"),
        ] {
            assert_eq!(remote_command(&argv(parts)), bytes);
        }
    }

    proptest! {
        /// A POSIX shell reads back exactly the arguments that went in.
        #[test]
        #[expect(clippy::disallowed_methods, reason = "the shell itself is asked")]
        fn a_shell_reads_the_same_arguments_back(parts in prop::collection::vec("[^\\x00]{0,12}", 1..5)) {
            let mut argv = vec!["printf".to_owned(), "%s\\000".to_owned()];
            argv.extend(parts.iter().cloned());
            let output = std::process::Command::new("/bin/sh").arg("-c").arg(remote_command(&argv)).output().unwrap();
            let read: Vec<u8> = parts.iter().flat_map(|part| part.bytes().chain([0])).collect();
            prop_assert_eq!(output.stdout, read);
        }
    }
}
