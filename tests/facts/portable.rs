//! What tools of many systems print, and what is made of it.
//!
//! Inputs marked "constructed" were put together from the documented format of a tool on a system that does not run here; the
//! source stands beside each.

use serde_json::{Value, json};
use tecrax::facts::{self, Context, Reading, Readings};

fn inventory(step: &str, text: &str) -> Value {
    let readings = Readings::from([(step.to_owned(), Reading::taken(text))]);
    facts::normalizer("normalize_basic_host_inventory").unwrap()(&readings, &Context { target: "web-07" }).unwrap()
}

/// Device, mount point, blocks, used, available of the root file system.
fn root(df: &str) -> (String, String, [Option<u64>; 3]) {
    let facts = inventory("read_filesystem_usage", df);
    let root = &facts["root_filesystem"];
    let text = |key: &str| root[key].as_str().unwrap().to_owned();
    (text("filesystem"), text("mounted_on"), ["blocks_1024", "used_1024", "available_1024"].map(|key| root[key].as_u64()))
}

const HEADER: &str = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n";

#[test]
fn facts_portable_df_rows() {
    let numbers = [Some(100), Some(60), Some(40)];
    for (system, row, device, mount) in [
        ("Debian 12", "/dev/vda1 100 60 40 60% /\n", "/dev/vda1", "/"),
        ("busybox 1.35", "/dev/vda             100    60  40  60% /\n", "/dev/vda", "/"),
        ("overlay", "overlay 100 60 40 60% /\n", "overlay", "/"),
        ("zfs", "rpool/ROOT/debian-1 100 60 40 60% /\n", "rpool/ROOT/debian-1", "/"),
        ("nfs", "nas.example.net:/export/root 100 60 40 60% /\n", "nas.example.net:/export/root", "/"),
        ("nfs over IPv6", "[2001:db8::1]:/export 100 60 40 60% /\n", "[2001:db8::1]:/export", "/"),
        ("a device with blanks", "//nas/my share 100 60 40 60% /\n", "//nas/my share", "/"),
        ("a device that ends like a share", "//nas/50% /full 100 60 40 60% /\n", "//nas/50% /full", "/"),
        ("a device that is a number", "9 100 60 40 60% /\n", "9", "/"),
        (
            "busybox wraps long devices",
            "/dev/mapper/a-very-long-name-of-a-volume\n       100 60 40 60% /\n",
            "/dev/mapper/a-very-long-name-of-a-volume",
            "/",
        ),
        ("a blank in the mount point", "/dev/sdb1 100 60 40 60% /srv/my data\n", "/dev/sdb1", "/srv/my data"),
        ("a share in the mount point", "/dev/sdb1 100 60 40 60% /srv/10% /left\n", "/dev/sdb1", "/srv/10% /left"),
        ("Windows line ends", "/dev/vda1 100 60 40 60% /\r\n", "/dev/vda1", "/"),
    ] {
        assert_eq!(root(&format!("{HEADER}{row}")), (device.to_owned(), mount.to_owned(), numbers), "{system}");
    }
}

/// Constructed: the headers of coreutils' translations (po files of coreutils 9.1) over the row of Debian 12.
#[test]
fn facts_portable_df_headers_in_any_language() {
    for header in [
        "Dateisystem    1024-Blöcke Benutzt Verfügbar Kapazität Eingehängt auf",
        "Sys. de fichiers blocs de 1024 Utilisé Disponible Capacité Monté sur",
        "ファイルシス   1024-ブロック    使用   使用可 容量 マウント位置",
        "Файловая система 1024-блоков Использовано Доступно Ёмкость Смонтировано в",
        "",
    ] {
        let (device, mount, _) = root(&format!("{header}\n/dev/vda1 100 60 40 60% /\n"));
        let wanted = if header.is_empty() { ("", "") } else { ("/dev/vda1", "/") };
        assert_eq!((device.as_str(), mount.as_str()), wanted, "{header}");
    }
}

#[test]
fn facts_portable_df_of_several_rows_takes_the_root() {
    let rows = "/dev/vda1 100 60 40 60% /\ntmpfs 9 1 8 12% /run\n//nas/a b 7 1 6 15% /srv/x y\n";
    assert_eq!(root(&format!("{HEADER}{rows}")), ("/dev/vda1".to_owned(), "/".to_owned(), [Some(100), Some(60), Some(40)]));
}

fn memory(text: &str) -> Value {
    inventory("read_memory_summary", text)["memory_mib"].clone()
}

/// `/proc/meminfo` names every value: neither options of `free` nor a locale can change it.
#[test]
fn facts_portable_meminfo_of_many_kernels() {
    let full = json!({"total": 4, "used": 1, "free": 2, "shared": 0, "buff_cache": 1, "available": 3});
    let usual = "MemTotal:           4096 kB\nMemFree:            2048 kB\nMemAvailable:       3072 kB\nBuffers:             512 kB\n\
                 Cached:              512 kB\nSwapCached:            0 kB\nShmem:                 8 kB\nSReclaimable:          0 kB\n";
    assert_eq!(memory(usual), full);
    // Constructed: lines in another order and lines of other kernels between them, proc(5).
    let mut lines: Vec<&str> = usual.lines().collect();
    lines.reverse();
    let mixed =
        format!("HugePages_Total:       0\nVmallocTotal:   34359738367 kB\n{}\nDirectMap4k:      9 kB\n", lines.join("\n"));
    assert_eq!(memory(&mixed), full);
    // Constructed: no blank before the unit, as some vendor kernels print.
    assert_eq!(memory("MemTotal: 4096 kB\nMemFree: 2048 kB\n")["total"], 4);
    assert_eq!(memory("")["total"], Value::Null);
    assert_eq!(memory("MemTotal: kB\n")["total"], Value::Null);
}

/// Recorded readings hold `free -m`. Its columns shift with `-w` and its labels are translated: what it does not surely say stays
/// open, and nothing takes a value from another column.
#[test]
fn facts_portable_free_never_says_a_wrong_value() {
    let wide = "               total        used        free      shared     buffers       cache   available\n\
                Mem:           15988        4123        1789         214         321        9754       11321\n";
    let said = memory(wide);
    assert_eq!((&said["total"], &said["used"], &said["free"]), (&json!(15988), &json!(4123), &json!(1789)));
    assert_eq!((&said["shared"], &said["buff_cache"]), (&Value::Null, &Value::Null));
    let german = "               gesamt       benutzt     frei      gemns.  Puffer/Cache verfügbar\nSpeicher:      15988        4123        1789\n";
    assert_eq!(memory(german)["total"], Value::Null);
}

/// Constructed: os-release(5), with the fields of the systems' published files.
#[test]
fn facts_portable_os_release_of_systems_that_do_not_run_here() {
    for (text, id, version) in [
        (
            "NAME=\"Rocky Linux\"\nVERSION=\"9.4 (Blue Onyx)\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"\nPRETTY_NAME=\"Rocky Linux 9.4 (Blue Onyx)\"\n",
            "rocky",
            "9.4",
        ),
        (
            "PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n",
            "ubuntu",
            "24.04",
        ),
        ("NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n", "alpine", "3.20.3"),
        ("NAME=\"Arch Linux\"\nPRETTY_NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n", "arch", ""),
    ] {
        let os = inventory("read_os_release", text)["os"].clone();
        assert_eq!((os["id"].as_str().unwrap(), os["version_id"].as_str().unwrap()), (id, version), "{text}");
    }
}
