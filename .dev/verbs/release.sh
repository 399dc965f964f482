# release: today's contracts and SQL statements become what compatibility is judged against

verb_release() {
    install_all
    verb_check
    release_statements
    say "protos/ -> protos/baseline.binpb"
    contracts_descriptor_set protos/baseline.binpb.new
    mv protos/baseline.binpb.new protos/baseline.binpb
    date -u +%Y-%m-%d >protos/RELEASED
    say "released: from now on ./dev check fails where a contract breaks, and ./dev test where a migration leaves no room for a" \
        "statement of this release; commit protos/baseline.binpb, protos/RELEASED and Tests/Released"
}

# What the services' tests send to PostgreSQL: the processes of this release will send it beside those of the next one (P5).
release_statements() {
    local service filters=() fresh=.switchboard/released
    for service in "${sql_services[@]}"; do filters+=(--filter "^${service^}Tests\\."); done
    rm -rf "$fresh"
    mkdir -p "$fresh"
    SWITCHBOARD_STATEMENTS="$root/$fresh" run_tests "${filters[@]}"
    for service in "${sql_services[@]}"; do
        [[ -s $fresh/$service.sql ]] || die "release: no statement of $service was seen"
    done
    rm -rf Tests/Released
    mv "$fresh" Tests/Released
    say "$(cat Tests/Released/*.sql | grep -c '^-- parameters:') statements -> Tests/Released"
}
