//! OpenSSH configurations and Ansible inventories become Targets and TargetSets.
#![allow(clippy::format_collect, reason = "inputs of a few thousand lines")]

use std::path::Path;

use crate::support::cli::{Ended, Home, settings};

const CONFIG: &str = include_str!("../fixtures/import/ssh_config");
const INI: &str = include_str!("../fixtures/import/inventory.ini");
const YAML: &str = include_str!("../fixtures/import/inventory.yaml");
const LISTING: &str = include_str!("../fixtures/import/listing.json");
const CHECK: &str = "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: inventory}\n\
                     spec: {intent: collect_basic_host_inventory, targetSelector: {}}\n";

fn home(name: &str, text: &str) -> Home {
    let home = Home::new();
    std::fs::write(home.path(name), text).unwrap();
    home
}

/// Imports, validates with a Check over everything, and gives back what was said and written.
fn import(home: &Home, line: &str, file: &str) -> (Ended, String) {
    let ended = home.tecrax(&format!("{line} -o out"));
    assert_eq!(ended.code, 0, "{ended:?}");
    std::fs::write(home.path("out/check.yaml"), CHECK).unwrap();
    let validated = home.tecrax("validate out");
    assert_eq!(validated.code, 0, "{validated:?}");
    let plan = home.tecrax("plan out");
    assert_eq!(plan.code, 0, "{plan:?}");
    let text = std::fs::read_to_string(home.path("out").join(file)).unwrap();
    (ended, text)
}

#[test]
fn an_ssh_configuration_becomes_target_sets() {
    let home = home("config", CONFIG);
    std::fs::create_dir_all(home.path(".ssh/conf.d")).unwrap();
    std::fs::write(home.path(".ssh/conf.d/10-lab"), "Host lab-*\n  User lab\nHost lab-1 lab-2\n").unwrap();
    let (ended, text) = import(&home, "import ssh-config config", "ssh-config.yaml");
    settings(home.dir.path(), false).bind(|| insta::assert_snapshot!("ssh_config", format!("{}{text}", ended.screen())));
    // Suspended: what only a ProxyCommand reaches.
    assert!(home.tecrax("validate out").err.contains("0 errors"), "{ended:?}");
}

#[test]
fn an_inventory_becomes_target_sets_in_whatever_form_it_is() {
    let ini = home("inventory.ini", INI);
    let (ended, text) = import(&ini, "import ansible inventory.ini", "ansible.yaml");
    settings(ini.dir.path(), false).bind(|| insta::assert_snapshot!("ansible_ini", format!("{}{text}", ended.screen())));
    let without_comments = |text: &str| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    // The key file is relative to the inventory in all of them.
    let same = |text: &str, home: &Home| without_comments(&text.replace(home.dir.path().to_str().unwrap(), "HOME"));
    let expected = same(&text, &ini);
    for (name, text) in [("inventory.yaml", YAML), ("listing.json", LISTING)] {
        let home = home(name, text);
        let (_, text) = import(&home, &format!("import ansible {name}"), "ansible.yaml");
        assert_eq!(same(&text, &home), expected, "{name}");
    }
}

#[test]
fn what_is_secret_in_an_inventory_is_not_read() {
    const CANARY: &str = "canary-4711-hunter2";
    let vault = "!vault |\n            $ANSIBLE_VAULT;1.1;AES256\n            6363616e6172792d34373131";
    let yaml = format!(
        "all:\n  vars:\n    ansible_password: {CANARY}\n    api_token: {CANARY}\n    ansible_user: {vault}\n  hosts:\n    a:\n      ansible_ssh_pass: \"{CANARY}\"\n      \
         ansible_ssh_common_args: -o SetEnv=TOKEN={CANARY}\n"
    );
    let ini = format!(
        "a ansible_password={CANARY} other_secret={CANARY} ansible_user='password={CANARY}'\n[all:vars]\ntoken={CANARY}\n"
    );
    for (name, text) in [("i.yaml", yaml), ("i.ini", ini)] {
        let home = home(name, &text);
        let (ended, written) = import(&home, &format!("import ansible {name} --report report.json"), "ansible.yaml");
        let report = std::fs::read_to_string(home.path("report.json")).unwrap();
        let all = format!("{}{written}{report}", ended.screen());
        assert!(!all.contains("4711") && !all.contains("6363616e"), "{all}");
        assert!(ended.err.contains("nothing logs in with a password"), "{}", ended.err);
    }
}

#[test]
fn hostile_files_are_refused_with_a_line_and_nothing_is_written() {
    let many = |text: &str, number: usize| text.repeat(number);
    for (name, command, text, message) in [
        ("config", "ssh-config", "Host a\n  User \"x\n".to_owned(), "config:2: a quote does not end"),
        ("config", "ssh-config", "Host\n".to_owned(), "config:1: host without an argument"),
        ("config", "ssh-config", "Include config\n".to_owned(), "nested deeper than 16"),
        ("config", "ssh-config", many("Host a b c d e f g h\n", 3_000), "more than 20000 patterns"),
        ("config", "ssh-config", (0..6_000).map(|n| format!("Host h{n}\n")).collect(), "more than 5000 hosts"),
        ("inv", "ansible", "[a:children]\nb\n[b:children]\na\n".to_owned(), "is a child of itself"),
        ("inv", "ansible", "web[1:99999999]\n".to_owned(), "inv:1"),
        ("inv", "ansible", "[web]\na b c\n".to_owned(), "inv:2"),
        ("inv", "ansible", (0..600).map(|n| format!("[g{n}]\n")).collect(), "more than 500 groups"),
        // Small files that would mean much: a value at each of ten thousand hosts, long names, tokens that hold what holds tokens.
        (
            "inv",
            "ansible",
            format!("h[0:9999]\n[all:vars]\nansible_ssh_common_args={}\n", many("x", 3_000_000)),
            "inv:3: the value of ansible_ssh_common_args is longer than 4096 bytes",
        ),
        ("inv", "ansible", format!("h[0:9999] ansible_user={}\n", many("x", 3_000_000)), "longer than 4096 bytes"),
        ("inv", "ansible", format!("{}[0:9999]\n", many("x", 3_000_000)), "inv:1: a name of more than 512 bytes"),
        ("inv.yaml", "ansible", format!("all:\n  hosts:\n    {}[0:9999]:\n", many("x", 900)), "more than 512 bytes"),
        ("inv", "ansible", "$ANSIBLE_VAULT;1.1;AES256\n616263\n".to_owned(), "none is opened"),
        ("inv", "ansible", "#!/bin/sh\necho\n".to_owned(), "it is a program"),
        ("inv.yaml", "ansible", "all: &a\n  children: *a\n".to_owned(), "anchors and aliases are not read"),
        ("inv.yaml", "ansible", "all: [1, 2]\n".to_owned(), "a group is a mapping"),
        ("inv.json", "ansible", many("[", 5_000), "inv.json:1"),
    ] {
        let home = home(name, &text);
        // Include is relative to the directory of the user's own configuration.
        std::fs::create_dir(home.path(".ssh")).unwrap();
        std::fs::write(home.path(".ssh/config"), &text).unwrap();
        let ended = home.tecrax(&format!("import {command} {name} -o out"));
        assert_eq!(ended.code, 65, "{message}: {:.2000}", format!("{ended:?}"));
        assert!(ended.err.contains(message), "{message}: {:.2000}", ended.err);
        assert!(!home.path("out").exists(), "{message}");
    }
    let home = Home::new();
    std::fs::write(home.path("big"), vec![b'#'; 5 * 1024 * 1024]).unwrap();
    std::fs::write(home.path("binary"), [0xff, 0xfe, 0]).unwrap();
    for line in ["ssh-config big", "ansible big", "ssh-config binary", "ansible binary"] {
        assert_eq!(home.tecrax(&format!("import {line} -o out")).code, 74, "{line}");
    }
}

/// A token may stand for a long name, and a value may hold many tokens.
#[test]
fn tokens_do_not_multiply() {
    let text = format!("Host {}\n  HostName {}\n", "a".repeat(400_000), "%h".repeat(200_000));
    let home = home("config", &text);
    let ended = home.tecrax("import ssh-config config -o out");
    assert!(ended.err.contains("HostName holds a token that is not read here, or is too long"), "{:.2000}", ended.err);
}

#[test]
fn no_name_leads_out_of_the_directory_or_out_of_a_comment() {
    let text = "Host ../../etc/passwd a/../../b ..\n  HostName 192.0.2.1\nHost x\"y\" -oProxyCommand=touch\n  User a\u{202e}b\n";
    let home = home("config", text);
    let (_, written) = import(&home, "import ssh-config config", "ssh-config.yaml");
    let names: Vec<String> =
        std::fs::read_dir(home.path("out")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(!Path::new(&home.path("etc")).exists() && !written.contains("..") && !written.contains('\u{202e}'), "{written}");
    let inventory = home_with_breaks();
    let (_, written) = import(&inventory, "import ansible i.yaml", "ansible.yaml");
    assert!(!written.contains("kind: Evil"), "{written}");
}

fn home_with_breaks() -> Home {
    home(
        "i.yaml",
        "all:\n  hosts:\n    \"a\\n---\\nkind: Evil\": {ansible_host: h.example.net, ansible_user: \"u\\nkind: Evil\"}\n",
    )
}

/// 2,500 hosts: as many sets as the bounds of a document need.
#[test]
fn a_large_inventory_is_split() {
    let common: String = (0..12).map(|group| format!("[g{group}]\nweb[0001:2500]\n")).collect();
    // Of these no two neighbours have a label in common, so that every item has its own twelve.
    let own: String = (0..24).map(|group| format!("[g{group}]\nweb[000{}:2500:2]\n", 1 + group % 2)).collect();
    for (inventory, sets) in [(common, 3), (own, 5)] {
        let home = home("i.ini", &inventory);
        let (ended, text) = import(&home, "import ansible i.ini", "ansible.yaml");
        assert_eq!(text.matches("kind: TargetSet").count(), sets, "{}", ended.err);
        assert_eq!(text.matches("- name: web").count(), 2_500);
        let validated = home.tecrax("validate out");
        assert!(validated.err.contains("2500 pairs can run"), "{validated:?}");
    }
}
