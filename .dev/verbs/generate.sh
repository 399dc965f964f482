# generate: Swift and C from protos/, and for the bench and the README's examples from contracts of their own

verb_generate() {
    install_all
    build_all --product wiregen
    say "wiregen protos/ -> Sources/Contracts/"
    swift run --skip-build wiregen --protos protos --out Sources/Contracts </dev/null
    say "wiregen Tests/Bench/Protos -> Tests/Bench/Contracts"
    swift run --skip-build wiregen --protos Tests/Bench/Protos --out Tests/Bench/Contracts --package bench </dev/null
    say "wiregen Tests/Notes/Protos -> Tests/Notes/Contracts"
    swift run --skip-build wiregen --protos Tests/Notes/Protos --out Tests/Notes/Contracts --package notes.v1 </dev/null
    say "generated"
}
