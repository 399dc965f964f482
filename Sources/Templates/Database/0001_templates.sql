-- Message templates with their life at the provider, and snippets.

create table template (
    tenant_id uuid not null,
    template_id uuid not null,
    -- An account of the service conversations: there is nothing here to refer to.
    channel_account_id uuid not null,
    name text not null
        constraint template_name_is_short check (char_length(name) between 1 and 512),
    -- As the provider writes it.
    language text not null,
    category text not null
        constraint template_category_is_known check (category in ('marketing', 'utility', 'authentication')),
    status text not null
        constraint template_status_is_known check (
            status in (
                'draft', 'submitted', 'pending', 'approved', 'rejected', 'paused', 'disabled', 'in_appeal', 'pending_deletion',
                'deleted', 'limit_exceeded', 'archived'
            )
        ),
    -- What people wrote (TemplateContent.swift).
    content jsonb not null
        constraint template_content_is_an_object check (jsonb_typeof(content) = 'object'),
    -- Name and texts, in lower case, for the gallery's search.
    search_text text not null,
    -- What the provider said, with the place of each word in its order (ProviderState.swift).
    provider jsonb not null
        constraint template_provider_is_an_object check (jsonb_typeof(provider) = 'object'),
    -- Counts the versions of the content.
    revision integer not null default 1,
    history_count integer not null default 0,
    was_approved boolean not null default false,
    submit_time timestamptz,
    name_release_time timestamptz,
    create_time timestamptz not null,
    update_time timestamptz not null,
    -- Counts the changes of the row: the etag.
    version bigint not null default 1,
    primary key (tenant_id, template_id),
    constraint template_release_is_of_deleted check ((status = 'deleted') = (name_release_time is not null))
);

-- A deleted one gives its name back.
create unique index template_name_is_unique
    on template (tenant_id, channel_account_id, name, language) where status <> 'deleted';
create index template_by_name on template (tenant_id, name collate "C", language, template_id);
create index template_name_blocked on template (tenant_id, channel_account_id, name) where status = 'deleted';

create table template_history (
    tenant_id uuid not null,
    template_id uuid not null,
    -- 1, 2, 3 ... of the template.
    seq integer not null,
    change text not null
        constraint template_change_is_known check (change in ('created', 'edited', 'submitted', 'deleted', 'reported')),
    actor text not null,
    record_time timestamptz not null,
    revision integer not null,
    status_before text,
    status_after text not null,
    category_before text,
    category_after text not null,
    quality_before text,
    quality_after text,
    report jsonb,
    -- What makes two reports the same one.
    report_key text,
    ignored_reason text,
    primary key (tenant_id, template_id, seq),
    constraint template_history_belongs_to_a_template
        foreign key (tenant_id, template_id) references template (tenant_id, template_id),
    constraint template_report_is_whole check (
        (change = 'reported') = (report is not null) and (change = 'reported') = (report_key is not null)
    ),
    constraint template_report_is_kept_once unique (tenant_id, template_id, report_key)
);

-- How much an account has handed over lately.
create index template_history_submissions on template_history (tenant_id, record_time) where change = 'submitted';

create table snippet (
    tenant_id uuid not null,
    snippet_id uuid not null,
    shortcut text not null
        constraint snippet_shortcut_is_short check (char_length(shortcut) between 1 and 32),
    title text not null
        constraint snippet_title_is_short check (char_length(title) between 1 and 100),
    -- The title's words as a search compares them, each after a blank (SearchText.swift).
    title_words text not null,
    -- None: every department. Departments live in another service.
    department_ids uuid[] not null default '{}',
    texts jsonb not null
        constraint snippet_texts_are_a_list check (jsonb_typeof(texts) = 'array'),
    use_count integer not null default 0,
    last_use_time timestamptz,
    create_time timestamptz not null,
    update_time timestamptz not null,
    -- Counts the changes of the row, its use excepted: the etag.
    version bigint not null default 1,
    primary key (tenant_id, snippet_id),
    constraint snippet_shortcut_is_unique unique (tenant_id, shortcut)
);

-- The order of ListSnippets.
create index snippet_by_shortcut on snippet (tenant_id, shortcut collate "C", snippet_id);

-- The second fence: a query that forgets its tenant finds nothing. FORCE holds the owner to it, too.
alter table template enable row level security;
alter table template force row level security;
create policy template_of_tenant on template
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table template_history enable row level security;
alter table template_history force row level security;
create policy template_history_of_tenant on template_history
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table snippet enable row level security;
alter table snippet force row level security;
create policy snippet_of_tenant on snippet
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
