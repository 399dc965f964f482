# image [SERVICE...]: build the container's program and replay the image's final stage, without Docker

verb_image() {
    local service services=("$@") work program settings
    ((${#services[@]} > 0)) || services=(contacts)
    install_all
    install_packages .dev/image-packages.txt
    work=$(data_dir)/image
    as_root mkdir -p "$work"
    mkdir -p "$run_dir" "$stack_log_dir"
    ports_given=()
    start_postgres
    build_all
    up_choose_ports
    up_database
    up_keys_and_directory
    for service in "${services[@]}"; do
        build_all "${release_flags[@]}" --static-swift-stdlib --product "switchboard-$service" --scratch-path .build/image
        program=$(swift build -c release --scratch-path .build/image --show-bin-path)/switchboard-$service
        free_port 9190
        settings=(
            "SWITCHBOARD_ENVIRONMENT=development" "SWITCHBOARD_GRPC_LISTEN=127.0.0.1:${port_of[$service.grpc]}"
            "SWITCHBOARD_ADMIN_LISTEN=127.0.0.1:$chosen_port"
        )
        if [[ " ${sql_services[*]} " == *" $service "* ]]; then
            settings+=("SWITCHBOARD_DATABASE_URL=$(database_url "${service}_runtime" "$(secret "$service-runtime")")")
        else
            settings+=("SWITCHBOARD_HTTP_LISTEN=127.0.0.1:${port_of[gateway.http]}")
        fi
        say "replaying the image of $service"
        as_root docker/replay-final-stage.sh "$program" "$work" "${settings[@]}"
    done
    say "the image's final stage holds"
}
