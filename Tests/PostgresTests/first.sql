CREATE SCHEMA first;

ALTER SCHEMA first OWNER TO first_owner;

CREATE TABLE first.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE first.migration OWNER TO first_owner;

CREATE TABLE first.note (
    id bigint NOT NULL,
    text text NOT NULL
);

ALTER TABLE first.note OWNER TO first_owner;

CREATE TABLE first.thing (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    count integer DEFAULT 0 NOT NULL,
    CONSTRAINT thing_count_is_natural CHECK ((count >= 0))
);

ALTER TABLE ONLY first.thing FORCE ROW LEVEL SECURITY;

ALTER TABLE first.thing OWNER TO first_owner;

ALTER TABLE ONLY first.migration
    ADD CONSTRAINT migration_key PRIMARY KEY (name);

ALTER TABLE ONLY first.note
    ADD CONSTRAINT note_key PRIMARY KEY (id);

ALTER TABLE ONLY first.thing
    ADD CONSTRAINT thing_key PRIMARY KEY (tenant_id, name);

ALTER TABLE first.thing ENABLE ROW LEVEL SECURITY;

CREATE POLICY thing_tenant ON first.thing USING ((tenant_id = (NULLIF(current_setting('switchboard.tenant_id'::text, true), ''::text))::uuid));

GRANT USAGE ON SCHEMA first TO first_runtime;

GRANT SELECT ON TABLE first.migration TO first_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE first.note TO first_runtime;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE first.thing TO first_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE first_owner IN SCHEMA first GRANT SELECT,USAGE ON SEQUENCES  TO first_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE first_owner IN SCHEMA first GRANT ALL ON FUNCTIONS  TO first_runtime;

ALTER DEFAULT PRIVILEGES FOR ROLE first_owner IN SCHEMA first GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO first_runtime;

