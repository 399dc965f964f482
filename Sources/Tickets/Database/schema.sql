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

CREATE TABLE tickets.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE tickets.migration OWNER TO tickets_owner;

ALTER TABLE ONLY tickets.event_consumer
    ADD CONSTRAINT event_consumer_key PRIMARY KEY (consumer, shard);

ALTER TABLE ONLY tickets.event_epoch
    ADD CONSTRAINT event_epoch_key PRIMARY KEY (only_row);

ALTER TABLE ONLY tickets.event
    ADD CONSTRAINT event_key PRIMARY KEY (partition, "position", record_time);

ALTER TABLE ONLY tickets.event_partition
    ADD CONSTRAINT event_partition_key PRIMARY KEY (partition);

ALTER TABLE ONLY tickets.idempotent_request
    ADD CONSTRAINT idempotent_request_key PRIMARY KEY (tenant_id, principal, method, request_id);

ALTER TABLE ONLY tickets.job
    ADD CONSTRAINT job_key PRIMARY KEY (tenant_id, job_id);

ALTER TABLE ONLY tickets.migration
    ADD CONSTRAINT migration_key PRIMARY KEY (name);

CREATE INDEX idempotent_request_expiry ON tickets.idempotent_request USING btree (expire_time);

CREATE INDEX job_due ON tickets.job USING btree (kind, due_time) WHERE (failure IS NULL);

CREATE INDEX job_order ON tickets.job USING btree (tenant_id, ordering_key, sequence) WHERE ((failure IS NULL) AND (ordering_key IS NOT NULL));

ALTER TABLE tickets.idempotent_request ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotent_request_expired ON tickets.idempotent_request TO tickets_owner USING ((expire_time < clock_timestamp()));

CREATE POLICY idempotent_request_tenant ON tickets.idempotent_request USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

GRANT USAGE ON SCHEMA tickets TO tickets_runtime;

REVOKE ALL ON FUNCTION tickets.event_maintain(keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION tickets.event_maintain(keep interval) TO tickets_runtime;

REVOKE ALL ON FUNCTION tickets.idempotent_request_purge(limit_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tickets.idempotent_request_purge(limit_rows integer) TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.event TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.event_consumer TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.event_epoch TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.event_partition TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.idempotent_request TO tickets_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tickets.job TO tickets_runtime;

GRANT SELECT,USAGE ON SEQUENCE tickets.job_sequence_seq TO tickets_runtime;

GRANT SELECT ON TABLE tickets.migration TO tickets_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE tickets_owner IN SCHEMA tickets GRANT SELECT,USAGE ON SEQUENCES  TO tickets_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE tickets_owner IN SCHEMA tickets GRANT ALL ON FUNCTIONS  TO tickets_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE tickets_owner IN SCHEMA tickets GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO tickets_runtime;

