# demo: a scripted exchange and a small day of a team through the public surfaces, with their transcripts; uses the running stack,
# or starts one for it

verb_demo() {
    local name id role token started=0 line status=0
    install_all
    build_all
    bin_dir=$(swift build --show-bin-path)
    keys_dir=$root/.switchboard/keys
    if stack_runs; then
        while IFS='=' read -r name id; do port_of[$name]=$id; done <"$run_dir/ports"
    else
        started=1
        up_start
    fi
    read -r name id role <<<"${demo_people[0]}"
    token=$(up_token "$name" "$id" "$role")
    say "the exchange"
    python3 Tests/Demo/demo.py --base "http://127.0.0.1:${port_of[gateway.http]}" --token "$token" --widget-key "$demo_widget_key" \
        --golden Tests/Demo/transcript.txt || status=$?
    if ((status == 0)); then
        say "a small day of a team, which takes about a minute"
        read -r name id role <<<"${demo_people[2]}"
        python3 Tests/Demo/day.py --base "http://127.0.0.1:${port_of[gateway.http]}" --admin-token "$(up_token "$name" "$id" admin)" \
            --token-command "$(program) token --keys $keys_dir --tenant $demo_tenant" --golden Tests/Demo/day.txt || status=$?
    fi
    if ((started)); then verb_down; fi
    ((status == 0)) || die "the demo failed"
}
