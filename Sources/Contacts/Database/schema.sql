CREATE SCHEMA contacts;

ALTER SCHEMA contacts OWNER TO contacts_owner;

CREATE FUNCTION contacts.event_maintain(keep interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'contacts'
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

ALTER FUNCTION contacts.event_maintain(keep interval) OWNER TO contacts_owner;

CREATE FUNCTION contacts.hold_tenant() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'contacts'
    AS $$
begin
    insert into tenant_held select distinct tenant_id from inserted on conflict do nothing;
    return null;
end
$$;

ALTER FUNCTION contacts.hold_tenant() OWNER TO contacts_owner;

CREATE FUNCTION contacts.idempotent_request_purge(limit_rows integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'contacts'
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

ALTER FUNCTION contacts.idempotent_request_purge(limit_rows integer) OWNER TO contacts_owner;

CREATE TABLE contacts.attribute_definition (
    tenant_id uuid NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    display_name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    options text[] DEFAULT '{}'::text[] NOT NULL,
    sensitive boolean DEFAULT false NOT NULL,
    archived boolean DEFAULT false NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT attribute_key_is_plain CHECK ((key ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
    CONSTRAINT attribute_type_is_known CHECK ((type = ANY (ARRAY['text'::text, 'long_text'::text, 'number'::text, 'flag'::text, 'time'::text, 'choice'::text, 'choices'::text, 'url'::text])))
);

ALTER TABLE ONLY contacts.attribute_definition FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.attribute_definition OWNER TO contacts_owner;

CREATE TABLE contacts.audit_entry (
    tenant_id uuid NOT NULL,
    audit_entry_id uuid NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor text NOT NULL,
    on_behalf_of text DEFAULT ''::text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    changed_paths text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY contacts.audit_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.audit_entry OWNER TO contacts_owner;

CREATE TABLE contacts.consent (
    tenant_id uuid NOT NULL,
    consent_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    purpose text NOT NULL,
    identity_kind text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    source text NOT NULL,
    evidence text DEFAULT ''::text NOT NULL,
    lawful_basis text DEFAULT ''::text NOT NULL,
    statement_time timestamp with time zone NOT NULL,
    expire_time timestamp with time zone,
    recorded_by text NOT NULL,
    record_time timestamp with time zone NOT NULL,
    CONSTRAINT consent_purpose_is_plain CHECK ((purpose ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
    CONSTRAINT consent_source_is_known CHECK ((source = ANY (ARRAY['channel'::text, 'agent'::text, 'customer'::text, 'import'::text, 'integration'::text]))),
    CONSTRAINT consent_state_is_known CHECK ((state = ANY (ARRAY['granted'::text, 'denied'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY contacts.consent FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.consent OWNER TO contacts_owner;

CREATE TABLE contacts.contact (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    display_name text DEFAULT ''::text NOT NULL,
    owner_id uuid,
    locale text DEFAULT ''::text NOT NULL,
    time_zone text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    block_reason text,
    block_spam boolean,
    blocked_by text,
    block_time timestamp with time zone,
    merged_into_id uuid,
    last_activity_time timestamp with time zone,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT contact_attributes_are_an_object CHECK ((jsonb_typeof(attributes) = 'object'::text)),
    CONSTRAINT contact_block_is_whole CHECK ((num_nulls(block_reason, block_spam, blocked_by, block_time) = ANY (ARRAY[0, 4]))),
    CONSTRAINT contact_display_name_is_short CHECK ((char_length(display_name) <= 200)),
    CONSTRAINT contact_is_merged_into_another CHECK (((state = 'merged'::text) = (merged_into_id IS NOT NULL))),
    CONSTRAINT contact_state_is_known CHECK ((state = ANY (ARRAY['active'::text, 'merged'::text, 'erased'::text])))
);

ALTER TABLE ONLY contacts.contact FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.contact OWNER TO contacts_owner;

CREATE TABLE contacts.contact_identity (
    tenant_id uuid NOT NULL,
    identity_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    kind text NOT NULL,
    scope text DEFAULT ''::text NOT NULL,
    address text NOT NULL,
    match_key text NOT NULL,
    profile_name text DEFAULT ''::text NOT NULL,
    username text DEFAULT ''::text NOT NULL,
    verified boolean DEFAULT false NOT NULL,
    source text NOT NULL,
    block_reason text,
    block_spam boolean,
    blocked_by text,
    block_time timestamp with time zone,
    create_time timestamp with time zone NOT NULL,
    CONSTRAINT identity_block_is_whole CHECK ((num_nulls(block_reason, block_spam, blocked_by, block_time) = ANY (ARRAY[0, 4]))),
    CONSTRAINT identity_kind_is_known CHECK ((kind = ANY (ARRAY['phone'::text, 'email'::text, 'whatsapp'::text, 'facebook'::text, 'instagram'::text, 'webchat'::text, 'customer'::text, 'other'::text]))),
    CONSTRAINT identity_source_is_known CHECK ((source = ANY (ARRAY['channel'::text, 'agent'::text, 'customer'::text, 'import'::text, 'integration'::text])))
);

ALTER TABLE ONLY contacts.contact_identity FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.contact_identity OWNER TO contacts_owner;

CREATE TABLE contacts.erasure (
    tenant_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    requested_by text NOT NULL,
    create_time timestamp with time zone NOT NULL,
    awaited text[] NOT NULL,
    complete_time timestamp with time zone
);

ALTER TABLE ONLY contacts.erasure FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.erasure OWNER TO contacts_owner;

CREATE TABLE contacts.erasure_report (
    tenant_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    service text NOT NULL,
    counts jsonb NOT NULL,
    report_time timestamp with time zone NOT NULL,
    CONSTRAINT erasure_counts_are_an_object CHECK ((jsonb_typeof(counts) = 'object'::text))
);

ALTER TABLE ONLY contacts.erasure_report FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.erasure_report OWNER TO contacts_owner;

CREATE TABLE contacts.event (
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

ALTER TABLE contacts.event OWNER TO contacts_owner;

CREATE TABLE contacts.event_consumer (
    consumer text NOT NULL,
    shard smallint NOT NULL,
    cursor text,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    token bigint DEFAULT 0 NOT NULL
);

ALTER TABLE contacts.event_consumer OWNER TO contacts_owner;

CREATE TABLE contacts.event_epoch (
    only_row boolean DEFAULT true NOT NULL,
    epoch bigint DEFAULT 1 NOT NULL,
    CONSTRAINT event_epoch_has_one_row CHECK (only_row)
);

ALTER TABLE contacts.event_epoch OWNER TO contacts_owner;

CREATE TABLE contacts.event_partition (
    partition smallint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    last_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retained_after bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_partition_is_one_of_64 CHECK (((partition >= 0) AND (partition <= 63)))
)
WITH (fillfactor='20');

ALTER TABLE contacts.event_partition OWNER TO contacts_owner;

CREATE TABLE contacts.field_layout (
    tenant_id uuid NOT NULL,
    place text NOT NULL,
    groups jsonb NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT field_layout_groups_are_a_list CHECK ((jsonb_typeof(groups) = 'array'::text))
);

ALTER TABLE ONLY contacts.field_layout FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.field_layout OWNER TO contacts_owner;

CREATE TABLE contacts.idempotent_request (
    tenant_id uuid NOT NULL,
    principal text NOT NULL,
    method text NOT NULL,
    request_id text NOT NULL,
    request_hash bytea NOT NULL,
    answer bytea NOT NULL,
    expire_time timestamp with time zone NOT NULL,
    CONSTRAINT idempotent_request_id_is_short CHECK ((octet_length(request_id) <= 255))
);

ALTER TABLE ONLY contacts.idempotent_request FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.idempotent_request OWNER TO contacts_owner;

CREATE TABLE contacts.job (
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

ALTER TABLE contacts.job OWNER TO contacts_owner;

ALTER TABLE contacts.job ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contacts.job_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE contacts.known_agent (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    department_ids uuid[] NOT NULL
);

ALTER TABLE ONLY contacts.known_agent FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.known_agent OWNER TO contacts_owner;

CREATE TABLE contacts.known_department (
    tenant_id uuid NOT NULL,
    department_id uuid NOT NULL,
    archived boolean NOT NULL
);

ALTER TABLE ONLY contacts.known_department FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.known_department OWNER TO contacts_owner;

CREATE TABLE contacts.known_role (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    permissions text[] NOT NULL
);

ALTER TABLE ONLY contacts.known_role FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.known_role OWNER TO contacts_owner;

CREATE TABLE contacts.known_tenant (
    tenant_id uuid NOT NULL,
    suspended boolean NOT NULL,
    time_zone text NOT NULL
);

ALTER TABLE ONLY contacts.known_tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.known_tenant OWNER TO contacts_owner;

CREATE TABLE contacts.linked_object (
    tenant_id uuid NOT NULL,
    linked_object_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    stage text DEFAULT ''::text NOT NULL,
    currency text,
    amount text,
    due_time timestamp with time zone,
    complete_time timestamp with time zone,
    assignee_id uuid,
    external_system text DEFAULT ''::text NOT NULL,
    external_id text DEFAULT ''::text NOT NULL,
    url text DEFAULT ''::text NOT NULL,
    conversation_id uuid,
    created_by text NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT linked_object_amount_is_whole CHECK (((currency IS NULL) = (amount IS NULL))),
    CONSTRAINT linked_object_kind_is_known CHECK ((kind = ANY (ARRAY['deal'::text, 'company'::text, 'task'::text])))
);

ALTER TABLE ONLY contacts.linked_object FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.linked_object OWNER TO contacts_owner;

CREATE TABLE contacts.match_key (
    tenant_id uuid NOT NULL,
    match_key text NOT NULL,
    contact_id uuid NOT NULL
);

ALTER TABLE ONLY contacts.match_key FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.match_key OWNER TO contacts_owner;

CREATE TABLE contacts.merge (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    surviving_contact_id uuid NOT NULL,
    merged_contact_id uuid NOT NULL,
    survivor_version bigint NOT NULL,
    identity_ids uuid[] NOT NULL,
    merged_fields jsonb NOT NULL,
    provenance jsonb NOT NULL,
    originals bytea[] NOT NULL,
    merged_by text NOT NULL,
    merge_time timestamp with time zone NOT NULL,
    unmerged_by text DEFAULT ''::text NOT NULL,
    unmerge_time timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT merge_is_of_two_contacts CHECK ((surviving_contact_id <> merged_contact_id))
);

ALTER TABLE ONLY contacts.merge FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.merge OWNER TO contacts_owner;

CREATE TABLE contacts.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE contacts.migration OWNER TO contacts_owner;

CREATE TABLE contacts.tenant_deletion (
    tenant_id uuid NOT NULL,
    table_name text NOT NULL,
    row_count bigint NOT NULL
);

ALTER TABLE contacts.tenant_deletion OWNER TO contacts_owner;

CREATE TABLE contacts.tenant_held (
    tenant_id uuid NOT NULL
);

ALTER TABLE contacts.tenant_held OWNER TO contacts_owner;

CREATE TABLE contacts.tenant_retention (
    tenant_id uuid NOT NULL,
    category text NOT NULL,
    keep interval NOT NULL
);

ALTER TABLE contacts.tenant_retention OWNER TO contacts_owner;

CREATE TABLE contacts.timeline_entry (
    tenant_id uuid NOT NULL,
    timeline_entry_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    kind text NOT NULL,
    occur_time timestamp with time zone NOT NULL,
    actor text NOT NULL,
    conversation_id uuid,
    channel text,
    department_id uuid,
    assignee_id uuid,
    close_reason text,
    outcome text,
    changed_paths text[] DEFAULT '{}'::text[] NOT NULL,
    related_id uuid,
    action text,
    identity_id uuid,
    CONSTRAINT timeline_kind_is_known CHECK ((kind = ANY (ARRAY['conversation_opened'::text, 'conversation_closed'::text, 'contact_created'::text, 'contact_updated'::text, 'identity_changed'::text, 'linked_object_changed'::text, 'merge_changed'::text, 'consent_recorded'::text, 'block_changed'::text])))
);

ALTER TABLE ONLY contacts.timeline_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE contacts.timeline_entry OWNER TO contacts_owner;

ALTER TABLE ONLY contacts.attribute_definition
    ADD CONSTRAINT attribute_definition_pkey PRIMARY KEY (tenant_id, key);

ALTER TABLE ONLY contacts.audit_entry
    ADD CONSTRAINT audit_entry_key PRIMARY KEY (tenant_id, audit_entry_id);

ALTER TABLE ONLY contacts.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (tenant_id, consent_id);

ALTER TABLE ONLY contacts.contact_identity
    ADD CONSTRAINT contact_identity_pkey PRIMARY KEY (tenant_id, identity_id);

ALTER TABLE ONLY contacts.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (tenant_id, contact_id);

ALTER TABLE ONLY contacts.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (tenant_id, erasure_id);

ALTER TABLE ONLY contacts.erasure_report
    ADD CONSTRAINT erasure_report_pkey PRIMARY KEY (tenant_id, erasure_id, service);

ALTER TABLE ONLY contacts.event_consumer
    ADD CONSTRAINT event_consumer_key PRIMARY KEY (consumer, shard);

ALTER TABLE ONLY contacts.event_epoch
    ADD CONSTRAINT event_epoch_key PRIMARY KEY (only_row);

ALTER TABLE ONLY contacts.event
    ADD CONSTRAINT event_key PRIMARY KEY (partition, "position", record_time);

ALTER TABLE ONLY contacts.event_partition
    ADD CONSTRAINT event_partition_key PRIMARY KEY (partition);

ALTER TABLE ONLY contacts.field_layout
    ADD CONSTRAINT field_layout_pkey PRIMARY KEY (tenant_id, place);

ALTER TABLE ONLY contacts.idempotent_request
    ADD CONSTRAINT idempotent_request_key PRIMARY KEY (tenant_id, principal, method, request_id);

ALTER TABLE ONLY contacts.contact_identity
    ADD CONSTRAINT identity_address_is_unique UNIQUE (tenant_id, address, kind, scope);

ALTER TABLE ONLY contacts.job
    ADD CONSTRAINT job_key PRIMARY KEY (tenant_id, job_id);

ALTER TABLE ONLY contacts.known_agent
    ADD CONSTRAINT known_agent_key PRIMARY KEY (tenant_id, agent_id);

ALTER TABLE ONLY contacts.known_department
    ADD CONSTRAINT known_department_key PRIMARY KEY (tenant_id, department_id);

ALTER TABLE ONLY contacts.known_role
    ADD CONSTRAINT known_role_key PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY contacts.known_tenant
    ADD CONSTRAINT known_tenant_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY contacts.linked_object
    ADD CONSTRAINT linked_object_pkey PRIMARY KEY (tenant_id, linked_object_id);

ALTER TABLE ONLY contacts.match_key
    ADD CONSTRAINT match_key_pkey PRIMARY KEY (tenant_id, match_key);

ALTER TABLE ONLY contacts.merge
    ADD CONSTRAINT merge_pkey PRIMARY KEY (tenant_id, merge_id);

ALTER TABLE ONLY contacts.migration
    ADD CONSTRAINT migration_key PRIMARY KEY (name);

ALTER TABLE ONLY contacts.tenant_deletion
    ADD CONSTRAINT tenant_deletion_key PRIMARY KEY (tenant_id, table_name);

ALTER TABLE ONLY contacts.tenant_held
    ADD CONSTRAINT tenant_held_key PRIMARY KEY (tenant_id);

ALTER TABLE ONLY contacts.tenant_retention
    ADD CONSTRAINT tenant_retention_key PRIMARY KEY (tenant_id, category);

ALTER TABLE ONLY contacts.timeline_entry
    ADD CONSTRAINT timeline_conversation_is_told_once UNIQUE (tenant_id, conversation_id, kind);

ALTER TABLE ONLY contacts.timeline_entry
    ADD CONSTRAINT timeline_entry_pkey PRIMARY KEY (tenant_id, timeline_entry_id);

CREATE INDEX audit_entry_by_actor ON contacts.audit_entry USING btree (tenant_id, actor, audit_entry_id);

CREATE INDEX audit_entry_by_subject ON contacts.audit_entry USING btree (tenant_id, subject, audit_entry_id);

CREATE INDEX consent_newest_first ON contacts.consent USING btree (tenant_id, contact_id, statement_time, consent_id);

CREATE INDEX contact_by_activity ON contacts.contact USING btree (tenant_id, COALESCE(last_activity_time, '-infinity'::timestamp with time zone), contact_id);

CREATE INDEX contact_by_create_time ON contacts.contact USING btree (tenant_id, create_time, contact_id);

CREATE INDEX contact_by_name ON contacts.contact USING btree (tenant_id, ((display_name = ''::text)), lower((display_name COLLATE "und-x-icu")), contact_id);

CREATE INDEX contact_by_owner ON contacts.contact USING btree (tenant_id, owner_id) WHERE (owner_id IS NOT NULL);

CREATE INDEX contact_by_survivor ON contacts.contact USING btree (tenant_id, merged_into_id) WHERE (merged_into_id IS NOT NULL);

CREATE INDEX contact_by_update_time ON contacts.contact USING btree (tenant_id, update_time, contact_id);

CREATE INDEX erasure_newest_first ON contacts.erasure USING btree (tenant_id, create_time, erasure_id);

CREATE INDEX idempotent_request_expiry ON contacts.idempotent_request USING btree (expire_time);

CREATE INDEX identity_by_contact ON contacts.contact_identity USING btree (tenant_id, contact_id, identity_id);

CREATE INDEX identity_by_match_key ON contacts.contact_identity USING btree (tenant_id, match_key);

CREATE INDEX job_due ON contacts.job USING btree (kind, due_time) WHERE (failure IS NULL);

CREATE INDEX job_order ON contacts.job USING btree (tenant_id, ordering_key, sequence) WHERE ((failure IS NULL) AND (ordering_key IS NOT NULL));

CREATE INDEX linked_object_newest_first ON contacts.linked_object USING btree (tenant_id, contact_id, create_time, linked_object_id);

CREATE INDEX match_key_by_contact ON contacts.match_key USING btree (tenant_id, contact_id);

CREATE INDEX merge_by_merged_contact ON contacts.merge USING btree (tenant_id, merged_contact_id, merge_time, merge_id);

CREATE INDEX merge_by_survivor ON contacts.merge USING btree (tenant_id, surviving_contact_id, merge_time, merge_id);

CREATE UNIQUE INDEX merge_stands_once ON contacts.merge USING btree (tenant_id, merged_contact_id) WHERE (unmerge_time IS NULL);

CREATE INDEX timeline_by_identity ON contacts.timeline_entry USING btree (tenant_id, identity_id) WHERE (identity_id IS NOT NULL);

CREATE INDEX timeline_newest_first ON contacts.timeline_entry USING btree (tenant_id, contact_id, occur_time, timeline_entry_id);

CREATE TRIGGER tenant_is_held AFTER INSERT ON contacts.contact REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION contacts.hold_tenant();

ALTER TABLE ONLY contacts.consent
    ADD CONSTRAINT consent_is_a_contacts FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE ONLY contacts.contact
    ADD CONSTRAINT contact_merges_into_a_contact FOREIGN KEY (tenant_id, merged_into_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE ONLY contacts.erasure
    ADD CONSTRAINT erasure_is_of_a_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE ONLY contacts.erasure_report
    ADD CONSTRAINT erasure_report_belongs_to_an_erasure FOREIGN KEY (tenant_id, erasure_id) REFERENCES contacts.erasure(tenant_id, erasure_id);

ALTER TABLE ONLY contacts.contact_identity
    ADD CONSTRAINT identity_belongs_to_a_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE ONLY contacts.linked_object
    ADD CONSTRAINT linked_object_is_attached_to_a_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE ONLY contacts.match_key
    ADD CONSTRAINT match_key_leads_to_a_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE ONLY contacts.merge
    ADD CONSTRAINT merge_has_a_merged_contact FOREIGN KEY (tenant_id, merged_contact_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE ONLY contacts.merge
    ADD CONSTRAINT merge_has_a_survivor FOREIGN KEY (tenant_id, surviving_contact_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE ONLY contacts.timeline_entry
    ADD CONSTRAINT timeline_belongs_to_a_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts.contact(tenant_id, contact_id);

ALTER TABLE contacts.attribute_definition ENABLE ROW LEVEL SECURITY;

CREATE POLICY attribute_definition_of_tenant ON contacts.attribute_definition USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.audit_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_entry_of_tenant ON contacts.audit_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.consent ENABLE ROW LEVEL SECURITY;

CREATE POLICY consent_of_tenant ON contacts.consent USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.contact ENABLE ROW LEVEL SECURITY;

ALTER TABLE contacts.contact_identity ENABLE ROW LEVEL SECURITY;

CREATE POLICY contact_identity_of_tenant ON contacts.contact_identity USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY contact_of_tenant ON contacts.contact USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.erasure ENABLE ROW LEVEL SECURITY;

CREATE POLICY erasure_of_tenant ON contacts.erasure USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.erasure_report ENABLE ROW LEVEL SECURITY;

CREATE POLICY erasure_report_of_tenant ON contacts.erasure_report USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.field_layout ENABLE ROW LEVEL SECURITY;

CREATE POLICY field_layout_of_tenant ON contacts.field_layout USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.idempotent_request ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotent_request_expired ON contacts.idempotent_request TO contacts_owner USING ((expire_time < clock_timestamp()));

CREATE POLICY idempotent_request_tenant ON contacts.idempotent_request USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.known_agent ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_agent_of_tenant ON contacts.known_agent USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.known_department ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_department_of_tenant ON contacts.known_department USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.known_role ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_role_of_tenant ON contacts.known_role USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.known_tenant ENABLE ROW LEVEL SECURITY;

CREATE POLICY known_tenant_of_tenant ON contacts.known_tenant USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.linked_object ENABLE ROW LEVEL SECURITY;

CREATE POLICY linked_object_of_tenant ON contacts.linked_object USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.match_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY match_key_of_tenant ON contacts.match_key USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.merge ENABLE ROW LEVEL SECURITY;

CREATE POLICY merge_of_tenant ON contacts.merge USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

ALTER TABLE contacts.timeline_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY timeline_entry_of_tenant ON contacts.timeline_entry USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

GRANT USAGE ON SCHEMA contacts TO contacts_runtime;

REVOKE ALL ON FUNCTION contacts.event_maintain(keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION contacts.event_maintain(keep interval) TO contacts_runtime;

REVOKE ALL ON FUNCTION contacts.hold_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION contacts.hold_tenant() TO contacts_runtime;

REVOKE ALL ON FUNCTION contacts.idempotent_request_purge(limit_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION contacts.idempotent_request_purge(limit_rows integer) TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.attribute_definition TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.audit_entry TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.consent TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.contact TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.contact_identity TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.erasure TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.erasure_report TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.event TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.event_consumer TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.event_epoch TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.event_partition TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.field_layout TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.idempotent_request TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.job TO contacts_runtime;

GRANT SELECT,USAGE ON SEQUENCE contacts.job_sequence_seq TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.known_agent TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.known_department TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.known_role TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.known_tenant TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.linked_object TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.match_key TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.merge TO contacts_runtime;

GRANT SELECT ON TABLE contacts.migration TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.tenant_deletion TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.tenant_held TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.tenant_retention TO contacts_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contacts.timeline_entry TO contacts_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE contacts_owner IN SCHEMA contacts GRANT SELECT,USAGE ON SEQUENCES  TO contacts_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE contacts_owner IN SCHEMA contacts GRANT ALL ON FUNCTIONS  TO contacts_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE contacts_owner IN SCHEMA contacts GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO contacts_runtime;

