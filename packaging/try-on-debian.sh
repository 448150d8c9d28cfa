#!/bin/sh
# Do the steps of the Dockerfile in a bare Debian, where images cannot be pulled, and make a video there.
# Run it as root in a checkout: packaging/try-on-debian.sh [FOLDER]. It needs debootstrap and about 3 GB in FOLDER.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
root=$(mkdir -p "${1:-pressrun-debian}" && cd "${1:-pressrun-debian}" && pwd)
certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

[ -e "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase bookworm "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}

# Names, proxies and certificates are those of this machine.
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$certificates" "$root/etc/host-certificates.crt"
inside() {
    env -i PATH=/usr/local/lib/pressrun/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/data LANG=C.UTF-8 \
        PIP_CERT=/etc/host-certificates.crt SSL_CERT_FILE=/etc/host-certificates.crt \
        ${HTTPS_PROXY:+HTTPS_PROXY="$HTTPS_PROXY"} ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} chroot "$@"
}

mkdir -p "$root/src" "$root/proc"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
(cd "$source" && git ls-files -z | tar --create --null --files-from=- --file=-) | tar --extract --directory="$root/src"

[ -x "$root/usr/local/lib/pressrun/bin/pressrun" ] || inside "$root" /src/packaging/install.sh
inside --userspec=pressrun "$root" sh -euc 'cd
    pressrun doctor --offline
    mkdir -p sources
    cp /src/examples/sources/walden.md sources/
    run-pipeline Walden --yes --network off --until render
    ls -l runs/*/video.mp4'
echo "It works. Remove it with: rm -rf $root"
