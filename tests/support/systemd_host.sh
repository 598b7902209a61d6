# First process of a host's namespaces: a throw-away layer over the image, networks and control groups of its own, then systemd.
#   systemd_host.sh FOLDER IMAGE GROUP NAME
set -e
folder=$1 image=$2 group=$3 name=$4
mount --make-rprivate /
ip link set lo up
# ntpd takes no time from 127.0.0.0/8. These are addresses for documentation, and nobody else is in this network.
ip address add 192.0.2.1/24 dev lo
ip address add 192.0.2.2/24 dev lo
mount -t tmpfs -o size=512m tmpfs "$folder/mnt"
mkdir "$folder/mnt/upper" "$folder/mnt/work" "$folder/mnt/root"
mount -t overlay -o "lowerdir=$image,upperdir=$folder/mnt/upper,workdir=$folder/mnt/work" overlay "$folder/mnt/root"
cp -a "$folder/files/." "$folder/mnt/root/"
mount -t cgroup2 none /sys/fs/cgroup
mkdir "/sys/fs/cgroup/$group"
echo $$ >"/sys/fs/cgroup/$group/cgroup.procs"
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
# Not among what a container may: setting the clock.
exec systemd-nspawn -q -D "$folder/mnt/root" --register=no --keep-unit -M "$name" --drop-capability=CAP_SYS_TIME -b
