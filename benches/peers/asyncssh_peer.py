"""One asyncssh connection a host, all hosts at once, the commands of a host one after the other.

usage: asyncssh_peer.py JOB USER KEY KNOWN_HOSTS
"""

import asyncio
import resource
import sys
import time

import asyncssh


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


async def read(host, commands, user, key, known_hosts):
    address, port = host
    async with asyncssh.connect(
        address,
        port,
        username=user,
        client_keys=[key],
        known_hosts=known_hosts,
        kex_algs=["curve25519-sha256"],
        agent_path=None,
        config=None,
    ) as connection:
        return [(await connection.run(command, check=True)).stdout for command in commands]


async def main(path, user, key, known_hosts):
    hosts, commands = job(path)
    answers = await asyncio.gather(*(read(host, commands, user, key, known_hosts) for host in hosts))
    return sum(1 for host in answers for answer in host if answer)


def processor():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


wall, cpu = time.perf_counter(), processor()
count = asyncio.run(main(*sys.argv[1:]))
print(f"answers={count} wall={time.perf_counter() - wall:.4f} cpu={processor() - cpu:.4f}")
