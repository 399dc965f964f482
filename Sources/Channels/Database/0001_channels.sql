-- Messages on their way to providers, and the webhooks of integrators. Ids, states and numbers: no text, no address, no name.

-- One message of ours that goes to a provider. Its job carries it there, in the order of its conversation.
create table outbound (
    tenant_id uuid not null,
    message_id uuid not null,
    conversation_id uuid not null,
    channel_account_id uuid not null,
    status text not null
        constraint outbound_status_is_known check (status in ('queued', 'sent', 'delivered', 'read', 'failed')),
    -- Conversations has been told of it.
    is_reported boolean not null default false,
    attempt_count integer not null default 0,
    error_class text not null default '',
    provider_code text not null default '',
    failure_reason text not null default '',
    provider_message_id text not null default '',
    create_time timestamptz not null,
    update_time timestamptz not null,
    primary key (tenant_id, message_id)
);
create index outbound_by_conversation on outbound (tenant_id, conversation_id, message_id);

-- An account that its provider has stopped, or does not let in: nothing is sent over it before this time.
create table account_stop (
    tenant_id uuid not null,
    channel_account_id uuid not null,
    error_class text not null,
    end_time timestamptz not null,
    primary key (tenant_id, channel_account_id)
);

create table webhook (
    tenant_id uuid not null,
    webhook_id uuid not null,
    display_name text not null
        constraint webhook_name_is_short check (char_length(display_name) between 1 and 100),
    url text not null
        constraint webhook_url_is_short check (char_length(url) between 1 and 2000),
    event_types text[] not null
        constraint webhook_event_types_are_few check (cardinality(event_types) between 1 and 50),
    state text not null
        constraint webhook_state_is_known check (state in ('active', 'disabled', 'failing')),
    -- Which of its secrets signs; they are made from the service's own key.
    secret_number integer not null default 1,
    previous_secret_expire_time timestamptz,
    failing_since_time timestamptz,
    create_time timestamptz not null,
    update_time timestamptz not null,
    version bigint not null default 1,
    primary key (tenant_id, webhook_id)
);

-- One event for one subscription; its job carries it there, in the order of what it is about.
create table webhook_delivery (
    tenant_id uuid not null,
    delivery_id uuid not null,
    webhook_id uuid not null,
    event_id text not null,
    event_type text not null,
    -- A conversation, a ticket, a contact or a template: its events go out in their order.
    subject_id uuid not null,
    -- Sent as it stands at every attempt.
    body text not null,
    state text not null
        constraint webhook_delivery_state_is_known check (state in ('pending', 'delivered', 'dead')),
    -- Counts how often somebody had it sent once more.
    replay_count integer not null default 0,
    attempt_count integer not null default 0,
    last_status integer not null default 0,
    last_error text not null default '',
    event_time timestamptz not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    primary key (tenant_id, delivery_id),
    constraint webhook_delivery_is_made_once unique (tenant_id, webhook_id, event_id),
    constraint webhook_delivery_has_a_webhook
        foreign key (tenant_id, webhook_id) references webhook (tenant_id, webhook_id) on delete cascade
);
create index webhook_delivery_by_webhook on webhook_delivery (tenant_id, webhook_id, delivery_id);

-- The second fence: a query that forgets its tenant finds nothing. FORCE holds the owner to it, too.
alter table outbound enable row level security;
alter table outbound force row level security;
create policy outbound_of_tenant on outbound
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table account_stop enable row level security;
alter table account_stop force row level security;
create policy account_stop_of_tenant on account_stop
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table webhook enable row level security;
alter table webhook force row level security;
create policy webhook_of_tenant on webhook
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table webhook_delivery enable row level security;
alter table webhook_delivery force row level security;
create policy webhook_delivery_of_tenant on webhook_delivery
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
