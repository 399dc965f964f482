# help: this list

verb_help() {
    cat <<'TEXT'
./dev VERB. Every verb installs what it needs first, and can be run again at any time.

  up [--once]         build, start a private PostgreSQL and every service, print addresses and how to sign in; Ctrl-C drains
  down                stop what `up` started in this checkout
  build               build everything
  test [FILTER]       the whole suite, or the tests whose names match; --long for full counts; --list-spec for SPEC lines
  check               format, generated code, floors, contract lint and compatibility, warnings
  generate            Swift and C from protos/
  demo                a scripted exchange and a small day of a team, live, with transcripts
  mutate [rules [N]]  flip each cell of the transition table, or switch off each rule (or those named) of Tests/SPEC.md;
                      report what no test notices
  bench [PART...]     wire: our gRPC beside C++, Go and Swift; write, read: conversations beside pgbench; gateway: reading beside
                      a gateway in Go; scale: a small tenant beside one of a million conversations
  fuzz [TARGET]       each fuzz target for 10 s under AddressSanitizer
  sanitize [thread|address] [FILTER]
                      the runtime's tests (HTTP2, Protobuf, GRPC) under ThreadSanitizer and AddressSanitizer
  image               replay the container image's final stage: packages, serve, healthcheck, drain
  release             make today's contracts and SQL the baseline that compatibility is judged against
  help                this list
TEXT
}
