CREATE SCHEMA channels;

ALTER SCHEMA channels OWNER TO channels_owner;

CREATE FUNCTION channels.event_maintain(keep interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'channels'
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

ALTER FUNCTION channels.event_maintain(keep interval) OWNER TO channels_owner;

CREATE FUNCTION channels.hold_tenant() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'channels'
    AS $$
begin
    insert into tenant_held select distinct tenant_id from inserted on conflict do nothing;
    return null;
end
$$;

ALTER FUNCTION channels.hold_tenant() OWNER TO channels_owner;

CREATE FUNCTION channels.idempotent_request_purge(limit_rows integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'channels'
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

ALTER FUNCTION channels.idempotent_request_purge(limit_rows integer) OWNER TO channels_owner;

CREATE TABLE channels.account_stop (
    tenant_id uuid NOT NULL,
    channel_account_id uuid NOT NULL,
    error_class text NOT NULL,
    end_time timestamp with time zone NOT NULL
);

ALTER TABLE ONLY channels.account_stop FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.account_stop OWNER TO channels_owner;

CREATE TABLE channels.audit_entry (
    tenant_id uuid NOT NULL,
    audit_entry_id uuid NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor text NOT NULL,
    on_behalf_of text DEFAULT ''::text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    changed_paths text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY channels.audit_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.audit_entry OWNER TO channels_owner;

CREATE TABLE channels.erased_contact (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL
);

ALTER TABLE ONLY channels.erased_contact FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.erased_contact OWNER TO channels_owner;

CREATE TABLE channels.event (
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

ALTER TABLE channels.event OWNER TO channels_owner;

CREATE TABLE channels.event_consumer (
    consumer text NOT NULL,
    shard smallint NOT NULL,
    cursor text,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL
);

ALTER TABLE channels.event_consumer OWNER TO channels_owner;

CREATE TABLE channels.event_epoch (
    only_row boolean DEFAULT true NOT NULL,
    epoch bigint DEFAULT 1 NOT NULL,
    CONSTRAINT event_epoch_has_one_row CHECK (only_row)
);

ALTER TABLE channels.event_epoch OWNER TO channels_owner;

CREATE TABLE channels.event_partition (
    partition smallint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    last_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retained_after bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_partition_is_one_of_64 CHECK (((partition >= 0) AND (partition <= 63)))
)
WITH (fillfactor='20');

ALTER TABLE channels.event_partition OWNER TO channels_owner;

CREATE TABLE channels.idempotent_request (
    tenant_id uuid NOT NULL,
    principal text NOT NULL,
    method text NOT NULL,
    request_id text NOT NULL,
    request_hash bytea NOT NULL,
    answer bytea NOT NULL,
    expire_time timestamp with time zone NOT NULL,
    CONSTRAINT idempotent_request_id_is_short CHECK ((octet_length(request_id) <= 255))
);

ALTER TABLE ONLY channels.idempotent_request FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.idempotent_request OWNER TO channels_owner;

CREATE TABLE channels.job (
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

ALTER TABLE channels.job OWNER TO channels_owner;

ALTER TABLE channels.job ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME channels.job_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE channels.known_agent (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    department_ids uuid[] NOT NULL
);

ALTER TABLE ONLY channels.known_agent FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.known_agent OWNER TO channels_owner;

CREATE TABLE channels.known_department (
    tenant_id uuid NOT NULL,
    department_id uuid NOT NULL,
    archived boolean NOT NULL
);

ALTER TABLE ONLY channels.known_department FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.known_department OWNER TO channels_owner;

CREATE TABLE channels.known_role (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    permissions text[] NOT NULL
);

ALTER TABLE ONLY channels.known_role FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.known_role OWNER TO channels_owner;

CREATE TABLE channels.known_tenant (
    tenant_id uuid NOT NULL,
    suspended boolean NOT NULL,
    time_zone text NOT NULL
);

ALTER TABLE ONLY channels.known_tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.known_tenant OWNER TO channels_owner;

CREATE TABLE channels.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE channels.migration OWNER TO channels_owner;

CREATE TABLE channels.outbound (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    channel_account_id uuid NOT NULL,
    status text NOT NULL,
    is_reported boolean DEFAULT false NOT NULL,
    attempt_count integer DEFAULT 0 NOT NULL,
    error_class text DEFAULT ''::text NOT NULL,
    provider_code text DEFAULT ''::text NOT NULL,
    failure_reason text DEFAULT ''::text NOT NULL,
    provider_message_id text DEFAULT ''::text NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    contact_id uuid,
    is_erased boolean DEFAULT false NOT NULL,
    CONSTRAINT outbound_status_is_known CHECK ((status = ANY (ARRAY['queued'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'failed'::text])))
);

ALTER TABLE ONLY channels.outbound FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.outbound OWNER TO channels_owner;

CREATE TABLE channels.tenant_deletion (
    tenant_id uuid NOT NULL,
    table_name text NOT NULL,
    row_count bigint NOT NULL
);

ALTER TABLE channels.tenant_deletion OWNER TO channels_owner;

CREATE TABLE channels.tenant_held (
    tenant_id uuid NOT NULL
);

ALTER TABLE channels.tenant_held OWNER TO channels_owner;

CREATE TABLE channels.tenant_retention (
    tenant_id uuid NOT NULL,
    category text NOT NULL,
    keep interval NOT NULL
);

ALTER TABLE channels.tenant_retention OWNER TO channels_owner;

CREATE TABLE channels.webhook (
    tenant_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    display_name text NOT NULL,
    url text NOT NULL,
    event_types text[] NOT NULL,
    state text NOT NULL,
    secret_number integer DEFAULT 1 NOT NULL,
    previous_secret_expire_time timestamp with time zone,
    failing_since_time timestamp with time zone,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT webhook_event_types_are_few CHECK (((cardinality(event_types) >= 1) AND (cardinality(event_types) <= 50))),
    CONSTRAINT webhook_name_is_short CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100))),
    CONSTRAINT webhook_state_is_known CHECK ((state = ANY (ARRAY['active'::text, 'disabled'::text, 'failing'::text]))),
    CONSTRAINT webhook_url_is_short CHECK (((char_length(url) >= 1) AND (char_length(url) <= 2000)))
);

ALTER TABLE ONLY channels.webhook FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.webhook OWNER TO channels_owner;

CREATE TABLE channels.webhook_delivery (
    tenant_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    event_id text NOT NULL,
    event_type text NOT NULL,
    subject_id uuid NOT NULL,
    body text NOT NULL,
    state text NOT NULL,
    replay_count integer DEFAULT 0 NOT NULL,
    attempt_count integer DEFAULT 0 NOT NULL,
    last_status integer DEFAULT 0 NOT NULL,
    last_error text DEFAULT ''::text NOT NULL,
    event_time timestamp with time zone NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    CONSTRAINT webhook_delivery_state_is_known CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'dead'::text])))
);

ALTER TABLE ONLY channels.webhook_delivery FORCE ROW LEVEL SECURITY;

ALTER TABLE channels.webhook_delivery OWNER TO channels_owner;

ALTER TABLE ONLY channels.account_stop
    ADD CONSTRAINT account_stop_pkey PRIMARY KEY (tenant_id, channel_account_id);

ALTER TABLE ONLY channels.audit_entry
    ADD CONSTRAINT audit_entry_key PRIMARY KEY (tenant_id, audit_entry_id);

ALTER TABLE ONLY channels.erased_contact
    ADD CONSTRAINT erased_contact_pkey PRIMARY KEY (tenant_id, contact_id);

ALTER TABLE ONLY channels.event_consumer
    ADD CONSTRAINT event_consumer_key PRIMARY KEY (consumer, shard);

ALTER TABLE ONLY channels.event_epoch
    ADD CONSTRAINT event_epoch_key PRIMARY KEY (only_row);

ALTER TABLE ONLY channels.event
    ADD CONSTRAINT event_key PRIMARY KEY (partition, "position", record_time);

ALTER TABLE ONLY channels.event_partition
    ADD CONSTRAINT event_partition_key PRIMARY KEY (partition);

ALTER TABLE ONLY channels.idempotent_request
    ADD CONSTRAINT idempotent_request_key PRIMARY KEY (tenant_id, principal, method, request_id);

ALTER TABLE ONLY channels.job
    ADD CONSTRAINT job_key PRIMARY KEY (tenant_id, job_id);

ALTER TABLE ONLY channels.known_agent
    ADD CONSTRAINT known_agent_key PRIMARY KEY (tenant_id, agent_id);

ALTER TABLE ONLY channels.known_department
    ADD CONSTRAINT known_department_key PRIMARY KEY (tenant_id, department_id);

ALTER TABLE ONLY channels.known_role
    ADD CONSTRAINT known_role_key PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY channels.known_tenant
    ADD CONSTRAINT known_tenant_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY channels.migration
    ADD CONSTRAINT migration_key PRIMARY KEY (name);

ALTER TABLE ONLY channels.outbound
    ADD CONSTRAINT outbound_pkey PRIMARY KEY (tenant_id, message_id);

ALTER TABLE ONLY channels.tenant_deletion
    ADD CONSTRAINT tenant_deletion_key PRIMARY KEY (tenant_id, table_name);

ALTER TABLE ONLY channels.tenant_held
    ADD CONSTRAINT tenant_held_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY channels.tenant_retention
    ADD CONSTRAINT tenant_retention_key PRIMARY KEY (tenant_id, category);

ALTER TABLE ONLY channels.webhook_delivery
    ADD CONSTRAINT webhook_delivery_is_made_once UNIQUE (tenant_id, webhook_id, event_id);

ALTER TABLE ONLY channels.webhook_delivery
    ADD CONSTRAINT webhook_delivery_pkey PRIMARY KEY (tenant_id, delivery_id);

ALTER TABLE ONLY channels.webhook
    ADD CONSTRAINT webhook_pkey PRIMARY KEY (tenant_id, webhook_id);

CREATE INDEX audit_entry_by_actor ON channels.audit_entry USING btree (tenant_id, actor, audit_entry_id);

CREATE INDEX audit_entry_by_subject ON channels.audit_entry USING btree (tenant_id, subject, audit_entry_id);

CREATE INDEX idempotent_request_expiry ON channels.idempotent_request USING btree (expire_time);

CREATE INDEX job_due ON channels.job USING btree (kind, due_time) WHERE (failure IS NULL);

CREATE INDEX job_order ON channels.job USING btree (tenant_id, ordering_key, sequence) WHERE ((failure IS NULL) AND (ordering_key IS NOT NULL));

CREATE INDEX outbound_by_contact ON channels.outbound USING btree (tenant_id, contact_id) WHERE (contact_id IS NOT NULL);

CREATE INDEX outbound_by_conversation ON channels.outbound USING btree (tenant_id, conversation_id, message_id);

CREATE INDEX outbound_ended ON channels.outbound USING btree (tenant_id, update_time) WHERE (is_reported AND (status <> 'queued'::text));

CREATE INDEX webhook_delivery_by_webhook ON channels.webhook_delivery USING btree (tenant_id, webhook_id, delivery_id);

CREATE INDEX webhook_delivery_ended ON channels.webhook_delivery USING btree (tenant_id, update_time) WHERE (state <> 'pending'::text);

CREATE TRIGGER tenant_is_held AFTER INSERT ON channels.outbound REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION channels.hold_tenant();

CREATE TRIGGER tenant_is_held AFTER INSERT ON channels.webhook REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION channels.hold_tenant();

ALTER TABLE ONLY channels.webhook_delivery
    ADD CONSTRAINT webhook_delivery_has_a_webhook FOREIGN KEY (tenant_id, webhook_id) REFERENCES channels.webhook(tenant_id, webhook_id) ON DELETE CASCADE;

ALTER TABLE channels.account_stop ENABLE ROW LEVEL SECURITY;

CREATE POLICY account_stop_of_tenant ON channels.account_stop USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.audit_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_entry_of_tenant ON channels.audit_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.erased_contact ENABLE ROW LEVEL SECURITY;

CREATE POLICY erased_contact_of_tenant ON channels.erased_contact USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.idempotent_request ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotent_request_expired ON channels.idempotent_request TO channels_owner USING ((expire_time < clock_timestamp()));

CREATE POLICY idempotent_request_tenant ON channels.idempotent_request USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.known_agent ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_agent_of_tenant ON channels.known_agent USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.known_department ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_department_of_tenant ON channels.known_department USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.known_role ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_role_of_tenant ON channels.known_role USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.known_tenant ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_tenant_of_tenant ON channels.known_tenant USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.outbound ENABLE ROW LEVEL SECURITY;

CREATE POLICY outbound_of_tenant ON channels.outbound USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE channels.webhook ENABLE ROW LEVEL SECURITY;

ALTER TABLE channels.webhook_delivery ENABLE ROW LEVEL SECURITY;

CREATE POLICY webhook_delivery_of_tenant ON channels.webhook_delivery USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY webhook_of_tenant ON channels.webhook USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

GRANT USAGE ON SCHEMA channels TO channels_runtime;

REVOKE ALL ON FUNCTION channels.event_maintain(keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION channels.event_maintain(keep interval) TO channels_runtime;

REVOKE ALL ON FUNCTION channels.hold_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION channels.hold_tenant() TO channels_runtime;

REVOKE ALL ON FUNCTION channels.idempotent_request_purge(limit_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION channels.idempotent_request_purge(limit_rows integer) TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.account_stop TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.audit_entry TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.erased_contact TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.event TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.event_consumer TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.event_epoch TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.event_partition TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.idempotent_request TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.job TO channels_runtime;

GRANT SELECT,USAGE ON SEQUENCE channels.job_sequence_seq TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.known_agent TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.known_department TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.known_role TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.known_tenant TO channels_runtime;

GRANT SELECT ON TABLE channels.migration TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.outbound TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.tenant_deletion TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.tenant_held TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.tenant_retention TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.webhook TO channels_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channels.webhook_delivery TO channels_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE channels_owner IN SCHEMA channels GRANT SELECT,USAGE ON SEQUENCES  TO channels_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE channels_owner IN SCHEMA channels GRANT ALL ON FUNCTIONS  TO channels_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE channels_owner IN SCHEMA channels GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO channels_runtime;

