//! TP-Link SG2452: `show system-info` and `show ip ssh`.

use super::Device;
use super::fields::Fields;

pub(super) fn read(system: &str, ssh: &str) -> Device {
    let (system, ssh) = (Fields::of(system), Fields::of(ssh));
    Device {
        system_name: system.get(&["system name"]).to_owned(),
        system_description: system.get(&["system description"]).to_owned(),
        hardware_version: system.get(&["hardware version"]).to_owned(),
        software_version: system.get(&["software version"]).to_owned(),
        server: ssh.state(&["ssh server"]),
        v1: ssh.state(&["ssh server protocol v1", "protocol v1"]),
        v2: ssh.state(&["ssh server protocol v2", "protocol v2"]),
        idle_timeout: ssh.number(&["ssh idle timeout", "idle timeout"]),
        max_clients: ssh.number(&["ssh max client", "max clients"]),
    }
}
