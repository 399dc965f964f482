-- The lists read a state in the order of a time, in both directions and from any place on: the id goes the time's way.
create index conversation_in_state_by_last_message
    on conversation (tenant_id, state, last_message_time, conversation_id);
drop index conversation_by_last_message;

-- The latest conversation of an address, closed or not.
create index conversation_of_address
    on conversation (tenant_id, channel_account_id, address_key, create_time);
drop index conversation_by_address;
