-- What workers spend on a second reader, all together, and what it said that is not recorded in the archive yet. Days are those of UTC, by the clock of
-- the database.

-- +goose Up

-- What was spent. In all currencies together it is what a budget in tokens is held against, in one of them what one in money is.
create table llm_days (
	day date not null,
	currency text not null, -- of the price; empty where none is known
	calls bigint not null,
	tokens_in bigint not null,
	tokens_out bigint not null,
	cost double precision not null,
	primary key (day, currency)
);

-- Calls that are made now, with what each may take at most. One that its worker did not live to settle counts as having taken it.
create table llm_calls (
	id bigint generated always as identity primary key,
	day date not null,
	currency text not null,
	worker text not null,
	host text not null, -- of the endpoint
	at timestamptz not null,
	tokens_in bigint not null,
	tokens_out bigint not null,
	cost double precision not null
);

-- Endpoints that failed, and until when all leave them alone.
create table llm_endpoints (
	host text primary key,
	failures integer not null,  -- one after the other; 0 if the last call was answered
	since timestamptz,          -- of the first of them
	closed timestamptz not null,-- of the last of them
	until timestamptz not null,
	why text not null
);

-- Answers that are not recorded in the archive yet: they are paid for, whatever becomes of the worker.
create table llm_answers (
	service text not null,
	type text not null,
	key text not null, -- of the question
	answer bytea not null,
	at timestamptz not null default now(),
	primary key (service, type, key)
);

-- They quote texts. When something is erased, all of them go: there are few, and only the calls of now are lost.
-- +goose StatementBegin
create function llm_erased() returns trigger language plpgsql set search_path from current as $$
begin
	delete from llm_answers;
	return null;
end
$$;
-- +goose StatementEnd
create trigger llm_erased after insert on kv_erased for each statement execute function llm_erased();
