# down: stop what `up` started in this checkout, callers first

verb_down() {
    local name
    for name in $(services_backwards); do
        if process_runs "$name"; then say "stopping $name"; fi
        stop_process "$name" 20
    done
    stop_postgres
    say "down"
}
