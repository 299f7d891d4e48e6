#!/bin/sh
# Starts the portal in the foreground: start.sh [PORT]
# The first start makes a Python environment beside this file's `target` of the workspace.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${VENV:-$here/../../target/deployments/flasksec}
PORT=${1:-${PORT:-8102}}
export PORT
if ! cmp -s "$here/requirements.txt" "$venv/installed"; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/installed"
fi
exec "$venv/bin/python" "$here/portal.py"
