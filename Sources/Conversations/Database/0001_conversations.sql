-- Channel accounts, conversations, agents' slots, messages, attachments and web-chat visitors of all tenants.

create table channel_account (
    tenant_id uuid not null,
    channel_account_id uuid not null,
    version bigint not null default 1,
    kind text not null
        constraint channel_account_kind_is_known check (kind in ('whatsapp', 'facebook', 'instagram', 'webchat', 'email')),
    display_name text not null,
    department_id uuid,
    disabled boolean not null default false,
    create_time timestamptz not null,
    update_time timestamptz not null,
    -- The channel's row of rules, which the tenant may change.
    reply_window_seconds bigint,
    human_agent_window_seconds bigint,
    business_start text not null,
    business_resume text not null,
    expires_with_window boolean not null,
    expires_without_agent boolean not null,
    weight int not null
        constraint channel_account_weight_is_small check (weight between 0 and 100),
    text_max int,
    text_max_in_bytes boolean not null,
    attachment_kinds text[] not null,
    attachment_permissions text[] not null,
    attachment_bytes_max int[] not null,
    quotes boolean not null,
    reactions boolean not null,
    cards boolean not null,
    typing boolean not null,
    -- Web chat only.
    widget_key text,
    allowed_origins text[] not null default '{}',
    identity_enforced boolean not null default false,
    identity_secret text,
    -- Signs visitors' tokens.
    visitor_secret bytea,
    primary key (tenant_id, channel_account_id),
    constraint channel_account_widget_is_webchat
        check ((kind = 'webchat') = (widget_key is not null) and (widget_key is null) = (visitor_secret is null))
);

create index channel_account_by_name on channel_account (tenant_id, display_name, channel_account_id);

-- Leads from a widget's public key to its tenant; read before the tenant is known.
create table widget_key (
    widget_key text primary key,
    tenant_id uuid not null,
    channel_account_id uuid not null
);

-- What an agent carries, against what he may carry. Conversation and slot change in one transaction.
create table agent_slot (
    tenant_id uuid not null,
    agent_id uuid not null,
    pool text not null
        constraint agent_slot_pool_is_known check (pool in ('chat', 'email')),
    load int not null default 0
        constraint agent_slot_load_is_not_negative check (load >= 0),
    load_max int not null
        constraint agent_slot_limit_is_in_range check (load_max between 0 and 1000),
    primary key (tenant_id, agent_id, pool)
);

create table conversation (
    tenant_id uuid not null,
    conversation_id uuid not null,
    version bigint not null default 1,
    state text not null
        constraint conversation_state_is_known
        check (state in ('automated', 'queued', 'offered', 'open', 'pending', 'expired', 'closed')),
    reason text not null default '',
    channel_account_id uuid not null,
    channel text not null,
    contact_id uuid not null,
    customer_address text not null,
    -- What uniqueness goes by: the address, or on e-mail the thread.
    address_key text not null,
    customer_name text not null default '',
    department_id uuid,
    assignee_id uuid,
    last_assignee_id uuid,
    ticket_id uuid,
    service_type text not null default '',
    labels text[] not null default '{}',
    priority smallint not null default 2,
    outcome text not null default '',
    subject text not null default '',
    arrival_time timestamptz not null,
    start_time timestamptz,
    last_message_time timestamptz,
    create_time timestamptz not null,
    update_time timestamptz not null,
    close_time timestamptz,
    last_inbound_time timestamptz,
    auto_close_time timestamptz,
    remind_time timestamptz,
    waiting_on text not null default ''
        constraint conversation_waiting_on_is_known check (waiting_on in ('', 'agent', 'customer')),
    waiting_since_time timestamptz,
    unread int not null default 0,
    attention boolean not null default false,
    first_line text not null default '',
    last_line text not null default '',
    last_seq int not null default 0,
    continued_from uuid,
    customer_read_seq int not null default 0,
    -- Behind this number messages count as unread.
    read_seq int not null default 0,
    -- The last message a human of the business wrote.
    last_human_seq int not null default 0,
    failed_message boolean not null default false,
    blocked boolean not null default false,
    transfer_reason text not null default '',
    mentioned_agent_ids uuid[] not null default '{}',
    missing_on_close text[] not null default '{}',
    history_count int not null default 0,
    -- What the assignee's slot counts for it while it is offered or open.
    slot_weight int not null default 0,
    primary key (tenant_id, conversation_id),
    constraint conversation_runs_over_an_account
        foreign key (tenant_id, channel_account_id) references channel_account (tenant_id, channel_account_id),
    constraint conversation_with_slot_has_an_assignee check (state not in ('offered', 'open') or assignee_id is not null),
    constraint conversation_in_queue_is_nobodys check (state not in ('automated', 'queued') or assignee_id is null)
);

-- At most one non-closed conversation per address and channel account.
create unique index conversation_one_per_address
    on conversation (tenant_id, channel_account_id, address_key) where state <> 'closed';

-- The conversation that a late message continues.
create index conversation_by_address
    on conversation (tenant_id, channel_account_id, address_key, create_time desc) where state = 'closed';
create index conversation_by_contact on conversation (tenant_id, contact_id, channel_account_id);
-- The lists: the queue by arrival, every other by last message.
create index conversation_by_arrival on conversation (tenant_id, state, arrival_time, conversation_id);
create index conversation_by_last_message on conversation (tenant_id, state, last_message_time desc, conversation_id);
create index conversation_by_assignee on conversation (tenant_id, assignee_id, state) where assignee_id is not null;

create table message (
    tenant_id uuid not null,
    conversation_id uuid not null,
    -- 1, 2, 3 ... taken from the conversation's row, which is locked until the commit.
    seq int not null,
    message_id uuid not null,
    direction text not null
        constraint message_direction_is_known check (direction in ('inbound', 'outbound', 'internal')),
    kind text not null,
    -- A customer's message that turns the conversation to the agent and counts as unread.
    takes_turn boolean not null,
    author_kind text not null,
    author_id text not null default '',
    author_name text not null default '',
    text text not null default '',
    -- Parts only some kinds have, as the contract writes them (MessageContent).
    content bytea,
    reply_to_message_id uuid,
    attachment_ids uuid[] not null default '{}',
    create_time timestamptz not null,
    provider_time timestamptz,
    delivery_status smallint not null default 0,
    delivery_time timestamptz,
    failure_reason text not null default '',
    provider_message_id text not null default '',
    mentioned_agent_ids uuid[] not null default '{}',
    mentioned_department_ids uuid[] not null default '{}',
    primary key (tenant_id, conversation_id, seq),
    constraint message_id_is_unique unique (tenant_id, message_id),
    constraint message_belongs_to_a_conversation
        foreign key (tenant_id, conversation_id) references conversation (tenant_id, conversation_id)
);

-- What a provider delivered: the key of exactly-once. It is taken before any number is.
create table inbound_message (
    tenant_id uuid not null,
    channel_account_id uuid not null,
    provider_message_id text not null,
    message_id uuid not null,
    primary key (tenant_id, channel_account_id, provider_message_id)
);

create table read_mark (
    tenant_id uuid not null,
    conversation_id uuid not null,
    agent_id uuid not null,
    seq int not null,
    primary key (tenant_id, conversation_id, agent_id)
);

-- Every transition, assignment and forced act, readable by whoever reads the conversation.
create table history (
    tenant_id uuid not null,
    conversation_id uuid not null,
    number int not null,
    kind text not null,
    occur_time timestamptz not null,
    actor_kind text not null,
    actor_id text not null default '',
    state_before text not null default '',
    reason_before text not null default '',
    state_after text not null,
    reason_after text not null default '',
    assignee_before uuid,
    assignee_after uuid,
    department_before uuid,
    department_after uuid,
    note text not null default '',
    forced boolean not null default false,
    primary key (tenant_id, conversation_id, number)
);

create table attachment (
    tenant_id uuid not null,
    attachment_id uuid not null,
    channel_account_id uuid not null,
    -- Set by the message that names it; until then only its uploader may.
    conversation_id uuid,
    uploader text not null,
    kind text not null,
    media_type text not null,
    file_name text not null,
    size_bytes int not null,
    sha256 text not null,
    create_time timestamptz not null,
    primary key (tenant_id, attachment_id)
);

create table attachment_chunk (
    tenant_id uuid not null,
    attachment_id uuid not null,
    n int not null,
    bytes bytea not null
        constraint attachment_chunk_is_small check (octet_length(bytes) <= 262144),
    -- No foreign key: pieces are committed one by one while they arrive, and their file's row last.
    primary key (tenant_id, attachment_id, n)
);

create table visitor (
    tenant_id uuid not null,
    channel_account_id uuid not null,
    visitor_id uuid not null,
    -- The tenant's own id of a verified user; empty for an anonymous visitor.
    user_id text not null default '',
    display_name text not null default '',
    email text not null default '',
    locale text not null default '',
    page_url text not null default '',
    create_time timestamptz not null,
    -- His session is live until then.
    session_expire_time timestamptz not null,
    primary key (tenant_id, channel_account_id, visitor_id)
);

create unique index visitor_one_per_user on visitor (tenant_id, channel_account_id, user_id) where user_id <> '';

-- The second fence: a query that forgets its tenant finds nothing. FORCE holds the owner to it, too.
alter table channel_account enable row level security;
alter table channel_account force row level security;
create policy channel_account_of_tenant on channel_account
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table agent_slot enable row level security;
alter table agent_slot force row level security;
create policy agent_slot_of_tenant on agent_slot
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table conversation enable row level security;
alter table conversation force row level security;
create policy conversation_of_tenant on conversation
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table message enable row level security;
alter table message force row level security;
create policy message_of_tenant on message
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table inbound_message enable row level security;
alter table inbound_message force row level security;
create policy inbound_message_of_tenant on inbound_message
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table read_mark enable row level security;
alter table read_mark force row level security;
create policy read_mark_of_tenant on read_mark
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table history enable row level security;
alter table history force row level security;
create policy history_of_tenant on history
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table attachment enable row level security;
alter table attachment force row level security;
create policy attachment_of_tenant on attachment
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table attachment_chunk enable row level security;
alter table attachment_chunk force row level security;
create policy attachment_chunk_of_tenant on attachment_chunk
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table visitor enable row level security;
alter table visitor force row level security;
create policy visitor_of_tenant on visitor
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
