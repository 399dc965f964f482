# generate: Swift and C from protos/

verb_generate() {
    install_all
    build_all --product wiregen
    say "wiregen protos/ -> Sources/Contracts/"
    swift run --skip-build wiregen --protos protos --out Sources/Contracts </dev/null
    say "generated"
}
