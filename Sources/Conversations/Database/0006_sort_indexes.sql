-- A list can be read in the order of each of its times from an index, as by last message and arrival.
create index conversation_in_state_by_start
    on conversation (tenant_id, state, start_time, conversation_id);
create index conversation_in_state_by_waiting
    on conversation (tenant_id, state, waiting_since_time, conversation_id);
