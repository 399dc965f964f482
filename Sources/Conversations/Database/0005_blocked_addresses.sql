-- Addresses whose messages are stored and go no further (C53).
create table blocked_address (
    tenant_id uuid not null,
    channel_account_id uuid not null,
    -- As conversations have it: the address, or on e-mail the thread's.
    customer_address text not null,
    reason text not null,
    -- Left out of reports.
    spam boolean not null,
    agent_id uuid not null,
    block_time timestamptz not null,
    constraint blocked_address_key primary key (tenant_id, channel_account_id, customer_address)
);

alter table blocked_address enable row level security;
alter table blocked_address force row level security;
create policy blocked_address_of_tenant on blocked_address
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

-- Where a blocked address's messages are kept.
create index conversation_blocked on conversation (tenant_id, channel_account_id, customer_address, create_time) where blocked;
