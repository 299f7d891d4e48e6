#!/bin/sh
# Starts Canaille with one-time codes in place of keys, in the foreground: start.sh [PORT]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
FACTORS=${FACTORS:-password,otp}
export FACTORS
exec "$here/../canaille/start.sh" "${1:-${PORT:-8106}}"
