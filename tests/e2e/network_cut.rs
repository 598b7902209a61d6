//! The network of the management host goes: every Target is lost, one after the other, and people are called once.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use crate::support::alertmanager::Alertmanager;
use crate::support::cli::Home;
use crate::support::daemon::until;
use crate::support::network::Network;
use crate::support::receiver::Receiver;
use crate::support::running::{told, watch};
use crate::support::zabbix_api::ZabbixApi;

/// Every Target, one after the other within ten seconds.
const CHECK: &str = "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: zabbix}\nspec: {intent: check_zabbix_container_health, \
                     interval: 10s, targetSelector: {matchLabels: {site: lab}}}\n";
/// Hosts on the other side of the cable.
const HOSTS: usize = 12;

fn targets(server: &ZabbixApi) -> String {
    let mut text = String::new();
    for host in 0..HOSTS {
        let (address, port) = (address(host), server.port);
        write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: web-{host:02}, labels: {{site: lab}}}}\n\
             spec: {{type: Host, connections: [{{name: zabbix, http: {{baseURL: \"http://{address}:{port}\"}}}}]}}\n",
        )
        .unwrap();
    }
    text
}

fn address(host: usize) -> String {
    format!("192.0.2.{}", 10 + host)
}

fn phases(receiver: &Receiver) -> Vec<(String, String)> {
    let told = |body: serde_json::Value| {
        let name = body["incident"]["escalation"].as_str().unwrap_or_default();
        (body["phase"].as_str().unwrap().to_owned(), name.split('.').next().unwrap_or_default().to_owned())
    };
    receiver.accepted().iter().map(|request| told(request.json())).collect()
}

#[test]
fn a_cut_of_our_own_network_is_one_call_and_nobody_is_called_before() {
    let (management, site) = (Network::new(), Network::new());
    let there: Vec<String> = (0..HOSTS).map(|host| format!("{}/24", address(host))).collect();
    management.plug("192.0.2.1/24", &site, &there);
    let server = site.inside(|| ZabbixApi::start_at(Ipv4Addr::UNSPECIFIED, "6.0.14", 0));
    // Who is told is on the management host: the cut does not silence it.
    let receiver = management.inside(|| Receiver::start(&[]));
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().to_owned();
    let alerts = management.start(move || Alertmanager::start(&path));

    let home = Home::new();
    home.write("check.yaml", CHECK);
    home.write("targets.yaml", &targets(&server));
    let sink = |name: &str, spec: String| {
        format!("---\napiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: {name}}}\nspec: {spec}\n")
    };
    let sinks = [
        sink("hook", format!("{{webhook: {{url: \"{}\"}}}}", receiver.url())),
        sink("ops", format!("{{alertmanager: {{urls: [\"{}\"]}}}}", alerts.url())),
    ];
    home.write("sinks.yaml", &sinks.concat());
    let _daemon = management.inside(|| watch(&home));
    until("every host to be seen", 90, || {
        let seen = home.tecrax("get observations").out.matches(" healthy ").count();
        (seen == HOSTS).then_some(())
    });

    management.set("down");
    until("a call", 90, || (!receiver.accepted().is_empty()).then_some(()));
    // By now the others are lost, too.
    until("every host to be lost", 60, || {
        let lost = home.tecrax("get escalations").out.matches("Suppressed/PartOfGroup").count();
        (lost == HOSTS).then_some(())
    });
    assert_eq!(phases(&receiver), [("firing".to_owned(), "group".to_owned())], "{}", told(&home));
    let alert = management.inside(|| alerts.alerts());
    assert_eq!(alert.len(), 1, "{alert:#?}");
    assert!(alert[0]["annotations"]["summary"].as_str().unwrap().contains("targets give no answer"), "{alert:#?}");

    management.set("up");
    until("the end of it", 90, || (phases(&receiver).len() > 1).then_some(()));
    until("every matter to be over", 60, || (!home.tecrax("get escalations").out.contains("web-")).then_some(()));
    let told: BTreeSet<String> = phases(&receiver).into_iter().map(|(phase, name)| format!("{phase} {name}")).collect();
    assert_eq!(told, BTreeSet::from(["firing group".to_owned(), "resolved group".to_owned()]));
    until("Alertmanager to know", 30, || management.inside(|| alerts.alerts()).is_empty().then_some(()));
}
