# The parts of `./dev up`: ports, database, keys, the demo tenant, one process for each service.

# The demo tenant: fixed ids, so that a token from yesterday still fits.
demo_tenant=0198c0de-0000-7000-8000-000000000001
demo_department=0198c0de-0000-7000-8000-000000000010
demo_account=0198c0de-0000-7000-8000-000000000020
demo_people=(
    "ana 0198c0de-0000-7000-8000-000000000101 agent"
    "bruno 0198c0de-0000-7000-8000-000000000102 agent"
    "olga 0198c0de-0000-7000-8000-000000000103 operator"
)
demo_widget_key=wk_demo

declare -gA port_of=()

up_choose_ports() {
    local entry
    port_wanted[gateway.http]=8080
    for entry in "${!port_wanted[@]}"; do
        free_port "${port_wanted[$entry]}"
        port_of[$entry]=$chosen_port
    done
    for entry in "${!port_of[@]}"; do echo "$entry=${port_of[$entry]}"; done | sort >"$run_dir/ports"
}

program() { echo "$bin_dir/switchboard${1:+-$1}"; }

database_url() { echo "postgresql://$1:$2@127.0.0.1:$postgres_port/switchboard"; }

up_database() {
    local service upper
    bin_dir=$(swift build --show-bin-path)
    PGPASSWORD=$postgres_password psql -qAt -h 127.0.0.1 -p "$postgres_port" -U postgres -d postgres \
        -c "select 1 from pg_database where datname = 'switchboard'" | grep -q 1 ||
        PGPASSWORD=$postgres_password createdb -h 127.0.0.1 -p "$postgres_port" -U postgres switchboard
    (
        SWITCHBOARD_ADMINISTRATOR_URL=$(database_url postgres "$postgres_password")
        export SWITCHBOARD_ADMINISTRATOR_URL
        for service in "${sql_services[@]}"; do
            upper=${service^^}
            export "SWITCHBOARD_${upper}_OWNER_PASSWORD=$(secret "$service-owner")"
            export "SWITCHBOARD_${upper}_RUNTIME_PASSWORD=$(secret "$service-runtime")"
        done
        quietly "bootstrap: roles, schemas, grants" "$(program)" bootstrap "${sql_services[@]}"
    )
    for service in "${sql_services[@]}"; do
        SWITCHBOARD_DATABASE_OWNER_URL=$(database_url "${service}_owner" "$(secret "$service-owner")") \
            quietly "migrate $service" "$(program "$service")" migrate
    done
}

up_keys_and_directory() {
    keys_dir=$root/.switchboard/keys
    quietly "keys" "$(program)" keys "$keys_dir"
    local agents="" person name id role
    for person in "${demo_people[@]}"; do
        read -r name id role <<<"$person"
        agents+="${agents:+,}{\"id\":\"$id\",\"name\":\"${name^}\",\"role\":\"$role\",\"departments\":[\"$demo_department\"]}"
    done
    cat >"$run_dir/directory.json" <<JSON
{"tenants": [{
    "id": "$demo_tenant", "name": "Demo",
    "departments": [{"id": "$demo_department", "name": "Support", "default": true}],
    "agents": [$agents],
    "channelAccounts": [{
        "id": "$demo_account", "kind": "webchat", "name": "Web chat", "department": "$demo_department",
        "widgetKey": "$demo_widget_key", "allowedOrigins": ["http://127.0.0.1:${port_of[gateway.http]}", "http://localhost:${port_of[gateway.http]}"]
    }]
}]}
JSON
}

up_service() {
    local service=$1 environment peer
    environment=(
        "SWITCHBOARD_ENVIRONMENT=development"
        "SWITCHBOARD_GRPC_LISTEN=127.0.0.1:${port_of[$service.grpc]}"
        "SWITCHBOARD_ADMIN_LISTEN=127.0.0.1:${port_of[$service.admin]}"
        "SWITCHBOARD_TOKEN_JWKS=$keys_dir/token-jwks.json"
        "SWITCHBOARD_SERVICE_JWKS=$keys_dir/service-jwks.json"
        "SWITCHBOARD_SERVICE_KEY_FILE=$keys_dir/$service.pem"
    )
    for peer in ${peers_of[$service]}; do
        environment+=("SWITCHBOARD_${peer^^}_ADDRESSES=127.0.0.1:${port_of[$peer.grpc]}")
    done
    if [[ " ${sql_services[*]} " == *" $service "* ]]; then
        environment+=("SWITCHBOARD_DATABASE_URL=$(database_url "${service}_runtime" "$(secret "$service-runtime")")")
    fi
    case $service in
    conversations) environment+=("SWITCHBOARD_DIRECTORY_FILE=$root/$run_dir/directory.json") ;;
    channels) environment+=("SWITCHBOARD_WEBHOOK_LOOPBACK=true") ;;
    gateway) environment+=("SWITCHBOARD_HTTP_LISTEN=127.0.0.1:${port_of[gateway.http]}") ;;
    esac
    say "starting $service"
    # No group of the terminal's: Ctrl-C reaches this script, which then drains the services in their order.
    start_process "$service" env "${environment[@]}" setsid --wait "$(program "$service")" serve
}

# The demo tenant's people go into routing; when this is over, conversations knows them.
up_seed() {
    quietly "the demo tenant" "$(program)" seed "$root/$run_dir/directory.json" --keys "$keys_dir" \
        --routing "127.0.0.1:${port_of[routing.grpc]}" --conversations "127.0.0.1:${port_of[conversations.grpc]}"
}

up_token() {
    "$(program)" token --keys "$keys_dir" --tenant "$demo_tenant" --agent "$2" --name "${1^}" --role "$3"
}
