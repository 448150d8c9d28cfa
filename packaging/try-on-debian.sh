#!/bin/sh
# Do the steps of the Dockerfile in a bare Debian, where images cannot be pulled, and make a video there.
# Run it as root in a checkout: packaging/try-on-debian.sh [FOLDER]. It needs debootstrap and about 3 GB in FOLDER.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
root=${1:-$(mktemp -d)}
root=$(mkdir -p "$root" && cd "$root" && pwd)
mirror=${DEBIAN_MIRROR:-}

[ -e "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase bookworm "$root" $mirror
# pip and apt find their way out as on this machine.
cp /etc/resolv.conf "$root/etc/resolv.conf"
for settings in /etc/pip.conf /etc/apt/apt.conf.d /etc/ssl/certs; do
    if [ -e "$settings" ]; then
        mkdir -p "$root$(dirname "$settings")"
        cp -rL "$settings" "$root$(dirname "$settings")/"
    fi
done

mkdir -p "$root/src" "$root/proc"
(cd "$source" && git ls-files -z | tar --create --null --files-from=- --file=-) | tar --extract --directory="$root/src"
mount --types proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT

inside() {
    env -i PATH=/opt/pressrun/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/data LANG=C.UTF-8 \
        ${HTTPS_PROXY:+HTTPS_PROXY="$HTTPS_PROXY"} ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} chroot "$@"
}
[ -x "$root/opt/pressrun/bin/pressrun" ] || inside "$root" /src/packaging/install.sh
inside --userspec=pressrun "$root" sh -euc 'cd
    pressrun doctor --offline
    mkdir -p sources
    cp /src/examples/sources/walden.md sources/
    run-pipeline Walden --yes --network off --until render
    ls -l runs/*/video.mp4'
echo "It works. Remove it with: rm -rf $root"
