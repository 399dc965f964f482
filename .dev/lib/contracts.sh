# The contracts as protoc describes them.

# contracts_descriptor_set FILE [protoc arguments]
contracts_descriptor_set() {
    local file=$1 sources
    shift
    mapfile -t sources < <(find protos/switchboard -name '*.proto' | LC_ALL=C sort)
    protoc -I protos --include_imports "$@" --descriptor_set_out "$file" "${sources[@]}"
}
