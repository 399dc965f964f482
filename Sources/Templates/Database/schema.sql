CREATE SCHEMA templates;

ALTER SCHEMA templates OWNER TO templates_owner;

CREATE FUNCTION templates.event_maintain(keep interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'templates'
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

ALTER FUNCTION templates.event_maintain(keep interval) OWNER TO templates_owner;

CREATE FUNCTION templates.hold_tenant() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'templates'
    AS $$
begin
    insert into tenant_held select distinct tenant_id from inserted on conflict do nothing;
    return null;
end
$$;

ALTER FUNCTION templates.hold_tenant() OWNER TO templates_owner;

CREATE FUNCTION templates.idempotent_request_purge(limit_rows integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'templates'
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

ALTER FUNCTION templates.idempotent_request_purge(limit_rows integer) OWNER TO templates_owner;

CREATE TABLE templates.audit_entry (
    tenant_id uuid NOT NULL,
    audit_entry_id uuid NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor text NOT NULL,
    on_behalf_of text DEFAULT ''::text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    changed_paths text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY templates.audit_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.audit_entry OWNER TO templates_owner;

CREATE TABLE templates.event (
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

ALTER TABLE templates.event OWNER TO templates_owner;

CREATE TABLE templates.event_consumer (
    consumer text NOT NULL,
    shard smallint NOT NULL,
    cursor text,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL
);

ALTER TABLE templates.event_consumer OWNER TO templates_owner;

CREATE TABLE templates.event_epoch (
    only_row boolean DEFAULT true NOT NULL,
    epoch bigint DEFAULT 1 NOT NULL,
    CONSTRAINT event_epoch_has_one_row CHECK (only_row)
);

ALTER TABLE templates.event_epoch OWNER TO templates_owner;

CREATE TABLE templates.event_partition (
    partition smallint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    last_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retained_after bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_partition_is_one_of_64 CHECK (((partition >= 0) AND (partition <= 63)))
)
WITH (fillfactor='20');

ALTER TABLE templates.event_partition OWNER TO templates_owner;

CREATE TABLE templates.idempotent_request (
    tenant_id uuid NOT NULL,
    principal text NOT NULL,
    method text NOT NULL,
    request_id text NOT NULL,
    request_hash bytea NOT NULL,
    answer bytea NOT NULL,
    expire_time timestamp with time zone NOT NULL,
    CONSTRAINT idempotent_request_id_is_short CHECK ((octet_length(request_id) <= 255))
);

ALTER TABLE ONLY templates.idempotent_request FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.idempotent_request OWNER TO templates_owner;

CREATE TABLE templates.job (
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

ALTER TABLE templates.job OWNER TO templates_owner;

ALTER TABLE templates.job ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME templates.job_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE templates.known_agent (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    department_ids uuid[] NOT NULL
);

ALTER TABLE ONLY templates.known_agent FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.known_agent OWNER TO templates_owner;

CREATE TABLE templates.known_department (
    tenant_id uuid NOT NULL,
    department_id uuid NOT NULL,
    archived boolean NOT NULL
);

ALTER TABLE ONLY templates.known_department FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.known_department OWNER TO templates_owner;

CREATE TABLE templates.known_role (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    permissions text[] NOT NULL
);

ALTER TABLE ONLY templates.known_role FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.known_role OWNER TO templates_owner;

CREATE TABLE templates.known_tenant (
    tenant_id uuid NOT NULL,
    suspended boolean NOT NULL,
    time_zone text NOT NULL
);

ALTER TABLE ONLY templates.known_tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.known_tenant OWNER TO templates_owner;

CREATE TABLE templates.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE templates.migration OWNER TO templates_owner;

CREATE TABLE templates.snippet (
    tenant_id uuid NOT NULL,
    snippet_id uuid NOT NULL,
    shortcut text NOT NULL,
    title text NOT NULL,
    title_words text NOT NULL,
    department_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    texts jsonb NOT NULL,
    use_count integer DEFAULT 0 NOT NULL,
    last_use_time timestamp with time zone,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT snippet_shortcut_is_short CHECK (((char_length(shortcut) >= 1) AND (char_length(shortcut) <= 32))),
    CONSTRAINT snippet_texts_are_a_list CHECK ((jsonb_typeof(texts) = 'array'::text)),
    CONSTRAINT snippet_title_is_short CHECK (((char_length(title) >= 1) AND (char_length(title) <= 100)))
);

ALTER TABLE ONLY templates.snippet FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.snippet OWNER TO templates_owner;

CREATE TABLE templates.template (
    tenant_id uuid NOT NULL,
    template_id uuid NOT NULL,
    channel_account_id uuid NOT NULL,
    name text NOT NULL,
    language text NOT NULL,
    category text NOT NULL,
    status text NOT NULL,
    content jsonb NOT NULL,
    search_text text NOT NULL,
    provider jsonb NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    history_count integer DEFAULT 0 NOT NULL,
    was_approved boolean DEFAULT false NOT NULL,
    submit_time timestamp with time zone,
    name_release_time timestamp with time zone,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT template_category_is_known CHECK ((category = ANY (ARRAY['marketing'::text, 'utility'::text, 'authentication'::text]))),
    CONSTRAINT template_content_is_an_object CHECK ((jsonb_typeof(content) = 'object'::text)),
    CONSTRAINT template_name_is_short CHECK (((char_length(name) >= 1) AND (char_length(name) <= 512))),
    CONSTRAINT template_provider_is_an_object CHECK ((jsonb_typeof(provider) = 'object'::text)),
    CONSTRAINT template_release_is_of_deleted CHECK (((status = 'deleted'::text) = (name_release_time IS NOT NULL))),
    CONSTRAINT template_status_is_known CHECK ((status = ANY (ARRAY['draft'::text, 'submitted'::text, 'pending'::text, 'approved'::text, 'rejected'::text, 'paused'::text, 'disabled'::text, 'in_appeal'::text, 'pending_deletion'::text, 'deleted'::text, 'limit_exceeded'::text, 'archived'::text])))
);

ALTER TABLE ONLY templates.template FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.template OWNER TO templates_owner;

CREATE TABLE templates.template_history (
    tenant_id uuid NOT NULL,
    template_id uuid NOT NULL,
    seq integer NOT NULL,
    change text NOT NULL,
    actor text NOT NULL,
    record_time timestamp with time zone NOT NULL,
    revision integer NOT NULL,
    status_before text,
    status_after text NOT NULL,
    category_before text,
    category_after text NOT NULL,
    quality_before text,
    quality_after text,
    report jsonb,
    report_key text,
    ignored_reason text,
    CONSTRAINT template_change_is_known CHECK ((change = ANY (ARRAY['created'::text, 'edited'::text, 'submitted'::text, 'deleted'::text, 'reported'::text]))),
    CONSTRAINT template_report_is_whole CHECK ((((change = 'reported'::text) = (report IS NOT NULL)) AND ((change = 'reported'::text) = (report_key IS NOT NULL))))
);

ALTER TABLE ONLY templates.template_history FORCE ROW LEVEL SECURITY;

ALTER TABLE templates.template_history OWNER TO templates_owner;

CREATE TABLE templates.tenant_deletion (
    tenant_id uuid NOT NULL,
    table_name text NOT NULL,
    row_count bigint NOT NULL
);

ALTER TABLE templates.tenant_deletion OWNER TO templates_owner;

CREATE TABLE templates.tenant_held (
    tenant_id uuid NOT NULL
);

ALTER TABLE templates.tenant_held OWNER TO templates_owner;

CREATE TABLE templates.tenant_retention (
    tenant_id uuid NOT NULL,
    category text NOT NULL,
    keep interval NOT NULL
);

ALTER TABLE templates.tenant_retention OWNER TO templates_owner;

ALTER TABLE ONLY templates.audit_entry
    ADD CONSTRAINT audit_entry_key PRIMARY KEY (tenant_id, audit_entry_id);

ALTER TABLE ONLY templates.event_consumer
    ADD CONSTRAINT event_consumer_key PRIMARY KEY (consumer, shard);

ALTER TABLE ONLY templates.event_epoch
    ADD CONSTRAINT event_epoch_key PRIMARY KEY (only_row);

ALTER TABLE ONLY templates.event
    ADD CONSTRAINT event_key PRIMARY KEY (partition, "position", record_time);

ALTER TABLE ONLY templates.event_partition
    ADD CONSTRAINT event_partition_key PRIMARY KEY (partition);

ALTER TABLE ONLY templates.idempotent_request
    ADD CONSTRAINT idempotent_request_key PRIMARY KEY (tenant_id, principal, method, request_id);

ALTER TABLE ONLY templates.job
    ADD CONSTRAINT job_key PRIMARY KEY (tenant_id, job_id);

ALTER TABLE ONLY templates.known_agent
    ADD CONSTRAINT known_agent_key PRIMARY KEY (tenant_id, agent_id);

ALTER TABLE ONLY templates.known_department
    ADD CONSTRAINT known_department_key PRIMARY KEY (tenant_id, department_id);

ALTER TABLE ONLY templates.known_role
    ADD CONSTRAINT known_role_key PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY templates.known_tenant
    ADD CONSTRAINT known_tenant_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY templates.migration
    ADD CONSTRAINT migration_key PRIMARY KEY (name);

ALTER TABLE ONLY templates.snippet
    ADD CONSTRAINT snippet_pkey PRIMARY KEY (tenant_id, snippet_id);

ALTER TABLE ONLY templates.snippet
    ADD CONSTRAINT snippet_shortcut_is_unique UNIQUE (tenant_id, shortcut);

ALTER TABLE ONLY templates.template_history
    ADD CONSTRAINT template_history_pkey PRIMARY KEY (tenant_id, template_id, seq);

ALTER TABLE ONLY templates.template
    ADD CONSTRAINT template_pkey PRIMARY KEY (tenant_id, template_id);

ALTER TABLE ONLY templates.template_history
    ADD CONSTRAINT template_report_is_kept_once UNIQUE (tenant_id, template_id, report_key);

ALTER TABLE ONLY templates.tenant_deletion
    ADD CONSTRAINT tenant_deletion_key PRIMARY KEY (tenant_id, table_name);

ALTER TABLE ONLY templates.tenant_held
    ADD CONSTRAINT tenant_held_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY templates.tenant_retention
    ADD CONSTRAINT tenant_retention_key PRIMARY KEY (tenant_id, category);

CREATE INDEX audit_entry_by_actor ON templates.audit_entry USING btree (tenant_id, actor, audit_entry_id);

CREATE INDEX audit_entry_by_subject ON templates.audit_entry USING btree (tenant_id, subject, audit_entry_id);

CREATE INDEX idempotent_request_expiry ON templates.idempotent_request USING btree (expire_time);

CREATE INDEX job_due ON templates.job USING btree (kind, due_time) WHERE (failure IS NULL);

CREATE INDEX job_order ON templates.job USING btree (tenant_id, ordering_key, sequence) WHERE ((failure IS NULL) AND (ordering_key IS NOT NULL));

CREATE INDEX snippet_by_shortcut ON templates.snippet USING btree (tenant_id, shortcut COLLATE "C", snippet_id);

CREATE INDEX template_by_name ON templates.template USING btree (tenant_id, name COLLATE "C", language, template_id);

CREATE INDEX template_history_submissions ON templates.template_history USING btree (tenant_id, record_time) WHERE (change = 'submitted'::text);

CREATE INDEX template_name_blocked ON templates.template USING btree (tenant_id, channel_account_id, name) WHERE (status = 'deleted'::text);

CREATE UNIQUE INDEX template_name_is_unique ON templates.template USING btree (tenant_id, channel_account_id, name, language) WHERE (status <> 'deleted'::text);

CREATE TRIGGER tenant_is_held AFTER INSERT ON templates.snippet REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION templates.hold_tenant();

CREATE TRIGGER tenant_is_held AFTER INSERT ON templates.template REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION templates.hold_tenant();

ALTER TABLE ONLY templates.template_history
    ADD CONSTRAINT template_history_belongs_to_a_template FOREIGN KEY (tenant_id, template_id) REFERENCES templates.template(tenant_id, template_id);

ALTER TABLE templates.audit_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_entry_of_tenant ON templates.audit_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE templates.idempotent_request ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotent_request_expired ON templates.idempotent_request TO templates_owner USING ((expire_time < clock_timestamp()));

CREATE POLICY idempotent_request_tenant ON templates.idempotent_request USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE templates.known_agent ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_agent_of_tenant ON templates.known_agent USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE templates.known_department ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_department_of_tenant ON templates.known_department USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE templates.known_role ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_role_of_tenant ON templates.known_role USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE templates.known_tenant ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_tenant_of_tenant ON templates.known_tenant USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE templates.snippet ENABLE ROW LEVEL SECURITY;

CREATE POLICY snippet_of_tenant ON templates.snippet USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE templates.template ENABLE ROW LEVEL SECURITY;

ALTER TABLE templates.template_history ENABLE ROW LEVEL SECURITY;

CREATE POLICY template_history_of_tenant ON templates.template_history USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY template_of_tenant ON templates.template USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

GRANT USAGE ON SCHEMA templates TO templates_runtime;

REVOKE ALL ON FUNCTION templates.event_maintain(keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION templates.event_maintain(keep interval) TO templates_runtime;

REVOKE ALL ON FUNCTION templates.hold_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION templates.hold_tenant() TO templates_runtime;

REVOKE ALL ON FUNCTION templates.idempotent_request_purge(limit_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION templates.idempotent_request_purge(limit_rows integer) TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.audit_entry TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.event TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.event_consumer TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.event_epoch TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.event_partition TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.idempotent_request TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.job TO templates_runtime;

GRANT SELECT,USAGE ON SEQUENCE templates.job_sequence_seq TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.known_agent TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.known_department TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.known_role TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.known_tenant TO templates_runtime;

GRANT SELECT ON TABLE templates.migration TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.snippet TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.template TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.template_history TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.tenant_deletion TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.tenant_held TO templates_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE templates.tenant_retention TO templates_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE templates_owner IN SCHEMA templates GRANT SELECT,USAGE ON SEQUENCES  TO templates_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE templates_owner IN SCHEMA templates GRANT ALL ON FUNCTIONS  TO templates_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE templates_owner IN SCHEMA templates GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO templates_runtime;

