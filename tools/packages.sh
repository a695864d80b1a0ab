# shellcheck shell=bash
# Installs Debian packages. Sourced by ./dev; the lists stand in packages/.

# The packages of the lists, one a line, those for this Debian.
wanted_packages() {
    local version list first rest
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
    for list in "$@"; do
        while read -r first rest; do
            case $first in
                '' | '#'*) ;;
                *"@$version") echo "${first%@*}" ;;
                *@*) echo "$rest" ;;
                *) echo "$first" ;;
            esac
        done <"packages/$list.txt"
    done
}

missing_packages() {
    local package
    comm -13 <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | awk '$1 == "ii" { print $2 }' | sort -u) \
        <(wanted_packages "$@" | sort -u) | while read -r package; do
        # A virtual or a replaced package counts as there.
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || echo "$package"
    done
}

# How to become root: nothing, sudo, or (status 1) not at all.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

can_be_root() {
    [ "$(id -u)" = 0 ] && return
    command -v sudo >/dev/null || return 1
    [ -t 0 ] || sudo -n true 2>/dev/null
}

# Debian starts a service as soon as its package is installed, here redis-server. Foorumi runs a Redis of its own, so
# the system's must neither start now nor at the next boot. A policy that the machine has already is left alone.
install_without_services() {
    local policy=/usr/sbin/policy-rc.d ours=0 status=0
    if [ ! -e "$policy" ]; then
        ours=1
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$@" || status=$?
    if [ $ours = 1 ]; then as_root rm -f "$policy"; fi
    if [ $status = 0 ] && [[ " $* " == *" redis-server "* ]]; then
        as_root update-rc.d redis-server disable >/dev/null 2>&1 || true
    fi
    return $status
}

# need LIST...: sees to it that the packages of the lists are installed; does nothing when they are.
need() {
    if ! command -v dpkg-query >/dev/null; then
        echo "dev: this is not Debian, so nothing is installed; packages/*.txt name what is needed" >&2
        return 0
    fi
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} = 0 ] && return 0
    if ! can_be_root; then
        echo "dev: some packages are missing, and installing them needs root. Run this as root, then try again:" >&2
        echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
        return 1
    fi
    echo "dev: installing ${missing[*]}"
    mkdir -p build
    local log=build/packages.log
    if ! { as_root apt-get -o DPkg::Lock::Timeout=600 update -qq && install_without_services "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        echo "dev: the packages could not be installed; the whole output is in $log" >&2
        return 1
    fi
}
