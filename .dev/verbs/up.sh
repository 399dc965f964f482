# up [--once]: build, start PostgreSQL and every service, print how to sign in, run until Ctrl-C

verb_up() {
    local once=0
    if [[ ${1:-} == --once ]]; then once=1; fi
    install_all
    build_all
    up_start
    up_report
    if ((once)); then
        say "running in the background; ./dev down stops everything"
        return
    fi
    # Once begun it is not to be broken off: who asks twice would leave half of it running.
    trap 'echo; say "draining"; trap "" INT TERM; verb_down; exit 0' INT TERM
    say "Ctrl-C drains and stops everything"
    local name
    while true; do
        sleep 1 &
        wait $! || true
        for name in "${stack_services[@]}"; do
            if ! process_runs "$name"; then
                tail -n 5 "$stack_log_dir/$name.log" >&2
                verb_down
                die "$name has ended by itself; its log is $stack_log_dir/$name.log"
            fi
        done
    done
}

# Starts what is not running; can be called again at any time.
up_start() {
    local service
    mkdir -p "$run_dir" "$stack_log_dir"
    for service in $(services_backwards); do stop_process "$service" 20; done
    start_postgres
    up_choose_ports
    up_database
    up_keys_and_directory
    for service in "${stack_services[@]}"; do up_service "$service"; done
    for service in "${stack_services[@]}"; do
        wait_until 60 "$service" curl -fsS "http://127.0.0.1:${port_of[$service.admin]}/readyz"
        say "$service is ready"
    done
    up_seed
}

up_report() {
    local person name id role http="http://127.0.0.1:${port_of[gateway.http]}"
    echo
    echo "  customers and agents  $http/"
    echo "  JSON                  $http/v1/..., $http/openapi.json"
    echo "  gRPC                  127.0.0.1:${port_of[gateway.grpc]}"
    for name in "${stack_services[@]}"; do
        printf '  %-20s  gRPC 127.0.0.1:%s, admin http://127.0.0.1:%s/readyz, log %s\n' "$name" "${port_of[$name.grpc]}" \
            "${port_of[$name.admin]}" "$stack_log_dir/$name.log"
    done
    echo "  PostgreSQL            127.0.0.1:$postgres_port, database switchboard"
    echo
    echo "  Write as a customer:  $http/#widget=$demo_widget_key"
    echo "  Sign in as an agent, for 8 h, with one of these links (the token is what follows #token=):"
    for person in "${demo_people[@]}"; do
        read -r name id role <<<"$person"
        echo "    ${name^}, $role: $http/#token=$(up_token "$name" "$id" "$role")"
    done
    echo
}
