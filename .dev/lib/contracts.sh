# The contracts as protoc describes them.

# contracts_descriptor_set FILE
contracts_descriptor_set() {
    local sources
    mapfile -t sources < <(find protos/switchboard -name '*.proto' | LC_ALL=C sort)
    protoc -I protos --include_imports --include_source_info --descriptor_set_out "$1" "${sources[@]}"
}
