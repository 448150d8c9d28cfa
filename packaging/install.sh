#!/bin/sh
# Install Pressrun with all extras on Debian 12 or newer: the steps of the Dockerfile, and of packaging/try-on-debian.sh.
# Run it as root in a checkout. It creates the user pressrun, whose home is the workspace /data, and /usr/local/lib/pressrun.
set -eu
cd "$(dirname "$0")/.."

export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
apt-get install --quiet=2 --yes --no-install-recommends ca-certificates python3 python3-venv
rm -rf /var/lib/apt/lists/*

id pressrun >/dev/null 2>&1 || useradd --system --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin pressrun

python3 -m venv /usr/local/lib/pressrun
/usr/local/lib/pressrun/bin/pip install --quiet --no-cache-dir --require-hashes --requirement requirements/all.txt
/usr/local/lib/pressrun/bin/pip install --quiet --no-cache-dir --no-deps .
/usr/local/lib/pressrun/bin/python -m compileall -q /usr/local/lib/pressrun/lib || true  # packages may contain files for other Pythons
