-- Beside the traffic: outside a transaction.
--
-- Who sees few departments has his lists and counts read from where their conversations stand together, in each order of a list.
create index concurrently if not exists conversation_in_department_by_last_message
    on conversation (tenant_id, state, department_id, last_message_time, conversation_id);
create index concurrently if not exists conversation_in_department_by_arrival
    on conversation (tenant_id, state, department_id, arrival_time, conversation_id);
create index concurrently if not exists conversation_in_department_by_start
    on conversation (tenant_id, state, department_id, start_time, conversation_id);
create index concurrently if not exists conversation_in_department_by_waiting
    on conversation (tenant_id, state, department_id, waiting_since_time, conversation_id);

-- What is his, and what he was mentioned in, wherever it stands.
create index concurrently if not exists conversation_of_assignee
    on conversation (tenant_id, assignee_id, state, last_message_time, conversation_id) where assignee_id is not null;
drop index concurrently if exists conversation_by_assignee;
create index concurrently if not exists conversation_with_mentions
    on conversation (tenant_id, state, last_message_time, conversation_id) where mentioned_agent_ids <> '{}';
