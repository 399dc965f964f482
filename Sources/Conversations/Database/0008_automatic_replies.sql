-- What the system says to customers by itself (C45).

-- The row without a department holds for those departments that have none. Texts stand beside their languages.
create table automatic_reply (
    tenant_id uuid not null,
    department_id uuid,
    channel text not null
        constraint automatic_reply_channel_is_known
        check (channel in ('whatsapp', 'facebook', 'instagram', 'webchat', 'email')),
    occasion text not null
        constraint automatic_reply_occasion_is_known
        check (occasion in ('greeting', 'nobody_available', 'transferred', 'closed')),
    version bigint not null default 1,
    locales text[] not null,
    texts text[] not null
        constraint automatic_reply_texts_have_locales check (cardinality(texts) = cardinality(locales)),
    update_time timestamptz not null,
    constraint automatic_reply_key unique nulls not distinct (tenant_id, department_id, channel, occasion)
);

alter table automatic_reply enable row level security;
alter table automatic_reply force row level security;
create policy automatic_reply_of_tenant on automatic_reply
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

-- The customer's language when the conversation began, BCP 47: the one he is replied to in.
alter table conversation add column customer_locale text not null default '';

-- What has been said in a conversation: each occasion has one reply.
create table automatic_reply_said (
    tenant_id uuid not null,
    conversation_id uuid not null,
    occasion text not null,
    constraint automatic_reply_said_key primary key (tenant_id, conversation_id, occasion)
);

alter table automatic_reply_said enable row level security;
alter table automatic_reply_said force row level security;
create policy automatic_reply_said_of_tenant on automatic_reply_said
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
