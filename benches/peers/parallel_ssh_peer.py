"""parallel-ssh over libssh2: one connection a host, a pool as large as the fleet, one command after the other on all hosts.

The library offers no way to pin the key exchange; the servers of the bench offer only one.

usage: parallel_ssh_peer.py JOB USER KEY KNOWN_HOSTS
"""

import resource
import sys
import time

from pssh.clients import ParallelSSHClient
from pssh.config import HostConfig


def job(path):
    hosts, commands = [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            kind, rest = line.rstrip("\n").split(" ", 1)
            if kind == "host":
                address, port = rest.split(" ")
                hosts.append((address, int(port)))
            else:
                commands.append(rest)
    return hosts, commands


def main(path, user, key, _known_hosts):
    hosts, commands = job(path)
    client = ParallelSSHClient(
        [address for address, _ in hosts],
        user=user,
        pkey=key,
        pool_size=len(hosts),
        host_config=[HostConfig(port=port) for _, port in hosts],
        identity_auth=False,
        allow_agent=False,
    )
    count = 0
    for command in commands:
        output = client.run_command(command)
        client.join(output)
        for host in output:
            count += 1 if list(host.stdout) and host.exit_code == 0 else 0
    return count


def processor():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


wall, cpu = time.perf_counter(), processor()
count = main(*sys.argv[1:])
print(f"answers={count} wall={time.perf_counter() - wall:.4f} cpu={processor() - cpu:.4f}")
