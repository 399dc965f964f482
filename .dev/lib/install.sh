# Installs what a checkout needs: Debian packages, a Python environment, and a check for the Swift toolchain. Each part looks
# first, and does nothing where nothing is missing.

swift_version_needed=6.3

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

# The packages of a list (.dev/packages.txt unless named) that are not installed, one alternative of each ("a | b").
missing_packages() {
    local line name alternatives found
    while IFS= read -r line; do
        line=${line%%#*}
        [[ $line =~ [^[:space:]] ]] || continue
        IFS='|' read -ra alternatives <<<"${line//[[:space:]]/}"
        found=
        for name in "${alternatives[@]}"; do
            if dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed; then
                found=$name
                break
            fi
        done
        [[ $found ]] || echo "${alternatives[*]}"
    done <"${1:-.dev/packages.txt}"
}

# install_packages [LIST]
install_packages() {
    local list=${1:-.dev/packages.txt} missing chosen=() alternatives name line
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        warn "this system has no apt; the proved system is Debian 12. Needed are (by their Debian names): $(
            sed -e 's/#.*//' -e 's/[[:space:]]*$//' "$list" | grep . | paste -sd, | sed 's/,/, /g'
        )"
        return 0
    fi
    missing=$(missing_packages "$list")
    [[ $missing ]] || return 0
    say "missing packages: $(paste -sd' ' <<<"$missing")"
    as_root true || die "installing them needs root or sudo: apt-get install $(awk '{print $1}' <<<"$missing" | paste -sd' ')"
    quietly "apt-get update" as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 update
    while read -r line; do
        read -ra alternatives <<<"$line"
        name=${alternatives[0]}
        for candidate in "${alternatives[@]}"; do
            if apt-cache show --no-all-versions "$candidate" >/dev/null 2>&1; then
                name=$candidate
                break
            fi
        done
        chosen+=("$name")
    done <<<"$missing"
    quietly "apt-get install ${#chosen[@]} packages" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends "${chosen[@]}"
}

install_python() {
    local wanted stamp=.switchboard/venv/requirements
    wanted=Tests/Peers/requirements.txt
    [[ -f $wanted ]] || return 0
    if [[ -f $stamp ]] && cmp -s "$wanted" "$stamp" && .switchboard/venv/bin/python -c '' 2>/dev/null; then return 0; fi
    mkdir -p .switchboard
    quietly "python environment" python3 -m venv --clear .switchboard/venv
    quietly "python packages" .switchboard/venv/bin/pip install --no-input --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$stamp"
}

check_toolchain() {
    local version
    command -v swift >/dev/null || die "no swift on the PATH; Swift $swift_version_needed is needed (https://swift.org/install)"
    version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9.]+$')
    if [[ $(printf '%s\n' "$swift_version_needed" "$version" | sort -V | head -n 1) != "$swift_version_needed" ]]; then
        die "Swift $version is too old; $swift_version_needed is needed"
    fi
}

install_all() {
    check_toolchain
    install_packages
    install_python
}
