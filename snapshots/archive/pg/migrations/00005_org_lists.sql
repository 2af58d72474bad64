-- Who gets the digests of an organisation. Rows are those of one organisation, and kept apart as in 00004.

-- +goose Up
create table org_lists (
	org bigint not null references orgs on delete cascade,
	name text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$'),
	recipients text[] not null check (cardinality(recipients) between 1 and 50), -- mail addresses
	services text[] not null, -- none for all that it watches; likewise types and languages
	types text[] not null,
	languages text[] not null,
	levels text[] not null,
	locale text not null,
	schedule text not null,
	quiet text not null,
	format text not null check (format in ('html', 'text')),
	unsubscribe text not null,
	made timestamptz not null,
	slot text not null default '', -- for which the last digest was made; empty if none was
	until timestamptz,             -- end of the time of which it told
	primary key (org, name)
);
create unique index org_lists_called on org_lists (org, lower(name));

alter table org_lists enable row level security;
alter table org_lists force row level security;
create policy bound on org_lists using (org = nullif(current_setting('drittland.org', true), '')::bigint);

-- When the lists of an organisation are to be looked at next: null where there are none. It is all that who keeps the archive needs to see of them.
alter table orgs add column digest_due timestamptz;
create index orgs_due on orgs (digest_due) where digest_due is not null;

-- +goose StatementBegin
create or replace function org_role() returns void language plpgsql as $$
begin
	if not exists (select from pg_roles where rolname = 'drittland_org') then
		begin
			create role drittland_org nologin nosuperuser nocreatedb nocreaterole nobypassrls;
		exception when duplicate_object or unique_violation then null; -- somebody else did, for another database
		end;
	end if;
	if not (select rolsuper from pg_roles where rolname = current_user) then
		begin
			execute format('grant drittland_org to %I', current_user);
		exception when insufficient_privilege then -- it may have been granted already
			if not pg_has_role(current_user, 'drittland_org', 'member') then
				raise;
			end if;
		end;
	end if;
	execute format('grant usage on schema %I to drittland_org', current_schema());
	grant select on orgs to drittland_org;
	grant update (digest_due) on orgs to drittland_org;
	grant select, insert on org_decisions, org_audit to drittland_org;
	grant select, insert, update on org_tokens to drittland_org;
	grant select, insert, delete on org_watches to drittland_org;
	grant select, insert, update, delete on org_lists to drittland_org;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
do $$
begin
	perform org_role();
exception when insufficient_privilege then
	raise notice 'the role drittland_org is missing: ask a superuser for: create role drittland_org nologin; grant drittland_org to %;', current_user;
end
$$;
-- +goose StatementEnd
