CREATE SCHEMA routing;

ALTER SCHEMA routing OWNER TO routing_owner;

CREATE FUNCTION routing.event_maintain(keep interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'routing'
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

ALTER FUNCTION routing.event_maintain(keep interval) OWNER TO routing_owner;

CREATE FUNCTION routing.hold_tenant() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'routing'
    AS $$
begin
    insert into tenant_held select distinct tenant_id from inserted on conflict do nothing;
    return null;
end
$$;

ALTER FUNCTION routing.hold_tenant() OWNER TO routing_owner;

CREATE FUNCTION routing.idempotent_request_purge(limit_rows integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'routing'
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

ALTER FUNCTION routing.idempotent_request_purge(limit_rows integer) OWNER TO routing_owner;

CREATE TABLE routing.agent (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    display_name text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    roles text[] DEFAULT '{}'::text[] NOT NULL,
    chat_limit integer,
    email_limit integer,
    skills text[] DEFAULT '{}'::text[] NOT NULL,
    locale text DEFAULT ''::text NOT NULL,
    time_zone text DEFAULT ''::text NOT NULL,
    availability text DEFAULT 'available'::text NOT NULL,
    status_reason text DEFAULT ''::text NOT NULL,
    status_until timestamp with time zone,
    status_time timestamp with time zone NOT NULL,
    status_by uuid,
    missed_offers integer DEFAULT 0 NOT NULL,
    last_assigned_time timestamp with time zone,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT agent_availability_is_known CHECK ((availability = ANY (ARRAY['available'::text, 'away'::text, 'offline'::text]))),
    CONSTRAINT agent_chat_limit_is_sane CHECK (((chat_limit >= 1) AND (chat_limit <= 100))),
    CONSTRAINT agent_display_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 200))),
    CONSTRAINT agent_email_limit_is_sane CHECK (((email_limit >= 1) AND (email_limit <= 1000))),
    CONSTRAINT agent_only_absences_end CHECK (((status_until IS NULL) OR (availability = 'away'::text))),
    CONSTRAINT agent_state_is_known CHECK ((state = ANY (ARRAY['active'::text, 'deactivated'::text])))
);

ALTER TABLE ONLY routing.agent FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.agent OWNER TO routing_owner;

CREATE TABLE routing.agent_department (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    department_id uuid NOT NULL
);

ALTER TABLE ONLY routing.agent_department FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.agent_department OWNER TO routing_owner;

CREATE TABLE routing.agent_status_change (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    status_change_id uuid NOT NULL,
    availability text NOT NULL,
    reason text NOT NULL,
    until_time timestamp with time zone,
    change_time timestamp with time zone NOT NULL,
    changed_by uuid,
    CONSTRAINT status_change_availability_is_known CHECK ((availability = ANY (ARRAY['available'::text, 'away'::text, 'offline'::text])))
);

ALTER TABLE ONLY routing.agent_status_change FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.agent_status_change OWNER TO routing_owner;

CREATE TABLE routing.api_key (
    tenant_id uuid NOT NULL,
    api_key_id uuid NOT NULL,
    display_name text NOT NULL,
    permissions text[] NOT NULL,
    secret_hash bytea NOT NULL,
    expire_time timestamp with time zone,
    last_use_time timestamp with time zone,
    create_time timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    revoke_time timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT api_key_display_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100))),
    CONSTRAINT api_key_secret_hash_is_sha256 CHECK ((octet_length(secret_hash) = 32))
);

ALTER TABLE ONLY routing.api_key FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.api_key OWNER TO routing_owner;

CREATE TABLE routing.api_key_tenant (
    api_key_id uuid NOT NULL,
    tenant_id uuid NOT NULL
);

ALTER TABLE routing.api_key_tenant OWNER TO routing_owner;

CREATE TABLE routing.audit_entry (
    tenant_id uuid NOT NULL,
    audit_entry_id uuid NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    changed_paths text[] DEFAULT '{}'::text[] NOT NULL,
    on_behalf_of text DEFAULT ''::text NOT NULL
);

ALTER TABLE ONLY routing.audit_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.audit_entry OWNER TO routing_owner;

CREATE TABLE routing.conversation (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL,
    state_reason text DEFAULT ''::text NOT NULL,
    state_time timestamp with time zone NOT NULL,
    department_id uuid,
    assignee_id uuid,
    last_assignee_id uuid,
    contact_id uuid,
    pool text NOT NULL,
    is_webchat boolean NOT NULL,
    priority smallint NOT NULL,
    labels text[] NOT NULL,
    arrival_time timestamp with time zone NOT NULL,
    queue_time timestamp with time zone,
    waiting_on_agent boolean NOT NULL,
    waiting_since_time timestamp with time zone,
    reply_window_expire_time timestamp with time zone,
    lapsed_agent_id uuid,
    lapsed_time timestamp with time zone,
    route_method text DEFAULT ''::text NOT NULL,
    CONSTRAINT conversation_lapsed_offer_is_whole CHECK (((lapsed_agent_id IS NULL) = (lapsed_time IS NULL))),
    CONSTRAINT conversation_pool_is_known CHECK ((pool = ANY (ARRAY['chat'::text, 'email'::text]))),
    CONSTRAINT conversation_priority_is_known CHECK (((priority >= 1) AND (priority <= 4)))
);

ALTER TABLE ONLY routing.conversation FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.conversation OWNER TO routing_owner;

CREATE TABLE routing.department (
    tenant_id uuid NOT NULL,
    department_id uuid NOT NULL,
    display_name text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    rules jsonb NOT NULL,
    successor_id uuid,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT department_display_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100))),
    CONSTRAINT department_is_not_its_successor CHECK ((successor_id <> department_id)),
    CONSTRAINT department_state_is_known CHECK ((state = ANY (ARRAY['active'::text, 'archived'::text])))
);

ALTER TABLE ONLY routing.department FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.department OWNER TO routing_owner;

CREATE TABLE routing.dispatch (
    tenant_id uuid NOT NULL,
    department_id uuid NOT NULL,
    wanted bigint DEFAULT 0 NOT NULL,
    served bigint DEFAULT 0 NOT NULL,
    attended boolean DEFAULT false NOT NULL,
    left_time timestamp with time zone
);

ALTER TABLE routing.dispatch OWNER TO routing_owner;

CREATE TABLE routing.event (
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

ALTER TABLE routing.event OWNER TO routing_owner;

CREATE TABLE routing.event_consumer (
    consumer text NOT NULL,
    shard smallint NOT NULL,
    cursor text,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL
);

ALTER TABLE routing.event_consumer OWNER TO routing_owner;

CREATE TABLE routing.event_epoch (
    only_row boolean DEFAULT true NOT NULL,
    epoch bigint DEFAULT 1 NOT NULL,
    CONSTRAINT event_epoch_has_one_row CHECK (only_row)
);

ALTER TABLE routing.event_epoch OWNER TO routing_owner;

CREATE TABLE routing.event_partition (
    partition smallint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    last_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retained_after bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_partition_is_one_of_64 CHECK (((partition >= 0) AND (partition <= 63)))
)
WITH (fillfactor='20');

ALTER TABLE routing.event_partition OWNER TO routing_owner;

CREATE TABLE routing.idempotent_request (
    tenant_id uuid NOT NULL,
    principal text NOT NULL,
    method text NOT NULL,
    request_id text NOT NULL,
    request_hash bytea NOT NULL,
    answer bytea NOT NULL,
    expire_time timestamp with time zone NOT NULL,
    CONSTRAINT idempotent_request_id_is_short CHECK ((octet_length(request_id) <= 255))
);

ALTER TABLE ONLY routing.idempotent_request FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.idempotent_request OWNER TO routing_owner;

CREATE TABLE routing.job (
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

ALTER TABLE routing.job OWNER TO routing_owner;

ALTER TABLE routing.job ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME routing.job_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE routing.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE routing.migration OWNER TO routing_owner;

CREATE TABLE routing.presence (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    state text DEFAULT 'offline'::text NOT NULL,
    counted boolean DEFAULT true NOT NULL,
    last_beat_time timestamp with time zone NOT NULL,
    due_time timestamp with time zone,
    bot boolean DEFAULT false NOT NULL,
    CONSTRAINT presence_offline_stays CHECK (((state = 'offline'::text) = (due_time IS NULL))),
    CONSTRAINT presence_state_is_known CHECK ((state = ANY (ARRAY['online'::text, 'reconnecting'::text, 'offline'::text])))
);

ALTER TABLE routing.presence OWNER TO routing_owner;

CREATE TABLE routing.presence_stint (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    state text NOT NULL,
    begin_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT stint_state_is_known CHECK ((state = ANY (ARRAY['online'::text, 'reconnecting'::text, 'offline'::text])))
);

ALTER TABLE routing.presence_stint OWNER TO routing_owner;

CREATE TABLE routing.reception (
    reception_id smallint DEFAULT 1 NOT NULL,
    note_time timestamp with time zone NOT NULL,
    since_time timestamp with time zone NOT NULL,
    CONSTRAINT reception_is_one_row CHECK ((reception_id = 1))
);

ALTER TABLE routing.reception OWNER TO routing_owner;

CREATE TABLE routing.role (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    display_name text DEFAULT ''::text NOT NULL,
    permissions text[] DEFAULT '{}'::text[] NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT role_name_is_a_word CHECK ((name ~ '^[a-z0-9][a-z0-9_-]{0,39}$'::text))
);

ALTER TABLE ONLY routing.role FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.role OWNER TO routing_owner;

CREATE TABLE routing.tenant (
    tenant_id uuid NOT NULL,
    display_name text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT tenant_display_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 200))),
    CONSTRAINT tenant_state_is_known CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text])))
);

ALTER TABLE ONLY routing.tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE routing.tenant OWNER TO routing_owner;

CREATE TABLE routing.tenant_deletion (
    tenant_id uuid NOT NULL,
    table_name text NOT NULL,
    row_count bigint NOT NULL
);

ALTER TABLE routing.tenant_deletion OWNER TO routing_owner;

CREATE TABLE routing.tenant_held (
    tenant_id uuid NOT NULL
);

ALTER TABLE routing.tenant_held OWNER TO routing_owner;

CREATE TABLE routing.tenant_retention (
    tenant_id uuid NOT NULL,
    category text NOT NULL,
    keep interval NOT NULL
);

ALTER TABLE routing.tenant_retention OWNER TO routing_owner;

CREATE TABLE routing.timer (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    due_time timestamp with time zone NOT NULL,
    CONSTRAINT timer_kind_is_known CHECK ((kind = ANY (ARRAY['status_until'::text, 'offer'::text, 'dispatch'::text, 'rescue'::text])))
);

ALTER TABLE routing.timer OWNER TO routing_owner;

ALTER TABLE ONLY routing.agent_department
    ADD CONSTRAINT agent_department_pkey PRIMARY KEY (tenant_id, agent_id, department_id);

ALTER TABLE ONLY routing.agent
    ADD CONSTRAINT agent_pkey PRIMARY KEY (tenant_id, agent_id);

ALTER TABLE ONLY routing.agent_status_change
    ADD CONSTRAINT agent_status_change_pkey PRIMARY KEY (tenant_id, agent_id, status_change_id);

ALTER TABLE ONLY routing.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (tenant_id, api_key_id);

ALTER TABLE ONLY routing.api_key_tenant
    ADD CONSTRAINT api_key_tenant_pkey PRIMARY KEY (api_key_id);

ALTER TABLE ONLY routing.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (tenant_id, audit_entry_id);

ALTER TABLE ONLY routing.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (tenant_id, conversation_id);

ALTER TABLE ONLY routing.department
    ADD CONSTRAINT department_pkey PRIMARY KEY (tenant_id, department_id);

ALTER TABLE ONLY routing.dispatch
    ADD CONSTRAINT dispatch_pkey PRIMARY KEY (tenant_id, department_id);

ALTER TABLE ONLY routing.event_consumer
    ADD CONSTRAINT event_consumer_key PRIMARY KEY (consumer, shard);

ALTER TABLE ONLY routing.event_epoch
    ADD CONSTRAINT event_epoch_key PRIMARY KEY (only_row);

ALTER TABLE ONLY routing.event
    ADD CONSTRAINT event_key PRIMARY KEY (partition, "position", record_time);

ALTER TABLE ONLY routing.event_partition
    ADD CONSTRAINT event_partition_key PRIMARY KEY (partition);

ALTER TABLE ONLY routing.idempotent_request
    ADD CONSTRAINT idempotent_request_key PRIMARY KEY (tenant_id, principal, method, request_id);

ALTER TABLE ONLY routing.job
    ADD CONSTRAINT job_key PRIMARY KEY (tenant_id, job_id);

ALTER TABLE ONLY routing.migration
    ADD CONSTRAINT migration_key PRIMARY KEY (name);

ALTER TABLE ONLY routing.presence
    ADD CONSTRAINT presence_pkey PRIMARY KEY (tenant_id, agent_id);

ALTER TABLE ONLY routing.presence_stint
    ADD CONSTRAINT presence_stint_key PRIMARY KEY (tenant_id, agent_id, begin_time);

ALTER TABLE ONLY routing.reception
    ADD CONSTRAINT reception_pkey PRIMARY KEY (reception_id);

ALTER TABLE ONLY routing.role
    ADD CONSTRAINT role_pkey PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY routing.tenant_deletion
    ADD CONSTRAINT tenant_deletion_key PRIMARY KEY (tenant_id, table_name);

ALTER TABLE ONLY routing.tenant_held
    ADD CONSTRAINT tenant_held_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY routing.tenant
    ADD CONSTRAINT tenant_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY routing.tenant_retention
    ADD CONSTRAINT tenant_retention_key PRIMARY KEY (tenant_id, category);

ALTER TABLE ONLY routing.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (tenant_id, kind, subject_id);

CREATE INDEX agent_by_name ON routing.agent USING btree (tenant_id, lower((display_name COLLATE "und-x-icu")), agent_id);

CREATE INDEX agent_department_by_department ON routing.agent_department USING btree (tenant_id, department_id, agent_id);

CREATE INDEX agent_status_change_by_time ON routing.agent_status_change USING btree (tenant_id, agent_id, change_time, status_change_id);

CREATE INDEX audit_entry_by_actor ON routing.audit_entry USING btree (tenant_id, actor, audit_entry_id);

CREATE INDEX audit_entry_by_subject ON routing.audit_entry USING btree (tenant_id, subject, audit_entry_id);

CREATE INDEX audit_entry_by_time ON routing.audit_entry USING btree (tenant_id, occur_time);

CREATE INDEX conversation_by_assignee ON routing.conversation USING btree (tenant_id, assignee_id) WHERE (assignee_id IS NOT NULL);

CREATE INDEX conversation_by_department ON routing.conversation USING btree (tenant_id, department_id, state, arrival_time, conversation_id);

CREATE UNIQUE INDEX department_name_is_unique ON routing.department USING btree (tenant_id, lower((display_name COLLATE "und-x-icu"))) WHERE (state = 'active'::text);

CREATE INDEX idempotent_request_expiry ON routing.idempotent_request USING btree (expire_time);

CREATE INDEX job_due ON routing.job USING btree (kind, due_time) WHERE (failure IS NULL);

CREATE INDEX job_order ON routing.job USING btree (tenant_id, ordering_key, sequence) WHERE ((failure IS NULL) AND (ordering_key IS NOT NULL));

CREATE INDEX presence_by_due_time ON routing.presence USING btree (due_time) WHERE (due_time IS NOT NULL);

CREATE UNIQUE INDEX presence_stint_lasts_once ON routing.presence_stint USING btree (tenant_id, agent_id) WHERE (end_time = 'infinity'::timestamp with time zone);

CREATE INDEX timer_by_due_time ON routing.timer USING btree (due_time);

CREATE TRIGGER tenant_is_held AFTER INSERT ON routing.tenant REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION routing.hold_tenant();

ALTER TABLE ONLY routing.agent
    ADD CONSTRAINT agent_belongs_to_a_tenant FOREIGN KEY (tenant_id) REFERENCES routing.tenant(tenant_id);

ALTER TABLE ONLY routing.api_key
    ADD CONSTRAINT api_key_belongs_to_a_tenant FOREIGN KEY (tenant_id) REFERENCES routing.tenant(tenant_id);

ALTER TABLE ONLY routing.department
    ADD CONSTRAINT department_belongs_to_a_tenant FOREIGN KEY (tenant_id) REFERENCES routing.tenant(tenant_id);

ALTER TABLE ONLY routing.department
    ADD CONSTRAINT department_successor_is_a_department FOREIGN KEY (tenant_id, successor_id) REFERENCES routing.department(tenant_id, department_id);

ALTER TABLE ONLY routing.agent_department
    ADD CONSTRAINT membership_is_an_agents FOREIGN KEY (tenant_id, agent_id) REFERENCES routing.agent(tenant_id, agent_id);

ALTER TABLE ONLY routing.agent_department
    ADD CONSTRAINT membership_is_of_a_department FOREIGN KEY (tenant_id, department_id) REFERENCES routing.department(tenant_id, department_id);

ALTER TABLE ONLY routing.role
    ADD CONSTRAINT role_belongs_to_a_tenant FOREIGN KEY (tenant_id) REFERENCES routing.tenant(tenant_id);

ALTER TABLE ONLY routing.agent_status_change
    ADD CONSTRAINT status_change_is_an_agents FOREIGN KEY (tenant_id, agent_id) REFERENCES routing.agent(tenant_id, agent_id);

ALTER TABLE routing.agent ENABLE ROW LEVEL SECURITY;

ALTER TABLE routing.agent_department ENABLE ROW LEVEL SECURITY;

CREATE POLICY agent_department_of_tenant ON routing.agent_department USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY agent_of_tenant ON routing.agent USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE routing.agent_status_change ENABLE ROW LEVEL SECURITY;

CREATE POLICY agent_status_change_of_tenant ON routing.agent_status_change USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE routing.api_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY api_key_of_tenant ON routing.api_key USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE routing.audit_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_entry_of_tenant ON routing.audit_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE routing.conversation ENABLE ROW LEVEL SECURITY;

CREATE POLICY conversation_of_tenant ON routing.conversation USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE routing.department ENABLE ROW LEVEL SECURITY;

CREATE POLICY department_of_tenant ON routing.department USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE routing.idempotent_request ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotent_request_expired ON routing.idempotent_request TO routing_owner USING ((expire_time < clock_timestamp()));

CREATE POLICY idempotent_request_tenant ON routing.idempotent_request USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE routing.role ENABLE ROW LEVEL SECURITY;

CREATE POLICY role_of_tenant ON routing.role USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE routing.tenant ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_of_tenant ON routing.tenant USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

GRANT USAGE ON SCHEMA routing TO routing_runtime;

REVOKE ALL ON FUNCTION routing.event_maintain(keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION routing.event_maintain(keep interval) TO routing_runtime;

REVOKE ALL ON FUNCTION routing.hold_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION routing.hold_tenant() TO routing_runtime;

REVOKE ALL ON FUNCTION routing.idempotent_request_purge(limit_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION routing.idempotent_request_purge(limit_rows integer) TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.agent TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.agent_department TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.agent_status_change TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.api_key TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.api_key_tenant TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.audit_entry TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.conversation TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.department TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.dispatch TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.event TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.event_consumer TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.event_epoch TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.event_partition TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.idempotent_request TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.job TO routing_runtime;

GRANT SELECT,USAGE ON SEQUENCE routing.job_sequence_seq TO routing_runtime;

GRANT SELECT ON TABLE routing.migration TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.presence TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.presence_stint TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.reception TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.role TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.tenant TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.tenant_deletion TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.tenant_held TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.tenant_retention TO routing_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE routing.timer TO routing_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE routing_owner IN SCHEMA routing GRANT SELECT,USAGE ON SEQUENCES  TO routing_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE routing_owner IN SCHEMA routing GRANT ALL ON FUNCTIONS  TO routing_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE routing_owner IN SCHEMA routing GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO routing_runtime;

