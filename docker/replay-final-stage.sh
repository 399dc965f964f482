#!/usr/bin/env bash
# replay-final-stage.sh PROGRAM FOLDER [NAME=VALUE...]
#
# Does what the Dockerfile's final stage says, in a debootstrap root below FOLDER instead of an image: its RUN lines in order, its
# COPY with PROGRAM in the builder's place, its USER, ENV and ENTRYPOINT. Then starts the service there with the environment given,
# waits until its healthcheck passes, sends SIGTERM, and looks that it drained. Needs root and debootstrap; no Docker.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
program=$(readlink -f "$1")
folder=$2
shift 2
settings=("$@")
rootfs=$folder/root
suite=bookworm

step() { printf '  image: %s\n' "$*"; }
fail() {
    printf '  image: %s\n' "$*" >&2
    exit 1
}

((EUID == 0)) || fail "a debootstrap root needs root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"

# The final stage, one instruction a line.
mapfile -t instructions < <(sed -e ':a' -e '/\\$/N' -e 's/\\\n//' -e 'ta' "$here/Dockerfile" | awk '/^FROM /{on=0} / AS final$/{on=1} on && NF && !/^#/')
((${#instructions[@]} > 0)) || fail "the Dockerfile has no stage named final"
[[ ${instructions[0]} == "FROM debian:$suite-slim AS final" ]] || fail "the final stage is not from debian:$suite-slim"

# Debian's mirrors, as this machine's apt has them.
mirror_lines() {
    python3 - "$suite" <<'PYTHON'
import glob, sys

suite, lines = sys.argv[1], set()
for path in ["/etc/apt/sources.list", *glob.glob("/etc/apt/sources.list.d/*.list")]:
    try:
        words = [line.split("]")[-1].replace("deb ", "", 1).split() for line in open(path) if line.startswith("deb ")]
    except OSError:
        continue
    lines |= {(word[0], word[1]) for word in words if len(word) > 1}
for path in glob.glob("/etc/apt/sources.list.d/*.sources"):
    for part in open(path).read().split("\n\n"):
        fields = dict(line.split(":", 1) for line in part.splitlines() if ":" in line and line[0] not in "# ")
        if "deb" in fields.get("Types", "").split():
            lines |= {(uri, name) for uri in fields["URIs"].split() for name in fields["Suites"].split()}
for uri, name in sorted(lines):
    if name.startswith(suite) and "debian" in uri:
        print("deb", uri, name, "main")
PYTHON
}

make_root() {
    local mirror
    mirror=$(mirror_lines | awk -v s="$suite" '$3 == s { print $2; exit }')
    if [[ -f $folder/minbase.tar ]]; then
        step "a minimal Debian $suite, from the last replay"
        mkdir -p "$rootfs"
        tar -C "$rootfs" -xf "$folder/minbase.tar"
    else
        step "a minimal Debian $suite from ${mirror:-the default mirror}"
        debootstrap --variant=minbase "$suite" "$rootfs" ${mirror:+"$mirror"} >"$folder/debootstrap.log" 2>&1 ||
            fail "debootstrap failed: $(tail -n 3 "$folder/debootstrap.log")"
        tar -C "$rootfs" -cf "$folder/minbase.tar" .
    fi
    mirror_lines >"$rootfs/etc/apt/sources.list"
    cp /etc/resolv.conf "$rootfs/etc/resolv.conf"
    cp /etc/hosts "$rootfs/etc/hosts"
    # What stands between this machine and the mirrors: proxies, and certificates they sign with.
    for part in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
        if [[ -f $part ]] && grep -qiE 'proxy|cainfo|verify-peer' "$part"; then cp "$part" "$rootfs/etc/apt/apt.conf.d/"; fi
    done
    mount -t proc proc "$rootfs/proc" 2>/dev/null || mount --bind /proc "$rootfs/proc"
}

in_root() { chroot "$rootfs" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

service=
cleanup() {
    if [[ $service ]] && kill -0 "$service" 2>/dev/null; then kill -KILL "$service"; fi
    umount "$rootfs/proc" 2>/dev/null || true
    rm -rf --one-file-system "$rootfs"
}
trap cleanup EXIT

mkdir -p "$folder"
rm -rf --one-file-system "$rootfs"
make_root

user=root environment=() entrypoint=() healthcheck=() packages=()
json_words() { python3 -c 'import json,sys; print("\n".join(json.loads(sys.argv[1])))' "$1"; }
for instruction in "${instructions[@]}"; do
    rest=${instruction#* }
    case $instruction in
    FROM\ * | EXPOSE\ * | STOPSIGNAL\ SIGTERM | CMD\ \[\"serve\"\]) ;;
    RUN\ *)
        step "RUN ${rest:0:100}"
        in_root sh -c "$rest" >"$folder/run.log" 2>&1 || fail "failed: $(tail -n 5 "$folder/run.log")"
        if [[ $rest == *"apt-get install"* ]]; then
            mapfile -t packages < <(grep -oE 'no-install-recommends [^&]*' <<<"$rest" | tr ' ' '\n' | sed 1d | grep .)
        fi
        ;;
    COPY\ --from=build\ *)
        step "$instruction"
        install -D -m 0755 "$program" "$rootfs${instruction##* }"
        ;;
    USER\ *) user=$rest ;;
    ENV\ *) environment+=("$rest") ;;
    HEALTHCHECK\ *) mapfile -t healthcheck < <(json_words "${rest##*CMD }") ;;
    ENTRYPOINT\ *) mapfile -t entrypoint < <(json_words "$rest") ;;
    *) fail "the replay does not know: $instruction" ;;
    esac
done
[[ $user != root ]] || fail "the image would run as root"

# Every library is there, and every package that is installed for a library is one that the program loads.
missing=$(in_root ldd "${entrypoint[0]}" | grep 'not found' || true)
[[ ! $missing ]] || fail "libraries are missing: $missing"
loaded=$(in_root ldd "${entrypoint[0]}")
for package in "${packages[@]}"; do
    [[ $package == lib* || $package == zlib1g ]] || continue
    found=
    for library in $(in_root dpkg -L "$package" | grep -oE '[^/]+\.so\.[0-9]+$'); do
        if grep -q "$library" <<<"$loaded"; then found=1; fi
    done
    if [[ ! $found ]]; then step "note: $package is installed and this program does not load it"; fi
done
if grep -q libswift <<<"$loaded"; then fail "the Swift library is loaded dynamically"; fi

as_user=(
    chroot --userspec="$(in_root id -u "$user"):$(in_root id -g "$user")" "$rootfs" /usr/bin/env -i PATH=/usr/bin:/bin
    "${environment[@]}" "${settings[@]}"
)
step "serve, as $user"
"${as_user[@]}" "${entrypoint[@]}" serve </dev/null >"$folder/service.log" 2>&1 &
service=$!
for ((attempt = 0; ; attempt++)); do
    if "${as_user[@]}" "${healthcheck[@]}" >"$folder/healthcheck.log" 2>&1; then break; fi
    kill -0 "$service" 2>/dev/null || fail "the service ended: $(tail -n 5 "$folder/service.log")"
    ((attempt < 60)) || fail "not healthy after 30 s: $(cat "$folder/healthcheck.log")"
    sleep 0.5
done
owner=$(stat -c %u "/proc/$service")
step "healthcheck passes; process $service belongs to user id $owner"
((owner != 0)) || fail "the service runs as root"
step "SIGTERM"
kill -TERM "$service"
status=0
wait "$service" || status=$?
service=
((status == 0)) || fail "the drain ended with status $status: $(tail -n 5 "$folder/service.log")"
grep -q '"drained"\|drained' "$folder/service.log" || fail "the log does not tell of the drain: $(tail -n 5 "$folder/service.log")"
step "drained; $(du -sm --exclude=proc "$rootfs" | cut -f 1) MB, packages: ${packages[*]}"
