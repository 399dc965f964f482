-- Channels of a tenant's own: an account's row names one and says all of its rules.

alter table channel_account
    drop constraint channel_account_kind_is_known,
    add constraint channel_account_kind_is_known
        check (kind in ('whatsapp', 'facebook', 'instagram', 'webchat', 'email', 'other')),
    add column channel_name text not null default '',
    add constraint channel_account_other_is_named
        check ((kind = 'other') = (channel_name <> '') and char_length(channel_name) <= 40);

alter table automatic_reply
    drop constraint automatic_reply_channel_is_known,
    add constraint automatic_reply_channel_is_known
        check (channel in ('whatsapp', 'facebook', 'instagram', 'webchat', 'email', 'other'));

alter table closing_rule
    drop constraint closing_rule_channel_is_known,
    add constraint closing_rule_channel_is_known
        check (channel in ('whatsapp', 'facebook', 'instagram', 'webchat', 'email', 'other'));
