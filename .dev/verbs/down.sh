# down: stop what `up` started in this checkout, callers first

verb_down() {
    local name
    for name in gateway conversations contacts; do
        if process_runs "$name"; then say "stopping $name"; fi
        stop_process "$name" 20
    done
    stop_postgres
    say "down"
}
