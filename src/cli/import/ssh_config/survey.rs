//! Settings that are not carried, told once each where they stand.

use super::super::item::{Kind, Report};
use super::sections::{Condition, Config, Setting};

/// Settings that are carried, host by host.
const CARRIED: [&str; 8] =
    ["hostname", "port", "user", "identityfile", "proxyjump", "proxycommand", "userknownhostsfile", "connecttimeout"];
/// Settings that say something about how a connection is made, and have no place in a manifest.
const WITHOUT_PLACE: [&str; 35] = [
    "addkeystoagent",
    "addressfamily",
    "bindaddress",
    "bindinterface",
    "canonicaldomains",
    "canonicalizefallbacklocal",
    "canonicalizehostname",
    "canonicalizemaxdots",
    "canonicalizepermittedcnames",
    "casignaturealgorithms",
    "certificatefile",
    "ciphers",
    "connectionattempts",
    "globalknownhostsfile",
    "gssapiauthentication",
    "hostbasedauthentication",
    "hostkeyalgorithms",
    "identityagent",
    "ignoreunknown",
    "ipqos",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "knownhostscommand",
    "macs",
    "passwordauthentication",
    "pkcs11provider",
    "preferredauthentications",
    "pubkeyacceptedalgorithms",
    "pubkeyauthentication",
    "rekeylimit",
    "remotecommand",
    "requiredrsasize",
    "securitykeyprovider",
    "usekeychain",
    "verifyhostkeydns",
];
/// Settings of interactive use, and those that a tecrax connection has anyway.
const WITHOUT_MEANING: [&str; 34] = [
    "batchmode",
    "checkhostip",
    "clearallforwardings",
    "compression",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "dynamicforward",
    "enableescapecommandline",
    "enablesshkeysign",
    "escapechar",
    "exitonforwardfailure",
    "fingerprinthash",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11trusted",
    "gatewayports",
    "hashknownhosts",
    "identitiesonly",
    "localcommand",
    "localforward",
    "loglevel",
    "nohostauthenticationforlocalhost",
    "numberofpasswordprompts",
    "permitlocalcommand",
    "remoteforward",
    "requesttty",
    "sendenv",
    "serveralivecountmax",
    "serveraliveinterval",
    "setenv",
    "tcpkeepalive",
    "visualhostkey",
];

/// Tells about every setting that is under no left-out Match.
pub(super) fn survey(config: &Config, report: &mut Report) {
    let never = |index: &usize| config.conditions.get(*index).is_some_and(|scope| scope.condition == Condition::Never);
    for section in config.sections.iter().filter(|section| !section.conditions.iter().any(never)) {
        for setting in &section.settings {
            tell(setting, report);
        }
    }
}

fn tell(setting: &Setting, report: &mut Report) {
    let Setting { place, keyword, arguments } = setting;
    let object = report.word(keyword).trim_matches('`').to_owned();
    let first = arguments.first().map_or("", String::as_str);
    let off = matches!(first.to_ascii_lowercase().as_str(), "no" | "off" | "accept-new" | "ask");
    match keyword.as_str() {
        known if CARRIED.contains(&known) => {}
        "stricthostkeychecking" if off => {
            let help = "add the keys first: `tecrax ssh known-hosts HOST`, compared with what the host itself shows";
            report.advise(Kind::Changed, place, &object, "host keys are always verified, and none is trusted on first use", help);
        }
        "stricthostkeychecking" => {}
        "hostkeyalias" => {
            let message = format!("the key is looked up under the address of the host, not under {}", report.word(first));
            report.advise(Kind::NotCarried, place, &object, message, "add a line with the address to known_hosts");
        }
        known if WITHOUT_MEANING.contains(&known) => {
            report.add(Kind::Note, place, &object, "means nothing to checks");
        }
        known if WITHOUT_PLACE.contains(&known) => {
            report.add(Kind::NotCarried, place, &object, "has no place in a manifest");
        }
        _ => report.add(Kind::NotCarried, place, &object, "is no setting that this version knows"),
    }
}
