-- Organisations that share one archive: what each of them watches, has decided and has done. Captures and versions belong to all of them.
--
-- Every row belongs to one organisation, and the database itself keeps them apart: these tables are read and written as the role drittland_org, which
-- may not log in and is bound by the policies below, in a transaction that has set drittland.org to the number of its organisation. Without that
-- setting there are no rows.

-- +goose Up
create table orgs (
	id bigint generated always as identity primary key,
	name text not null unique check (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
	made timestamptz not null
);

-- A token is known by its id; what is secret in it is kept as a SHA-256 hash.
create table org_tokens (
	id text primary key check (id ~ '^[a-z2-7]{13}$'),
	org bigint not null references orgs on delete cascade,
	hash bytea not null check (length(hash) = 32),
	role text not null check (role in ('reader', 'reviewer', 'admin')),
	handle text not null check (handle ~ '^[A-Za-z0-9._-]{1,64}$'),
	made timestamptz not null,
	expires timestamptz,
	revoked timestamptz
);
create index org_tokens_of on org_tokens (org);

create table org_watches (
	org bigint not null references orgs on delete cascade,
	service text not null,
	type text not null,
	since timestamptz not null,
	primary key (org, service, type)
);

-- The decision is the JSON of the record, byte for byte: its id is a hash of it. That one revises another can happen once.
create table org_decisions (
	org bigint not null references orgs on delete cascade,
	number bigint generated always as identity,
	service text not null,
	type text not null,
	variant text not null,
	about text not null,
	fingerprint text not null,
	revises text not null,
	decision json not null,
	primary key (org, number),
	unique (org, service, type, variant, about, fingerprint, revises)
);

create table org_audit (
	org bigint not null references orgs on delete cascade,
	number bigint generated always as identity,
	at timestamptz not null,
	handle text not null,
	token text not null, -- its id
	address text not null,
	did text not null,
	subject text not null,
	primary key (org, number)
);

-- +goose StatementBegin
do $$
declare t text;
begin
	foreach t in array array['orgs', 'org_tokens', 'org_watches', 'org_decisions', 'org_audit']
	loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy bound on %I using (%I = nullif(current_setting(''drittland.org'', true), '''')::bigint)', t,
			case t when 'orgs' then 'id' else 'org' end);
	end loop;
end
$$;
-- +goose StatementEnd

-- Who keeps the archive makes, lists and removes organisations; what is in them, nobody sees but as one of them.
create policy keeper on orgs using (current_user <> 'drittland_org');

-- Whoever shows a token finds that one by its id, before it is known of which organisation it is.
create policy shown on org_tokens for select using (id = current_setting('drittland.token', true));

-- org_role makes the role, if the user may do that, and grants it what it needs.
-- +goose StatementBegin
create function org_role() returns void language plpgsql as $$
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
	grant select, insert on org_decisions, org_audit to drittland_org;
	grant select, insert, update on org_tokens to drittland_org;
	grant select, insert, delete on org_watches to drittland_org;
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
