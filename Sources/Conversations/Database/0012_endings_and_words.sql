-- What tenants say of conversations: outcomes and labels of their lists, languages and zones, automatic replies outside hours and
-- at the end, what customers judge, and how long who waited.

-- As routing publishes them (C47, C57, C59, C49).
alter table tenant
    add column locale text not null default '',
    add column time_zone text not null default '',
    add column outcomes text[] not null default '{}',
    add column labels text[] not null default '{}';

alter table department
    add column locale text not null default '',
    add column time_zone text not null default '',
    add column service_type text not null default '';

alter table agent
    add column locale text not null default '',
    add column time_zone text not null default '',
    -- The change by which the system set him away that he was told of last (C14, C50).
    add column away_told_time timestamptz;

-- What a new conversation gets by its first words (C57): one element of each array is one rule, its words and labels are lines.
alter table channel_account
    add column label_rule_words text[] not null default '{}',
    add column label_rule_labels text[] not null default '{}',
    add column label_rule_priorities smallint[] not null default '{}';

alter table conversation
    -- The customer's zone when the conversation began (C59).
    add column customer_time_zone text not null default '',
    -- A machine wrote the customer's last message: nothing replies to it by itself (C45).
    add column inbound_automatic boolean not null default false,
    -- C42.
    add column survey_time timestamptz,
    add column survey_score smallint not null default 0
        constraint conversation_survey_score_is_in_range check (survey_score between 0 and 5),
    add column survey_answer_time timestamptz,
    -- C33; `first_response` is unset until there was one.
    add column first_customer_time timestamptz,
    add column queue_wait interval not null default '0',
    add column first_response interval,
    add column answers integer not null default 0,
    add column answer_wait interval not null default '0',
    add column answer_wait_max interval not null default '0',
    add column customer_wait interval not null default '0';

alter table automatic_reply drop constraint automatic_reply_occasion_is_known;
alter table automatic_reply add constraint automatic_reply_occasion_is_known
    check (occasion in (
        'greeting', 'nobody_available', 'transferred', 'closed', 'outside_hours', 'survey'
    )) not valid;
alter table automatic_reply validate constraint automatic_reply_occasion_is_known;

-- What has been said outside hours stands in automatic_reply_said as the occasion and the end of the closed period behind a slash.
