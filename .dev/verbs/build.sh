# build: everything, tests included

verb_build() {
    install_all
    build_all --build-tests "$@"
    say "built"
}
