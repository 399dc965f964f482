CREATE SCHEMA conversations;

ALTER SCHEMA conversations OWNER TO conversations_owner;

CREATE FUNCTION conversations.event_maintain(keep interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'conversations'
    SET lock_timeout TO '2s'
    AS $$
declare
    this_month timestamp := date_trunc('month', clock_timestamp() at time zone 'UTC');
    month timestamp;
    name text;
    old record;
begin
    -- One of the replicas is enough.
    if not pg_try_advisory_xact_lock(hashtextextended('event_maintain.' || current_schema(), 0)) then
        return;
    end if;
    for ahead in 0..3 loop
        month := this_month + make_interval(months => ahead);
        name := to_char(month, '"event_y"YYYY"m"MM');
        continue when to_regclass(name) is not null;
        -- Attached instead of created in place: that would lock the log against everyone.
        execute format('create table %I (like event including all)', name);
        execute format(
            'alter table event attach partition %I for values from (%L) to (%L)',
            name, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
    end loop;
    for old in
        select child.relname
        from pg_inherits
        join pg_class child on child.oid = pg_inherits.inhrelid
        where pg_inherits.inhparent = 'event'::regclass
            -- The whole month lies before what is kept.
            and child.relname < to_char((clock_timestamp() - keep) at time zone 'UTC', '"event_y"YYYY"m"MM')
    loop
        execute format(
            'update event_partition set retained_after = greatest(retained_after, dropped.position)
             from (select partition, max(position) as position from %I group by partition) dropped
             where event_partition.partition = dropped.partition',
            old.relname);
        execute format('drop table %I', old.relname);
    end loop;
end
$$;

ALTER FUNCTION conversations.event_maintain(keep interval) OWNER TO conversations_owner;

CREATE FUNCTION conversations.forget_words_of_conversations() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    delete from conversations.search_word
    using gone
    where search_word.tenant_id = gone.tenant_id and search_word.conversation_id = gone.conversation_id;
    return null;
end
$$;

ALTER FUNCTION conversations.forget_words_of_conversations() OWNER TO conversations_owner;

CREATE FUNCTION conversations.forget_words_of_messages() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    delete from conversations.search_word
    using (select tenant_id, conversation_id, array_agg(seq) as seqs from gone group by tenant_id, conversation_id) as talk
    where search_word.tenant_id = talk.tenant_id and search_word.conversation_id = talk.conversation_id
        and search_word.seq = any(talk.seqs);
    return null;
end
$$;

ALTER FUNCTION conversations.forget_words_of_messages() OWNER TO conversations_owner;

CREATE FUNCTION conversations.hold_tenant() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'conversations'
    AS $$
begin
    insert into tenant_held select distinct tenant_id from inserted on conflict do nothing;
    return null;
end
$$;

ALTER FUNCTION conversations.hold_tenant() OWNER TO conversations_owner;

CREATE FUNCTION conversations.idempotent_request_purge(limit_rows integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'conversations'
    AS $$
    with gone as (
        delete from idempotent_request
        where (tenant_id, principal, method, request_id) in (
            select tenant_id, principal, method, request_id
            from idempotent_request
            where expire_time < clock_timestamp()
            limit limit_rows
            for update skip locked
        )
        returning 1
    )
    select count(*) from gone
$$;

ALTER FUNCTION conversations.idempotent_request_purge(limit_rows integer) OWNER TO conversations_owner;

CREATE TABLE conversations.agent (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    revision bigint NOT NULL,
    display_name text NOT NULL,
    deactivated boolean NOT NULL,
    department_ids uuid[] NOT NULL,
    presence text NOT NULL,
    wants_work boolean NOT NULL,
    load_max integer NOT NULL,
    email_load_max integer NOT NULL,
    locale text DEFAULT ''::text NOT NULL,
    time_zone text DEFAULT ''::text NOT NULL,
    away_told_time timestamp with time zone,
    CONSTRAINT agent_presence_is_known CHECK ((presence = ANY (ARRAY['online'::text, 'reconnecting'::text, 'offline'::text])))
);

ALTER TABLE ONLY conversations.agent FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.agent OWNER TO conversations_owner;

CREATE TABLE conversations.agent_slot (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    pool text NOT NULL,
    load integer DEFAULT 0 NOT NULL,
    load_max integer NOT NULL,
    CONSTRAINT agent_slot_limit_is_in_range CHECK (((load_max >= 0) AND (load_max <= 1000))),
    CONSTRAINT agent_slot_load_is_not_negative CHECK ((load >= 0)),
    CONSTRAINT agent_slot_pool_is_known CHECK ((pool = ANY (ARRAY['chat'::text, 'email'::text])))
);

ALTER TABLE ONLY conversations.agent_slot FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.agent_slot OWNER TO conversations_owner;

CREATE TABLE conversations.attachment (
    tenant_id uuid NOT NULL,
    attachment_id uuid NOT NULL,
    channel_account_id uuid NOT NULL,
    conversation_id uuid,
    uploader text NOT NULL,
    kind text NOT NULL,
    media_type text NOT NULL,
    file_name text NOT NULL,
    size_bytes integer NOT NULL,
    sha256 text NOT NULL,
    create_time timestamp with time zone NOT NULL
);

ALTER TABLE ONLY conversations.attachment FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.attachment OWNER TO conversations_owner;

CREATE TABLE conversations.attachment_chunk (
    tenant_id uuid NOT NULL,
    attachment_id uuid NOT NULL,
    n integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT attachment_chunk_is_small CHECK ((octet_length(bytes) <= 262144))
);

ALTER TABLE ONLY conversations.attachment_chunk FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.attachment_chunk OWNER TO conversations_owner;

CREATE TABLE conversations.audit_entry (
    tenant_id uuid NOT NULL,
    audit_entry_id uuid NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor text NOT NULL,
    on_behalf_of text DEFAULT ''::text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    changed_paths text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY conversations.audit_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.audit_entry OWNER TO conversations_owner;

CREATE TABLE conversations.automatic_reply (
    tenant_id uuid NOT NULL,
    department_id uuid,
    channel text NOT NULL,
    occasion text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    locales text[] NOT NULL,
    texts text[] NOT NULL,
    update_time timestamp with time zone NOT NULL,
    CONSTRAINT automatic_reply_channel_is_known CHECK ((channel = ANY (ARRAY['whatsapp'::text, 'facebook'::text, 'instagram'::text, 'webchat'::text, 'email'::text, 'other'::text]))),
    CONSTRAINT automatic_reply_occasion_is_known CHECK ((occasion = ANY (ARRAY['greeting'::text, 'nobody_available'::text, 'transferred'::text, 'closed'::text, 'outside_hours'::text, 'survey'::text]))),
    CONSTRAINT automatic_reply_texts_have_locales CHECK ((cardinality(texts) = cardinality(locales)))
);

ALTER TABLE ONLY conversations.automatic_reply FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.automatic_reply OWNER TO conversations_owner;

CREATE TABLE conversations.automatic_reply_said (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    occasion text NOT NULL
);

ALTER TABLE ONLY conversations.automatic_reply_said FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.automatic_reply_said OWNER TO conversations_owner;

CREATE TABLE conversations.blocked_address (
    tenant_id uuid NOT NULL,
    channel_account_id uuid NOT NULL,
    customer_address text NOT NULL,
    reason text NOT NULL,
    spam boolean NOT NULL,
    agent_id uuid NOT NULL,
    block_time timestamp with time zone NOT NULL
);

ALTER TABLE ONLY conversations.blocked_address FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.blocked_address OWNER TO conversations_owner;

CREATE TABLE conversations.bot (
    tenant_id uuid NOT NULL,
    bot_id uuid NOT NULL,
    revision bigint NOT NULL,
    offline boolean NOT NULL
);

ALTER TABLE ONLY conversations.bot FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.bot OWNER TO conversations_owner;

CREATE TABLE conversations.channel_account (
    tenant_id uuid NOT NULL,
    channel_account_id uuid NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    kind text NOT NULL,
    display_name text NOT NULL,
    department_id uuid,
    disabled boolean DEFAULT false NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    reply_window_seconds bigint,
    human_agent_window_seconds bigint,
    business_start text NOT NULL,
    business_resume text NOT NULL,
    expires_with_window boolean NOT NULL,
    expires_without_agent boolean NOT NULL,
    weight integer NOT NULL,
    text_max integer,
    text_max_in_bytes boolean NOT NULL,
    attachment_kinds text[] NOT NULL,
    attachment_permissions text[] NOT NULL,
    attachment_bytes_max integer[] NOT NULL,
    quotes boolean NOT NULL,
    reactions boolean NOT NULL,
    cards boolean NOT NULL,
    typing boolean NOT NULL,
    widget_key text,
    allowed_origins text[] DEFAULT '{}'::text[] NOT NULL,
    identity_enforced boolean DEFAULT false NOT NULL,
    identity_secret text,
    visitor_secret bytea,
    bot_id uuid,
    bot_department_id uuid,
    bot_method text DEFAULT ''::text NOT NULL,
    label_rule_words text[] DEFAULT '{}'::text[] NOT NULL,
    label_rule_labels text[] DEFAULT '{}'::text[] NOT NULL,
    label_rule_priorities smallint[] DEFAULT '{}'::smallint[] NOT NULL,
    channel_name text DEFAULT ''::text NOT NULL,
    CONSTRAINT channel_account_bot_method_is_known CHECK ((bot_method = ANY (ARRAY[''::text, 'manual'::text, 'owner'::text, 'least_busy'::text, 'random'::text]))),
    CONSTRAINT channel_account_kind_is_known CHECK ((kind = ANY (ARRAY['whatsapp'::text, 'facebook'::text, 'instagram'::text, 'webchat'::text, 'email'::text, 'other'::text]))),
    CONSTRAINT channel_account_other_is_named CHECK ((((kind = 'other'::text) = (channel_name <> ''::text)) AND (char_length(channel_name) <= 40))),
    CONSTRAINT channel_account_weight_is_small CHECK (((weight >= 0) AND (weight <= 100))),
    CONSTRAINT channel_account_widget_is_webchat CHECK ((((kind = 'webchat'::text) = (widget_key IS NOT NULL)) AND ((widget_key IS NULL) = (visitor_secret IS NULL))))
);

ALTER TABLE ONLY conversations.channel_account FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.channel_account OWNER TO conversations_owner;

CREATE TABLE conversations.closing_rule (
    tenant_id uuid NOT NULL,
    department_id uuid,
    channel text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    inactive_after_seconds bigint,
    notice_text text DEFAULT ''::text NOT NULL,
    notice_before_seconds bigint,
    close_expired_after_seconds bigint,
    update_time timestamp with time zone NOT NULL,
    CONSTRAINT closing_rule_channel_is_known CHECK ((channel = ANY (ARRAY['whatsapp'::text, 'facebook'::text, 'instagram'::text, 'webchat'::text, 'email'::text, 'other'::text]))),
    CONSTRAINT closing_rule_notice_has_a_text CHECK (((notice_before_seconds IS NULL) = (notice_text = ''::text)))
);

ALTER TABLE ONLY conversations.closing_rule FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.closing_rule OWNER TO conversations_owner;

CREATE TABLE conversations.conversation (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    channel_account_id uuid NOT NULL,
    channel text NOT NULL,
    contact_id uuid NOT NULL,
    customer_address text NOT NULL,
    address_key text NOT NULL,
    customer_name text DEFAULT ''::text NOT NULL,
    department_id uuid,
    assignee_id uuid,
    last_assignee_id uuid,
    ticket_id uuid,
    service_type text DEFAULT ''::text NOT NULL,
    labels text[] DEFAULT '{}'::text[] NOT NULL,
    priority smallint DEFAULT 2 NOT NULL,
    outcome text DEFAULT ''::text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    arrival_time timestamp with time zone NOT NULL,
    start_time timestamp with time zone,
    last_message_time timestamp with time zone,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    close_time timestamp with time zone,
    last_inbound_time timestamp with time zone,
    auto_close_time timestamp with time zone,
    remind_time timestamp with time zone,
    waiting_on text DEFAULT ''::text NOT NULL,
    waiting_since_time timestamp with time zone,
    unread integer DEFAULT 0 NOT NULL,
    attention boolean DEFAULT false NOT NULL,
    first_line text DEFAULT ''::text NOT NULL,
    last_line text DEFAULT ''::text NOT NULL,
    last_seq integer DEFAULT 0 NOT NULL,
    continued_from uuid,
    customer_read_seq integer DEFAULT 0 NOT NULL,
    read_seq integer DEFAULT 0 NOT NULL,
    last_human_seq integer DEFAULT 0 NOT NULL,
    failed_message boolean DEFAULT false NOT NULL,
    blocked boolean DEFAULT false NOT NULL,
    transfer_reason text DEFAULT ''::text NOT NULL,
    mentioned_agent_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    missing_on_close text[] DEFAULT '{}'::text[] NOT NULL,
    history_count integer DEFAULT 0 NOT NULL,
    slot_weight integer DEFAULT 0 NOT NULL,
    state_time timestamp with time zone,
    resume_expire_time timestamp with time zone,
    awaited_message_id uuid,
    await_seconds bigint,
    await_resumed boolean DEFAULT false NOT NULL,
    customer_locale text DEFAULT ''::text NOT NULL,
    ticket_number text DEFAULT ''::text NOT NULL,
    route_method text DEFAULT ''::text NOT NULL,
    bot_awaited_time timestamp with time zone,
    customer_time_zone text DEFAULT ''::text NOT NULL,
    inbound_automatic boolean DEFAULT false NOT NULL,
    survey_time timestamp with time zone,
    survey_score smallint DEFAULT 0 NOT NULL,
    survey_answer_time timestamp with time zone,
    first_customer_time timestamp with time zone,
    queue_wait interval DEFAULT '00:00:00'::interval NOT NULL,
    first_response interval,
    answers integer DEFAULT 0 NOT NULL,
    answer_wait interval DEFAULT '00:00:00'::interval NOT NULL,
    answer_wait_max interval DEFAULT '00:00:00'::interval NOT NULL,
    customer_wait interval DEFAULT '00:00:00'::interval NOT NULL,
    spam boolean DEFAULT false NOT NULL,
    answer_count integer DEFAULT 0 NOT NULL,
    handle_start_time timestamp with time zone,
    purge_time timestamp with time zone,
    CONSTRAINT conversation_in_queue_is_nobodys CHECK (((state <> ALL (ARRAY['automated'::text, 'queued'::text])) OR (assignee_id IS NULL))),
    CONSTRAINT conversation_route_method_is_known CHECK ((route_method = ANY (ARRAY[''::text, 'manual'::text, 'owner'::text, 'least_busy'::text, 'random'::text]))),
    CONSTRAINT conversation_state_is_known CHECK ((state = ANY (ARRAY['automated'::text, 'queued'::text, 'offered'::text, 'open'::text, 'pending'::text, 'expired'::text, 'closed'::text]))),
    CONSTRAINT conversation_survey_score_is_in_range CHECK (((survey_score >= 0) AND (survey_score <= 5))),
    CONSTRAINT conversation_waiting_on_is_known CHECK ((waiting_on = ANY (ARRAY[''::text, 'agent'::text, 'customer'::text]))),
    CONSTRAINT conversation_with_slot_has_an_assignee CHECK (((state <> ALL (ARRAY['offered'::text, 'open'::text])) OR (assignee_id IS NOT NULL)))
);

ALTER TABLE ONLY conversations.conversation FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.conversation OWNER TO conversations_owner;

CREATE TABLE conversations.department (
    tenant_id uuid NOT NULL,
    department_id uuid NOT NULL,
    revision bigint NOT NULL,
    display_name text NOT NULL,
    archived boolean NOT NULL,
    successor_id uuid,
    accepts_on_reply boolean NOT NULL,
    requeues_on_disconnect boolean NOT NULL,
    stays_with_bot boolean NOT NULL,
    pending_limit integer,
    transfer_department_ids uuid[] NOT NULL,
    working_hours bytea,
    bot_timeout_milliseconds bigint DEFAULT 60000 NOT NULL,
    locale text DEFAULT ''::text NOT NULL,
    time_zone text DEFAULT ''::text NOT NULL,
    service_type text DEFAULT ''::text NOT NULL
);

ALTER TABLE ONLY conversations.department FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.department OWNER TO conversations_owner;

CREATE TABLE conversations.erased_contact (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL
);

ALTER TABLE ONLY conversations.erased_contact FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.erased_contact OWNER TO conversations_owner;

CREATE TABLE conversations.event (
    partition smallint NOT NULL,
    "position" bigint NOT NULL,
    record_time timestamp with time zone NOT NULL,
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    "time" timestamp with time zone NOT NULL,
    attributes jsonb NOT NULL,
    payload bytea NOT NULL
)
PARTITION BY RANGE (record_time);

ALTER TABLE conversations.event OWNER TO conversations_owner;

CREATE TABLE conversations.event_consumer (
    consumer text NOT NULL,
    shard smallint NOT NULL,
    cursor text,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL
);

ALTER TABLE conversations.event_consumer OWNER TO conversations_owner;

CREATE TABLE conversations.event_epoch (
    only_row boolean DEFAULT true NOT NULL,
    epoch bigint DEFAULT 1 NOT NULL,
    CONSTRAINT event_epoch_has_one_row CHECK (only_row)
);

ALTER TABLE conversations.event_epoch OWNER TO conversations_owner;

CREATE TABLE conversations.event_partition (
    partition smallint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    last_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retained_after bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_partition_is_one_of_64 CHECK (((partition >= 0) AND (partition <= 63)))
)
WITH (fillfactor='20');

ALTER TABLE conversations.event_partition OWNER TO conversations_owner;

CREATE TABLE conversations.history (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor_id text DEFAULT ''::text NOT NULL,
    state_before text DEFAULT ''::text NOT NULL,
    reason_before text DEFAULT ''::text NOT NULL,
    state_after text NOT NULL,
    reason_after text DEFAULT ''::text NOT NULL,
    assignee_before uuid,
    assignee_after uuid,
    department_before uuid,
    department_after uuid,
    note text DEFAULT ''::text NOT NULL,
    forced boolean DEFAULT false NOT NULL,
    arrival_time timestamp with time zone
);

ALTER TABLE ONLY conversations.history FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.history OWNER TO conversations_owner;

CREATE TABLE conversations.idempotent_request (
    tenant_id uuid NOT NULL,
    principal text NOT NULL,
    method text NOT NULL,
    request_id text NOT NULL,
    request_hash bytea NOT NULL,
    answer bytea NOT NULL,
    expire_time timestamp with time zone NOT NULL,
    CONSTRAINT idempotent_request_id_is_short CHECK ((octet_length(request_id) <= 255))
);

ALTER TABLE ONLY conversations.idempotent_request FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.idempotent_request OWNER TO conversations_owner;

CREATE TABLE conversations.inbound_message (
    tenant_id uuid NOT NULL,
    channel_account_id uuid NOT NULL,
    provider_message_id text NOT NULL,
    message_id uuid NOT NULL
);

ALTER TABLE ONLY conversations.inbound_message FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.inbound_message OWNER TO conversations_owner;

CREATE TABLE conversations.job (
    tenant_id uuid NOT NULL,
    job_id uuid NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    cause text NOT NULL,
    ordering_key uuid,
    payload bytea NOT NULL,
    due_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL,
    failure text
);

ALTER TABLE conversations.job OWNER TO conversations_owner;

ALTER TABLE conversations.job ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME conversations.job_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE conversations.message (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq integer NOT NULL,
    message_id uuid NOT NULL,
    direction text NOT NULL,
    kind text NOT NULL,
    takes_turn boolean NOT NULL,
    author_kind text NOT NULL,
    author_id text DEFAULT ''::text NOT NULL,
    author_name text DEFAULT ''::text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    content bytea,
    reply_to_message_id uuid,
    attachment_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    create_time timestamp with time zone NOT NULL,
    provider_time timestamp with time zone,
    delivery_status smallint DEFAULT 0 NOT NULL,
    delivery_time timestamp with time zone,
    failure_reason text DEFAULT ''::text NOT NULL,
    provider_message_id text DEFAULT ''::text NOT NULL,
    mentioned_agent_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    mentioned_department_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    retried_as uuid,
    searchable boolean DEFAULT false NOT NULL,
    CONSTRAINT message_direction_is_known CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text, 'internal'::text])))
);

ALTER TABLE ONLY conversations.message FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.message OWNER TO conversations_owner;

CREATE TABLE conversations.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE conversations.migration OWNER TO conversations_owner;

CREATE TABLE conversations.notification (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    kind text NOT NULL,
    conversation_id uuid NOT NULL,
    message_id uuid,
    create_time timestamp with time zone NOT NULL,
    read boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY conversations.notification FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.notification OWNER TO conversations_owner;

CREATE TABLE conversations.person (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    texts text[] NOT NULL
);

ALTER TABLE ONLY conversations.person FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.person OWNER TO conversations_owner;

CREATE TABLE conversations.person_word (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    word text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE ONLY conversations.person_word FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.person_word OWNER TO conversations_owner;

CREATE TABLE conversations.queue_stay (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    version bigint NOT NULL,
    department_id uuid,
    arrival_time timestamp with time zone NOT NULL,
    enter_time timestamp with time zone NOT NULL,
    leave_time timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL
);

ALTER TABLE ONLY conversations.queue_stay FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.queue_stay OWNER TO conversations_owner;

CREATE TABLE conversations.read_mark (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    seq integer NOT NULL
);

ALTER TABLE ONLY conversations.read_mark FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.read_mark OWNER TO conversations_owner;

CREATE TABLE conversations.report_sample (
    tenant_id uuid NOT NULL,
    measure text NOT NULL,
    sample_time timestamp with time zone NOT NULL,
    conversation_id uuid NOT NULL,
    version bigint NOT NULL,
    channel text NOT NULL,
    department_id uuid,
    agent_id uuid,
    microseconds bigint,
    CONSTRAINT sample_measure_is_known CHECK ((measure = ANY (ARRAY['volume'::text, 'queue_wait'::text, 'first_response'::text, 'response'::text, 'handle'::text, 'resolution'::text])))
);

ALTER TABLE ONLY conversations.report_sample FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.report_sample OWNER TO conversations_owner;

CREATE TABLE conversations.role (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    revision bigint NOT NULL,
    permissions text[] NOT NULL
);

ALTER TABLE ONLY conversations.role FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.role OWNER TO conversations_owner;

CREATE TABLE conversations.search_word (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    word text NOT NULL COLLATE pg_catalog."C",
    seq integer NOT NULL
);

ALTER TABLE ONLY conversations.search_word FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.search_word OWNER TO conversations_owner;

CREATE TABLE conversations.swept_tenant (
    tenant_id uuid NOT NULL
);

ALTER TABLE conversations.swept_tenant OWNER TO conversations_owner;

CREATE TABLE conversations.tenant (
    tenant_id uuid NOT NULL,
    revision bigint NOT NULL,
    published boolean DEFAULT false NOT NULL,
    display_name text DEFAULT ''::text NOT NULL,
    suspended boolean DEFAULT false NOT NULL,
    sees_all_departments boolean DEFAULT false NOT NULL,
    default_department_id uuid,
    offline_transfer boolean DEFAULT false NOT NULL,
    locale text DEFAULT ''::text NOT NULL,
    time_zone text DEFAULT ''::text NOT NULL,
    outcomes text[] DEFAULT '{}'::text[] NOT NULL,
    labels text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY conversations.tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.tenant OWNER TO conversations_owner;

CREATE TABLE conversations.tenant_deletion (
    tenant_id uuid NOT NULL,
    table_name text NOT NULL,
    row_count bigint NOT NULL
);

ALTER TABLE conversations.tenant_deletion OWNER TO conversations_owner;

CREATE TABLE conversations.tenant_held (
    tenant_id uuid NOT NULL
);

ALTER TABLE conversations.tenant_held OWNER TO conversations_owner;

CREATE TABLE conversations.tenant_retention (
    tenant_id uuid NOT NULL,
    category text NOT NULL,
    keep interval NOT NULL
);

ALTER TABLE conversations.tenant_retention OWNER TO conversations_owner;

CREATE TABLE conversations.timer (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    kind text NOT NULL,
    due_time timestamp with time zone NOT NULL,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL,
    CONSTRAINT timer_kind_is_known CHECK ((kind = ANY (ARRAY['window'::text, 'auto_close'::text, 'resume_unanswered'::text, 'remind'::text, 'inactive_notice'::text, 'inactive'::text, 'expired_too_long'::text, 'bot_timeout'::text])))
);

ALTER TABLE conversations.timer OWNER TO conversations_owner;

CREATE TABLE conversations.visitor (
    tenant_id uuid NOT NULL,
    channel_account_id uuid NOT NULL,
    visitor_id uuid NOT NULL,
    user_id text DEFAULT ''::text NOT NULL,
    display_name text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    locale text DEFAULT ''::text NOT NULL,
    page_url text DEFAULT ''::text NOT NULL,
    create_time timestamp with time zone NOT NULL,
    session_expire_time timestamp with time zone NOT NULL,
    joined_user_id text DEFAULT ''::text NOT NULL
);

ALTER TABLE ONLY conversations.visitor FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.visitor OWNER TO conversations_owner;

CREATE TABLE conversations.widget_key (
    widget_key text NOT NULL,
    tenant_id uuid NOT NULL,
    channel_account_id uuid NOT NULL
);

ALTER TABLE conversations.widget_key OWNER TO conversations_owner;

ALTER TABLE ONLY conversations.agent
    ADD CONSTRAINT agent_key PRIMARY KEY (tenant_id, agent_id);

ALTER TABLE ONLY conversations.agent_slot
    ADD CONSTRAINT agent_slot_pkey PRIMARY KEY (tenant_id, agent_id, pool);

ALTER TABLE ONLY conversations.attachment_chunk
    ADD CONSTRAINT attachment_chunk_pkey PRIMARY KEY (tenant_id, attachment_id, n);

ALTER TABLE ONLY conversations.attachment
    ADD CONSTRAINT attachment_pkey PRIMARY KEY (tenant_id, attachment_id);

ALTER TABLE ONLY conversations.audit_entry
    ADD CONSTRAINT audit_entry_key PRIMARY KEY (tenant_id, audit_entry_id);

ALTER TABLE ONLY conversations.automatic_reply
    ADD CONSTRAINT automatic_reply_key UNIQUE NULLS NOT DISTINCT (tenant_id, department_id, channel, occasion);

ALTER TABLE ONLY conversations.automatic_reply_said
    ADD CONSTRAINT automatic_reply_said_key PRIMARY KEY (tenant_id, conversation_id, occasion);

ALTER TABLE ONLY conversations.blocked_address
    ADD CONSTRAINT blocked_address_key PRIMARY KEY (tenant_id, channel_account_id, customer_address);

ALTER TABLE ONLY conversations.bot
    ADD CONSTRAINT bot_key PRIMARY KEY (tenant_id, bot_id);

ALTER TABLE ONLY conversations.channel_account
    ADD CONSTRAINT channel_account_pkey PRIMARY KEY (tenant_id, channel_account_id);

ALTER TABLE ONLY conversations.closing_rule
    ADD CONSTRAINT closing_rule_key UNIQUE NULLS NOT DISTINCT (tenant_id, department_id, channel);

ALTER TABLE ONLY conversations.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (tenant_id, conversation_id);

ALTER TABLE ONLY conversations.department
    ADD CONSTRAINT department_key PRIMARY KEY (tenant_id, department_id);

ALTER TABLE ONLY conversations.erased_contact
    ADD CONSTRAINT erased_contact_key PRIMARY KEY (tenant_id, contact_id);

ALTER TABLE ONLY conversations.event_consumer
    ADD CONSTRAINT event_consumer_key PRIMARY KEY (consumer, shard);

ALTER TABLE ONLY conversations.event_epoch
    ADD CONSTRAINT event_epoch_key PRIMARY KEY (only_row);

ALTER TABLE ONLY conversations.event
    ADD CONSTRAINT event_key PRIMARY KEY (partition, "position", record_time);

ALTER TABLE ONLY conversations.event_partition
    ADD CONSTRAINT event_partition_key PRIMARY KEY (partition);

ALTER TABLE ONLY conversations.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (tenant_id, conversation_id, number);

ALTER TABLE ONLY conversations.idempotent_request
    ADD CONSTRAINT idempotent_request_key PRIMARY KEY (tenant_id, principal, method, request_id);

ALTER TABLE ONLY conversations.inbound_message
    ADD CONSTRAINT inbound_message_pkey PRIMARY KEY (tenant_id, channel_account_id, provider_message_id);

ALTER TABLE ONLY conversations.job
    ADD CONSTRAINT job_key PRIMARY KEY (tenant_id, job_id);

ALTER TABLE ONLY conversations.message
    ADD CONSTRAINT message_id_is_unique UNIQUE (tenant_id, message_id);

ALTER TABLE ONLY conversations.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (tenant_id, conversation_id, seq);

ALTER TABLE ONLY conversations.migration
    ADD CONSTRAINT migration_key PRIMARY KEY (name);

ALTER TABLE ONLY conversations.notification
    ADD CONSTRAINT notification_key PRIMARY KEY (tenant_id, agent_id, notification_id);

ALTER TABLE ONLY conversations.person
    ADD CONSTRAINT person_key PRIMARY KEY (tenant_id, contact_id);

ALTER TABLE ONLY conversations.person_word
    ADD CONSTRAINT person_word_key PRIMARY KEY (tenant_id, contact_id, word);

ALTER TABLE ONLY conversations.queue_stay
    ADD CONSTRAINT queue_stay_key PRIMARY KEY (tenant_id, conversation_id, version);

ALTER TABLE ONLY conversations.read_mark
    ADD CONSTRAINT read_mark_pkey PRIMARY KEY (tenant_id, conversation_id, agent_id);

ALTER TABLE ONLY conversations.report_sample
    ADD CONSTRAINT report_sample_key PRIMARY KEY (tenant_id, measure, sample_time, conversation_id, version);

ALTER TABLE ONLY conversations.role
    ADD CONSTRAINT role_key PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY conversations.search_word
    ADD CONSTRAINT search_word_key PRIMARY KEY (tenant_id, conversation_id, word, seq);

ALTER TABLE ONLY conversations.swept_tenant
    ADD CONSTRAINT swept_tenant_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY conversations.tenant_deletion
    ADD CONSTRAINT tenant_deletion_key PRIMARY KEY (tenant_id, table_name);

ALTER TABLE ONLY conversations.tenant_held
    ADD CONSTRAINT tenant_held_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY conversations.tenant
    ADD CONSTRAINT tenant_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY conversations.tenant_retention
    ADD CONSTRAINT tenant_retention_key PRIMARY KEY (tenant_id, category);

ALTER TABLE ONLY conversations.timer
    ADD CONSTRAINT timer_key PRIMARY KEY (tenant_id, conversation_id, kind);

ALTER TABLE ONLY conversations.visitor
    ADD CONSTRAINT visitor_pkey PRIMARY KEY (tenant_id, channel_account_id, visitor_id);

ALTER TABLE ONLY conversations.widget_key
    ADD CONSTRAINT widget_key_pkey PRIMARY KEY (widget_key);

CREATE INDEX agent_by_revision ON conversations.agent USING btree (tenant_id, revision);

CREATE INDEX attachment_by_create_time ON conversations.attachment USING btree (tenant_id, create_time);

CREATE INDEX audit_entry_by_actor ON conversations.audit_entry USING btree (tenant_id, actor, audit_entry_id);

CREATE INDEX audit_entry_by_subject ON conversations.audit_entry USING btree (tenant_id, subject, audit_entry_id);

CREATE INDEX bot_by_revision ON conversations.bot USING btree (tenant_id, revision);

CREATE INDEX channel_account_by_name ON conversations.channel_account USING btree (tenant_id, display_name, channel_account_id);

CREATE INDEX conversation_automated ON conversations.conversation USING btree (tenant_id, channel_account_id, conversation_id) WHERE (state = 'automated'::text);

CREATE INDEX conversation_blocked ON conversations.conversation USING btree (tenant_id, channel_account_id, customer_address, create_time) WHERE blocked;

CREATE INDEX conversation_by_arrival ON conversations.conversation USING btree (tenant_id, state, arrival_time, conversation_id);

CREATE INDEX conversation_by_contact ON conversations.conversation USING btree (tenant_id, contact_id, channel_account_id);

CREATE INDEX conversation_in_department_by_arrival ON conversations.conversation USING btree (tenant_id, state, department_id, arrival_time, conversation_id);

CREATE INDEX conversation_in_department_by_last_message ON conversations.conversation USING btree (tenant_id, state, department_id, last_message_time, conversation_id);

CREATE INDEX conversation_in_department_by_start ON conversations.conversation USING btree (tenant_id, state, department_id, start_time, conversation_id);

CREATE INDEX conversation_in_department_by_waiting ON conversations.conversation USING btree (tenant_id, state, department_id, waiting_since_time, conversation_id);

CREATE INDEX conversation_in_state_by_last_message ON conversations.conversation USING btree (tenant_id, state, last_message_time, conversation_id);

CREATE INDEX conversation_in_state_by_start ON conversations.conversation USING btree (tenant_id, state, start_time, conversation_id);

CREATE INDEX conversation_in_state_by_waiting ON conversations.conversation USING btree (tenant_id, state, waiting_since_time, conversation_id);

CREATE INDEX conversation_of_address ON conversations.conversation USING btree (tenant_id, channel_account_id, address_key, create_time);

CREATE INDEX conversation_of_assignee ON conversations.conversation USING btree (tenant_id, assignee_id, state, last_message_time, conversation_id) WHERE (assignee_id IS NOT NULL);

CREATE UNIQUE INDEX conversation_one_per_address ON conversations.conversation USING btree (tenant_id, channel_account_id, address_key) WHERE (state <> 'closed'::text);

CREATE INDEX conversation_to_purge ON conversations.conversation USING btree (tenant_id, close_time) WHERE ((state = 'closed'::text) AND (purge_time IS NULL));

CREATE INDEX conversation_with_mentions ON conversations.conversation USING btree (tenant_id, state, last_message_time, conversation_id) WHERE (mentioned_agent_ids <> '{}'::uuid[]);

CREATE INDEX department_by_revision ON conversations.department USING btree (tenant_id, revision);

CREATE INDEX idempotent_request_expiry ON conversations.idempotent_request USING btree (expire_time);

CREATE INDEX job_due ON conversations.job USING btree (kind, due_time) WHERE (failure IS NULL);

CREATE INDEX job_order ON conversations.job USING btree (tenant_id, ordering_key, sequence) WHERE ((failure IS NULL) AND (ordering_key IS NOT NULL));

CREATE INDEX message_not_searchable ON conversations.message USING btree (tenant_id, conversation_id, seq) WHERE (NOT searchable);

CREATE INDEX notification_unread ON conversations.notification USING btree (tenant_id, agent_id, notification_id) WHERE (NOT read);

CREATE INDEX person_word_by_word ON conversations.person_word USING btree (tenant_id, word, contact_id);

CREATE INDEX queue_stay_by_leave_time ON conversations.queue_stay USING btree (tenant_id, leave_time, enter_time);

CREATE INDEX role_by_revision ON conversations.role USING btree (tenant_id, revision);

CREATE INDEX search_word_by_word ON conversations.search_word USING btree (tenant_id, word, conversation_id);

CREATE INDEX timer_by_due ON conversations.timer USING btree (due_time);

CREATE UNIQUE INDEX visitor_one_per_user ON conversations.visitor USING btree (tenant_id, channel_account_id, user_id) WHERE (user_id <> ''::text);

CREATE TRIGGER conversation_takes_its_words AFTER DELETE ON conversations.conversation REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION conversations.forget_words_of_conversations();

CREATE TRIGGER message_takes_its_words AFTER DELETE ON conversations.message REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION conversations.forget_words_of_messages();

CREATE TRIGGER tenant_is_held AFTER INSERT ON conversations.channel_account REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION conversations.hold_tenant();

CREATE TRIGGER tenant_is_held AFTER INSERT ON conversations.conversation REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION conversations.hold_tenant();

ALTER TABLE ONLY conversations.conversation
    ADD CONSTRAINT conversation_runs_over_an_account FOREIGN KEY (tenant_id, channel_account_id) REFERENCES conversations.channel_account(tenant_id, channel_account_id);

ALTER TABLE ONLY conversations.message
    ADD CONSTRAINT message_belongs_to_a_conversation FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations.conversation(tenant_id, conversation_id);

ALTER TABLE conversations.agent ENABLE ROW LEVEL SECURITY;

CREATE POLICY agent_of_tenant ON conversations.agent USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.agent_slot ENABLE ROW LEVEL SECURITY;

CREATE POLICY agent_slot_of_tenant ON conversations.agent_slot USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.attachment ENABLE ROW LEVEL SECURITY;

ALTER TABLE conversations.attachment_chunk ENABLE ROW LEVEL SECURITY;

CREATE POLICY attachment_chunk_of_tenant ON conversations.attachment_chunk USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY attachment_of_tenant ON conversations.attachment USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.audit_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_entry_of_tenant ON conversations.audit_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.automatic_reply ENABLE ROW LEVEL SECURITY;

CREATE POLICY automatic_reply_of_tenant ON conversations.automatic_reply USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.automatic_reply_said ENABLE ROW LEVEL SECURITY;

CREATE POLICY automatic_reply_said_of_tenant ON conversations.automatic_reply_said USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.blocked_address ENABLE ROW LEVEL SECURITY;

CREATE POLICY blocked_address_of_tenant ON conversations.blocked_address USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.bot ENABLE ROW LEVEL SECURITY;

CREATE POLICY bot_of_tenant ON conversations.bot USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.channel_account ENABLE ROW LEVEL SECURITY;

CREATE POLICY channel_account_of_tenant ON conversations.channel_account USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.closing_rule ENABLE ROW LEVEL SECURITY;

CREATE POLICY closing_rule_of_tenant ON conversations.closing_rule USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.conversation ENABLE ROW LEVEL SECURITY;

CREATE POLICY conversation_of_tenant ON conversations.conversation USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.department ENABLE ROW LEVEL SECURITY;

CREATE POLICY department_of_tenant ON conversations.department USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.erased_contact ENABLE ROW LEVEL SECURITY;

CREATE POLICY erased_contact_of_tenant ON conversations.erased_contact USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.history ENABLE ROW LEVEL SECURITY;

CREATE POLICY history_of_tenant ON conversations.history USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.idempotent_request ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotent_request_expired ON conversations.idempotent_request TO conversations_owner USING ((expire_time < clock_timestamp()));

CREATE POLICY idempotent_request_tenant ON conversations.idempotent_request USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.inbound_message ENABLE ROW LEVEL SECURITY;

CREATE POLICY inbound_message_of_tenant ON conversations.inbound_message USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.message ENABLE ROW LEVEL SECURITY;

CREATE POLICY message_of_tenant ON conversations.message USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.notification ENABLE ROW LEVEL SECURITY;

CREATE POLICY notification_of_tenant ON conversations.notification USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.person ENABLE ROW LEVEL SECURITY;

CREATE POLICY person_of_tenant ON conversations.person USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.person_word ENABLE ROW LEVEL SECURITY;

CREATE POLICY person_word_of_tenant ON conversations.person_word USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.queue_stay ENABLE ROW LEVEL SECURITY;

CREATE POLICY queue_stay_of_tenant ON conversations.queue_stay USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.read_mark ENABLE ROW LEVEL SECURITY;

CREATE POLICY read_mark_of_tenant ON conversations.read_mark USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.report_sample ENABLE ROW LEVEL SECURITY;

CREATE POLICY report_sample_of_tenant ON conversations.report_sample USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.role ENABLE ROW LEVEL SECURITY;

CREATE POLICY role_of_tenant ON conversations.role USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.search_word ENABLE ROW LEVEL SECURITY;

CREATE POLICY search_word_of_tenant ON conversations.search_word USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.tenant ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_of_tenant ON conversations.tenant USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE conversations.visitor ENABLE ROW LEVEL SECURITY;

CREATE POLICY visitor_of_tenant ON conversations.visitor USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

GRANT USAGE ON SCHEMA conversations TO conversations_runtime;

REVOKE ALL ON FUNCTION conversations.event_maintain(keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION conversations.event_maintain(keep interval) TO conversations_runtime;

REVOKE ALL ON FUNCTION conversations.forget_words_of_conversations() FROM PUBLIC;
GRANT ALL ON FUNCTION conversations.forget_words_of_conversations() TO conversations_runtime;

REVOKE ALL ON FUNCTION conversations.forget_words_of_messages() FROM PUBLIC;
GRANT ALL ON FUNCTION conversations.forget_words_of_messages() TO conversations_runtime;

REVOKE ALL ON FUNCTION conversations.hold_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION conversations.hold_tenant() TO conversations_runtime;

REVOKE ALL ON FUNCTION conversations.idempotent_request_purge(limit_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION conversations.idempotent_request_purge(limit_rows integer) TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.agent TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.agent_slot TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.attachment TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.attachment_chunk TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.audit_entry TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.automatic_reply TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.automatic_reply_said TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.blocked_address TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.bot TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.channel_account TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.closing_rule TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.conversation TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.department TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.erased_contact TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.event TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.event_consumer TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.event_epoch TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.event_partition TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.history TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.idempotent_request TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.inbound_message TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.job TO conversations_runtime;

GRANT SELECT,USAGE ON SEQUENCE conversations.job_sequence_seq TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.message TO conversations_runtime;

GRANT SELECT ON TABLE conversations.migration TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.notification TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.person TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.person_word TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.queue_stay TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.read_mark TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.report_sample TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.role TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.search_word TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.swept_tenant TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.tenant TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.tenant_deletion TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.tenant_held TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.tenant_retention TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.timer TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.visitor TO conversations_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.widget_key TO conversations_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE conversations_owner IN SCHEMA conversations GRANT SELECT,USAGE ON SEQUENCES  TO conversations_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE conversations_owner IN SCHEMA conversations GRANT ALL ON FUNCTIONS  TO conversations_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE conversations_owner IN SCHEMA conversations GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO conversations_runtime;

