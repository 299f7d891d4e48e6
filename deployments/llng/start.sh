#!/bin/sh
# Starts the portal in the foreground: start.sh [PORT]
# The first start installs the Debian packages that packages.txt lists. Ends with 77 where it cannot run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PORT=${1:-${PORT:-8103}}
export PORT

cannot() {
    echo "llng: $1" >&2
    exit 77
}

# The portal is that of one Debian release: LemonLDAP::NG 2.16.
[ -r /etc/os-release ] && . /etc/os-release
[ "${ID:-}-${VERSION_ID:-}" = debian-12 ] || cannot "runs on Debian 12 only, and this is ${PRETTY_NAME:-another system}"
[ "$(id -u)" = 0 ] || cannot "needs root, to install Debian packages"

installed() {
    dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

missing=
while read -r package; do
    installed "$package" || missing="$missing $package"
done < "$here/packages.txt"
if [ -n "$missing" ]; then
    echo "llng: installing Debian packages:$missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=600 update >&2
    # $missing is a list of words.
    # shellcheck disable=SC2086
    apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends $missing >&2
fi
version=$(dpkg-query --show --showformat='${Version}' liblemonldap-ng-portal-perl)
case $version in
2.16.*) ;;
*) cannot "is written for LemonLDAP::NG 2.16, and $version is installed" ;;
esac
exec perl "$here/portal.pl"
