#!/bin/sh
# Starts the portal in the foreground: start.sh [PORT]
# The first start installs its packages beside this file's `target` of the workspace.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=${VENV:-$here/../../target/deployments/betterauth}
PORT=${1:-${PORT:-8107}}
export PORT
mkdir -p "$place"
if ! cmp -s "$here/package.json" "$place/installed"; then
    cp "$here/package.json" "$place/package.json"
    npm install --prefix "$place" --no-audit --no-fund --no-package-lock --omit=dev --loglevel=error >&2
    cp "$here/package.json" "$place/installed"
fi
# Node.js looks for packages beside the program.
cp "$here/portal.mjs" "$place/portal.mjs"
exec node "$place/portal.mjs"
