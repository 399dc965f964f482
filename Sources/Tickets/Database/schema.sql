CREATE SCHEMA tickets;

ALTER SCHEMA tickets OWNER TO tickets_owner;

CREATE FUNCTION tickets.event_maintain(keep interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'tickets'
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

ALTER FUNCTION tickets.event_maintain(keep interval) OWNER TO tickets_owner;

CREATE FUNCTION tickets.hold_tenant() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'tickets'
    AS $$
begin
    insert into tenant_held select distinct tenant_id from inserted on conflict do nothing;
    return null;
end
$$;

ALTER FUNCTION tickets.hold_tenant() OWNER TO tickets_owner;

CREATE FUNCTION tickets.idempotent_request_purge(limit_rows integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'tickets'
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

ALTER FUNCTION tickets.idempotent_request_purge(limit_rows integer) OWNER TO tickets_owner;

CREATE TABLE tickets.audit_entry (
    tenant_id uuid NOT NULL,
    audit_entry_id uuid NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor text NOT NULL,
    on_behalf_of text DEFAULT ''::text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    changed_paths text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY tickets.audit_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.audit_entry OWNER TO tickets_owner;

CREATE TABLE tickets.calendar (
    tenant_id uuid NOT NULL,
    calendar_id uuid NOT NULL,
    display_name text NOT NULL,
    is_archived boolean DEFAULT false NOT NULL,
    calendar_version integer DEFAULT 1 NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT calendar_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100)))
);

ALTER TABLE ONLY tickets.calendar FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.calendar OWNER TO tickets_owner;

CREATE TABLE tickets.calendar_version (
    tenant_id uuid NOT NULL,
    calendar_id uuid NOT NULL,
    calendar_version integer NOT NULL,
    time_zone text NOT NULL,
    hours jsonb NOT NULL,
    create_time timestamp with time zone NOT NULL
);

ALTER TABLE ONLY tickets.calendar_version FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.calendar_version OWNER TO tickets_owner;

CREATE TABLE tickets.catalogue_service (
    tenant_id uuid NOT NULL,
    service_id uuid NOT NULL,
    display_name text NOT NULL,
    category_id uuid,
    department_id uuid,
    is_archived boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT service_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100)))
);

ALTER TABLE ONLY tickets.catalogue_service FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.catalogue_service OWNER TO tickets_owner;

CREATE TABLE tickets.category (
    tenant_id uuid NOT NULL,
    category_id uuid NOT NULL,
    parent_category_id uuid,
    display_name text NOT NULL,
    is_archived boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT category_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100)))
);

ALTER TABLE ONLY tickets.category FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.category OWNER TO tickets_owner;

CREATE TABLE tickets.clock_alarm (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    kind text NOT NULL,
    due_time timestamp with time zone NOT NULL,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL
);

ALTER TABLE tickets.clock_alarm OWNER TO tickets_owner;

CREATE TABLE tickets.clock_entry (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    kind text NOT NULL,
    number integer NOT NULL,
    cycle integer NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    state text NOT NULL,
    cause text NOT NULL,
    policy_id uuid,
    target_microseconds bigint,
    warn_before_microseconds bigint,
    pauses boolean DEFAULT false NOT NULL,
    pause_statuses text[] DEFAULT '{}'::text[] NOT NULL,
    calendar_id uuid,
    calendar_version integer
);

ALTER TABLE ONLY tickets.clock_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.clock_entry OWNER TO tickets_owner;

CREATE TABLE tickets.erased_contact (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL
);

ALTER TABLE ONLY tickets.erased_contact FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.erased_contact OWNER TO tickets_owner;

CREATE TABLE tickets.event (
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

ALTER TABLE tickets.event OWNER TO tickets_owner;

CREATE TABLE tickets.event_consumer (
    consumer text NOT NULL,
    shard smallint NOT NULL,
    cursor text,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL
);

ALTER TABLE tickets.event_consumer OWNER TO tickets_owner;

CREATE TABLE tickets.event_epoch (
    only_row boolean DEFAULT true NOT NULL,
    epoch bigint DEFAULT 1 NOT NULL,
    CONSTRAINT event_epoch_has_one_row CHECK (only_row)
);

ALTER TABLE tickets.event_epoch OWNER TO tickets_owner;

CREATE TABLE tickets.event_partition (
    partition smallint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    last_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retained_after bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_partition_is_one_of_64 CHECK (((partition >= 0) AND (partition <= 63)))
)
WITH (fillfactor='20');

ALTER TABLE tickets.event_partition OWNER TO tickets_owner;

CREATE TABLE tickets.history_entry (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    reason text NOT NULL,
    changes jsonb NOT NULL
);

ALTER TABLE ONLY tickets.history_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.history_entry OWNER TO tickets_owner;

CREATE TABLE tickets.idempotent_request (
    tenant_id uuid NOT NULL,
    principal text NOT NULL,
    method text NOT NULL,
    request_id text NOT NULL,
    request_hash bytea NOT NULL,
    answer bytea NOT NULL,
    expire_time timestamp with time zone NOT NULL,
    CONSTRAINT idempotent_request_id_is_short CHECK ((octet_length(request_id) <= 255))
);

ALTER TABLE ONLY tickets.idempotent_request FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.idempotent_request OWNER TO tickets_owner;

CREATE TABLE tickets.job (
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

ALTER TABLE tickets.job OWNER TO tickets_owner;

ALTER TABLE tickets.job ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tickets.job_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tickets.known_agent (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    department_ids uuid[] NOT NULL
);

ALTER TABLE ONLY tickets.known_agent FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.known_agent OWNER TO tickets_owner;

CREATE TABLE tickets.known_department (
    tenant_id uuid NOT NULL,
    department_id uuid NOT NULL,
    archived boolean NOT NULL
);

ALTER TABLE ONLY tickets.known_department FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.known_department OWNER TO tickets_owner;

CREATE TABLE tickets.known_role (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    permissions text[] NOT NULL
);

ALTER TABLE ONLY tickets.known_role FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.known_role OWNER TO tickets_owner;

CREATE TABLE tickets.known_tenant (
    tenant_id uuid NOT NULL,
    suspended boolean NOT NULL,
    time_zone text NOT NULL
);

ALTER TABLE ONLY tickets.known_tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.known_tenant OWNER TO tickets_owner;

CREATE TABLE tickets.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE tickets.migration OWNER TO tickets_owner;

CREATE TABLE tickets.report_sample (
    tenant_id uuid NOT NULL,
    measure text NOT NULL,
    sample_time timestamp with time zone NOT NULL,
    ticket_id uuid NOT NULL,
    history_number integer NOT NULL,
    department_id uuid,
    agent_id uuid,
    is_attained boolean,
    microseconds bigint,
    CONSTRAINT sample_measure_is_known CHECK ((measure = ANY (ARRAY['volume'::text, 'resolution'::text, 'first_response_sla'::text, 'next_response_sla'::text, 'resolution_sla'::text])))
);

ALTER TABLE ONLY tickets.report_sample FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.report_sample OWNER TO tickets_owner;

CREATE TABLE tickets.sla_policy (
    tenant_id uuid NOT NULL,
    policy_id uuid NOT NULL,
    display_name text NOT NULL,
    rank integer NOT NULL,
    condition jsonb NOT NULL,
    targets jsonb NOT NULL,
    calendar_id uuid,
    pause_statuses text[] NOT NULL,
    is_archived boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT policy_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100))),
    CONSTRAINT policy_rank_is_in_range CHECK (((rank >= 1) AND (rank <= 10000)))
);

ALTER TABLE ONLY tickets.sla_policy FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.sla_policy OWNER TO tickets_owner;

CREATE TABLE tickets.tenant_deletion (
    tenant_id uuid NOT NULL,
    table_name text NOT NULL,
    row_count bigint NOT NULL
);

ALTER TABLE tickets.tenant_deletion OWNER TO tickets_owner;

CREATE TABLE tickets.tenant_held (
    tenant_id uuid NOT NULL
);

ALTER TABLE tickets.tenant_held OWNER TO tickets_owner;

CREATE TABLE tickets.tenant_retention (
    tenant_id uuid NOT NULL,
    category text NOT NULL,
    keep interval NOT NULL
);

ALTER TABLE tickets.tenant_retention OWNER TO tickets_owner;

CREATE TABLE tickets.ticket (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    number text NOT NULL,
    sequence integer NOT NULL,
    status text NOT NULL,
    status_reason text DEFAULT ''::text NOT NULL,
    subject text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    type text NOT NULL,
    requester_id uuid,
    service_id uuid,
    category_id uuid,
    priority_id uuid,
    assignee_id uuid,
    assignee_follows boolean DEFAULT true NOT NULL,
    department_id uuid,
    labels text[] DEFAULT '{}'::text[] NOT NULL,
    waiting_on text DEFAULT 'nobody'::text NOT NULL,
    policy_id uuid,
    merged_into_id uuid,
    follow_up_of_id uuid,
    split_from_id uuid,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    resolve_time timestamp with time zone,
    end_time timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    history_count integer DEFAULT 0 NOT NULL,
    channel text DEFAULT ''::text NOT NULL,
    purge_time timestamp with time zone,
    CONSTRAINT ticket_status_is_known CHECK ((status = ANY (ARRAY['new'::text, 'open'::text, 'pending'::text, 'on_hold'::text, 'resolved'::text, 'closed'::text, 'cancelled'::text]))),
    CONSTRAINT ticket_subject_is_short CHECK (((char_length(subject) >= 1) AND (char_length(subject) <= 300))),
    CONSTRAINT ticket_type_is_known CHECK ((type = ANY (ARRAY['public'::text, 'internal'::text]))),
    CONSTRAINT ticket_waiting_is_known CHECK ((waiting_on = ANY (ARRAY['nobody'::text, 'agent'::text, 'customer'::text])))
);

ALTER TABLE ONLY tickets.ticket FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_attachment (
    tenant_id uuid NOT NULL,
    attachment_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    uploader text NOT NULL,
    is_whole boolean DEFAULT false NOT NULL,
    is_shown boolean DEFAULT false NOT NULL,
    is_public boolean DEFAULT false NOT NULL,
    media_type text NOT NULL,
    file_name text NOT NULL,
    size_bytes integer DEFAULT 0 NOT NULL,
    sha256 text DEFAULT ''::text NOT NULL,
    create_time timestamp with time zone NOT NULL
);

ALTER TABLE ONLY tickets.ticket_attachment FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_attachment OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_attachment_chunk (
    tenant_id uuid NOT NULL,
    attachment_id uuid NOT NULL,
    n integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT ticket_attachment_chunk_is_small CHECK ((octet_length(bytes) <= 262144))
);

ALTER TABLE ONLY tickets.ticket_attachment_chunk FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_attachment_chunk OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_clock (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    kind text NOT NULL,
    cycle integer NOT NULL,
    entry_count integer NOT NULL,
    state text NOT NULL,
    due_time timestamp with time zone,
    warned_time timestamp with time zone,
    breach_time timestamp with time zone,
    CONSTRAINT clock_kind_is_known CHECK ((kind = ANY (ARRAY['first_response'::text, 'next_response'::text, 'resolution'::text]))),
    CONSTRAINT clock_state_is_known CHECK ((state = ANY (ARRAY['running'::text, 'paused'::text, 'met'::text, 'ended'::text])))
);

ALTER TABLE ONLY tickets.ticket_clock FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_clock OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_comment (
    tenant_id uuid NOT NULL,
    comment_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    is_public boolean NOT NULL,
    text text NOT NULL,
    attachment_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    create_time timestamp with time zone NOT NULL,
    CONSTRAINT comment_text_is_short CHECK (((char_length(text) >= 1) AND (char_length(text) <= 20000)))
);

ALTER TABLE ONLY tickets.ticket_comment FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_comment OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_conversation (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    is_closed boolean DEFAULT false NOT NULL,
    waiting_on text DEFAULT 'nobody'::text NOT NULL,
    assignee_id uuid,
    link_time timestamp with time zone NOT NULL,
    last_event_id text DEFAULT ''::text NOT NULL,
    last_event_time timestamp with time zone,
    CONSTRAINT conversation_waiting_is_known CHECK ((waiting_on = ANY (ARRAY['nobody'::text, 'agent'::text, 'customer'::text])))
);

ALTER TABLE ONLY tickets.ticket_conversation FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_conversation OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_counter (
    tenant_id uuid NOT NULL,
    last_number integer NOT NULL
);

ALTER TABLE ONLY tickets.ticket_counter FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_counter OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_link (
    tenant_id uuid NOT NULL,
    link_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    target_ticket_id uuid NOT NULL,
    kind text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    create_time timestamp with time zone NOT NULL,
    CONSTRAINT link_goes_elsewhere CHECK ((ticket_id <> target_ticket_id)),
    CONSTRAINT link_kind_is_known CHECK ((kind = ANY (ARRAY['related'::text, 'parent'::text, 'duplicate'::text, 'blocked'::text, 'follow_up'::text, 'split'::text])))
);

ALTER TABLE ONLY tickets.ticket_link FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_link OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_merge (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    surviving_ticket_id uuid NOT NULL,
    merged_ticket_id uuid NOT NULL,
    reason text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    merge_time timestamp with time zone NOT NULL,
    conversation_ids uuid[] NOT NULL,
    undo_time timestamp with time zone,
    undo_actor_kind text,
    undo_actor_id text,
    version bigint DEFAULT 1 NOT NULL
);

ALTER TABLE ONLY tickets.ticket_merge FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_merge OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_priority (
    tenant_id uuid NOT NULL,
    priority_id uuid NOT NULL,
    display_name text NOT NULL,
    rank integer NOT NULL,
    is_standard boolean DEFAULT false NOT NULL,
    is_archived boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT priority_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100))),
    CONSTRAINT priority_rank_is_in_range CHECK (((rank >= 1) AND (rank <= 1000))),
    CONSTRAINT priority_standard_is_not_archived CHECK ((NOT (is_standard AND is_archived)))
);

ALTER TABLE ONLY tickets.ticket_priority FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_priority OWNER TO tickets_owner;

CREATE TABLE tickets.ticket_settings (
    tenant_id uuid NOT NULL,
    number_prefix text DEFAULT ''::text NOT NULL,
    reopen_within_seconds bigint DEFAULT 604800 NOT NULL,
    strictest boolean DEFAULT false NOT NULL,
    required_on_close text[] DEFAULT '{}'::text[] NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT settings_prefix_is_short CHECK ((number_prefix ~ '^[A-Z0-9-]{0,12}$'::text))
);

ALTER TABLE ONLY tickets.ticket_settings FORCE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_settings OWNER TO tickets_owner;

ALTER TABLE ONLY tickets.audit_entry
    ADD CONSTRAINT audit_entry_key PRIMARY KEY (tenant_id, audit_entry_id);

ALTER TABLE ONLY tickets.calendar
    ADD CONSTRAINT calendar_name_is_unique UNIQUE (tenant_id, display_name);

ALTER TABLE ONLY tickets.calendar
    ADD CONSTRAINT calendar_pkey PRIMARY KEY (tenant_id, calendar_id);

ALTER TABLE ONLY tickets.calendar_version
    ADD CONSTRAINT calendar_version_pkey PRIMARY KEY (tenant_id, calendar_id, calendar_version);

ALTER TABLE ONLY tickets.catalogue_service
    ADD CONSTRAINT catalogue_service_pkey PRIMARY KEY (tenant_id, service_id);

ALTER TABLE ONLY tickets.category
    ADD CONSTRAINT category_name_is_unique UNIQUE NULLS NOT DISTINCT (tenant_id, parent_category_id, display_name);

ALTER TABLE ONLY tickets.category
    ADD CONSTRAINT category_pkey PRIMARY KEY (tenant_id, category_id);

ALTER TABLE ONLY tickets.clock_alarm
    ADD CONSTRAINT clock_alarm_pkey PRIMARY KEY (tenant_id, ticket_id, kind);

ALTER TABLE ONLY tickets.clock_entry
    ADD CONSTRAINT clock_entry_pkey PRIMARY KEY (tenant_id, ticket_id, kind, number);

ALTER TABLE ONLY tickets.erased_contact
    ADD CONSTRAINT erased_contact_pkey PRIMARY KEY (tenant_id, contact_id);

ALTER TABLE ONLY tickets.event_consumer
    ADD CONSTRAINT event_consumer_key PRIMARY KEY (consumer, shard);

ALTER TABLE ONLY tickets.event_epoch
    ADD CONSTRAINT event_epoch_key PRIMARY KEY (only_row);

ALTER TABLE ONLY tickets.event
    ADD CONSTRAINT event_key PRIMARY KEY (partition, "position", record_time);

ALTER TABLE ONLY tickets.event_partition
    ADD CONSTRAINT event_partition_key PRIMARY KEY (partition);

ALTER TABLE ONLY tickets.history_entry
    ADD CONSTRAINT history_entry_pkey PRIMARY KEY (tenant_id, ticket_id, number);

ALTER TABLE ONLY tickets.idempotent_request
    ADD CONSTRAINT idempotent_request_key PRIMARY KEY (tenant_id, principal, method, request_id);

ALTER TABLE ONLY tickets.job
    ADD CONSTRAINT job_key PRIMARY KEY (tenant_id, job_id);

ALTER TABLE ONLY tickets.known_agent
    ADD CONSTRAINT known_agent_key PRIMARY KEY (tenant_id, agent_id);

ALTER TABLE ONLY tickets.known_department
    ADD CONSTRAINT known_department_key PRIMARY KEY (tenant_id, department_id);

ALTER TABLE ONLY tickets.known_role
    ADD CONSTRAINT known_role_key PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY tickets.known_tenant
    ADD CONSTRAINT known_tenant_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY tickets.ticket_link
    ADD CONSTRAINT link_is_there_once UNIQUE (tenant_id, ticket_id, target_ticket_id, kind);

ALTER TABLE ONLY tickets.migration
    ADD CONSTRAINT migration_key PRIMARY KEY (name);

ALTER TABLE ONLY tickets.sla_policy
    ADD CONSTRAINT policy_name_is_unique UNIQUE (tenant_id, display_name);

ALTER TABLE ONLY tickets.sla_policy
    ADD CONSTRAINT policy_rank_is_unique UNIQUE (tenant_id, rank);

ALTER TABLE ONLY tickets.ticket_priority
    ADD CONSTRAINT priority_name_is_unique UNIQUE (tenant_id, display_name);

ALTER TABLE ONLY tickets.ticket_priority
    ADD CONSTRAINT priority_rank_is_unique UNIQUE (tenant_id, rank);

ALTER TABLE ONLY tickets.report_sample
    ADD CONSTRAINT report_sample_key PRIMARY KEY (tenant_id, measure, sample_time, ticket_id, history_number);

ALTER TABLE ONLY tickets.catalogue_service
    ADD CONSTRAINT service_name_is_unique UNIQUE (tenant_id, display_name);

ALTER TABLE ONLY tickets.sla_policy
    ADD CONSTRAINT sla_policy_pkey PRIMARY KEY (tenant_id, policy_id);

ALTER TABLE ONLY tickets.tenant_deletion
    ADD CONSTRAINT tenant_deletion_key PRIMARY KEY (tenant_id, table_name);

ALTER TABLE ONLY tickets.tenant_held
    ADD CONSTRAINT tenant_held_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY tickets.tenant_retention
    ADD CONSTRAINT tenant_retention_key PRIMARY KEY (tenant_id, category);

ALTER TABLE ONLY tickets.ticket_attachment_chunk
    ADD CONSTRAINT ticket_attachment_chunk_key PRIMARY KEY (tenant_id, attachment_id, n);

ALTER TABLE ONLY tickets.ticket_attachment
    ADD CONSTRAINT ticket_attachment_key PRIMARY KEY (tenant_id, attachment_id);

ALTER TABLE ONLY tickets.ticket_clock
    ADD CONSTRAINT ticket_clock_pkey PRIMARY KEY (tenant_id, ticket_id, kind);

ALTER TABLE ONLY tickets.ticket_comment
    ADD CONSTRAINT ticket_comment_pkey PRIMARY KEY (tenant_id, comment_id);

ALTER TABLE ONLY tickets.ticket_conversation
    ADD CONSTRAINT ticket_conversation_pkey PRIMARY KEY (tenant_id, conversation_id);

ALTER TABLE ONLY tickets.ticket_counter
    ADD CONSTRAINT ticket_counter_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY tickets.ticket_link
    ADD CONSTRAINT ticket_link_pkey PRIMARY KEY (tenant_id, link_id);

ALTER TABLE ONLY tickets.ticket_merge
    ADD CONSTRAINT ticket_merge_pkey PRIMARY KEY (tenant_id, merge_id);

ALTER TABLE ONLY tickets.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (tenant_id, ticket_id);

ALTER TABLE ONLY tickets.ticket_priority
    ADD CONSTRAINT ticket_priority_pkey PRIMARY KEY (tenant_id, priority_id);

ALTER TABLE ONLY tickets.ticket
    ADD CONSTRAINT ticket_sequence_is_unique UNIQUE (tenant_id, sequence);

ALTER TABLE ONLY tickets.ticket_settings
    ADD CONSTRAINT ticket_settings_pkey PRIMARY KEY (tenant_id);

CREATE INDEX alarm_by_due ON tickets.clock_alarm USING btree (due_time);

CREATE INDEX audit_entry_by_actor ON tickets.audit_entry USING btree (tenant_id, actor, audit_entry_id);

CREATE INDEX audit_entry_by_subject ON tickets.audit_entry USING btree (tenant_id, subject, audit_entry_id);

CREATE INDEX clock_at_risk ON tickets.ticket_clock USING btree (tenant_id, ticket_id) WHERE ((state = 'running'::text) AND ((warned_time IS NOT NULL) OR (breach_time IS NOT NULL)));

CREATE INDEX clock_by_due ON tickets.ticket_clock USING btree (tenant_id, due_time) WHERE (due_time IS NOT NULL);

CREATE INDEX comment_by_ticket ON tickets.ticket_comment USING btree (tenant_id, ticket_id, create_time, comment_id);

CREATE INDEX conversation_by_ticket ON tickets.ticket_conversation USING btree (tenant_id, ticket_id, link_time);

CREATE INDEX idempotent_request_expiry ON tickets.idempotent_request USING btree (expire_time);

CREATE INDEX job_due ON tickets.job USING btree (kind, due_time) WHERE (failure IS NULL);

CREATE INDEX job_order ON tickets.job USING btree (tenant_id, ordering_key, sequence) WHERE ((failure IS NULL) AND (ordering_key IS NOT NULL));

CREATE INDEX link_by_target ON tickets.ticket_link USING btree (tenant_id, target_ticket_id);

CREATE INDEX merge_by_survivor ON tickets.ticket_merge USING btree (tenant_id, surviving_ticket_id, merge_time);

CREATE UNIQUE INDEX merge_holds_once ON tickets.ticket_merge USING btree (tenant_id, merged_ticket_id) WHERE (undo_time IS NULL);

CREATE UNIQUE INDEX priority_standard_is_one ON tickets.ticket_priority USING btree (tenant_id) WHERE is_standard;

CREATE INDEX ticket_alive ON tickets.ticket USING btree (tenant_id, ticket_id) WHERE ((status <> ALL (ARRAY['closed'::text, 'cancelled'::text])) AND (merged_into_id IS NULL));

CREATE INDEX ticket_attachment_not_shown ON tickets.ticket_attachment USING btree (tenant_id, create_time) WHERE (NOT is_shown);

CREATE INDEX ticket_attachment_of_ticket ON tickets.ticket_attachment USING btree (tenant_id, ticket_id);

CREATE INDEX ticket_by_assignee ON tickets.ticket USING btree (tenant_id, assignee_id, create_time, ticket_id) WHERE (assignee_id IS NOT NULL);

CREATE INDEX ticket_by_create_time ON tickets.ticket USING btree (tenant_id, create_time, ticket_id);

CREATE INDEX ticket_by_number ON tickets.ticket USING btree (tenant_id, number);

CREATE INDEX ticket_by_requester ON tickets.ticket USING btree (tenant_id, requester_id, create_time, ticket_id) WHERE (requester_id IS NOT NULL);

CREATE INDEX ticket_by_update_time ON tickets.ticket USING btree (tenant_id, update_time, ticket_id);

CREATE INDEX ticket_to_purge ON tickets.ticket USING btree (tenant_id, end_time) WHERE ((end_time IS NOT NULL) AND (purge_time IS NULL));

CREATE TRIGGER tenant_is_held AFTER INSERT ON tickets.category REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION tickets.hold_tenant();

CREATE TRIGGER tenant_is_held AFTER INSERT ON tickets.ticket REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION tickets.hold_tenant();

ALTER TABLE ONLY tickets.calendar_version
    ADD CONSTRAINT calendar_version_is_of_a_calendar FOREIGN KEY (tenant_id, calendar_id) REFERENCES tickets.calendar(tenant_id, calendar_id);

ALTER TABLE ONLY tickets.category
    ADD CONSTRAINT category_has_a_parent FOREIGN KEY (tenant_id, parent_category_id) REFERENCES tickets.category(tenant_id, category_id);

ALTER TABLE ONLY tickets.ticket_clock
    ADD CONSTRAINT clock_has_a_ticket FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.ticket_comment
    ADD CONSTRAINT comment_has_a_ticket FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.ticket_conversation
    ADD CONSTRAINT conversation_has_a_ticket FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.clock_entry
    ADD CONSTRAINT entry_has_a_clock FOREIGN KEY (tenant_id, ticket_id, kind) REFERENCES tickets.ticket_clock(tenant_id, ticket_id, kind);

ALTER TABLE ONLY tickets.clock_entry
    ADD CONSTRAINT entry_ran_in_a_calendar FOREIGN KEY (tenant_id, calendar_id, calendar_version) REFERENCES tickets.calendar_version(tenant_id, calendar_id, calendar_version);

ALTER TABLE ONLY tickets.history_entry
    ADD CONSTRAINT history_has_a_ticket FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.ticket_link
    ADD CONSTRAINT link_has_a_target FOREIGN KEY (tenant_id, target_ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.ticket_link
    ADD CONSTRAINT link_has_a_ticket FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.ticket_merge
    ADD CONSTRAINT merge_has_a_merged FOREIGN KEY (tenant_id, merged_ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.ticket_merge
    ADD CONSTRAINT merge_has_a_survivor FOREIGN KEY (tenant_id, surviving_ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.sla_policy
    ADD CONSTRAINT policy_has_a_calendar FOREIGN KEY (tenant_id, calendar_id) REFERENCES tickets.calendar(tenant_id, calendar_id);

ALTER TABLE ONLY tickets.catalogue_service
    ADD CONSTRAINT service_has_a_category FOREIGN KEY (tenant_id, category_id) REFERENCES tickets.category(tenant_id, category_id);

ALTER TABLE ONLY tickets.ticket_attachment
    ADD CONSTRAINT ticket_attachment_belongs_to_a_ticket FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets.ticket(tenant_id, ticket_id);

ALTER TABLE ONLY tickets.ticket_attachment_chunk
    ADD CONSTRAINT ticket_attachment_chunk_has_a_file FOREIGN KEY (tenant_id, attachment_id) REFERENCES tickets.ticket_attachment(tenant_id, attachment_id) ON DELETE CASCADE;

ALTER TABLE ONLY tickets.ticket
    ADD CONSTRAINT ticket_has_a_category FOREIGN KEY (tenant_id, category_id) REFERENCES tickets.category(tenant_id, category_id);

ALTER TABLE ONLY tickets.ticket
    ADD CONSTRAINT ticket_has_a_priority FOREIGN KEY (tenant_id, priority_id) REFERENCES tickets.ticket_priority(tenant_id, priority_id);

ALTER TABLE ONLY tickets.ticket
    ADD CONSTRAINT ticket_has_a_service FOREIGN KEY (tenant_id, service_id) REFERENCES tickets.catalogue_service(tenant_id, service_id);

ALTER TABLE tickets.audit_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_entry_of_tenant ON tickets.audit_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.calendar ENABLE ROW LEVEL SECURITY;

CREATE POLICY calendar_of_tenant ON tickets.calendar USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.calendar_version ENABLE ROW LEVEL SECURITY;

CREATE POLICY calendar_version_of_tenant ON tickets.calendar_version USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.catalogue_service ENABLE ROW LEVEL SECURITY;

CREATE POLICY catalogue_service_of_tenant ON tickets.catalogue_service USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.category ENABLE ROW LEVEL SECURITY;

CREATE POLICY category_of_tenant ON tickets.category USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.clock_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY clock_entry_of_tenant ON tickets.clock_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.erased_contact ENABLE ROW LEVEL SECURITY;

CREATE POLICY erased_contact_of_tenant ON tickets.erased_contact USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.history_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY history_entry_of_tenant ON tickets.history_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.idempotent_request ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotent_request_expired ON tickets.idempotent_request TO tickets_owner USING ((expire_time < clock_timestamp()));

CREATE POLICY idempotent_request_tenant ON tickets.idempotent_request USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.known_agent ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_agent_of_tenant ON tickets.known_agent USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.known_department ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_department_of_tenant ON tickets.known_department USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.known_role ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_role_of_tenant ON tickets.known_role USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.known_tenant ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_tenant_of_tenant ON tickets.known_tenant USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.report_sample ENABLE ROW LEVEL SECURITY;

CREATE POLICY report_sample_of_tenant ON tickets.report_sample USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.sla_policy ENABLE ROW LEVEL SECURITY;

CREATE POLICY sla_policy_of_tenant ON tickets.sla_policy USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket ENABLE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_attachment ENABLE ROW LEVEL SECURITY;

ALTER TABLE tickets.ticket_attachment_chunk ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_attachment_chunk_of_tenant ON tickets.ticket_attachment_chunk USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY ticket_attachment_of_tenant ON tickets.ticket_attachment USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket_clock ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_clock_of_tenant ON tickets.ticket_clock USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket_comment ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_comment_of_tenant ON tickets.ticket_comment USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket_conversation ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_conversation_of_tenant ON tickets.ticket_conversation USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket_counter ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_counter_of_tenant ON tickets.ticket_counter USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket_link ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_link_of_tenant ON tickets.ticket_link USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket_merge ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_merge_of_tenant ON tickets.ticket_merge USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY ticket_of_tenant ON tickets.ticket USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket_priority ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_priority_of_tenant ON tickets.ticket_priority USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE tickets.ticket_settings ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_settings_of_tenant ON tickets.ticket_settings USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

GRANT USAGE ON SCHEMA tickets TO tickets_runtime;

REVOKE ALL ON FUNCTION tickets.event_maintain(keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION tickets.event_maintain(keep interval) TO tickets_runtime;

REVOKE ALL ON FUNCTION tickets.hold_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION tickets.hold_tenant() TO tickets_runtime;

REVOKE ALL ON FUNCTION tickets.idempotent_request_purge(limit_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tickets.idempotent_request_purge(limit_rows integer) TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.audit_entry TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.calendar TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.calendar_version TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.catalogue_service TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.category TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.clock_alarm TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.clock_entry TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.erased_contact TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.event TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.event_consumer TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.event_epoch TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.event_partition TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.history_entry TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.idempotent_request TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.job TO tickets_runtime;

GRANT SELECT,USAGE ON SEQUENCE tickets.job_sequence_seq TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.known_agent TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.known_department TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.known_role TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.known_tenant TO tickets_runtime;

GRANT SELECT ON TABLE tickets.migration TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.report_sample TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.sla_policy TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.tenant_deletion TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.tenant_held TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.tenant_retention TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_attachment TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_attachment_chunk TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_clock TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_comment TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_conversation TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_counter TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_link TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_merge TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_priority TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.ticket_settings TO tickets_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE tickets_owner IN SCHEMA tickets GRANT SELECT,USAGE ON SEQUENCES  TO tickets_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE tickets_owner IN SCHEMA tickets GRANT ALL ON FUNCTIONS  TO tickets_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE tickets_owner IN SCHEMA tickets GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO tickets_runtime;

