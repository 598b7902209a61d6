//! Zabbix itself: what the checks say of a server of Debian's packages.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "support/daemon.rs"]
mod daemon;
#[path = "support/zabbix.rs"]
mod zabbix;

use daemon::until;
use serde_json::{Value, json};
use zabbix::Zabbix;

#[test]
fn story() {
    let t = std::time::Instant::now();
    let mut zabbix = Zabbix::start();
    eprintln!("started {:?}", t.elapsed());
    eprintln!("{:?}", zabbix.ask_with("apiinfo.version", &json!({}), ""));
    let token = zabbix.token("t");
    eprintln!("{:?}", zabbix.ask_with("problem.get", &json!({"countOutput": true}), &token));
    eprintln!("{:?}", zabbix.ask_with("problem.get", &json!({"countOutput": true}), &"0".repeat(64)));
    eprintln!("{:?}", t.elapsed());
    prepare(&zabbix);
    eprintln!("prepared {:?}", t.elapsed());
    zabbix.send("trap", "value", "1");
    until("a problem", 30, || (zabbix.call("problem.get", &json!({"countOutput": true})) == "1").then_some(()));
    eprintln!("problem {:?}", t.elapsed());
    for n in ["0", "1", "2"] {
        eprintln!("{n} {}", zabbix.call("hostinterface.get", &json!({"countOutput": true, "filter": {"available": n, "type": "1", "main": "1"}})));
    }
    std::thread::sleep(std::time::Duration::from_secs(12)); eprintln!("{}", zabbix.logs());
    for i in zabbix.call("hostinterface.get", &json!({"output": "extend"})).as_array().unwrap() { eprintln!("{i}"); }
    for i in zabbix.call("item.get", &json!({"output": ["hostid", "key_", "status", "state", "error", "lastclock", "delay", "interfaceid"], "monitored": true})).as_array().unwrap() { eprintln!("{i}"); }
    until("unavailable", 30, || (zabbix.call("hostinterface.get", &json!({"countOutput": true, "filter": {"available": "2"}})) == "1").then_some(()));
    eprintln!("unavailable {:?}", t.elapsed());
    for n in ["0", "1", "2"] {
        eprintln!("{n} {}", zabbix.call("hostinterface.get", &json!({"countOutput": true, "filter": {"available": n, "type": "1", "main": "1"}})));
    }
    zabbix.stop_database();
    eprintln!("{:?}", zabbix.post(r#"{"jsonrpc":"2.0","method":"apiinfo.version","params":{},"id":1}"#));
    eprintln!("{:?}", zabbix.post(&format!(r#"{{"jsonrpc":"2.0","method":"problem.get","params":{{"countOutput":true}},"id":1,"auth":"{token}"}}"#)));
    zabbix.start_database();
    eprintln!("{:?}", zabbix.post(&format!(r#"{{"jsonrpc":"2.0","method":"problem.get","params":{{"countOutput":true}},"id":1,"auth":"{token}"}}"#)));
    eprintln!("end {:?}\n{}", t.elapsed(), zabbix.logs());
}

/// Hosts `trap` without an interface, `up` and `down` with an agent that answers and one that does not; Zabbix's own host is disabled.
fn prepare(zabbix: &Zabbix) {
    let group = zabbix.call("hostgroup.create", &json!({"name": "test"}))["groupids"][0].clone();
    let own = zabbix.call("host.get", &json!({"output": ["hostid"]}));
    for host in own.as_array().unwrap() {
        zabbix.call("host.update", &json!({"hostid": host["hostid"], "status": 1}));
    }
    let trap = zabbix.call("host.create", &json!({"host": "trap", "groups": [{"groupid": group}]}))["hostids"][0].clone();
    zabbix.call("item.create", &json!({"hostid": trap, "name": "value", "key_": "value", "type": 2, "value_type": 3, "delay": 0}));
    zabbix.call("trigger.create", &json!({"description": "value is set", "expression": "last(/trap/value)>0", "priority": 4}));
    for (name, port) in [("up", zabbix.agent_port), ("down", daemon::free_port())] {
        let interface: Value =
            json!([{"type": 1, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "", "port": port.to_string()}]);
        let made = zabbix.call("host.create", &json!({"host": name, "groups": [{"groupid": group}], "interfaces": interface}));
        let host = made["hostids"][0].clone();
        let id = zabbix.call("hostinterface.get", &json!({"hostids": host, "output": ["interfaceid"]}))[0]["interfaceid"].clone();
        zabbix.call(
            "item.create",
            &json!({"hostid": host, "interfaceid": id, "name": "ping", "key_": "agent.ping", "type": 0, "value_type": 3, "delay": "1s"}),
        );
    }
}
