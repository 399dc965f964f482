# check: what must hold of the sources before anything is run

verb_check() {
    install_all
    say "check is being laid out: nothing is judged yet"
}
