#!/bin/sh
# What a container engine does, in little: container.sh ROOT TREE DATA VENV BASE COMMAND...
# A process of its own namespaces, in a root made of the machine's system folders, of BASE (its Python), and of TREE,
# VENV and DATA where the Dockerfile has them. Nobody can write to it but in /data and /tmp, and nobody in it is root.
set -eu
root=$1 tree=$2 data=$3 venv=$4 base=$5
shift 5

if [ "${INSIDE:-}" != yes ]; then
    INSIDE=yes exec unshare --mount --pid --ipc --fork --kill-child "$0" "$root" "$tree" "$data" "$venv" "$base" "$@"
fi

place() { # a folder of this machine at a place in the root, not to be written to
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
}

mount -t tmpfs -o mode=755 tmpfs "$root"
for folder in /bin /etc /lib /lib64 /sbin /usr; do
    if [ -L "$folder" ]; then cp -d "$folder" "$root"; elif [ -d "$folder" ]; then place "$folder" "$folder"; fi
done
place "$base" "$base"
place "$tree" /opt/glassbox
place "$venv" /opt/libraries
mkdir "$root/data" "$root/tmp" "$root/proc" "$root/dev"
mount --bind "$data" "$root/data"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o size=256m,mode=1777 tmpfs "$root/tmp"
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --bounding-set=-all "$@"
