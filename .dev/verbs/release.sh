# release: today's contracts become the baseline that compatibility is judged against

verb_release() {
    install_all
    verb_check
    say "protos/ -> protos/baseline.binpb"
    contracts_descriptor_set protos/baseline.binpb.new
    mv protos/baseline.binpb.new protos/baseline.binpb
    date -u +%Y-%m-%d >protos/RELEASED
    say "released: from now on a break of compatibility fails ./dev check; commit protos/baseline.binpb and protos/RELEASED"
}
